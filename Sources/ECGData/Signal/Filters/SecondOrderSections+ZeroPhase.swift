extension SecondOrderSections: ZeroPhaseFilter {
  /// How many samples ``zeroPhase(_:)`` puts before and after a signal that has more than these.
  ///
  /// It is SciPy's: three times the number of coefficients of the filter as one fraction.
  public var padding: Int {
    let short = min(sections.count { $0.b2 == 0 }, sections.count { $0.a2 == 0 })
    return 3 * (2 * sections.count + 1 - short)
  }

  /// Filters forwards, then backwards: without delay, with the square of the gain (`sosfiltfilt`).
  ///
  /// At either end the signal is continued by its own point reflection there, ``padding`` samples long, and
  /// each direction begins in the steady state of its first sample. Where SciPy refuses a signal of n ≤
  /// ``padding`` samples, this one is continued as far as it goes, by n − 1 samples (`padlen=n-1` in SciPy);
  /// a single sample is multiplied by the squared gain at frequency 0.
  ///
  /// - Parameter signal: the samples of one lead.
  /// - Returns: as many samples.
  /// - Complexity: O(samples · sections).
  public func zeroPhase(_ signal: [Double]) -> [Double] {
    zeroPhase(timeMajor: signal, leads: 1)
  }

  /// Filters several leads forwards, then backwards; `[T, leads]` → `[T, leads]`.
  ///
  /// Eight leads share one recursion, and the outcome is to the last bit that of ``zeroPhase(_:)`` on each.
  ///
  /// - Parameters:
  ///   - signal: the samples, time-major.
  ///   - leads: how many leads a row has.
  /// - Returns: as many samples in the same order.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  /// - Complexity: O(samples · sections).
  public func zeroPhase(timeMajor signal: [Double], leads: Int) -> [Double] {
    var result = signal
    applyZeroPhase(timeMajor: &result, leads: leads)
    return result
  }

  /// Filters several leads in place, `[T, leads]`, forwards, then backwards.
  ///
  /// It is ``zeroPhase(timeMajor:leads:)``, and takes no memory from the system once it has run.
  ///
  /// - Parameters:
  ///   - signal: the samples, time-major.
  ///   - leads: how many leads a row has.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  /// - Complexity: O(samples · sections).
  public func applyZeroPhase(timeMajor signal: inout [Double], leads: Int) {
    filterForwardsAndBackwards(timeMajor: &signal, leads: leads)
  }

  var memoryCount: Int { 2 * sections.count }

  func runFromSteadyState<Lanes: SampleLanes>(
    _ line: UnsafeMutableBufferPointer<Lanes>, _ memory: UnsafeMutableBufferPointer<Lanes>, backwards: Bool
  ) {
    steadyMemories(at: line[backwards ? line.count - 1 : 0], memory)
    run(line, memory, backwards: backwards)
  }
}
