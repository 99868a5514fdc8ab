/// What a recipe does to the leads of records of one rate: filters, then another rate.
struct SignalProcessing: Sendable {
  /// At the records' own rate; nil without filters.
  var filters: DesignedFilterBank?
  /// From the records' own rate; nil keeps it.
  var resampler: (any Resampler)?

  /// Filters and resamples a record's leads; gaps stay gaps, and absent leads absent, which cost nothing.
  func callAsFunction(_ signal: PhysicalSignal) -> PhysicalSignal {
    let leads = Lead.allCases.filter { signal.mask.contains($0) }
    guard !leads.isEmpty else { return signal }
    var result = signal
    var samples = leads.count == Lead.count ? signal.microvolts : signal.columns(leads)
    filters?.apply(timeMajor: &samples, leads: leads.count)
    if let resampler {
      samples = resampler.timeMajor(samples, leads: leads.count)
      result.rate = resampler.outputRate
    }
    if leads.count == Lead.count {
      result.microvolts = samples
    } else {
      result.setColumns(leads, samples)
    }
    return result
  }
}

extension PhysicalSignal {
  /// Some leads side by side, shape [frames, leads].
  fileprivate func columns(_ leads: [Lead]) -> [Double] {
    (0..<frameCount).flatMap { frame in leads.map { microvolts[frame * Lead.count + $0.rawValue] } }
  }

  /// Replaces all samples by those of some leads; the others are missing.
  fileprivate mutating func setColumns(_ leads: [Lead], _ samples: [Double]) {
    let frames = samples.count / leads.count
    microvolts = [Double](repeating: .nan, count: frames * Lead.count)
    for frame in 0..<frames {
      for (column, lead) in leads.enumerated() {
        microvolts[frame * Lead.count + lead.rawValue] = samples[frame * leads.count + column]
      }
    }
  }
}
