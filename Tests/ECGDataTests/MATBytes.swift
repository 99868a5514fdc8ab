/// MAT-files of level 5 built by hand, also such as no writer writes.
enum MATBytes {
  static let header =
    Array("x".utf8) + [UInt8](repeating: 32, count: 115) + [UInt8](repeating: 0, count: 8) + [
      0, 1, 0x49, 0x4D,
    ]

  static func words(_ values: [Int]) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }

  /// A data element; its claimed size is its own unless told.
  static func element(_ type: Int, _ data: [UInt8], claims count: Int? = nil) -> [UInt8] {
    let padding = type == 15 ? 0 : (8 - data.count % 8) % 8
    return words([type, count ?? data.count]) + data + [UInt8](repeating: 0, count: padding)
  }

  /// A matrix of a class with what follows flags, dimensions and name.
  static func matrix(_ type: Int, _ dimensions: [Int], _ parts: [UInt8] = [], name: String = "x") -> [UInt8] {
    element(
      14,
      element(6, words([type, 0])) + element(5, words(dimensions)) + element(1, Array(name.utf8)) + parts)
  }

  /// A zlib stream of stored blocks: RFC 1950, RFC 1951 section 3.2.4.
  static func zlib(_ data: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var rest = data[...]
    repeat {
      let part = rest.prefix(65535)
      rest = rest.dropFirst(part.count)
      let count = words([part.count]).prefix(2)
      stream += [rest.isEmpty ? 1 : 0] + count + count.map { ~$0 } + part
    } while !rest.isEmpty
    var low: UInt32 = 1
    var high: UInt32 = 0
    for byte in data {
      low = (low + UInt32(byte)) % 65521
      high = (high + low) % 65521
    }
    return stream + words([Int(high << 16 | low)]).reversed()
  }

  /// A zlib stream of a matrix's tag and of zeros, of which a byte makes 1032: RFC 1951, section 3.2.
  static func bomb(claims count: Int, zeros: Int) -> [UInt8] {
    var bits: [UInt8] = []
    func number(_ value: Int, _ length: Int) { bits += (0..<length).map { UInt8(value >> $0 & 1) } }
    func code(_ value: Int, _ length: Int) { bits += (0..<length).reversed().map { UInt8(value >> $0 & 1) } }
    // The tag, in a block of fixed codes.
    number(0, 1)
    number(1, 2)
    for byte in words([14, count]) {
      if byte < 144 { code(0x30 + Int(byte), 8) } else { code(0x190 + Int(byte) - 144, 9) }
    }
    code(0, 7)
    // Codes of the last block: 0 for a length of 258, 10 for a zero, 11 for the end; 0 for a distance of 1.
    number(1, 1)
    number(2, 2)
    number(29, 5)
    number(0, 5)
    number(14, 4)
    for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] { number(length, 3) }
    code(0b11, 2)
    for zeros in [138, 117] {
      code(0, 1)
      number(zeros - 11, 7)
    }
    code(0b11, 2)
    code(0, 1)
    number(28 - 11, 7)
    code(0b10, 2)
    code(0b10, 2)
    code(0b10, 2)
    while !bits.count.isMultiple(of: 8) { number(0, 1) }
    let start = stride(from: 0, to: bits.count, by: 8).map { index in
      (0..<8).reduce(UInt8(0)) { $0 | bits[index + $1] << UInt8($1) }
    }
    return [0x78, 0x01] + start + [UInt8](repeating: 0, count: zeros / 1032)
  }
}
