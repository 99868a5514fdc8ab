import Synchronization

/// The filters and resamplers of a recipe for each rate that occurs, designed once and shared by all threads.
///
/// Collections have a handful of rates. Beyond sixteen the designs are thrown away and made anew: one for an odd ratio
/// may take tens of megabytes.
final class SignalProcessingCache: Sendable {
  private let filters: FilterBank
  private let mode: ResamplingMode
  private let target: Double?
  /// From 31.25 to 500 Hz.
  private static let greatestGrowth = 16.0

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

  /// Those of a recipe.
  convenience init(_ recipe: Recipe) {
    self.init(filters: recipe.filters, mode: recipe.resampler, target: recipe.rate.hertz)
  }

  /// What is done to recordings of a rate, or nil if that is nothing.
  ///
  /// - Throws: ``ECGError`` with rule `record.processing` if a filter does not exist at this rate, if the mode does not
  ///   lead from it to the wanted one, or if there would be over 16 times as many samples: no ECG is
  ///   that slow, and a header that says so would fill memory.
  func processing(rate: Double) throws -> SignalProcessing? {
    let changesRate = target.map { $0 != rate } ?? false
    guard changesRate || !filters.steps.isEmpty else { return nil }
    if let target, target > SignalProcessingCache.greatestGrowth * rate {
      throw ECGError(
        .unsupported, "a recording at \(rate) Hz is not brought to \(target) Hz", rule: .recordProcessing)
    }
    return try designs.withLock { designs in
      if let known = designs[rate] { return known }
      do {
        let design = SignalProcessing(
          filters: filters.steps.isEmpty ? nil : try filters.design(rate: rate),
          resampler: changesRate ? try target.map { try mode.resampler(from: rate, to: $0) } : nil)
        if designs.count >= 16 { designs.removeAll() }
        designs[rate] = design
        return design
      } catch var error as ECGError {
        error.rule = error.rule ?? .recordProcessing
        throw error
      }
    }
  }
}
