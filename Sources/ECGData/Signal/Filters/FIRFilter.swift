import CKernels

/// A symmetric filter without feedback, by the window method.
///
/// Such a filter delays everything by half its length, so that shifting its output back makes it one of zero
/// phase, whose gain, unlike that of a recursive one run both ways, is not squared.
public struct FIRFilter: Sendable, Equatable {
  /// What tapers the infinite response.
  public enum Window: Sendable, Equatable {
    /// Cuts it off: the steepest, with ripples of 9 %.
    case rectangular
    /// Falls to 0 as a cosine.
    case hann
    /// Ripples of 0.2 %.
    case hamming
    /// Ripples of 0.02 %, the flattest of these.
    case blackman
    /// Kaiser's, the more tapered the greater `beta`.
    case kaiser(beta: Double)

    /// The window at an offset from its middle, as a share of its half-length.
    func value(at ratio: Double) -> Double {
      switch self {
      case .rectangular: 1
      case .hann: 0.5 + 0.5 * PortableMath.cosPi(ratio)
      case .hamming: 0.54 + 0.46 * PortableMath.cosPi(ratio)
      case .blackman: 0.42 + 0.5 * PortableMath.cosPi(ratio) + 0.08 * PortableMath.cosPi(2 * ratio)
      case .kaiser(let beta):
        WindowedSincFilter.besselI0(beta * (1 - ratio * ratio).squareRoot())
          / WindowedSincFilter.besselI0(beta)
      }
    }
  }

  /// The taps, an odd number of them, symmetric.
  public let taps: [Double]

  /// The greatest number of taps.
  static let greatestCount = 1 << 16

  /// Designs a filter, as `scipy.signal.firwin(count, edges, window=window, pass_zero=band, fs=rate)`.
  ///
  /// It is scaled so that the gain is exactly 1 at 0 Hz, at half the rate (high-pass) or in the middle of the
  /// band (band-pass). At an edge it is one half.
  ///
  /// - Parameters:
  ///   - count: how many taps, an odd number: a filter that passes half the rate has no even one.
  ///   - band: the edges.
  ///   - window: what tapers the response.
  ///   - rate: the sampling rate in Hz.
  /// - Returns: the filter.
  /// - Throws: ``ECGError`` (`invalidArgument`) if the count is not odd and 3 to 65,535, an edge not below half
  ///   the rate, or a Kaiser window's β not 0 to 100.
  public static func firwin(count: Int, band: FilterBand, window: Window = .hamming, rate: Double) throws
    -> FIRFilter
  {
    try SecondOrderSections.checkRate(rate)
    try band.check(rate: rate)
    try check(window)
    guard count >= 3, count <= greatestCount, !count.isMultiple(of: 2) else {
      throw ECGError(.invalidArgument, "\(count) taps are no odd number from 3 to \(greatestCount - 1)")
    }
    // Bands that pass, as shares of half the rate, and the place where the gain is to be 1.
    let edges = band.edges.map { 2 * $0 / rate }
    let (bands, unity): ([(Double, Double)], Double) =
      switch band {
      case .lowpass: ([(0, edges[0])], 0)
      case .highpass: ([(edges[0], 1)], 1)
      case .bandpass: ([(edges[0], edges[1])], (edges[0] + edges[1]) / 2)
      case .bandstop: ([(0, edges[0]), (edges[1], 1)], 0)
      }
    let half = count / 2
    var taps = [Double](repeating: 0, count: count)
    var level = 0.0
    for offset in 0...half {
      let weight = window.value(at: Double(offset) / Double(half))
      var tap = 0.0
      for (low, high) in bands {
        tap += high * sinc(high * Double(offset)) - low * sinc(low * Double(offset))
      }
      taps[half + offset] = tap * weight
      taps[half - offset] = tap * weight
      let wave = tap * weight * PortableMath.cosPi(unity * Double(offset))
      level += offset == 0 ? wave : 2 * wave
    }
    return FIRFilter(taps: taps.map { $0 / level })
  }

  private init(taps: [Double]) {
    self.taps = taps
  }

  static func check(_ window: Window) throws {
    if case .kaiser(let beta) = window, !(0...100).contains(beta) {
      throw ECGError(.invalidArgument, "a Kaiser window's beta of \(beta) is not 0 to 100")
    }
  }

