import CKernels

/// One complex number of one lead, or of several leads side by side.
struct ComplexLanes<Lanes: FourierLanes>: BitwiseCopyable {
  var real: Lanes
  var imaginary: Lanes

  @inline(__always)
  static func + (a: Self, b: Self) -> Self {
    Self(real: a.real + b.real, imaginary: a.imaginary + b.imaginary)
  }

  @inline(__always)
  static func - (a: Self, b: Self) -> Self {
    Self(real: a.real - b.real, imaginary: a.imaginary - b.imaginary)
  }

  @inline(__always)
  static func * (a: Self, b: Double) -> Self {
    Self(real: a.real * b, imaginary: a.imaginary * b)
  }

  @inline(__always)
  static func * (a: Self, b: Complex) -> Self {
    Self(
      real: a.real * b.real - a.imaginary * b.imaginary,
      imaginary: a.real * b.imaginary + a.imaginary * b.real)
  }

  /// −i times the number.
  @inline(__always)
  var turnedBack: Self { Self(real: imaginary, imaginary: .zero - real) }

  @inline(__always)
  var conjugate: Self { Self(real: real, imaginary: .zero - imaginary) }
}

/// Lanes that a Fourier transform adds as well.
protocol FourierLanes: SampleLanes {
  static func + (a: Self, b: Self) -> Self
}

extension Double: FourierLanes {}
extension SIMD2<Double>: FourierLanes {}
extension SIMD4<Double>: FourierLanes {}
extension SIMD8<Double>: FourierLanes {}

/// The discrete Fourier transform Σ x[j] · e^(−2πi jk/n) of a length whose prime factors are small.
///
/// Stockham's: each pass takes a factor out of the length and leaves the numbers in order, moving them from one
/// piece of memory to another (Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992, section
/// 1.7).
struct MixedRadixTransform: Sendable {
  /// The greatest prime factor that a pass takes out.
  static let greatestFactor = 31

  let count: Int
  private let radices: [Int]
  /// e^(−2πi k/n) for each k below n: real part, imaginary part.
  private let roots: [Double]

  /// sin 60° of the factor 3; cos 72°, cos 144°, sin 72° and sin 144° of the factor 5.
  private static let constants = (
    three: [PortableMath.sinPi(1.0 / 3)],
    five: [0.4, 0.8].map(PortableMath.cosPi) + [0.4, 0.8].map(PortableMath.sinPi)
  )
  /// The instructions that passes use; the outcome is the same with all.
  private static let bestVariant = einthoven_best_variant()

  /// Nil for a length with a prime factor above 31; `count` is 1 or more.
  ///
  /// - Complexity: O(n).
  init?(count: Int) {
    var (rest, radices) = (count, [Int]())
    for radix in [4, 2, 3, 5] + Array(stride(from: 7, through: Self.greatestFactor, by: 2)) {
      while rest.isMultiple(of: radix) {
        radices.append(radix)
        rest /= radix
      }
    }
    guard rest == 1 else { return nil }
    self.count = count
    self.radices = radices
    roots = (0..<count).flatMap { index in
      let angle = 2 * Double(index) / Double(count)
      return [PortableMath.cosPi(angle), -PortableMath.sinPi(angle)]
    }
  }

  /// Transforms numbers, using up both pieces of memory; returns the one that the outcome lies in.
  ///
  /// - Complexity: O(n log n).
  func apply<Lanes>(
    _ numbers: UnsafeMutablePointer<ComplexLanes<Lanes>>, _ room: UnsafeMutablePointer<ComplexLanes<Lanes>>,
    variant: einthoven_variant = bestVariant
  ) -> UnsafeMutablePointer<ComplexLanes<Lanes>> {
    var (from, to, stride) = (numbers, room, 1)
    let lanes = MemoryLayout<Lanes>.size / MemoryLayout<Double>.size
    for radix in radices {
      einthoven_fft_pass(
        variant, radix, count / stride / radix, stride, roots,
        radix == 3 ? Self.constants.three : Self.constants.five, lanes,
        UnsafeRawPointer(from).assumingMemoryBound(to: Double.self),
        UnsafeMutableRawPointer(to).assumingMemoryBound(to: Double.self))
      (from, to, stride) = (to, from, stride * radix)
    }
    return from
  }
}
