import Synchronization

/// The filters and resamplers of a recipe for each rate that occurs, designed once and shared by all threads.
final class SignalProcessingCache: Sendable {
  private let filters: FilterBank
  private let mode: ResamplingMode
  private let target: Double?
  private let designs = Mutex<[Double: SignalProcessing]>([:])

  /// - Parameters:
  ///   - filters: at each recording's own rate.
  ///   - mode: of changing the rate.
  ///   - target: the wanted rate in Hz; nil keeps every recording's own.
  init(filters: FilterBank, mode: ResamplingMode, target: Double?) {
    self.filters = filters
    self.mode = mode
    self.target = target
  }

  /// What is done to recordings of a rate, or nil if that is nothing.
  ///
  /// - Throws: ``ECGError`` with rule `record.rate` if a filter does not exist at this rate, if the mode does not lead
  ///   from it to the wanted one, or if it is below 1 Hz: no ECG is that slow, and a header that says so would fill
  ///   memory with 10,000 samples for each that is there.
  func processing(rate: Double) throws -> SignalProcessing? {
    let changesRate = target.map { $0 != rate } ?? false
    guard changesRate || !filters.steps.isEmpty else { return nil }
    guard rate >= 1 else {
      throw ECGError(
        .unsupported, "a recording at \(rate) Hz is neither filtered nor resampled", rule: .recordRate)
    }
    return try designs.withLock { designs in
      if let known = designs[rate] { return known }
      do {
        let design = SignalProcessing(
          filters: filters.steps.isEmpty ? nil : try filters.design(rate: rate),
          resampler: changesRate ? try target.map { try mode.resampler(from: rate, to: $0) } : nil)
        designs[rate] = design
        return design
      } catch var error as ECGError {
        error.rule = error.rule ?? .recordRate
        throw error
      }
    }
  }
}
