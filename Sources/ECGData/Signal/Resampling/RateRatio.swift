/// The ratio of two sampling rates in whole numbers, and with it the times of the outputs.
struct RateRatio: Sendable, Hashable {
  /// In Hz.
  let inputRate: Double
  /// In Hz.
  let outputRate: Double
  /// The reduced numerator of output rate / input rate.
  let up: Int
  /// The reduced denominator of output rate / input rate.
  let down: Int

  /// The greatest `up` or `down`; the taps of a filter are some 20 times as many.
  static let greatestFactor = 1 << 17

  /// The first convergent of the continued fraction of `outputRate / inputRate` within 1e-9 of it, so that rates
  /// such as 257 or 62.4725 Hz are met as well.
  ///
  /// - Throws: ``ECGError`` (`unsupported`) if a rate is not a positive finite number, or if no ratio of
  ///   whole numbers up to 131,072 comes within 1e-9 of theirs.
  init(from inputRate: Double, to outputRate: Double) throws {
    guard inputRate.isFinite, outputRate.isFinite, inputRate > 0, outputRate > 0 else {
      throw ECGError(
        .unsupported, "cannot resample from \(inputRate) Hz to \(outputRate) Hz",
        advice: "both rates must be positive numbers")
    }
    guard let (up, down) = Self.convergent(outputRate / inputRate) else {
      throw ECGError(
        .unsupported,
        "no ratio of whole numbers up to \(Self.greatestFactor) leads from \(inputRate) Hz to \(outputRate) Hz",
        advice: "choose a rate nearer to the recording's")
    }
    self.inputRate = inputRate
    self.outputRate = outputRate
    self.up = up
    self.down = down
  }

  /// The number of samples that `count` samples become, whatever the method: ⌈count · up / down⌉, those at the
  /// times m / outputRate before the end of the signal, count / inputRate.
  func outputCount(_ count: Int) -> Int {
    (count * up + down - 1) / down
  }

  private static func convergent(_ value: Double) -> (up: Int, down: Int)? {
    var (previous, current) = ((up: 0.0, down: 1.0), (up: 1.0, down: 0.0))
    var rest = value
    while true {
      let whole = rest.rounded(.down)
      (previous, current) = (
        current, (up: whole * current.up + previous.up, down: whole * current.down + previous.down)
      )
      guard max(current.up, current.down) <= Double(greatestFactor) else { return nil }
      if abs(current.up - value * current.down) <= 1e-9 * current.up {
        return (Int(current.up), Int(current.down))
      }
      rest = 1 / (rest - whole)
    }
  }
}
