import CKernels

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
    guard leads == Lead.count, !signal.isEmpty else {
      return filterForwardsAndBackwards(timeMajor: &signal, leads: leads)
    }
    signal.withUnsafeMutableBufferPointer { signal in
      withZeroPhase(ofTwelve: UnsafeBufferPointer(signal)) { _ = signal.update(fromContentsOf: $0) }
    }
  }

  /// The same for twelve leads, which are one sweep: `body` sees the outcome where it was computed.
  func withZeroPhase<Result>(
    ofTwelve signal: UnsafeBufferPointer<Double>, _ body: (UnsafeBufferPointer<Double>) -> Result
  ) -> Result {
    let width = Lead.count
    precondition(
      !signal.isEmpty && signal.count.isMultiple(of: width), "a time-major signal has whole rows")
    let count = signal.count / width
    let padding = min(padding, count - 1)
    let total = count + 2 * padding
    return ScratchMemory.with((total + memoryCount) * width, of: Double.self) { scratch in
      let line = UnsafeMutableBufferPointer(rebasing: scratch[..<(total * width)])
      let memory = UnsafeMutableBufferPointer(rebasing: scratch[(total * width)...])
      for place in 0..<(padding * width) {
        let (row, lead) = (place / width, place % width)
        line[place] = 2 * signal[lead] - signal[(padding - row) * width + lead]
        line[(padding + count) * width + place] =
          2 * signal[(count - 1) * width + lead] - signal[(count - 2 - row) * width + lead]
      }
      let middle = UnsafeMutableBufferPointer(
        rebasing: line[(padding * width)..<((padding + count) * width)])
      _ = middle.update(fromContentsOf: signal)
      runTwelve(line, memory, backwards: false)
      runTwelve(line, memory, backwards: true)
      return body(UnsafeBufferPointer(middle))
    }
  }

  private func runTwelve(
    _ line: UnsafeMutableBufferPointer<Double>, _ memory: UnsafeMutableBufferPointer<Double>, backwards: Bool
  ) {
    let width = Lead.count
    let count = line.count / width
    withUnsafeTemporaryAllocation(of: Double.self, capacity: memoryCount) { steady in
      for lead in 0..<width {
        steadyMemories(at: line[(backwards ? count - 1 : 0) * width + lead], steady)
        for (row, value) in steady.enumerated() { memory[row * width + lead] = value }
      }
    }
    // Both are five Doubles in the same order.
    sections.withUnsafeBytes { sections in
      einthoven_cascade_12(
        einthoven_best_variant(), sections.assumingMemoryBound(to: einthoven_section.self).baseAddress,
        self.sections.count, line.baseAddress, count, memory.baseAddress, backwards ? -1 : 1)
    }
  }

  var memoryCount: Int { 2 * sections.count }

  func runFromSteadyState<Lanes: SampleLanes>(
    _ line: UnsafeMutableBufferPointer<Lanes>, _ memory: UnsafeMutableBufferPointer<Lanes>, backwards: Bool
  ) {
    steadyMemories(at: line[backwards ? line.count - 1 : 0], memory)
    run(line, memory, backwards: backwards)
  }
}
