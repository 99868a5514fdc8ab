extension DesignedFilterBank {
  /// The gain of the whole bank at each frequency, as a complex number; real where every step has zero phase.
  ///
  /// Medians have none, for they are not linear: baselines are left out.
  ///
  /// - Parameter frequencies: in Hz.
  /// - Returns: one value a frequency.
  public func response(at frequencies: [Double]) -> [FrequencyResponse] {
    var product = [Complex](repeating: Complex(1), count: frequencies.count)
    for step in steps {
      for (index, factor) in step.response(at: frequencies, rate: rate).enumerated() {
        product[index] = product[index] * factor
      }
    }
    return product.map { FrequencyResponse($0) }
  }

  /// By how much the envelope of a wave group comes later, in seconds; 0 where every step has zero phase.
  ///
  /// It is minus the derivative of the phase by the angular frequency. On the very frequency that a filter takes out it is
  /// NaN or of no account.
  ///
  /// - Parameter frequencies: in Hz.
  /// - Returns: one value a frequency.
  public func groupDelay(at frequencies: [Double]) -> [Double] {
    frequencies.map { frequency in
      steps.reduce(0) { $0 + ($1.isCausal ? $1.groupDelay(at: frequency, rate: rate) : 0) } / rate
    }
  }

  /// The factor on the amplitude at each frequency.
  ///
  /// Medians have none, for they are not linear: baselines are left out.
  ///
  /// - Parameter frequencies: in Hz.
  /// - Returns: one gain a frequency, 0 or more.
  public func gain(at frequencies: [Double]) -> [Double] {
    response(at: frequencies).map(\.magnitude)
  }
}

extension DesignedFilterBank.Step {
  /// The group delay of the causal filter in samples: of a polynomial Σ cₖ zᵏ, z = e^(−iω), the real part of
  /// Σ k cₖ zᵏ / Σ cₖ zᵏ, and of a fraction that of its numerator less that of its denominator.
  fileprivate func groupDelay(at frequency: Double, rate: Double) -> Double {
    func power(_ exponent: Int) -> Complex {
      let turns = 2 * frequency / rate * Double(exponent)
      return Complex(PortableMath.cosPi(turns), -PortableMath.sinPi(turns))
    }
    func delay(_ c0: Double, _ c1: Double, _ c2: Double) -> Double {
      let (z, square) = (power(1), power(2))
      return ((z * c1 + square * (2 * c2)) / (Complex(c0) + z * c1 + square * c2)).real
    }
    switch self {
    case .sections(let sections, _):
      return sections.sections.reduce(0) { sum, section in
        sum + delay(section.b0, section.b1, section.b2) - delay(1, section.a1, section.a2)
      }
    case .comb(let comb, _):
      // 1 − zᵈ is symmetric and delays by half its length.
      let turned = power(comb.delay) * (2 * comb.gain - 1)
      let below = (turned * -Double(comb.delay)) / (Complex(1) - turned)
      return Double(comb.delay) / 2 - below.real
    case .windowed(let filter, _): return Double(filter.taps.count - 1) / 2
    case .movingAverage(let average, _): return Double(average.width - 1) / 2
    case .medianBaseline: return 0
    }
  }

  func response(at frequencies: [Double], rate: Double) -> [Complex] {
    /// Forwards and backwards, the response meets its own conjugate.
    func recursive(_ response: [FrequencyResponse], _ causal: Bool) -> [Complex] {
      response.map { value in
        causal
          ? Complex(value.real, value.imaginary)
          : Complex(value.real * value.real + value.imaginary * value.imaginary)
      }
    }
    /// A symmetric window delays by half its length where it may only look back.
    func symmetric(_ gains: [Double], _ width: Int, _ causal: Bool) -> [Complex] {
      zip(gains, frequencies).map { gain, frequency in
        let turns = causal ? frequency / rate * Double(width - 1) : 0
        return Complex(PortableMath.cosPi(turns), -PortableMath.sinPi(turns)) * gain
      }
    }
    switch self {
    case .sections(let sections, let causal):
      return recursive(sections.response(at: frequencies, rate: rate), causal)
    case .comb(let comb, let causal):
      return recursive(comb.response(at: frequencies, rate: rate), causal)
    case .windowed(let filter, let causal):
      return symmetric(filter.gain(at: frequencies, rate: rate), filter.taps.count, causal)
    case .movingAverage(let average, let causal):
      return symmetric(average.gain(at: frequencies, rate: rate), average.width, causal)
    case .medianBaseline:
      return [Complex](repeating: Complex(1), count: frequencies.count)
    }
  }
}
