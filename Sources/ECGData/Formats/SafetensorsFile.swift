/// A small safetensors file in memory: checkpoints and tables, not shards.
public struct SafetensorsFile: Sendable {
  /// One tensor with its bytes, little-endian and row-major.
  public struct Tensor: Sendable, Equatable {
    /// The name.
    public var name: String
    /// The element type.
    public var type: SafetensorsHeader.ElementType
    /// The shape; empty for a single number.
    public var shape: [Int]
    /// The elements.
    public var bytes: [UInt8]

    /// A tensor of 32-bit floats, 32- or 64-bit integers.
    public init<Element: BitwiseCopyable>(
      name: String, type: SafetensorsHeader.ElementType, shape: [Int], values: [Element]
    ) {
      self.name = name
      self.type = type
      self.shape = shape
      bytes = values.withUnsafeBytes { Array($0) }
    }

    fileprivate init(_ tensor: SafetensorsHeader.Tensor, bytes: [UInt8]) {
      name = tensor.name
      type = tensor.type
      shape = tensor.shape
      self.bytes = bytes
    }

    /// The elements as 32-bit floats; 64-bit integers are converted.
    ///
    /// - Throws: `ECGError.Code.unsupported` for other types.
    public func floats() throws -> [Float] {
      switch type {
      case .float32: decode(zero: Float(0))
      case .int64: decode(zero: Int64(0)).map { Float($0) }
      default: throw ECGError(.unsupported, "tensor \(name) is of type \(type.rawValue), neither F32 nor I64")
      }
    }

    /// The elements, of 32 or 64 bits, as 64-bit unsigned integers.
    ///
    /// - Throws: `ECGError.Code.unsupported` for other types.
    public func integers() throws -> [UInt64] {
      switch type {
      case .uint64: return decode(zero: UInt64(0))
      case .uint32: return decode(zero: UInt32(0)).map { UInt64($0) }
      default:
        throw ECGError(.unsupported, "tensor \(name) is of type \(type.rawValue), not U32 or U64")
      }
    }

    private func decode<Element: BitwiseCopyable>(zero: Element) -> [Element] {
      var values = [Element](repeating: zero, count: bytes.count / MemoryLayout<Element>.stride)
      values.withUnsafeMutableBytes { $0.copyBytes(from: bytes.prefix($0.count)) }
      return values
    }
  }

  /// The tensors in the order of their bytes.
  public var tensors: [Tensor]
  /// The `__metadata__` table.
  public var metadata: [String: String]

  /// A file of tensors.
  public init(_ tensors: [Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a file whole.
  ///
  /// - Throws: `ECGError` if it is no valid safetensors file.
  public init(contentsOf path: String) throws {
    let file = try FileHandleForReading(path)
    let header = try SafetensorsHeader(file)
    metadata = header.metadata
    tensors = try header.tensors.map {
      Tensor($0, bytes: try file.read(at: $0.range.lowerBound, count: $0.range.count))
    }
  }

  /// Writes the file under a temporary name, syncs it and renames it.
  public func write(to path: String) throws {
    let file = try AtomicFile(path)
    try file.append(
      SafetensorsHeader.encode(
        tensors.map { ($0.name, $0.type, $0.shape) }, metadata: metadata.sorted { $0.key < $1.key },
        alignment: 8))
    for tensor in tensors { try file.append(tensor.bytes) }
    try file.commit()
  }
}
