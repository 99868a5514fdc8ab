/// The variables of a MATLAB MAT-file of level 4, level 5 or version 7.3.
///
///     let ecg = try MATFile(contentsOf: "A0001.mat")
///     let signal = try ecg.numeric("ECG", "data")   // [12, N], a column is one time
///
/// Source: MathWorks, "MAT-File Format" (R2019b and earlier), chapter 1: level 5, which `save -v6` and `-v7`
/// write, in either byte order and compressed or not, and level 4 of `save -v4`. Files of `save -v7.3` are
/// HDF5, for which the build needs libhdf5: of these cells, structure arrays and complex numbers are not read,
/// and variables and fields come in order of name. Variables of a class that is not read are
/// ``MATValue/unsupported(className:)`` and do not stand in the way of the others.
///
/// A file can take no more memory than a stated limit, whatever it claims: see ``memoryLimit(fileSize:)``.
/// Level 5 has no references between arrays, so nothing in it can hold itself; the groups of version 7.3 can, and
/// are refused if they do. Nesting ends at 64 levels.
public struct MATFile: Sendable, Equatable {
  /// A variable.
  public struct Variable: Sendable, Equatable {
    /// Its name; empty for data that MATLAB keeps for itself.
    public var name: String
    /// What it holds.
    public var value: MATValue

    /// A name and its value.
    public init(name: String, value: MATValue) {
      self.name = name
      self.value = value
    }
  }

  /// The variables in the order of the file; of version 7.3 in order of name.
  public var variables: [Variable]
  /// The file, as errors name it.
  public var file: String?

  /// Variables, to be written.
  public init(variables: [Variable]) {
    self.variables = variables
  }

  /// Reads a file whole.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - memoryLimit: Bytes that inflated elements and values may take together;
  ///     ``memoryLimit(fileSize:)`` if nil. Beside it inflating HDF5's chunks takes at most 512 MiB.
  /// - Throws: `ECGError`: `notFound`, `inputOutput`; `malformed` with the byte or, of version 7.3, the dataset;
  ///   `unsupported` for version 7.3 in a build without libhdf5, and for what would take more memory than the
  ///   limit.
  public init(contentsOf path: String, memoryLimit: Int? = nil) throws {
    let handle = try FileHandleForReading(path)
    let start = try handle.read(at: 0, count: min(handle.size, MATFile.longestUserBlock + 8))
    // An HDF5 file may be far larger than what is read whole.
    guard MATFile.isHDF5(start) else {
      try self.init(bytes: File.read(path), file: path, memoryLimit: memoryLimit)
      return
    }
    #if HDF5
    let limit = memoryLimit ?? MATFile.memoryLimit(fileSize: handle.size)
    let reader = try MATHDF5Reader(HDF5File(path), memory: MATMemory(limit: limit, file: path))
    self.init(variables: try reader.variables())
    file = path
    #else
    throw HDF5Library.unavailable(path)
    #endif
  }

  /// Reads the bytes of a file of level 4 or 5.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - file: Its name, for errors.
  ///   - memoryLimit: Bytes that inflated elements and values may take together;
  ///     ``memoryLimit(fileSize:)`` if nil.
  /// - Throws: `ECGError`: `malformed` with the byte; `unsupported` for version 7.3, and for what would take
  ///   more memory than the limit.
  public init(bytes: [UInt8], file: String?, memoryLimit: Int? = nil) throws {
    if MATFile.isHDF5(bytes) { throw MATFile.isHDF5Error(file) }
    let account = MATMemory(limit: memoryLimit ?? MATFile.memoryLimit(fileSize: bytes.count), file: file)
    variables = try bytes.withUnsafeBytes { bytes in
      try MATFile.isLevel4(bytes)
        ? MATLevel4Reader(bytes: bytes, size: bytes.count, file: file, memory: account).variables().variables
        : MATLevel5Reader(bytes: bytes, size: bytes.count, file: file, memory: account).variables().variables
    }
    self.file = file
  }

  /// The variable of a name; of several the last, which is the one that MATLAB's `load` leaves.
  public subscript(name: String) -> MATValue? { variables.last { $0.name == name }?.value }

  /// What inflated elements and values may take together by default.
  ///
  /// It is 256 times the file, but no less than 64 MiB and no more than 4 GiB. Deflate can make 1032 bytes of
  /// one; of recordings it makes fewer than 10.
  public static func memoryLimit(fileSize: Int) -> Int {
    let (product, overflow) = fileSize.multipliedReportingOverflow(by: 256)
    return min(1 << 32, max(1 << 26, overflow ? .max : product))
  }

