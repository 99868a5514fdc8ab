/// A filter that takes out a frequency with all its multiples, 0 Hz among them.
///
/// It is `scipy.signal.iircomb(frequency, q, ftype="notch", fs=rate)`: with d = rate / frequency samples,
/// g (1 − z⁻ᵈ) / (1 − (2g − 1) z⁻ᵈ), kept as its gain and its delay, for a transfer function of d + 1
/// coefficients has next to nothing in it. The notch at 0 Hz is as wide as all others: below
/// frequency / q / 2 the baseline and the ST segment are damped too. A cascade of
/// ``SecondOrderSections/iirnotch(frequency:q:rate:)`` leaves them alone, and does not need a rate that the frequency
/// divides.
public struct CombFilter: Sendable, Equatable {
  /// The period of the lowest frequency that is taken out, in samples.
  public let delay: Int
  /// The gain halfway between two notches is 1; this one is that of the first sample of an impulse.
  public let gain: Double

  /// What a filter keeps between two samples, for each of the last ``delay`` ones.
  public struct State: Sendable, Equatable {
    var memory: [Double]
    var place = 0
  }

  /// The greatest ``delay``.
  static let greatestDelay = 1 << 16

  /// Designs a comb.
  ///
  /// - Parameters:
  ///   - frequency: the first frequency above 0 that is taken out, in Hz.
  ///   - q: the frequency over the width of each notch at −3 dB.
  ///   - rate: the sampling rate in Hz, a multiple of `frequency`.
  /// - Throws: ``ECGError`` (`invalidArgument`) if it is no multiple, the frequency not below half the rate
  ///   or q not positive.
  public init(frequency: Double, q: Double, rate: Double) throws {
    try SecondOrderSections.checkRate(rate)
    try Self.check(frequency: frequency, q: q)
    try FilterBand.lowpass(frequency).check(rate: rate)
    let ratio = rate / frequency
    let whole = ratio.rounded()
    guard whole <= Double(Self.greatestDelay) else {
      throw ECGError(
        .invalidArgument,
        "the comb's \(frequency) Hz are further apart than a rate of \(rate) Hz by \(Self.greatestDelay)",
        advice: "choose a higher frequency")
    }
    guard abs(ratio - whole) <= 1e-9 * ratio else {
      throw ECGError(
        .invalidArgument, "a rate of \(rate) Hz is no multiple of the comb's \(frequency) Hz",
        advice: "name a notch for each multiple instead")
    }
    delay = Int(whole)
    // tan(d · width / 4) of the notch's width 2π · frequency / q / rate; d frequencies make a rate.
    gain = 1 / (1 + PortableMath.tanPi(1 / (2 * q)))
  }

  /// Refuses what is wrong at any sampling rate.
  static func check(frequency: Double, q: Double) throws {
    try FilterBand.lowpass(frequency).check(rate: .infinity)
    // At 1 the notches overlap; far above, rounding leaves nothing of their width.
    guard q > 1, q <= 1e9 else {
      throw ECGError(
        .invalidArgument, "a q of \(q) is not above 1 and up to 1e9, as that of a comb has to be")
    }
  }

  /// The state of rest.
  public var restState: State {
    State(memory: [Double](repeating: 0, count: delay))
  }

  /// The state after the same sample forever.
  public func steadyState(at sample: Double) -> State {
    State(memory: [Double](repeating: -gain * sample, count: delay))
  }

  /// Filters a whole signal causally.
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
  /// - Precondition: `state` is of a filter of the same delay.
  public func filter(_ part: ArraySlice<Double>, carrying state: inout State) -> [Double] {
    precondition(state.memory.count == delay, "a state fits a comb of the same delay")
    let feedback = 2 * gain - 1
    return part.map { sample in
      let output = gain * sample + state.memory[state.place]
      state.memory[state.place] = feedback * output - gain * sample
      state.place = state.place + 1 == delay ? 0 : state.place + 1
      return output
    }
  }

  /// Filters forwards, then backwards, with the ends of ``SecondOrderSections/zeroPhase(_:)`` (`filtfilt`).
  ///
  /// - Parameter signal: the samples of one lead.
  /// - Returns: as many samples.
  public func zeroPhase(_ signal: [Double]) -> [Double] {
    var result = signal
    applyZeroPhase(timeMajor: &result, leads: 1)
    return result
  }

  /// Filters several leads in place, `[T, leads]`, forwards, then backwards; each as ``zeroPhase(_:)`` does, to the last
  /// bit.
  ///
  /// - Parameters:
  ///   - signal: the samples, time-major.
  ///   - leads: how many leads a row has.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  public func applyZeroPhase(timeMajor signal: inout [Double], leads: Int) {
    filterForwardsAndBackwards(timeMajor: &signal, leads: leads)
  }

  /// The gain of the causal filter; ``zeroPhase(_:)`` has the square of its magnitude, and phase 0.
  ///
  /// - Parameters:
  ///   - frequencies: in Hz.
  ///   - rate: the sampling rate that the filter is designed for, in Hz.
  /// - Returns: one value a frequency.
  public func response(at frequencies: [Double], rate: Double) -> [FrequencyResponse] {
    frequencies.map { frequency in
      let turns = 2 * frequency * Double(delay) / rate
      let delayed = Complex(PortableMath.cosPi(turns), -PortableMath.sinPi(turns))
      return FrequencyResponse(
        (Complex(1) - delayed) * gain / (Complex(1) - delayed * (2 * gain - 1)))
    }
  }
}

extension CombFilter: ZeroPhaseFilter {
  var padding: Int { 3 * (delay + 1) }
  var memoryCount: Int { delay }

  func runFromSteadyState<Lanes: SampleLanes>(
    _ line: UnsafeMutableBufferPointer<Lanes>, _ memory: UnsafeMutableBufferPointer<Lanes>, backwards: Bool
  ) {
    memory.initialize(repeating: line[backwards ? line.count - 1 : 0] * -gain)
    let feedback = 2 * gain - 1
    var place = 0
    var index = backwards ? line.count - 1 : 0
    for _ in line.indices {
      let sample = line[index] * gain
      let output = sample + memory[place]
      memory[place] = output * feedback - sample
      line[index] = output
      place = place + 1 == delay ? 0 : place + 1
      index += backwards ? -1 : 1
    }
  }
}
