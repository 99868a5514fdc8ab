import Synchronization

/// The resamplers to one target rate, each designed once and shared by all threads.
final class ResamplerCache: Sendable {
  private let target: Double?
  private let designs = Mutex<[Double: PolyphaseResampler]>([:])

  /// A cache for a target rate in Hz; nil keeps every recording's own rate.
  init(to target: Double?) {
    self.target = target
  }

  /// The resampler from a rate, or nil if there is nothing to change.
  ///
  /// - Throws: `ECGError.Code.unsupported` if no ratio of whole numbers joins the rates, or if the recording's is below
  ///   1 Hz: no ECG is that slow, and a header that says so would fill memory with 10,000 samples for each that is there.
  func resampler(from rate: Double) throws -> PolyphaseResampler? {
    guard let target, target != rate else { return nil }
    guard rate >= 1 else {
      throw ECGError(
        .unsupported, "a recording at \(rate) Hz is not resampled to \(target) Hz", rule: .recordRate)
    }
    return try designs.withLock { designs in
      if let known = designs[rate] { return known }
      let design = try PolyphaseResampler(from: rate, to: target)
      designs[rate] = design
      return design
    }
  }
}
