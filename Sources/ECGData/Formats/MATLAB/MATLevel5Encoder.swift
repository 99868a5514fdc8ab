/// Encodes one variable of level 5, little-endian.
struct MATLevel5Encoder {
  private(set) var bytes: [UInt8] = []

  /// A size or dimension as a 32-bit word.
  static func word(_ value: Int, _ name: String) throws -> [UInt8] {
    guard let word = Int32(exactly: value) else { throw MATWriter.invalid("\(name) is over 2 GiB") }
    return littleEndian(word)
  }

  /// A tag and the data without padding, as a compressed element has it.
  static func tag(_ type: MATDataType, _ data: [UInt8]) -> [UInt8] {
    littleEndian(type.rawValue) + littleEndian(UInt32(data.count)) + data
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  /// An array with all below it.
  mutating func matrix(name: String, _ value: MATValue, depth: Int) throws {
    guard depth <= MATLevel5Reader.deepest else {
      throw MATWriter.invalid("\(name) is nested deeper than \(MATLevel5Reader.deepest)")
    }
    let start = bytes.count
    bytes += [UInt8](repeating: 0, count: 8)
    switch value {
    case .numeric(let array):
      try MATWriter.check(array, name: name)
      try begin(array.type, array.dimensions, name, flags: array.isComplex ? 8 : 0)
      try numbers(array.real, name)
      if let imaginary = array.imaginary { try numbers(imaginary, name) }
    case .logical(let array):
      try MATWriter.check(array.values.count, array.dimensions, name: name)
      try begin(.uint8, array.dimensions, name, flags: 2)
      try element(.uint8, array.values.map { $0 ? 1 : 0 }, name)
    case .char(let array):
      let units = try MATLevel5Encoder.units(array, name: name)
      try begin(.char, array.dimensions, name)
      try element(.uint16, units.map(\.littleEndian).withUnsafeBytes { Array($0) }, name)
    case .cell(let array):
      try MATWriter.check(array.values.count, array.dimensions, name: name)
      try begin(.cell, array.dimensions, name)
      for value in array.values { try matrix(name: "", value, depth: depth + 1) }
    case .structure(let array): try structure(array, name, depth: depth)
    case .unsupported(let className): throw MATWriter.invalid("\(name) is of class \(className)")
    case .notRead: throw MATWriter.invalid("\(name) was not read")
    }
    let size = try MATLevel5Encoder.word(bytes.count - start - 8, name)
    bytes.replaceSubrange(
      start..<(start + 8), with: MATLevel5Encoder.littleEndian(MATDataType.matrix.rawValue) + size)
  }

  private mutating func structure(_ array: MATStructArray, _ name: String, depth: Int) throws {
    let fields = array.fields
    if fields.isEmpty {
      guard array.values.isEmpty else { throw MATWriter.invalid("\(name) has values without fields") }
    } else {
      guard array.values.count.isMultiple(of: fields.count) else {
        throw MATWriter.invalid("\(name) has \(array.values.count) values of \(fields.count) fields")
      }
      try MATWriter.check(array.values.count / fields.count, array.dimensions, name: name)
    }
    guard Set(fields).count == fields.count,
      fields.allSatisfy({ (1...63).contains($0.utf8.count) && !$0.utf8.contains(0) })
    else {
      throw MATWriter.invalid("\(name) has fields of one name, or of none that MATLAB has")
    }
    try begin(.structure, array.dimensions, name)
    // MATLAB's own length, with the NUL: 32 is what older versions read.
    let length = fields.contains { $0.utf8.count > 31 } ? 64 : 32
    try element(.int32, MATLevel5Encoder.word(length, name), name)
    try element(
      .int8,
      fields.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: length - $0.utf8.count) }, name)
    for value in array.values { try matrix(name: "", value, depth: depth + 1) }
  }

  /// Flags, dimensions and name.
  private mutating func begin(_ type: MATClass, _ dimensions: [Int], _ name: String, flags: UInt8 = 0) throws
  {
    try element(.uint32, [type.rawValue, flags, 0, 0, 0, 0, 0, 0], name)
    try element(.int32, dimensions.flatMap { try MATLevel5Encoder.word($0, name) }, name)
    try element(.int8, Array(name.utf8), name)
  }

  private mutating func numbers(_ numbers: MATNumbers, _ name: String) throws {
    guard let type = numbers.type.dataType else {
      throw MATWriter.invalid("\(name) holds no numbers")
    }
    try element(type, numbers.bytes, name)
  }

  /// A data element with its padding; what has 1 to 4 bytes lies in its tag.
  private mutating func element(_ type: MATDataType, _ data: [UInt8], _ name: String) throws {
    if (1...4).contains(data.count) {
      bytes += MATLevel5Encoder.littleEndian(UInt32(data.count) << 16 | type.rawValue) + data
      bytes += [UInt8](repeating: 0, count: 4 - data.count)
    } else {
      bytes += MATLevel5Encoder.littleEndian(type.rawValue)
      bytes += try MATLevel5Encoder.word(data.count, name)
      bytes += data
      bytes += [UInt8](repeating: 0, count: (8 - data.count % 8) % 8)
    }
  }

  /// The UTF-16 code units of a character array, column by column.
  static func units(_ array: MATCharArray, name: String) throws -> [UInt16] {
    let rows = array.rows.map { Array($0.utf16) }
    let columns = array.dimensions.dropFirst().first ?? 0
    guard rows.allSatisfy({ $0.count == columns }), array.dimensions.count == 2,
      array.dimensions[0] == rows.count || columns == 0
    else {
      throw MATWriter.invalid("\(name) has not \(array.dimensions) characters")
    }
    // Without rows there may be any number of columns.
    return rows.isEmpty ? [] : (0..<columns).flatMap { column in rows.map { $0[column] } }
  }
}

extension MATNumbers {
  /// The numbers, little-endian.
  var bytes: [UInt8] {
    switch self {
    case .double(let values): values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
    case .single(let values): values.map(\.bitPattern.littleEndian).withUnsafeBytes { Array($0) }
    case .int8(let values): values.withUnsafeBytes { Array($0) }
    case .uint8(let values): values
    case .int16(let values): values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    case .uint16(let values): values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    case .int32(let values): values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    case .uint32(let values): values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    case .int64(let values): values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    case .uint64(let values): values.map(\.littleEndian).withUnsafeBytes { Array($0) }
    }
  }
}
