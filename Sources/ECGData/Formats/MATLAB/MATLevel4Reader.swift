/// Reads the variables of a level 4 file: full matrices of numbers and of text, one after the other.
///
/// Source: MathWorks, "MAT-File Format", level 4.
struct MATLevel4Reader {
  private let bytes: UnsafeRawBufferPointer
  private let size: Int
  private let file: String?
  private var memory: MATMemory
  private let outline: MATOutline?

  /// Arguments as those of ``MATLevel5Reader``.
  init(
    bytes: UnsafeRawBufferPointer, size: Int, file: String?, memory: MATMemory, outline: MATOutline? = nil
  ) {
    self.bytes = bytes
    self.size = size
    self.file = file
    self.memory = memory
    self.outline = outline
  }

  /// Reads all, or an outline.
  consuming func variables() throws -> (variables: [MATFile.Variable], isWhole: Bool) {
    var variables: [MATFile.Variable] = []
    var isWhole = true
    var position = 0
    while position < size {
      guard size == bytes.count || position <= bytes.count - MATv4Header.sizeLimit else {
        return (variables, false)
      }
      guard let header = MATv4Header(matrix: UnsafeRawBufferPointer(rebasing: bytes[position...])) else {
        throw malformed("no header of a level 4 matrix", at: position)
      }
      position += header.byteCount
      let left = self.size - position
      let (count, overflow) = header.rows.multipliedReportingOverflow(by: header.columns)
      let (size, larger) = count.multipliedReportingOverflow(
        by: header.type.size * (header.isComplex && header.content != .sparse ? 2 : 1))
      guard !overflow, !larger, size <= left else {
        throw malformed(
          "\(header.name) claims \(header.rows) × \(header.columns) numbers, and \(left) bytes are left",
          at: position)
      }
      defer { position += size }
      try memory.take(1, of: MATMemory.array)
      if let outline, header.content != .sparse, size > outline.largest || position + size > bytes.count {
        if size <= outline.largest { isWhole = false }
        let className = header.content == .text ? MATClass.char.name : header.type.arrayClass.name
        variables.append(
          MATFile.Variable(
            name: header.name,
            value: .notRead(className: className, dimensions: [header.rows, header.columns])))
        continue
      }
      // Text is decoded by way of code units; numbers are as large as they were.
      try memory.take(size, of: header.content == .text ? 24 : 1)
      let parts = UnsafeRawBufferPointer(
        rebasing: bytes[min(position, bytes.count)..<min(position + size, bytes.count)])
      variables.append(
        MATFile.Variable(name: header.name, value: try value(header, count: count, parts, at: position)))
    }
    return (variables, isWhole)
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
