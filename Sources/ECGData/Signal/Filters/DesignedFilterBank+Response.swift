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
