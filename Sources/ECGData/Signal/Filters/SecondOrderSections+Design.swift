extension SecondOrderSections {
  /// The highest order that is designed.
  public static let greatestOrder = 8

  /// A Butterworth filter, as `scipy.signal.butter(order, …, output="sos", fs=rate)`.
  ///
  /// - Parameters:
  ///   - order: that of the low-pass prototype; band-pass and band-stop filters have twice as many poles.
  ///   - band: its edges are where the gain is −3 dB.
  ///   - rate: the sampling rate in Hz.
  /// - Returns: the filter.
  /// - Throws: ``ECGError`` (`invalidArgument`) if the order is not 1 to 8, an edge not below half
  ///   the rate, or the filter so sharp that rounding makes it unstable.
  public static func butter(order: Int, band: FilterBand, rate: Double) throws -> SecondOrderSections {
    try design(.butterworth, order: order, band: band, rate: rate)
  }

  /// A Chebyshev I filter, as `scipy.signal.cheby1(order, ripple, …, output="sos", fs=rate)`.
  ///
  /// - Parameters:
  ///   - order: that of the low-pass prototype; band-pass and band-stop filters have twice as many poles.
  ///   - ripple: how far the gain falls below 1 within the pass-band, in dB.
  ///   - band: its edges are where the gain falls below the ripple.
  ///   - rate: the sampling rate in Hz.
  /// - Returns: the filter.
  /// - Throws: ``ECGError`` (`invalidArgument`) for an order that is not 1 to 8, an edge that is not below half
  ///   the rate or a ripple that is not positive.
  public static func cheby1(order: Int, ripple: Double, band: FilterBand, rate: Double) throws
    -> SecondOrderSections
  {
    try design(.chebyshev1(ripple: ripple), order: order, band: band, rate: rate)
  }

  /// A Chebyshev II filter, as `scipy.signal.cheby2(order, attenuation, …, output="sos", fs=rate)`.
  ///
  /// - Parameters:
  ///   - order: that of the low-pass prototype; band-pass and band-stop filters have twice as many poles.
  ///   - attenuation: how far the stop-band is at least below 1, in dB.
  ///   - band: its edges are where the stop-band begins.
  ///   - rate: the sampling rate in Hz.
  /// - Returns: the filter.
  /// - Throws: ``ECGError`` (`invalidArgument`) for an order that is not 1 to 8, an edge that is not below half
  ///   the rate or an attenuation that is not positive.
  public static func cheby2(order: Int, attenuation: Double, band: FilterBand, rate: Double) throws
    -> SecondOrderSections
  {
    try design(.chebyshev2(attenuation: attenuation), order: order, band: band, rate: rate)
  }

  /// An elliptic (Cauer) filter, as `scipy.signal.ellip(order, ripple, attenuation, …, output="sos", fs=rate)`.
  ///
  /// - Parameters:
  ///   - order: that of the low-pass prototype; band-pass and band-stop filters have twice as many poles.
  ///   - ripple: how far the gain falls below 1 within the pass-band, in dB.
  ///   - attenuation: how far the stop-band is at least below 1, in dB.
  ///   - band: its edges are where the gain falls below the ripple.
  ///   - rate: the sampling rate in Hz.
  /// - Returns: the filter.
  /// - Throws: ``ECGError`` (`invalidArgument`) for an order that is not 1 to 8, an edge that is not below half
  ///   the rate, a ripple that is not positive or an attenuation that is not above it.
  public static func ellip(
    order: Int, ripple: Double, attenuation: Double, band: FilterBand, rate: Double
  ) throws -> SecondOrderSections {
    try design(.elliptic(ripple: ripple, attenuation: attenuation), order: order, band: band, rate: rate)
  }

  /// A filter that takes out one frequency, as `scipy.signal.iirnotch(frequency, q, fs=rate)`.
  ///
  /// - Parameters:
  ///   - frequency: what is taken out, in Hz.
  ///   - q: the frequency over the width of the notch at −3 dB.
  ///   - rate: the sampling rate in Hz.
  /// - Returns: one section.
  /// - Throws: ``ECGError`` (`invalidArgument`) if the frequency is not below half the rate or q not positive.
  public static func iirnotch(frequency: Double, q: Double, rate: Double) throws -> SecondOrderSections {
    try checkRate(rate)
    try checkNotch(frequency: frequency, q: q, rate: rate)
    let center = 2 * PortableMath.cosPi(2 * frequency / rate)
    let gain = 1 / (1 + PortableMath.tanPi(frequency / rate / q))
    let section = Section(b0: gain, b1: -gain * center, b2: gain, a1: -gain * center, a2: 2 * gain - 1)
    return try SecondOrderSections([section]).stable()
  }

  /// A filter of any family.
  ///
  /// - Parameters:
  ///   - family: the family with its ripples.
  ///   - order: that of the low-pass prototype; band-pass and band-stop filters have twice as many poles.
  ///   - band: its edges in Hz, which mean what the family makes of them.
  ///   - rate: the sampling rate in Hz.
  /// - Returns: the filter.
  /// - Throws: ``ECGError`` (`invalidArgument`) for an order that is not 1 to 8, an edge that is not below half
  ///   the rate, a ripple or attenuation that makes no sense, or a filter so sharp that rounding makes it
  ///   unstable.
  public static func design(_ family: FilterFamily, order: Int, band: FilterBand, rate: Double) throws
    -> SecondOrderSections
  {
    try checkRate(rate)
    try checkOrder(order)
    try band.check(rate: rate)
    try family.check()
    // The frequencies that the bilinear transform for a rate of 2 takes to the wanted ones.
    func warp(_ edge: Double) -> Double { 4 * PortableMath.tanPi(edge / rate) }
    let warped: FilterBand =
      switch band {
      case .lowpass(let edge): .lowpass(warp(edge))
      case .highpass(let edge): .highpass(warp(edge))
      case .bandpass(let low, let high): .bandpass(low: warp(low), high: warp(high))
      case .bandstop(let low, let high): .bandstop(low: warp(low), high: warp(high))
      }
    return try SecondOrderSections(family.prototype(order: order).transformed(to: warped).bilinear()).stable()
  }

  /// Refuses sections whose poles are so near to the unit circle that rounding decides where they are.
  ///
  /// A coefficient is known to some 1e-16, so what is left of 1 + a₁ + a₂, the squared distance of the poles from
  /// frequency 0, is wrong by one part in a million at 1e-10; with it go the gain there and the edge of the filter.
  private func stable() throws -> SecondOrderSections {
    let isExact = sections.allSatisfy {
      1 - abs($0.a2) > 1e-11 && 1 + $0.a1 + $0.a2 > 1e-10 && 1 - $0.a1 + $0.a2 > 1e-10
    }
    guard isExact else {
      throw ECGError(
        .invalidArgument, "the filter is too sharp for its sampling rate: rounding in Double would change it",
        advice: "choose a wider band, a smaller ripple or a lower q")
    }
    return self
  }

  static func checkOrder(_ order: Int) throws {
    guard (1...greatestOrder).contains(order) else {
      throw ECGError(.invalidArgument, "an order of \(order) is not 1 to \(greatestOrder)")
    }
  }

  static func checkRate(_ rate: Double) throws {
    guard rate > 0, rate.isFinite else {
      throw ECGError(.invalidArgument, "a sampling rate of \(rate) Hz is not a positive number")
    }
  }

  static func checkNotch(frequency: Double, q: Double, rate: Double) throws {
    try FilterBand.lowpass(frequency).check(rate: rate)
    guard q > 0, q.isFinite else {
      throw ECGError(.invalidArgument, "a q of \(q) is not a positive number")
    }
    // Half the notch's width must fit below half the rate, or the tangent that sets its gain turns over.
    guard frequency / q < rate / 2 else {
      throw ECGError(.invalidArgument, "a q of \(q) makes the notch at \(frequency) Hz wider than the band")
    }
  }
}

