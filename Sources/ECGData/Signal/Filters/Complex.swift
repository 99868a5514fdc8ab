/// A complex number, as far as filter design needs it.
struct Complex: Sendable, Equatable {
  var real: Double
  var imaginary: Double

  init(_ real: Double, _ imaginary: Double = 0) {
    self.real = real
    self.imaginary = imaginary
  }

  var conjugate: Complex { Complex(real, -imaginary) }
  var squaredMagnitude: Double { real * real + imaginary * imaginary }
  var magnitude: Double { squaredMagnitude.squareRoot() }

  /// The root whose real part is not negative.
  var squareRoot: Complex {
    let size = magnitude
    if size == 0 { return Complex(0) }
    let larger = ((size + abs(real)) / 2).squareRoot()
    let other = imaginary / (2 * larger)
    if real >= 0 { return Complex(larger, other) }
    return imaginary < 0 ? Complex(-other, -larger) : Complex(other, larger)
  }

  static func + (a: Complex, b: Complex) -> Complex {
    Complex(a.real + b.real, a.imaginary + b.imaginary)
  }

  static func - (a: Complex, b: Complex) -> Complex {
    Complex(a.real - b.real, a.imaginary - b.imaginary)
  }

  static func * (a: Complex, b: Complex) -> Complex {
    Complex(
      a.real * b.real - a.imaginary * b.imaginary,
      a.real * b.imaginary + a.imaginary * b.real)
  }

  static func * (a: Complex, b: Double) -> Complex {
    Complex(a.real * b, a.imaginary * b)
  }

  static func / (a: Complex, b: Complex) -> Complex {
    let size = b.squaredMagnitude
    return Complex(
      (a.real * b.real + a.imaginary * b.imaginary) / size,
      (a.imaginary * b.real - a.real * b.imaginary) / size)
  }
}
