/// An analog low-pass filter of edge 1 rad/s by its zeros, poles and gain.
///
/// Of each conjugate pair only one member is kept, so that pairs stay pairs whatever rounding does.
struct AnalogPrototype {
  /// Zeros or poles: one of each conjugate pair, and the real ones.
  struct Roots {
    var pairs: [Complex] = []
    var reals: [Double] = []

    var count: Int { 2 * pairs.count + reals.count }

    /// ∏ (point − root), for a real point.
    func product(at point: Double) -> Double {
      var product = 1.0
      for pair in pairs { product *= (Complex(point) - pair).squaredMagnitude }
      for real in reals { product *= point - real }
      return product
    }
  }

  var zeros = Roots()
  var poles = Roots()
  var gain = 1.0

  /// The poles of a Butterworth filter: on the unit circle, `order` of them evenly in its left half.
  static func butterworth(order: Int) -> AnalogPrototype {
    chebyshevPoles(order: order, sinh: 1, cosh: 1)
  }

  /// An all-pole filter that ripples by `ripple` dB in its pass-band.
  static func chebyshev1(order: Int, ripple: Double) -> AnalogPrototype {
    let square = PortableMath.powerRatioMinusOne(decibels: ripple)
    let (sinh, cosh) = hyperbolic(1 / square.squareRoot(), order: order)
    var filter = chebyshevPoles(order: order, sinh: sinh, cosh: cosh)
    filter.setLevel(order: order, rippleSquare: square)
    return filter
  }

  /// A filter whose stop-band begins at the edge and ripples `attenuation` dB below 1.
  static func chebyshev2(order: Int, attenuation: Double) -> AnalogPrototype {
    let square = PortableMath.powerRatioMinusOne(decibels: attenuation)
    let (sinh, cosh) = hyperbolic(square.squareRoot(), order: order)
    // Type II is type I with s → 1/s.
    var filter = chebyshevPoles(order: order, sinh: sinh, cosh: cosh)
    filter.poles.pairs = filter.poles.pairs.map { Complex(1) / $0 }
    filter.poles.reals = filter.poles.reals.map { 1 / $0 }
    for index in 0..<(order / 2) {
      filter.zeros.pairs.append(Complex(0, 1 / PortableMath.cosPi(angle(index, order: order))))
    }
    filter.setLevel(order: order, rippleSquare: nil)
    return filter
  }

  /// A filter that ripples by `ripple` dB in its pass-band and by `attenuation` dB below 1 in its stop-band.
  static func elliptic(order: Int, ripple: Double, attenuation: Double) -> AnalogPrototype {
    let square = PortableMath.powerRatioMinusOne(decibels: ripple)
    let selectivity = (square / PortableMath.powerRatioMinusOne(decibels: attenuation)).squareRoot()
    let growth = PortableMath.root(
      EllipticFunctions(k: selectivity).growth(snImaginary: 1 / square.squareRoot()), degree: order)
    let functions = EllipticFunctions(degree: order, selectivity: selectivity)
    var filter = AnalogPrototype()
    for index in 0..<(order / 2) {
      let place = 2 * angle(index, order: order)
      filter.zeros.pairs.append(
        Complex(0, 1 / (functions.k * functions.cd(real: place, growth: 1).real)))
      filter.poles.pairs.append(Complex(0, 1) * functions.cd(real: place, growth: growth))
    }
    if !order.isMultiple(of: 2) {
      filter.poles.reals.append(-functions.snImaginary(growth: growth))
    }
    filter.setLevel(order: order, rippleSquare: square)
    return filter
  }

  /// sinh and cosh of asinh(x) / order.
  private static func hyperbolic(_ x: Double, order: Int) -> (sinh: Double, cosh: Double) {
    let growth = PortableMath.root(x + (x * x + 1).squareRoot(), degree: order)
    return ((growth - 1 / growth) / 2, (growth + 1 / growth) / 2)
  }

