/// A ``FilterBank`` at one sampling rate, ready to filter; one value serves any number of signals and threads.
///
/// **Missing samples** are NaN. Before filtering a gap is bridged by a straight line between its neighbours
/// (held at the ends of the signal); afterwards it is a gap again, and nothing of it has spread. A signal
/// without any sample stays without.
///
/// **Causal steps** begin in the steady state of the first sample, as if it had been there forever, so that an
/// offset of the recorder does not ring through the first seconds. All other steps have zero phase.
public struct DesignedFilterBank: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    case sections(SecondOrderSections, causal: Bool)
    case comb(CombFilter, causal: Bool)
    case windowed(FIRFilter, causal: Bool)
    case medianBaseline([RunningMedian])
    case movingAverage(MovingAverage, causal: Bool)

    /// Whether it looks back only; all others have zero phase.
    var isCausal: Bool {
      switch self {
      case .sections(_, let causal), .comb(_, let causal), .windowed(_, let causal),
        .movingAverage(_, let causal):
        causal
      case .medianBaseline: false
      }
    }
  }

  /// The sampling rate in Hz that the filters are designed for.
  public let rate: Double
  let steps: [Step]

  /// Filters one lead.
  ///
  /// - Parameter lead: its samples, NaN where missing.
  /// - Returns: as many samples, NaN at the same places.
  public func callAsFunction(_ lead: [Double]) -> [Double] {
    timeMajor(lead, leads: 1)
  }

  /// Filters several leads, `[T, leads]` → `[T, leads]`; each is filtered as it would be alone, to the last bit.
  ///
  /// - Parameters:
  ///   - signal: the samples, time-major, NaN where missing.
  ///   - leads: how many leads a row has.
  /// - Returns: as many samples in the same order, NaN at the same places.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  public func timeMajor(_ signal: [Double], leads: Int) -> [Double] {
    var result = signal
    apply(timeMajor: &result, leads: leads)
    return result
  }

  /// Filters several leads in place, `[T, leads]`; each is filtered as it would be alone, to the last bit.
  ///
  /// - Parameters:
  ///   - signal: the samples, time-major, NaN where missing; NaN at the same places afterwards.
  ///   - leads: how many leads a row has.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  public func apply(timeMajor signal: inout [Double], leads: Int) {
    precondition(leads > 0 && signal.count.isMultiple(of: leads), "a time-major signal has whole rows")
    guard !steps.isEmpty, !signal.isEmpty else { return }
    // Counting goes by vectors; stopping at the first gap would not.
    let hasGaps = signal.count { $0.isNaN } > 0
    let original = hasGaps ? signal : []
    if hasGaps {
      signal.forEachLead(of: leads) { line in
        _ = MissingSamples.bridge(&line)
      }
    }
    for step in steps { step.apply(timeMajor: &signal, leads: leads) }
    for index in original.indices where original[index].isNaN { signal[index] = .nan }
  }
}

extension DesignedFilterBank.Step {
  /// Filters leads without gaps, at least one sample of each.
  fileprivate func apply(timeMajor signal: inout [Double], leads: Int) {
    switch self {
    case .sections(let sections, causal: false):
      sections.applyZeroPhase(timeMajor: &signal, leads: leads)
    case .sections(let sections, causal: true):
      signal.forEachLead(of: leads) { line in
        line = sections.filter(line, initial: sections.steadyState(at: line[0]))
      }
    case .comb(let comb, causal: false):
      comb.applyZeroPhase(timeMajor: &signal, leads: leads)
    case .comb(let comb, causal: true):
      signal.forEachLead(of: leads) { line in line = comb.filter(line, initial: comb.steadyState(at: line[0]))
      }
    case .windowed(let filter, let causal):
      filter.apply(timeMajor: &signal, leads: leads, causal: causal)
    case .medianBaseline(let medians):
      signal.withUnsafeMutableBufferPointer { signal in
        let count = signal.count / leads
        ScratchMemory.with(count, of: Double.self) { baseline in
          for lead in 0..<leads {
            for row in 0..<count { baseline[row] = signal[row * leads + lead] }
            for median in medians { median.apply(to: baseline) }
            for row in 0..<count { signal[row * leads + lead] -= baseline[row] }
          }
        }
      }
    case .movingAverage(let average, let causal):
      signal.forEachLead(of: leads) { line in line = causal ? average.causal(line) : average.centered(line) }
    }
  }
}

extension [Double] {
  /// Changes each lead of a time-major signal by itself.
  fileprivate mutating func forEachLead(of leads: Int, _ change: (inout [Double]) -> Void) {
    if leads == 1 { return change(&self) }
    for lead in 0..<leads {
      var line = stride(from: lead, to: count, by: leads).map { self[$0] }
      change(&line)
      for (row, value) in line.enumerated() { self[row * leads + lead] = value }
    }
  }
}
