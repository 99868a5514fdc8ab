/// What a recipe does to the leads of records of one rate: filters, then another rate.
struct SignalProcessing: Sendable {
  /// At the records' own rate; nil without filters.
  var filters: DesignedFilterBank?
  /// From the records' own rate; nil keeps it.
  var resampler: (any Resampler)?

  /// Filters and resamples a record's leads; gaps stay gaps, and absent leads absent.
  func callAsFunction(_ signal: PhysicalSignal) -> PhysicalSignal {
    var result = signal
    filters?.apply(timeMajor: &result.microvolts, leads: Lead.count)
    if let resampler {
      resampler.resample(
        timeMajor: filters == nil ? signal.microvolts : result.microvolts, leads: Lead.count,
        into: &result.microvolts)
      result.rate = resampler.outputRate
    }
    return result
  }
}
