/// A storage format of samples in a WFDB signal file.
///
/// Source: WFDB Applications Guide, signal(5). Raw values are the numbers that headers give.
public enum WFDBFormat: Int, Sendable, CaseIterable {
  /// A null signal: nothing is stored, every sample is missing.
  case null = 0
  /// 8-bit first differences; the first is taken from the header's initial value.
  case difference8 = 8
  /// 16-bit two's complement, low byte first.
  case int16 = 16
  /// 24-bit two's complement, low byte first.
  case int24 = 24
  /// 32-bit two's complement, low byte first.
  case int32 = 32
  /// 16-bit two's complement, high byte first.
  case int16BigEndian = 61
  /// 8-bit offset binary.
  case offset8 = 80
  /// 16-bit offset binary, low byte first.
  case offset16 = 160
  /// Two 12-bit samples in three bytes.
  case packed12 = 212
  /// Three 10-bit samples in four bytes, the third split over both pairs.
  case packed10 = 310
  /// Three 10-bit samples in four bytes, low bits first.
  case packed10Dense = 311
  /// FLAC of at most 8 bits.
  case flac8 = 508
  /// FLAC of at most 16 bits.
  case flac16 = 516
  /// FLAC of at most 24 bits.
  case flac24 = 524

  /// Whether the samples are compressed, so that a file's size does not tell their number.
  public var isCompressed: Bool { rawValue > 500 }

  /// Bits of a sample; 0 for null signals.
  ///
  /// Format 8 stores differences of 8 bits; its samples may take 32.
  public var bits: Int {
    switch self {
    case .null: 0
    case .offset8, .flac8: 8
    case .packed10, .packed10Dense: 10
    case .packed12: 12
    case .int16, .int16BigEndian, .offset16, .flac16: 16
    case .int24, .flac24: 24
    case .int32, .difference8: 32
    }
  }

  /// The value that stands for a missing sample, the least of the format's; nil for differences, which have
  /// none.
  public var missing: Int32? {
    switch self {
    case .null, .difference8: nil
    default: Int32.min >> Int32(32 - bits)
    }
  }

  /// A run of samples that is packed together: how many, and in how many bytes.
  var unit: (samples: Int, bytes: Int) {
    switch self {
    case .null, .flac8, .flac16, .flac24: (1, 0)
    case .difference8, .offset8: (1, 1)
    case .int16, .int16BigEndian, .offset16: (1, 2)
    case .int24: (1, 3)
    case .int32: (1, 4)
    case .packed12: (2, 3)
    case .packed10, .packed10Dense: (3, 4)
    }
  }

  /// Bytes that hold the first `rest` samples of an unfinished unit.
  private func partialBytes(_ rest: Int) -> Int {
    switch (self, rest) {
    case (_, 0): 0
    case (.packed10, 2): 4
    default: rest + 1
    }
  }

  /// Bytes that `samples` samples take at least; the last unit may be cut short.
  ///
  /// - Returns: the number, or nil if it overflows.
  func byteCount(_ samples: Int) -> Int? {
    let (bytes, overflow) = (samples / unit.samples).multipliedReportingOverflow(by: unit.bytes)
    let (sum, carry) = bytes.addingReportingOverflow(partialBytes(samples % unit.samples))
    return overflow || carry ? nil : sum
  }

  /// Samples that `bytes` bytes hold.
  func sampleCount(_ bytes: Int) -> Int {
    guard unit.bytes > 0 else { return 0 }
    let spare = bytes % unit.bytes
    let partial = (1..<max(unit.samples, 1)).last { partialBytes($0) <= spare } ?? 0
    return bytes / unit.bytes * unit.samples + partial
  }
}
