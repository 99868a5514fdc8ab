import CKernels

/// A recursive filter as a cascade of second-order sections, in Double.
///
///     let filter = try SecondOrderSections.butter(order: 4, band: .bandpass(low: 0.5, high: 40), rate: 500)
///     let clean = filter.zeroPhase(lead)           // forwards and backwards: no delay, the gain squared
///     let live = filter.filter(lead)               // causal, from rest
///
///     var state = filter.steadyState(at: lead[0])  // causal in parts, without a step at the begin
///     let first = filter.filter(lead[..<1000], carrying: &state)
///     let second = filter.filter(lead[1000...], carrying: &state)
///
/// The names and meanings are those of scipy.signal (`sosfilt`, `sosfiltfilt`, `sosfilt_zi`), and the outcome
/// equals SciPy's to rounding. Every operation is in a fixed order without contraction and no function of the
/// C library takes part, so filters and filtered samples are the same to the last bit everywhere.
///
/// A missing sample (NaN) here makes all later ones missing; ``DesignedFilterBank`` bridges gaps.
public struct SecondOrderSections: Sendable, Equatable {
  /// One section: (b₀ + b₁z⁻¹ + b₂z⁻²) / (1 + a₁z⁻¹ + a₂z⁻²).
  public struct Section: Sendable, Equatable {
    /// Weight of the input.
    public var b0: Double
    /// Weight of the last input.
    public var b1: Double
    /// Weight of the input before the last.
    public var b2: Double
    /// Weight of the last output, subtracted.
    public var a1: Double
    /// Weight of the output before the last, subtracted.
    public var a2: Double

    /// Creates a section from its coefficients, a₀ being 1.
    public init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
      self.b0 = b0
      self.b1 = b1
      self.b2 = b2
      self.a1 = a1
      self.a2 = a2
    }

    /// The gain at frequency 0; infinite or NaN for a section with a pole there.
    var levelGain: Double { (b0 + b1 + b2) / (1 + a1 + a2) }
  }

  /// What a filter keeps between two samples: two numbers a section (direct form II transposed).
  public struct State: Sendable, Equatable {
    /// Two numbers a section.
    var memories: [Double]
  }

  /// The sections, in the order in which a sample passes them.
  public let sections: [Section]

  /// Creates a filter from its sections; without any, it passes everything.
  public init(_ sections: [Section]) {
    self.sections = sections
  }

  /// The state of rest.
  public var restState: State {
    State(memories: [Double](repeating: 0, count: 2 * sections.count))
  }

  /// The state after the same sample forever (`sosfilt_zi` times the sample).
  ///
  /// A section with a pole at frequency 0 has no such state; it and those after it start from rest.
  public func steadyState(at sample: Double) -> State {
    var state = restState
    state.memories.withUnsafeMutableBufferPointer { steadyMemories(at: sample, $0) }
    return state
  }

  /// Filters a whole signal causally (`sosfilt`).
  ///
  /// - Parameters:
  ///   - signal: the samples of one lead.
  ///   - initial: the state before the first sample; rest if nil.
  /// - Returns: as many samples.
  public func filter(_ signal: [Double], initial: State? = nil) -> [Double] {
    var state = initial ?? restState
    return filter(signal[...], carrying: &state)
  }

  /// Filters the next part of a signal; all parts together equal the whole to the last bit.
  ///
  /// - Parameters:
  ///   - part: the next samples of one lead.
  ///   - state: what this filter kept of those before, and will of these.
  /// - Returns: as many samples.
  /// - Precondition: `state` is of a filter of as many sections.
  public func filter(_ part: ArraySlice<Double>, carrying state: inout State) -> [Double] {
    precondition(state.memories.count == 2 * sections.count, "a state fits a filter of as many sections")
    var line = Array(part)
    line.withUnsafeMutableBufferPointer { line in
      if line.isEmpty { return }
      state.memories.withUnsafeMutableBufferPointer { run(line, $0, backwards: false) }
    }
    return line
  }
}

// MARK: - The recursion

extension SecondOrderSections {
  /// The instructions that the recursion uses; the outcome is the same with all.
  private static let bestVariant = einthoven_best_variant()

  /// Fills the memories, two a section, with the state after the same sample forever.
  func steadyMemories<Lanes: SampleLanes>(at sample: Lanes, _ memories: UnsafeMutableBufferPointer<Lanes>) {
    memories.initialize(repeating: .zero)
    var level = 1.0
    for (index, section) in sections.enumerated() {
      let gain = section.levelGain
      guard gain.isFinite else { break }
      let second = section.b2 - section.a2 * gain
      let first = section.b1 - section.a1 * gain + second
      memories[2 * index] = sample * (first * level)
      memories[2 * index + 1] = sample * (second * level)
      level *= gain
    }
  }

  /// Filters a line in place, forwards or backwards.
  func run<Lanes: SampleLanes>(
    _ line: UnsafeMutableBufferPointer<Lanes>, _ memories: UnsafeMutableBufferPointer<Lanes>, backwards: Bool,
    variant: einthoven_variant = bestVariant
  ) {
    // Both are five Doubles in the same order.
    sections.withUnsafeBytes { sections in
      einthoven_cascade(
        variant, sections.assumingMemoryBound(to: einthoven_section.self).baseAddress, self.sections.count,
        UnsafeMutableRawBufferPointer(line).assumingMemoryBound(to: Double.self).baseAddress, line.count,
        MemoryLayout<Lanes>.size / MemoryLayout<Double>.size,
        UnsafeMutableRawBufferPointer(memories).assumingMemoryBound(to: Double.self).baseAddress,
        backwards ? -1 : 1)
    }
  }
}
