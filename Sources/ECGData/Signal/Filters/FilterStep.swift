/// One item of a recipe's `filters`: a filter in Hz and seconds, for any sampling rate.
///
/// In YAML an item is a map of a single key:
///
///     - lowpass: {cutoff: 40, order: 4}
///     - highpass: {cutoff: 0.5, order: 2, causal: true}
///     - bandpass: {low: 0.5, high: 40, order: 4, family: chebyshev1, ripple: 0.5}
///     - bandstop: {low: 45, high: 55, family: elliptic, ripple: 0.5, attenuation: 40}
///     - notch: {frequency: 50, q: 30}
///     - comb: {frequency: 50, q: 30}
///     - fir: {type: bandpass, low: 0.5, high: 40, seconds: 2, window: kaiser, beta: 6.5}
///     - baseline: {method: median, windows: [0.2, 0.6]}
///     - moving-average: {seconds: 0.03}
///
/// Edges, frequencies and the seconds of `fir` and `moving-average` must be given. Left out, `order` is 4,
/// `q` 30, `window` hamming, `windows` [0.2, 0.6], `family` butterworth (the others are chebyshev1,
/// chebyshev2 and elliptic) and `causal` false. `ripple` and `attenuation` are in dB and must be given where the
/// family has them. An unknown key, or one that would have no effect, is refused by name, and so
/// is a length of less than three samples.
public enum FilterStep: Sendable, Equatable {
  /// A recursive filter, ``SecondOrderSections/design(_:order:band:rate:)``.
  case recursive(FilterBand, order: Int = 4, family: FilterFamily = .butterworth, causal: Bool = false)
  /// ``SecondOrderSections/iirnotch(frequency:q:rate:)``.
  case notch(frequency: Double, q: Double = 30, causal: Bool = false)
  /// ``CombFilter``.
  case comb(frequency: Double, q: Double = 30, causal: Bool = false)
  /// ``FIRFilter`` of that length.
  case windowed(FilterBand, seconds: Double, window: FIRFilter.Window = .hamming, causal: Bool = false)
  /// Less the ``RunningMedian`` of the first window, of which that of the second is taken, and so on.
  case medianBaseline(windows: [Double] = [0.2, 0.6])
  /// ``MovingAverage`` of that length.
  case movingAverage(seconds: Double, causal: Bool = false)

  /// The key of the item.
  public var name: String {
    switch self {
    case .recursive(let band, _, _, _): band.name
    case .notch: "notch"
    case .comb: "comb"
    case .windowed: "fir"
    case .medianBaseline: "baseline"
    case .movingAverage: "moving-average"
    }
  }

  /// The step at one sampling rate.
  ///
  /// - Parameter rate: in Hz.
  /// - Returns: what a ``DesignedFilterBank`` runs.
  /// - Throws: ``ECGError`` (`invalidArgument`) for numbers that no filter can have at this rate.
  func design(rate: Double) throws -> DesignedFilterBank.Step {
    switch self {
    case .recursive(let band, let order, let family, let causal):
      let sections = try SecondOrderSections.design(family, order: order, band: band, rate: rate)
      return .sections(sections, causal: causal)
    case .notch(let frequency, let q, let causal):
      let sections = try SecondOrderSections.iirnotch(frequency: frequency, q: q, rate: rate)
      return .sections(sections, causal: causal)
    case .comb(let frequency, let q, let causal):
      return .comb(try CombFilter(frequency: frequency, q: q, rate: rate), causal: causal)
    case .windowed(let band, let seconds, let window, let causal):
      let filter = try FIRFilter.firwin(
        count: try Self.width(seconds, rate: rate), band: band, window: window, rate: rate)
      return .windowed(filter, causal: causal)
    case .medianBaseline(let windows):
      try check()
      return .medianBaseline(try windows.map { RunningMedian(width: try Self.width($0, rate: rate)) })
    case .movingAverage(let seconds, let causal):
      return .movingAverage(MovingAverage(width: try Self.width(seconds, rate: rate)), causal: causal)
    }
  }

  /// Refuses what is wrong at any sampling rate.
  func check() throws {
    switch self {
    case .recursive(let band, let order, let family, _):
      try SecondOrderSections.checkOrder(order)
      try band.check(rate: .infinity)
      try family.check()
    case .notch(let frequency, let q, _):
      try SecondOrderSections.checkNotch(frequency: frequency, q: q, rate: .infinity)
    case .comb(let frequency, let q, _):
      try CombFilter.check(frequency: frequency, q: q)
    case .windowed(let band, let seconds, let window, _):
      try band.check(rate: .infinity)
      try FIRFilter.check(window)
      try Self.check(seconds: seconds)
    case .medianBaseline(let windows):
      if windows.isEmpty { throw ECGError(.invalidArgument, "there are no windows") }
      for seconds in windows { try Self.check(seconds: seconds) }
    case .movingAverage(let seconds, _):
      try Self.check(seconds: seconds)
    }
  }

  private static func check(seconds: Double) throws {
    guard seconds > 0, seconds.isFinite else {
      throw ECGError(.invalidArgument, "\(seconds) s is not a positive length")
    }
  }

  /// The greatest odd number of samples within a length, one more if that is even.
  private static func width(_ seconds: Double, rate: Double) throws -> Int {
    try check(seconds: seconds)
    try SecondOrderSections.checkRate(rate)
    // A length that is a whole number of samples may lie a rounding below it.
    let half = (seconds * rate / 2 + 1e-9).rounded(.down)
    guard half >= 1 else {
      throw ECGError(
        .invalidArgument, "\(seconds) s are less than three samples at \(rate) Hz", advice: "make it longer")
    }
    guard half < Double(FIRFilter.greatestCount / 2) else {
      throw ECGError(
        .invalidArgument,
        "\(seconds) s are more than \(FIRFilter.greatestCount - 1) samples at \(rate) Hz")
    }
    return 2 * Int(half) + 1
  }
}

extension FilterBand {
  /// The word for it in a recipe.
  public var name: String {
    switch self {
    case .lowpass: "lowpass"
    case .highpass: "highpass"
    case .bandpass: "bandpass"
    case .bandstop: "bandstop"
    }
  }
}

extension FilterStep: CustomStringConvertible {
  /// The item of a recipe, with all keys that have an effect: `notch: {causal: false, frequency: 50, q: 30}`.
  public var description: String {
    guard let json = try? JSONText.line(self) else { return name }
    return json.dropFirst().dropLast().reduce(into: "") { text, character in
      switch character {
      case "\"": break
      case ":", ",": text += "\(character) "
      default: text.append(character)
      }
    }
  }
}
