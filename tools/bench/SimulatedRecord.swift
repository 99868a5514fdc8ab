import ECGData

/// Ten simulated seconds at 500 Hz, [5000, 12]: what every group works on.
enum SimulatedRecord {
  /// In mV.
  static func millivolts(seed: UInt64) -> [Double] {
    var generator = SplitMix64("bench", seed)
    return SimulatedECG(using: &generator).samples(rate: 500)
  }

  /// In counts of 1 µV.
  static func counts(seed: UInt64) -> [Int32] {
    millivolts(seed: seed).map { Int32(Int16(clamping: Int(($0 * 1000).rounded()))) }
  }

  /// In µV.
  static func microvolts(seed: UInt64) -> [Double] { counts(seed: seed).map(Double.init) }

  /// The sum over the middle frame in hundredths of µV: fine enough to tell another filter, coarse enough for another
  /// order of summation.
  static func checksum(_ record: [Double]) -> Int {
    let middle = record.count / 24 * 12
    return record[middle..<(middle + 12)].reduce(0) { $0 + Int(($1 * 100).rounded(.toNearestOrEven)) }
  }
}
