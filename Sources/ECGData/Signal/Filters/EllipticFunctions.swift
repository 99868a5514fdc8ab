/// Jacobi's elliptic functions of one modulus k, at quarter-period-scaled arguments.
///
/// Both moduli come from the nome, so that neither k nor k' suffers where the other is close to 1. The functions are
/// computed by descending Landen transformations, which lead to a modulus at which they are circular
/// (Orfanidis, Lecture Notes on Elliptic Filter Design, 2006; Abramowitz and Stegun, chapters 16 and 17).
struct EllipticFunctions {
  /// The modulus.
  let k: Double
  /// The moduli of the descending Landen sequence, without k itself.
  private let descent: [Double]

  /// The functions of modulus k and complementary modulus k' = √(1 − k²).
  private init(k: Double, complement: Double) {
    self.k = k
    var (modulus, complement) = (k, complement)
    var descent: [Double] = []
    while modulus > 1e-20 {
      let ratio = modulus / (1 + complement)
      complement = 2 * complement.squareRoot() / (1 + complement)
      modulus = ratio * ratio
      descent.append(modulus)
    }
    self.descent = descent
  }

  /// The functions of a modulus that is not close to 1.
  init(k: Double) {
    self.init(k: k, complement: ((1 - k) * (1 + k)).squareRoot())
  }

  /// The functions of the modulus whose K'/K is the `degree`-th part of that of the modulus `selectivity`.
  init(degree: Int, selectivity: Double) {
    let complement = ((1 - selectivity) * (1 + selectivity)).squareRoot()
    // K = π / (2 agm(1, k')) and K' = π / (2 agm(1, k)); the nome is exp(−π K'/K).
    let ratio = Self.mean(1, complement) / Self.mean(1, selectivity)
    // Nomes of complementary moduli obey ln q · ln q' = π²; the smaller of both moduli is summed.
    let exponent = -Double.pi * ratio / Double(degree)
    if exponent < -Double.pi {
      let k = Self.modulus(logarithmOfNome: exponent)
      self.init(k: k, complement: ((1 - k) * (1 + k)).squareRoot())
    } else {
      let complement = Self.modulus(logarithmOfNome: Double.pi * Double.pi / exponent)
      self.init(k: ((1 - complement) * (1 + complement)).squareRoot(), complement: complement)
    }
  }

  /// k = (θ₂/θ₃)², from theta functions of argument 0 and a nome up to e^−π.
  private static func modulus(logarithmOfNome exponent: Double) -> Double {
    let nome = PortableMath.exponential(exponent)
    var (theta2, theta3) = (0.0, 1.0)
    // q^(m(m+1)) and q^(m²).
    var (between, square) = (1.0, nome)
    for order in 1...6 {
      theta2 += between
      theta3 += 2 * square
      var step = 1.0
      for _ in 0..<(2 * order) { step *= nome }
      between *= step
      square *= step * nome
    }
    let ratio = theta2 / theta3
    return 4 * PortableMath.exponential(exponent / 2) * ratio * ratio
  }

  /// cd(u K), for the argument u = `real` − j·v with `growth` = e^(v π/2).
  func cd(real: Double, growth: Double) -> Complex {
    let cosh = (growth + 1 / growth) / 2
    let sinh = (growth - 1 / growth) / 2
    return ascend(Complex(PortableMath.cosPi(real / 2) * cosh, PortableMath.sinPi(real / 2) * sinh))
  }

  /// sn(j v K) / j, for `growth` = e^(v π/2).
  func snImaginary(growth: Double) -> Double {
    ascend(Complex(0, (growth - 1 / growth) / 2)).imaginary
  }

  /// e^(v π/2) for the v at which sn(j v K) = j·`value`.
  func growth(snImaginary value: Double) -> Double {
    var (value, before) = (value, k)
    for modulus in descent {
      value = 2 * value / ((1 + modulus) * (1 + (1 + before * before * value * value).squareRoot()))
      before = modulus
    }
    return value + (value * value + 1).squareRoot()
  }

  private func ascend(_ start: Complex) -> Complex {
    var value = start
    for modulus in descent.reversed() {
      value = value * (1 + modulus) / (Complex(1) + value * value * modulus)
    }
    return value
  }

  /// The arithmetic-geometric mean.
  private static func mean(_ a: Double, _ b: Double) -> Double {
    var (a, b) = (a, b)
    // Convergence is quadratic, so the last step before the tolerance is exact to rounding.
    while abs(a - b) > 1e-9 * a { (a, b) = ((a + b) / 2, (a * b).squareRoot()) }
    return (a + b) / 2
  }
}
