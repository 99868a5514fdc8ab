extension WFDBFormat {
  /// The values that a sample may have, beside being missing.
  var range: ClosedRange<Int32> {
    switch self {
    case .null: 0...0
    case .difference8: Int32.min...Int32.max
    default: (Int32.min >> Int32(32 - bits) + 1)...(Int32.max >> Int32(32 - bits))
    }
  }

  /// Encodes samples that are in ``range`` or ``missing``; of format 8 their differences.
  ///
  /// - Returns: the bytes; none for formats that are not stored so (null signals and FLAC).
  func encode(_ samples: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount(samples.count) ?? 0)
    func append(_ word: UInt32, _ count: Int) {
      for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * place))) }
    }
    func word(_ index: Int) -> UInt32 { index < samples.count ? UInt32(bitPattern: samples[index]) : 0 }
    switch self {
    case .null, .flac8, .flac16, .flac24: break
    case .difference8: for index in samples.indices { append(word(index), 1) }
    case .int16: for index in samples.indices { append(word(index), 2) }
    case .int24: for index in samples.indices { append(word(index), 3) }
    case .int32: for index in samples.indices { append(word(index), 4) }
    case .int16BigEndian: for index in samples.indices { append(word(index).byteSwapped >> 16, 2) }
    case .offset8: for index in samples.indices { append(word(index) &+ 128, 1) }
    case .offset16: for index in samples.indices { append(word(index) &+ 32768, 2) }
    case .packed12:
      for index in stride(from: 0, to: samples.count, by: 2) {
        let first = word(index) & 0xFFF
        let second = word(index + 1) & 0xFFF
        append(first | (second >> 8) << 12 | (second & 0xFF) << 16, index + 1 < samples.count ? 3 : 2)
      }
    case .packed10:
      for index in stride(from: 0, to: samples.count, by: 3) {
        let third = word(index + 2)
        append((word(index) & 0x3FF) << 1 | (third & 0x1F) << 11, 2)
        if index + 1 < samples.count {
          append((word(index + 1) & 0x3FF) << 1 | (third >> 5 & 0x1F) << 11, 2)
        }
      }
    case .packed10Dense:
      for index in stride(from: 0, to: samples.count, by: 3) {
        let rest = samples.count - index
        append(
          word(index) & 0x3FF | (word(index + 1) & 0x3FF) << 10 | (word(index + 2) & 0x3FF) << 20,
          rest > 2 ? 4 : rest + 1)
      }
    }
    return bytes
  }
}