  /// A level 5 file begins with text: "Programs can determine the level by these four bytes", level 4.
  static func isLevel4(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 4 && bytes[..<4].contains(0)
  }

  private static let longestUserBlock = 1 << 16

  /// Whether bytes are the begin of an HDF5 file, which is what MATLAB's `save -v7.3` writes.
  ///
  /// The signature stands at 0, or behind a user block of 512 bytes (MATLAB's) or a power of 2 above it.
  /// Source: The HDF Group, "HDF5 File Format Specification", version 3.0, section II.A.
  public static func isHDF5(_ bytes: [UInt8]) -> Bool {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]
    var offset = 0
    while offset <= longestUserBlock, offset + signature.count <= bytes.count {
      if bytes[offset..<offset + signature.count].elementsEqual(signature) { return true }
      offset = max(512, 2 * offset)
    }
    return false
  }

  static func isHDF5Error(_ file: String?) -> ECGError {
    ECGError(
      .unsupported, "is a MAT-file of version 7.3, which is HDF5", file: file,
      advice: "give the file itself in place of its bytes, or save it in MATLAB with -v7")
  }
}

extension MATFile {
  /// The value at a variable's name, or at the fields below it.
  ///
  /// - Parameter path: A variable, then fields of single structures.
  /// - Returns: The value, of any class that is read.
  /// - Throws: `ECGError`: `notFound`, with what there is; `unsupported` for a class that is not read.
  public func value(_ path: String...) throws -> MATValue { try value(path) }

  /// The numeric array at a variable's name, or at the fields below it.
  ///
  /// - Parameter path: A variable, then fields of single structures.
  /// - Returns: The array.
  /// - Throws: `ECGError`: as ``value(_:)``, and `malformed` if it is no numeric array.
  public func numeric(_ path: String...) throws -> MATArray {
    let value = try value(path)
    guard let array = value.array else { throw mismatch(path, value, "no numeric array") }
    return array
  }

  /// The text at a variable's name, or at the fields below it.
  ///
  /// - Parameter path: A variable, then fields of single structures.
  /// - Returns: The text of one row, or of none.
  /// - Throws: `ECGError`: as ``value(_:)``, and `malformed` if it is no character array of one row.
  public func text(_ path: String...) throws -> String {
    let value = try value(path)
    guard let text = value.text else { throw mismatch(path, value, "not one row of characters") }
    return text
  }

  private func mismatch(_ path: [String], _ value: MATValue, _ what: String) -> ECGError {
    let size = value.dimensions.map { " of " + $0.map(String.init).joined(separator: " × ") } ?? ""
    if case .notRead = value {
      return ECGError(
        .unsupported, "\(path.joined(separator: ".")) is a \(value.className)\(size), left out of an outline",
        file: file)
    }
    return ECGError(
      .malformed, "\(path.joined(separator: ".")) is a \(value.className)\(size), \(what)", file: file)
  }

  private func value(_ path: [String]) throws -> MATValue {
    var found = path.first.flatMap { self[$0] }
    var names = variables.map(\.name)
    for field in path.dropFirst() {
      guard let value = found else { break }
      names = value.structure?.fields ?? []
      found = value.structure?[field]
    }
    guard let found else {
      throw ECGError(
        .notFound,
        names.isEmpty
          ? "has no \(path.joined(separator: "."))"
          : "has no \(path.joined(separator: ".")), but \(names.joined(separator: ", "))", file: file,
        rule: .recordUnreadable)
    }
    if case .unsupported(let className) = found {
      throw ECGError(
        .unsupported, "\(path.joined(separator: ".")) is of class \(className), which is not read",
        file: file,
        advice: "save it in MATLAB with -v7, as a full numeric, char, cell or struct array")
    }
    return found
  }
}

/// The account of what a file may still take.
struct MATMemory {
  private(set) var left: Int
  private let limit: Int
  private let file: String?

  /// What an array takes beside its numbers.
  static let array = 128

  init(limit: Int, file: String?) {
    left = limit
    self.limit = limit
    self.file = file
  }

  /// Takes `count` times `size` bytes off what is left, before they are allocated.
  mutating func take(_ count: Int, of size: Int = 1) throws {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, bytes <= left else {
      throw ECGError(
        .unsupported, "would take more than \(limit) bytes of memory", file: file,
        advice: "save it without compression if it is what it should be")
    }
    left -= bytes
  }
}