extension SecondOrderSections {
  /// Joins poles with zeros: the pole pair nearest to the unit circle with the zeros nearest to it, and so on.
  ///
  /// What is most resonant comes last, and the whole gain is in the first section.
  init(_ filter: AnalogPrototype) {
    var (zeros, poles) = (filter.zeros, filter.poles)
    if !poles.reals.count.isMultiple(of: 2) { poles.reals.append(0) }
    if !zeros.reals.count.isMultiple(of: 2) { zeros.reals.append(0) }
    var sections: [Section] = []
    while let (place, poleSum, poleProduct) = poles.takePair(by: { abs(1 - $0.magnitude) }) {
      let (_, zeroSum, zeroProduct) =
        zeros.takePair(by: { ($0 - place).magnitude }) ?? (Complex(0), 0, 0)
      sections.append(Section(b0: 1, b1: -zeroSum, b2: zeroProduct, a1: -poleSum, a2: poleProduct))
    }
    sections.reverse()
    if !sections.isEmpty {
      sections[0].b0 *= filter.gain
      sections[0].b1 *= filter.gain
      sections[0].b2 *= filter.gain
    }
    self.init(sections)
  }
}

extension AnalogPrototype.Roots {
  /// Removes the root of the least distance and its conjugate, or the real one next to it in distance.
  ///
  /// - Returns: the root, and the sum and the product of both.
  fileprivate mutating func takePair(by distance: (Complex) -> Double) -> (
    Complex, sum: Double, product: Double
  )? {
    let pair = pairs.indices.min { distance(pairs[$0]) < distance(pairs[$1]) }
    let order = reals.indices.sorted { distance(Complex(reals[$0])) < distance(Complex(reals[$1])) }
    if let pair, order.isEmpty || distance(pairs[pair]) <= distance(Complex(reals[order[0]])) {
      let root = pairs.remove(at: pair)
      return (root, 2 * root.real, root.squaredMagnitude)
    }
    guard order.count > 1 else { return nil }
    let (first, second) = (reals[order[0]], reals[order[1]])
    for index in order.prefix(2).sorted(by: >) { reals.remove(at: index) }
    return (Complex(first), first + second, first * second)
  }
}
