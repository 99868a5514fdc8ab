/// Reads the variables of a level 4 file: full matrices of numbers and of text, one after the other.
///
/// Source: MathWorks, "MAT-File Format", level 4.
struct MATLevel4Reader {
  private let bytes: UnsafeRawBufferPointer
  private let file: String?
  private var memory: MATMemory

  init(bytes: UnsafeRawBufferPointer, file: String?, memory: MATMemory) {
    self.bytes = bytes
    self.file = file
    self.memory = memory
  }

  /// Reads all.
  consuming func variables() throws -> [MATFile.Variable] {
    var variables: [MATFile.Variable] = []
    var position = 0
    while position < bytes.count {
      guard let header = MATv4Header(matrix: UnsafeRawBufferPointer(rebasing: bytes[position...])) else {
        throw malformed("no header of a level 4 matrix", at: position)
      }
      position += header.byteCount
      let left = bytes.count - position
      let (count, overflow) = header.rows.multipliedReportingOverflow(by: header.columns)
      let (size, larger) = count.multipliedReportingOverflow(
        by: header.type.size * (header.isComplex && header.content != .sparse ? 2 : 1))
      guard !overflow, !larger, size <= left else {
        throw malformed(
          "\(header.name) claims \(header.rows) × \(header.columns) numbers, and \(left) bytes are left",
          at: position)
      }
      try memory.take(1, of: MATMemory.array)
      // Text is decoded by way of code units; numbers are as large as they were.
      try memory.take(size, of: header.content == .text ? 24 : 1)
      let parts = UnsafeRawBufferPointer(rebasing: bytes[position..<(position + size)])
      variables.append(
        MATFile.Variable(name: header.name, value: try value(header, count: count, parts, at: position)))
      position += size
    }
    return variables
  }

  private func value(
    _ header: MATv4Header, count: Int, _ parts: UnsafeRawBufferPointer, at position: Int
  ) throws -> MATValue {
    let dimensions = [header.rows, header.columns]
    func stored(_ range: Range<Int>) -> MATStoredNumbers {
      MATStoredNumbers(
        bytes: UnsafeRawBufferPointer(rebasing: parts[range]), type: header.type.dataType,
        isSwapped: header.isLittleEndian != (1.littleEndian == 1))
    }
    let middle = count * header.type.size
    switch header.content {
    case .sparse: return .unsupported(className: MATClass.sparse.name)
    case .text:
      if count == 0 {
        return .char(MATCharArray(dimensions: dimensions, rows: dimensions == [1, 0] ? [""] : []))
      }
      guard let rows = MATText.rows(stored(0..<middle), dimensions: dimensions, count: count) else {
        throw malformed("\(header.name) is text, but holds numbers that are no characters", at: position)
      }
      return .char(MATCharArray(dimensions: dimensions, rows: rows))
    case .numeric:
      guard let real = stored(0..<middle).numbers(as: header.type.arrayClass),
        let imaginary = stored(middle..<parts.count).numbers(as: header.type.arrayClass)
      else {
        throw malformed("\(header.name) holds no numbers", at: position)
      }
      return .numeric(MATArray(dimensions: dimensions, real, imaginary: header.isComplex ? imaginary : nil))
    }
  }

  private func malformed(_ message: String, at offset: Int) -> ECGError {
    ECGError(.malformed, "at byte \(offset): \(message)", file: file, advice: "fetch the file again")
  }
}

extension MATv4Header.ElementType {
  /// The type of level 5 that stores the same numbers.
  var dataType: MATDataType {
    switch self {
    case .float64: .double
    case .float32: .single
    case .int32: .int32
    case .int16: .int16
    case .uint16: .uint16
    case .uint8: .uint8
    }
  }

  /// The class of the numbers.
  var arrayClass: MATClass {
    switch self {
    case .float64: .double
    case .float32: .single
    case .int32: .int32
    case .int16: .int16
    case .uint16: .uint16
    case .uint8: .uint8
    }
  }

  /// Bytes a number takes.
  var size: Int {
    switch self {
    case .float64: 8
    case .float32, .int32: 4
    case .int16, .uint16: 2
    case .uint8: 1
    }
  }
}
