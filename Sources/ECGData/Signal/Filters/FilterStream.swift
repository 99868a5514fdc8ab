/// A causal filter bank that takes a signal of one lead part by part.
///
///     var stream = try FilterStream(bank.design(rate: 500))
///     for part in parts { clean += stream.filter(part) }
///
/// All parts together equal to the last bit what ``DesignedFilterBank`` makes of the whole signal, as long as no sample
/// is missing but at its begin: a gap cannot be bridged before its end is there, so here the last sample is held in it.
public struct FilterStream: Sendable {
  private let steps: [DesignedFilterBank.Step]
  private var states: [State] = []
  private var last: Double?

  fileprivate enum State: Sendable {
    case sections(SecondOrderSections.State)
    case comb(CombFilter.State)
    /// Samples before the next one, as many as the window needs.
    case history([Double])
  }

  /// A stream through the steps of a bank.
  ///
  /// - Parameter bank: all of whose steps are causal.
  /// - Throws: ``ECGError`` (`invalidArgument`) naming the first step that looks ahead.
  public init(_ bank: DesignedFilterBank) throws {
    for (index, step) in bank.steps.enumerated() where !step.isCausal {
      throw ECGError(
        .invalidArgument, "filter \(index + 1) has zero phase and needs the whole signal",
        advice: "make it causal: true, or filter whole records")
    }
    steps = bank.steps
  }

  /// Filters the next samples.
  ///
  /// - Parameter part: NaN where missing.
  /// - Returns: as many samples, NaN at the same places.
  public mutating func filter(_ part: [Double]) -> [Double] {
    var held = last
    var line: [Double] = []
    line.reserveCapacity(part.count)
    for sample in part {
      if !sample.isNaN { held = sample }
      if let held { line.append(held) }
    }
    last = held
    // The filters begin with the first sample that there is.
    guard !line.isEmpty else { return part }
    let lead = part.count - line.count
    for (index, step) in steps.enumerated() {
      if index == states.count { states.append(step.initialState(at: line[0])) }
      line = step.filter(line, &states[index])
    }
    return part.indices.map { part[$0].isNaN ? .nan : line[$0 - lead] }
  }
}

extension FilterStream.State {
  fileprivate static func held(_ sample: Double, _ count: Int) -> Self {
    .history([Double](repeating: sample, count: count))
  }
}

extension DesignedFilterBank.Step {
  /// The state before a signal of this first sample.
  fileprivate func initialState(at sample: Double) -> FilterStream.State {
    switch self {
    case .sections(let sections, _): .sections(sections.steadyState(at: sample))
    case .comb(let comb, _): .comb(comb.steadyState(at: sample))
    case .windowed(let filter, _): .held(sample, filter.taps.count - 1)
    case .movingAverage(let average, _): .held(sample, average.width - 1)
    case .medianBaseline: .held(sample, 0)
    }
  }

  fileprivate func filter(_ part: [Double], _ state: inout FilterStream.State) -> [Double] {
    switch (self, state) {
    case (.sections(let sections, _), .sections(var memory)):
      defer { state = .sections(memory) }
      return sections.filter(part[...], carrying: &memory)
    case (.comb(let comb, _), .comb(var memory)):
      defer { state = .comb(memory) }
      return comb.filter(part[...], carrying: &memory)
    case (.windowed(let filter, _), .history(var history)):
      defer { state = .history(history) }
      return filter.filter(part, carrying: &history)
    case (.movingAverage(let average, _), .history(var history)):
      defer { state = .history(history) }
      return average.causal(part, carrying: &history)
    default:
      return part
    }
  }
}
