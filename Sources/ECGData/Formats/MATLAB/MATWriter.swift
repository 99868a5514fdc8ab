internal import CZlib

/// Writes variables as MAT-files that MATLAB and SciPy read.
///
/// The same variables give the same bytes: the header's text is fixed and has no date. Compressed files depend
/// on the version of zlib, too. Source: MathWorks, "MAT-File Format", levels 4 and 5.
public enum MATWriter {
  /// What the first 116 bytes of a level 5 file say.
  static let text = "MATLAB 5.0 MAT-file, Platform: Einthoven"

  /// A file of level 5, little-endian.
  ///
  /// - Parameters:
  ///   - variables: Numbers, truth values, text, cells and structures.
  ///   - compression: zlib's level, 0 to 9, at which each variable is compressed; nil for not at all.
  /// - Returns: The file.
  /// - Throws: `ECGError.Code.invalidArgument` for a name that is none in MATLAB, values that are not as many as
  ///   their dimensions say, ``MATValue/unsupported(className:)`` values, and variables over 2 GiB.
  public static func level5(_ variables: [MATFile.Variable], compression: Int? = nil) throws -> [UInt8] {
    var file = Array(text.utf8)
    file += [UInt8](repeating: 0x20, count: 116 - file.count) + [UInt8](repeating: 0, count: 8)
    file += [0, 1, 0x49, 0x4D]
    for variable in variables {
      try check(name: variable.name)
      var encoder = MATLevel5Encoder()
      try encoder.matrix(name: variable.name, variable.value, depth: 1)
      if let compression {
        file += MATLevel5Encoder.tag(.compressed, try deflate(encoder.bytes, level: compression))
      } else {
        file += encoder.bytes
      }
    }
    return file
  }

  /// A file of level 4, little-endian: two-dimensional arrays of doubles, singles, int32, int16, uint16 and
  /// uint8, and text of ASCII.
  ///
  /// - Parameter variables: What level 4 can hold; their numbers keep their class.
  /// - Returns: The file.
  /// - Throws: `ECGError.Code.invalidArgument` for what it cannot hold, and as
  ///   ``level5(_:compression:)``.
  public static func level4(_ variables: [MATFile.Variable]) throws -> [UInt8] {
    var file: [UInt8] = []
    for variable in variables {
      try check(name: variable.name)
      let parts: [[UInt8]]
      let type: MATv4Header.ElementType
      let content: MATv4Header.Content
      switch variable.value {
      case .numeric(let array):
        guard let found = MATv4Header.ElementType.allCases.first(where: { $0.arrayClass == array.type })
        else {
          throw invalid("\(variable.name) is of class \(array.type.name), which level 4 has not")
        }
        type = found
        content = .numeric
        try check(array, name: variable.name)
        parts = [array.real.bytes, array.imaginary?.bytes ?? []]
      case .char(let array):
        type = .uint8
        content = .text
        let units = try MATLevel5Encoder.units(array, name: variable.name)
        guard units.allSatisfy({ $0 < 128 }) else { throw invalid("\(variable.name) has text beyond ASCII") }
        parts = [units.map { UInt8($0) }]
      default: throw invalid("\(variable.name) is a \(variable.value.className), which level 4 has not")
      }
      guard let dimensions = variable.value.dimensions, dimensions.count == 2 else {
        throw invalid("\(variable.name) has more than the two dimensions of level 4")
      }
      let words = [
        10 * type.rawValue + content.rawValue, dimensions[0], dimensions[1],
        variable.value.array?.isComplex == true ? 1 : 0, variable.name.utf8.count + 1,
      ]
      for word in words { file += try MATLevel5Encoder.word(word, variable.name) }
      file += Array(variable.name.utf8) + [0]
      for part in parts { file += part }
    }
    return file
  }

  /// MATLAB's `isvarname`: a letter, then letters, digits and underscores, 63 at most.
  private static func check(name: String) throws {
    func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
    let isName =
      name.utf8.first.map(isLetter) == true && name.utf8.count <= 63
      && name.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    guard isName else { throw invalid("\(name) is no name of a MATLAB variable") }
  }

  /// Whether an array's numbers are as many as its dimensions say.
  static func check(_ array: MATArray, name: String) throws {
    try check(array.real.count, array.dimensions, name: name)
    guard array.imaginary.map({ $0.count == array.real.count && $0.type == array.type }) ?? true else {
      throw invalid("\(name) has other imaginary parts than real ones")
    }
  }

  static func check(_ count: Int, _ dimensions: [Int], name: String) throws {
    guard (2...MATLevel5Reader.mostDimensions).contains(dimensions.count),
      dimensions.allSatisfy({ (0...Int(Int32.max)).contains($0) }),
      dimensions.contains(0)
        ? count == 0 : dimensions.reduce(count, { $0.isMultiple(of: $1) ? $0 / $1 : 0 }) == 1
    else {
      throw invalid("\(name) has \(count) values, and dimensions \(dimensions)")
    }
  }

  static func invalid(_ message: String) -> ECGError { ECGError(.invalidArgument, message) }

  private static func deflate(_ bytes: [UInt8], level: Int) throws -> [UInt8] {
    guard (0...9).contains(level) else { throw invalid("compression level \(level) is not 0 to 9") }
    var count = compressBound(UInt(bytes.count))
    return try [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
      guard compress2(buffer.baseAddress, &count, bytes, UInt(bytes.count), Int32(level)) == Z_OK else {
        throw ECGError(.inputOutput, "zlib has no memory to compress \(bytes.count) bytes")
      }
      initialized = Int(count)
    }
  }
}