  /// (2 `index` + 1) / (2 `order`), in half-turns.
  private static func angle(_ index: Int, order: Int) -> Double {
    Double(2 * index + 1) / Double(2 * order)
  }

  /// Poles on an ellipse, the upper member of each pair and the real one of an odd order.
  private static func chebyshevPoles(order: Int, sinh: Double, cosh: Double) -> AnalogPrototype {
    var filter = AnalogPrototype()
    for index in 0..<(order / 2) {
      let angle = angle(index, order: order)
      filter.poles.pairs.append(
        Complex(-sinh * PortableMath.sinPi(angle), cosh * PortableMath.cosPi(angle)))
    }
    if !order.isMultiple(of: 2) { filter.poles.reals.append(-sinh) }
    return filter
  }

  /// Makes the gain at frequency 0 one, or, for an even order that ripples, the bottom of the ripple.
  private mutating func setLevel(order: Int, rippleSquare: Double?) {
    gain = poles.product(at: 0) / zeros.product(at: 0)
    if let rippleSquare, order.isMultiple(of: 2) { gain /= (1 + rippleSquare).squareRoot() }
  }
}

// MARK: - To a band, and to samples

extension AnalogPrototype {
  /// The filter for a band, its edges in rad/s.
  func transformed(to band: FilterBand) -> AnalogPrototype {
    let excess = poles.count - zeros.count
    switch band {
    case .lowpass(let edge):
      var filter = mapped { [$0 * edge] }
      for _ in 0..<excess { filter.gain *= edge }
      return filter
    case .highpass(let edge):
      var filter = mapped { [Complex(edge) / $0] }
      filter.zeros.reals += [Double](repeating: 0, count: excess)
      filter.gain = gain * zeros.product(at: 0) / poles.product(at: 0)
      return filter
    case .bandpass(let low, let high):
      // s → (s² + ω₀²) / (s · width)
      var filter = mapped { Self.split($0 * ((high - low) / 2), product: low * high) }
      filter.zeros.reals += [Double](repeating: 0, count: excess)
      for _ in 0..<excess { filter.gain *= high - low }
      return filter
    case .bandstop(let low, let high):
      var filter = mapped { Self.split(Complex((high - low) / 2) / $0, product: low * high) }
      filter.zeros.pairs += [Complex](repeating: Complex(0, (low * high).squareRoot()), count: excess)
      filter.gain = gain * zeros.product(at: 0) / poles.product(at: 0)
      return filter
    }
  }

  /// The digital filter by the bilinear transform s = 4 (z − 1) / (z + 1), for a rate of 2.
  func bilinear() -> AnalogPrototype {
    let excess = poles.count - zeros.count
    var filter = mapped { [(Complex(4) + $0) / (Complex(4) - $0)] }
    filter.zeros.reals += [Double](repeating: -1, count: excess)
    filter.gain = gain * zeros.product(at: 4) / poles.product(at: 4)
    return filter
  }

  /// The two roots of s² − 2 `half` s + `product`, the second from the first so that no digits cancel.
  private static func split(_ half: Complex, product: Double) -> [Complex] {
    let root = (half * half - Complex(product)).squareRoot
    let sameSide = half.real * root.real + half.imaginary * root.imaginary >= 0
    let first = sameSide ? half + root : half - root
    return [first, Complex(product) / first]
  }

  /// The filter with each zero and pole replaced; real ones may become a conjugate pair.
  private func mapped(_ transform: (Complex) -> [Complex]) -> AnalogPrototype {
    func map(_ roots: Roots) -> Roots {
      var result = Roots()
      for pair in roots.pairs {
        result.pairs += transform(pair).map { $0.imaginary < 0 ? $0.conjugate : $0 }
      }
      for real in roots.reals {
        let images = transform(Complex(real))
        if images.count == 2, images[0].imaginary != 0 {
          result.pairs.append(images[0].imaginary < 0 ? images[1] : images[0])
        } else {
          result.reals += images.map(\.real)
        }
      }
      return result
    }
    return AnalogPrototype(zeros: map(zeros), poles: map(poles), gain: gain)
  }
}
