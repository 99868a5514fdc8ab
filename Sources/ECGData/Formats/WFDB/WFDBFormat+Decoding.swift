extension WFDBFormat {
  /// Decodes samples from the start of a unit.
  ///
  /// Values are the format's own: missing samples are still ``missing``, and format 8 gives differences.
  ///
  /// - Parameters:
  ///   - bytes: at least ``byteCount(_:)`` of the samples.
  ///   - samples: is filled whole.
  func decode(_ bytes: UnsafeRawBufferPointer, into samples: UnsafeMutableBufferPointer<Int32>) {
    let count = samples.count
    guard count > 0, let source = bytes.baseAddress, let needed = byteCount(count), needed <= bytes.count
    else { return }
    switch self {
    case .int16:
      for index in 0..<count {
        samples[index] = Int32(
          Int16(littleEndian: source.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)))
      }
    case .int16BigEndian:
      for index in 0..<count {
        samples[index] = Int32(
          Int16(bigEndian: source.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)))
      }
    case .offset16:
      for index in 0..<count {
        let word = UInt16(littleEndian: source.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
        samples[index] = Int32(word) &- 32768
      }
    case .offset8:
      for index in 0..<count { samples[index] = Int32(bytes[index]) &- 128 }
    case .difference8:
      for index in 0..<count { samples[index] = Int32(Int8(bitPattern: bytes[index])) }
    case .int24:
      for index in 0..<count {
        let low = UInt32(bytes[3 * index]) | UInt32(bytes[3 * index + 1]) << 8
        samples[index] = Int32(bitPattern: low << 8 | UInt32(bytes[3 * index + 2]) << 24) >> 8
      }
    case .int32:
      for index in 0..<count {
        samples[index] = Int32(littleEndian: source.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
      }
    case .packed12: decodePacked12(bytes, samples)
    case .packed10: decodePacked10(bytes, samples)
    case .packed10Dense: decodePacked10Dense(bytes, samples)
    case .null, .flac8, .flac16, .flac24: break
    }
  }

  /// The low `bits` bits as a two's complement number.
  private static func signed(_ word: UInt32, bits: UInt32) -> Int32 {
    Int32(bitPattern: word << (32 - bits)) >> Int32(32 - bits)
  }

  /// Byte 1 holds the high nibbles of both samples, the first one's low.
  private func decodePacked12(
    _ bytes: UnsafeRawBufferPointer, _ samples: UnsafeMutableBufferPointer<Int32>
  ) {
    let pairs = samples.count / 2
    for pair in 0..<pairs {
      let middle = UInt32(bytes[3 * pair + 1])
      samples[2 * pair] = WFDBFormat.signed(UInt32(bytes[3 * pair]) | middle << 8, bits: 12)
      samples[2 * pair + 1] = WFDBFormat.signed(UInt32(bytes[3 * pair + 2]) | middle << 4 & 0xF00, bits: 12)
    }
    if samples.count % 2 == 1 {
      samples[2 * pairs] = WFDBFormat.signed(
        UInt32(bytes[3 * pairs]) | UInt32(bytes[3 * pairs + 1]) << 8, bits: 12)
    }
  }

  /// Two little-endian words hold a sample each in bits 1 to 10, and the halves of the third in bits 11 to 15.
  private func decodePacked10(
    _ bytes: UnsafeRawBufferPointer, _ samples: UnsafeMutableBufferPointer<Int32>
  ) {
    func word(_ index: Int) -> UInt32 { UInt32(bytes[2 * index]) | UInt32(bytes[2 * index + 1]) << 8 }
    let units = samples.count / 3
    for unit in 0..<units {
      let first = word(2 * unit)
      let second = word(2 * unit + 1)
      samples[3 * unit] = WFDBFormat.signed(first >> 1, bits: 10)
      samples[3 * unit + 1] = WFDBFormat.signed(second >> 1, bits: 10)
      samples[3 * unit + 2] = WFDBFormat.signed(first >> 11 | (second >> 11) << 5, bits: 10)
    }
    for rest in 0..<(samples.count % 3) {
      samples[3 * units + rest] = WFDBFormat.signed(word(2 * units + rest) >> 1, bits: 10)
    }
  }

  /// A little-endian 32-bit word holds three samples from its lowest bit up.
  private func decodePacked10Dense(
    _ bytes: UnsafeRawBufferPointer, _ samples: UnsafeMutableBufferPointer<Int32>
  ) {
    let units = samples.count / 3
    for unit in 0..<units {
      let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * unit, as: UInt32.self))
      samples[3 * unit] = WFDBFormat.signed(word, bits: 10)
      samples[3 * unit + 1] = WFDBFormat.signed(word >> 10, bits: 10)
      samples[3 * unit + 2] = WFDBFormat.signed(word >> 20, bits: 10)
    }
    let rest = samples.count % 3
    guard rest > 0 else { return }
    var word: UInt32 = 0
    for byte in 0...rest { word |= UInt32(bytes[4 * units + byte]) << UInt32(8 * byte) }
    for sample in 0..<rest {
      samples[3 * units + sample] = WFDBFormat.signed(word >> UInt32(10 * sample), bits: 10)
    }
  }
}
