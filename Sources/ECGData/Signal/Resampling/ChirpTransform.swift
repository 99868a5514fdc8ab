/// The sums Σ x[k] · e^(−2πi km · numerator/denominator), for any such turn and any numbers of inputs and outputs.
///
/// Bluestein's: as km = (k² + m² − (m − k)²) / 2, they are a convolution with a chirp, done by transforms whose
/// length is a power of two (Bluestein 1970; Rabiner, Schafer and Rader, The chirp z-transform algorithm, 1969).
struct ChirpTransform: Sendable {
  private let inputs: Int
  private let outputs: Int
  private let transform: MixedRadixTransform
  /// e^(−πi j² · numerator/denominator).
  private let chirp: [Complex]
  /// The transform of the chirp's conjugate, divided by the length.
  private let response: [Complex]

  /// How many numbers a transform needs room for, twice.
  var length: Int { transform.count }

  /// - Parameters:
  ///   - inputs: how many numbers are summed, 1 or more.
  ///   - outputs: how many sums there are, 1 or more.
  ///   - numerator: of the turn from a sum to the next, and from a number to the next; both below 2^60.
  ///   - denominator: of the same.
  /// - Complexity: O(n log n), n being inputs + outputs.
  init(inputs: Int, outputs: Int, numerator: Int, denominator: Int) {
    var length = 1
    while length < inputs + outputs - 1 { length *= 2 }
    // A power of two always has a transform.
    guard let transform = MixedRadixTransform(count: length) else { preconditionFailure("a power of two") }
    // j² · numerator, less whole turns of 2 · denominator, so that no angle loses digits.
    var (square, step) = (0, numerator % (2 * denominator))
    let growth = 2 * numerator % (2 * denominator)
    let chirp = (0..<max(inputs, outputs)).map { _ in
      let angle = Double(square) / Double(denominator)
      square = (square + step) % (2 * denominator)
      step = (step + growth) % (2 * denominator)
      return Complex(PortableMath.cosPi(angle), -PortableMath.sinPi(angle))
    }
    var response = [ComplexLanes<Double>](
      repeating: ComplexLanes(real: 0, imaginary: 0), count: 2 * length)
    for index in 0..<outputs {
      response[index] = ComplexLanes(real: chirp[index].real, imaginary: -chirp[index].imaginary)
    }
    for index in 1..<max(1, inputs) {
      response[length - index] = ComplexLanes(real: chirp[index].real, imaginary: -chirp[index].imaginary)
    }
    self.response = response.withUnsafeMutableBufferPointer { numbers in
      guard let base = numbers.baseAddress else { return [] }
      let result = transform.apply(base, base + length)
      return (0..<length).map {
        Complex(result[$0].real / Double(length), result[$0].imaginary / Double(length))
      }
    }
    self.inputs = inputs
    self.outputs = outputs
    self.transform = transform
    self.chirp = chirp
  }

  /// Transforms numbers, using up both pieces of memory, of ``length`` each; returns the one with the outcome.
  func apply<Lanes>(
    _ numbers: UnsafeMutablePointer<ComplexLanes<Lanes>>, _ room: UnsafeMutablePointer<ComplexLanes<Lanes>>
  ) -> UnsafeMutablePointer<ComplexLanes<Lanes>> {
    for index in 0..<inputs { numbers[index] = numbers[index] * chirp[index] }
    for index in inputs..<length { numbers[index] = ComplexLanes(real: .zero, imaginary: .zero) }
    let spectrum = transform.apply(numbers, room)
    // The inverse transform is the conjugate of the transform of the conjugate.
    for index in 0..<length { spectrum[index] = (spectrum[index] * response[index]).conjugate }
    let result = transform.apply(spectrum, spectrum == numbers ? room : numbers)
    for index in 0..<outputs { result[index] = result[index].conjugate * chirp[index] }
    return result
  }
}

/// The discrete Fourier transform of any length.
enum FourierTransform: Sendable {
  case mixedRadix(MixedRadixTransform)
  case chirp(ChirpTransform)

  init(count: Int) {
    if let transform = MixedRadixTransform(count: count) {
      self = .mixedRadix(transform)
    } else {
      self = .chirp(ChirpTransform(inputs: count, outputs: count, numerator: 1, denominator: count))
    }
  }

  /// How many numbers a transform needs room for, twice.
  var length: Int {
    switch self {
    case .mixedRadix(let transform): transform.count
    case .chirp(let transform): transform.length
    }
  }

  /// Transforms numbers, using up both pieces of memory, of ``length`` each; returns the one with the outcome.
  func apply<Lanes>(
    _ numbers: UnsafeMutablePointer<ComplexLanes<Lanes>>, _ room: UnsafeMutablePointer<ComplexLanes<Lanes>>
  ) -> UnsafeMutablePointer<ComplexLanes<Lanes>> {
    switch self {
    case .mixedRadix(let transform): transform.apply(numbers, room)
    case .chirp(let transform): transform.apply(numbers, room)
    }
  }
}
