import Foundation

/// The safetensors container: `u64 N`, `N` bytes of JSON, then the tensors without holes, all little-endian.
///
/// Only the header is handled here; a tensor's bytes are read from the file at
/// ``SafetensorsHeader/Tensor/range``. Everything that a header claims is checked before it is used, as the
/// format's reference implementation does.
public struct SafetensorsHeader: Sendable {
  /// An element type by its name in the header.
  public enum ElementType: String, Sendable, Codable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case uint16 = "U16"
    case int16 = "I16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case uint32 = "U32"
    case int32 = "I32"
    case float32 = "F32"
    case uint64 = "U64"
    case int64 = "I64"
    case float64 = "F64"

    /// Bytes an element takes.
    public var size: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .uint16, .int16, .float16, .bfloat16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      }
    }
  }

  /// One tensor's entry.
  public struct Tensor: Sendable, Equatable {
    /// The tensor's name.
    public var name: String
    /// Its element type.
    public var type: ElementType
    /// Its shape, outermost axis first.
    public var shape: [Int]
    /// Where its bytes lie in the file.
    public var range: Range<Int>
  }

  /// The tensors in the order of their bytes.
  public private(set) var tensors: [Tensor]
  /// The `__metadata__` table.
  public private(set) var metadata: [String: String]
  /// Where the first tensor begins: 8 + N.
  public private(set) var dataOffset: Int

  /// The tensor of a name, or nil.
  public func tensor(_ name: String) -> Tensor? { tensors.first { $0.name == name } }

  /// Headers over 100 MB are refused, as by the reference implementation.
  static let sizeLimit = 100_000_000
}

extension SafetensorsHeader {
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Entry: Decodable {
    var dtype: ElementType
    var shape: [Int]
    var data_offsets: [Int]
  }

  private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private struct Table: Decodable {
    var entries: [String: Entry] = [:]
    var metadata: [String: String] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: AnyKey.self)
      for key in container.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
        }
      }
    }
  }

  /// Reads and checks the header of a file.
  ///
  /// - Throws: `ECGError.Code.malformed` if sizes overflow, tensors overlap, leave holes or do not end with
  ///   the file.
  public init(contentsOf path: String) throws {
    try self.init(FileHandleForReading(path))
  }

  init(_ file: FileHandleForReading) throws {
    func malformed(_ message: String) -> ECGError {
      ECGError(.malformed, "is no valid safetensors file: \(message)", file: file.path)
    }
    guard file.size >= 8 else { throw malformed("\(file.size) bytes") }
    let prefix = try file.read(at: 0, count: 8)
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafetensorsHeader.sizeLimit), length <= UInt64(file.size - 8) else {
      throw malformed("a header of \(length) bytes in a file of \(file.size)")
    }
    let json = try file.read(at: 8, count: Int(length))
    guard let table = try? JSONDecoder().decode(Table.self, from: Data(json)) else {
      throw malformed("its header is not the JSON it should be")
    }
    dataOffset = 8 + Int(length)
    metadata = table.metadata
    let payload = file.size - dataOffset
    tensors = []
    for (name, entry) in table.entries {
      var size = entry.dtype.size
      for dimension in entry.shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
        guard dimension >= 0, !overflow else { throw malformed("the shape of \(name) overflows") }
        size = product
      }
      guard entry.data_offsets.count == 2, entry.data_offsets[0] >= 0, entry.data_offsets[1] <= payload,
        entry.data_offsets[0] <= entry.data_offsets[1], entry.data_offsets[1] - entry.data_offsets[0] == size
      else { throw malformed("the offsets of \(name) do not fit its shape or the file") }
      tensors.append(
        Tensor(
          name: name, type: entry.dtype, shape: entry.shape,
          range: (dataOffset + entry.data_offsets[0])..<(dataOffset + entry.data_offsets[1])))
    }
    tensors.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < (
        $1.range.lowerBound, $1.range.upperBound, $1.name
      )
    }
    var end = dataOffset
    for tensor in tensors {
      guard tensor.range.lowerBound == end else { throw malformed("a hole or overlap before \(tensor.name)") }
      end = tensor.range.upperBound
    }
    guard end == file.size else {
      throw malformed("its tensors end at byte \(end), the file at \(file.size)")
    }
  }

  /// The bytes of a file up to its first tensor.
  ///
  /// Length, JSON, and padding with spaces until `8 + N` is a multiple of `alignment`; the tensors stand in the order
  /// given.
  static func encode(
    _ tensors: [(name: String, type: ElementType, shape: [Int])], metadata: [(String, String)], alignment: Int
  ) -> [UInt8] {
    var items: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.map { "\(JSONText.quoted($0.0)):\(JSONText.quoted($0.1))" }
      items.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.shape.reduce(tensor.type.size, *)
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      items.append(
        "\(JSONText.quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Array("{\(items.joined(separator: ","))}".utf8)
    let remainder = (8 + json.count) % alignment
    if remainder > 0 { json += [UInt8](repeating: UInt8(ascii: " "), count: alignment - remainder) }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }
}