  /// sin(πx) / (πx).
  private static func sinc(_ x: Double) -> Double {
    x == 0 ? 1 : PortableMath.sinPi(x) / (Double.pi * x)
  }

  /// Filters without delay.
  ///
  /// At either end the signal is continued by its own point reflection there; a signal shorter than half the
  /// filter as far as it goes, and held from there on.
  ///
  /// - Parameter signal: the samples of one lead.
  /// - Returns: as many samples.
  /// - Complexity: O(samples · taps).
  public func zeroPhase(_ signal: [Double]) -> [Double] {
    var result = signal
    apply(timeMajor: &result, leads: 1, causal: false)
    return result
  }

  /// Filters causally, as if the first sample had been there forever; delays by half the filter's length.
  ///
  /// - Parameter signal: the samples of one lead.
  /// - Returns: as many samples.
  /// - Complexity: O(samples · taps).
  public func filter(_ signal: [Double]) -> [Double] {
    var result = signal
    apply(timeMajor: &result, leads: 1, causal: true)
    return result
  }

  /// Filters several leads in place, `[T, leads]`, each as ``zeroPhase(_:)`` or ``filter(_:)`` does, to the last bit.
  ///
  /// - Parameters:
  ///   - signal: the samples, time-major.
  ///   - leads: how many leads a row has.
  ///   - causal: whether it looks back only.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  /// - Complexity: O(samples · taps).
  public func apply(timeMajor signal: inout [Double], leads: Int, causal: Bool) {
    precondition(leads > 0 && signal.count.isMultiple(of: leads), "a time-major signal has whole rows")
    guard !signal.isEmpty else { return }
    let count = signal.count / leads
    let before = causal ? taps.count - 1 : taps.count / 2
    let reflected = causal ? 0 : min(taps.count / 2, count - 1)
    signal.withUnsafeMutableBufferPointer { signal in
      ScratchMemory.with((count + taps.count - 1) * leads, of: Double.self) { line in
        for place in 0..<(count + taps.count - 1) {
          // How far beyond an end, and the end.
          let row = place - before
          let beyond = min(max(-row, row - (count - 1), 0), reflected)
          let end = row < 0 ? 0 : count - 1
          for lead in 0..<leads {
            line[place * leads + lead] =
              (0..<count).contains(row)
              ? signal[row * leads + lead]
              : beyond == 0
                ? signal[end * leads + lead]
                : 2 * signal[end * leads + lead] - signal[abs(end - beyond) * leads + lead]
          }
        }
        sums(line, leads: leads, into: signal)
      }
    }
  }

  /// Filters the next part of a signal; all parts together equal the whole to the last bit.
  func filter(_ part: [Double], carrying history: inout [Double]) -> [Double] {
    var line = history + part
    history = Array(line.suffix(taps.count - 1))
    var result = part
    line.withUnsafeMutableBufferPointer { line in
      result.withUnsafeMutableBufferPointer { sums(line, leads: 1, into: $0) }
    }
    return result
  }

  /// The gain without delay, negative where the phase is turned.
  ///
  /// - Parameters:
  ///   - frequencies: in Hz.
  ///   - rate: the sampling rate that the filter is designed for, in Hz.
  /// - Returns: one value a frequency.
  public func gain(at frequencies: [Double], rate: Double) -> [Double] {
    let half = taps.count / 2
    return frequencies.map { frequency in
      var sum = taps[half]
      for offset in 1...half {
        sum += 2 * taps[half + offset] * PortableMath.cosPi(2 * frequency / rate * Double(offset))
      }
      return sum
    }
  }

  /// Σ line[n + k] · taps[k] for each row n of the output, in the order of the taps.
  private func sums(
    _ line: UnsafeMutableBufferPointer<Double>, leads: Int, into output: UnsafeMutableBufferPointer<Double>
  ) {
    ScratchMemory.with(taps.count, of: einthoven_tap.self) { weights in
      for (row, tap) in taps.enumerated() { weights[row] = einthoven_tap(coefficient: tap, row: row) }
      ScratchMemory.with(2, of: Int.self) { starts in
        (starts[0], starts[1]) = (0, taps.count)
        var phases = einthoven_phases(taps: weights.baseAddress, starts: starts.baseAddress, up: 1, down: 1)
        einthoven_fir(
          einthoven_best_variant(), &phases, line.baseAddress, leads, output.count / leads, output.baseAddress
        )
      }
    }
  }
}
