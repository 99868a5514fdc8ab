/// One change that a crop undergoes at random before a network sees it, for any sampling rate.
///
/// In a recipe an item is a name, or a map of a single key:
///
///     - random-resized-crop
///     - time-out: {low: 0.2, high: 0.4}
///     - gaussian-noise: {deviation: 0.005, probability: 0.5}
///
/// and on the command line the name with what differs, `time-out:low=0.1,high=0.3`. All keys have defaults, `probability`
/// among them: 1, and 0.5 for negation. Kinds and their numbers are those that Mehari and Strodthoff examined (Comput. Biol.
/// Med. 141, 2022); what their paper leaves open is decided, and said, at each ``Kind``.
///
/// An augmentation applies to the frames that are the record's, not to padding. It draws from the crop's own generator, so it
/// is the same on every machine, at any number of threads; where the probability is below 1, first a uniform number that has
/// to be below it, and nothing more if it is not.
public struct Augmentation: Sendable, Equatable {
  /// What is done.
  public var kind: Kind
  /// How often it is done, 0 to 1.
  public var probability: Double

  /// An augmentation.
  ///
  /// - Parameters:
  ///   - kind: what is done.
  ///   - probability: how often; nil is always, but every second time for negation.
  public init(_ kind: Kind, probability: Double? = nil) {
    self.kind = kind
    self.probability = probability ?? (kind == .negation ? 0.5 : 1)
  }

  /// What an augmentation does to a crop of n frames; U is a uniform number, drawn anew each time.
  ///
  /// Lengths and heights in mV are brought to the network's units by each lead's normalisation.
  public enum Kind: Sendable, Equatable {
    /// A part of the crop, stretched unevenly to its full length.
    ///
    /// The part is m = round(U(low, high) · n) frames, at least 2, from a place where it fits, all equally likely. Its first
    /// and last frame go to the ends, the others to m − 2 different places between, all such choices equally likely, in their
    /// order; what lies between them is on straight lines.
    case randomResizedCrop(low: Double = 0.5, high: Double = 1)
    /// A part of round(U(low, high) · n) frames, at a place where it fits, all equally likely, is zero in all leads.
    case timeOut(low: Double = 0.2, high: Double = 0.4)
    /// Independent normal numbers are added, their standard deviation in units of the normalised crop.
    case gaussianNoise(deviation: Double = 0.005)
    /// Each lead is multiplied by a factor of its own, low · (high / low)^U.
    case leadScaling(low: Double = 0.5, high: Double = 2)
    /// Each frame becomes the mean of five with weights 0.1, 0.2, 0.4, 0.2, 0.1; beyond the ends the first and the last
    /// frame are held.
    case blur
    /// Time runs faster here and slower there, the ends staying where they are.
    ///
    /// `knots` of the output, evenly spaced between its ends, show what the crop has up to `radius` seconds earlier or later,
    /// U(−1, 1) of it, and never more than half the way to the next knot; between them time runs evenly, and the crop is
    /// read on straight lines between its frames.
    case dynamicTimeWarp(knots: Int = 4, radius: Double = 0.1)
    /// All leads change their sign.
    case negation
    /// Of every `factor` frames the first is kept; the others come to lie on straight lines between these, and behind the
    /// last of them it is held.
    case downSampling(factor: Int = 2)
    /// C Σ a cos(2π (0.01 Hz · k t + φ)) over k = 0 … 49 on all leads alike, in mV: C = U(0, maximum), each a and φ = U.
    case baselineWander(maximum: Double = 0.05)
    /// Independent normal numbers of standard deviation C = U(0, maximum) in mV.
    case electromyogram(maximum: Double = 0.25)
    /// Mains hum C g Σ a cos(2π (f · k t + φ)) over three harmonics k = 1, 2, 3 of `frequency`, in mV: C = U(0, maximum),
    /// each a and φ = U, a factor g = U(−1, 1) for each lead.
    case powerline(maximum: Double = 0.1, frequency: Double = 50, harmonics: Harmonics = .bandlimited)
    /// Plateaus of height ±C = ±U(0, maximum) in mV are added.
    ///
    /// Their number is 0 to round(0.3 a second of the crop), all equally likely, and each has a centre, uniform among the
    /// frames, a length of N(3, 0.6) s, cut off at the crop's ends, and a sign for each lead. Where two meet they add up.
    case baselineShift(maximum: Double = 0.5)
    /// Wander, electromyogram, powerline and shift in this order, with the paper's maxima for one of six levels.
    case physiologicalNoise(level: Int = 1, frequency: Double = 50, harmonics: Harmonics = .bandlimited)
  }

  /// What becomes of mains harmonics that a sampling rate cannot hold.
  public enum Harmonics: String, Sendable, CaseIterable {
    /// They are left out, as a recorder's filter does: only those below half the rate are added, so at 100 Hz none of
    /// 50 Hz.
    case bandlimited
    /// They are sampled as they are, as the paper's code did: at 100 Hz those of 50 Hz become its half and a constant.
    case aliased
  }

  /// Whether frames move or mix, so that what is known of single frames (where samples are missing) no longer holds.
  public var changesTime: Bool {
    switch kind {
    case .randomResizedCrop, .blur, .dynamicTimeWarp, .downSampling: true
    case .timeOut, .gaussianNoise, .leadScaling, .negation, .baselineWander, .electromyogram, .powerline,
      .baselineShift, .physiologicalNoise:
      false
    }
  }
}

extension Augmentation {
  /// Refuses numbers that make no sense.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) that names the augmentation, the value and what it may be.
  public func check() throws {
    try check(probability, "probability", 0...1)
    switch kind {
    case .randomResizedCrop(let low, let high), .timeOut(let low, let high):
      try check(low, "low", 0...1)
      try check(high, "high", 0...1)
      if case .randomResizedCrop = kind, low == 0 { throw refusal("low", low, "more than 0") }
      try checkOrder(low, high)
    case .gaussianNoise(let deviation):
      try check(deviation, "deviation", 0...1000)
    case .leadScaling(let low, let high):
      try check(low, "low", 0.001...1000)
      try check(high, "high", 0.001...1000)
      try checkOrder(low, high)
    case .dynamicTimeWarp(let knots, let radius):
      try check(Double(knots), "knots", 1...Double(Self.mostKnots))
      try check(radius, "radius", 0...60)
    case .downSampling(let factor):
      try check(Double(factor), "factor", 2...1000)
    case .baselineWander(let maximum), .electromyogram(let maximum), .baselineShift(let maximum):
      try check(maximum, "maximum", 0...1000)
    case .powerline(let maximum, let frequency, _):
      try check(maximum, "maximum", 0...1000)
      if frequency != 50 && frequency != 60 { throw refusal("frequency", frequency, "50 or 60") }
    case .physiologicalNoise(let level, let frequency, _):
      try check(Double(level), "level", 1...6)
      if frequency != 50 && frequency != 60 { throw refusal("frequency", frequency, "50 or 60") }
    case .blur, .negation:
      break
    }
  }

  /// With the two ends, they have room in ``CropRows/numbers``.
  private static let mostKnots = 100

  private func check(_ value: Double, _ key: String, _ range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
      throw refusal(key, value, "from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))")
    }
  }

  private func checkOrder(_ low: Double, _ high: Double) throws {
    if low > high { throw refusal("low", low, "\(Self.text(high)), which is high, or less") }
  }

  private func refusal(_ key: String, _ value: Double, _ advice: String) -> ECGError {
    ECGError(.invalidArgument, "\(key) \(Self.text(value)) of \(name)", advice: "choose \(advice)")
  }
}
