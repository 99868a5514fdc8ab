/// Low-pass filters by the window method, designed in Double.
///
/// These are the filters of `scipy.signal.firwin(taps, cutoff, window=('kaiser', beta))`: a sinc times a
/// Kaiser window, scaled so that a constant passes with a gain of exactly 1 (Kaiser 1974; Oppenheim and
/// Schafer, Discrete-Time Signal Processing, section 7.5).
enum WindowedSincFilter {
  /// The `2 · halfLength + 1` taps of the low-pass with its cutoff at `1 / factor` of the Nyquist frequency.
  ///
  /// The sinc's zeros, which floating-point sines miss by some 1e-17, are exact zeros here, so that a caller
  /// may leave these taps out.
  ///
  /// - Complexity: O(`halfLength`).
  static func lowpass(halfLength: Int, factor: Int, beta: Double) -> [Double] {
    var taps = [Double](repeating: 0, count: 2 * halfLength + 1)
    let windowScale = 1 / besselI0(beta)
    var sum = 0.0
    for offset in 0...halfLength {
      let ratio = Double(offset) / Double(max(halfLength, 1))
      let window = besselI0(beta * (1 - ratio * ratio).squareRoot()) * windowScale
      let tap = window * sinc(offset, over: factor) / Double(factor)
      taps[halfLength + offset] = tap
      taps[halfLength - offset] = tap
      sum += offset == 0 ? tap : 2 * tap
    }
    for index in taps.indices { taps[index] /= sum }
    return taps
  }

  /// `sin(π k / n) / (π k / n)` for k ≥ 0, reduced in integers so that it is 0 wherever n divides k.
  ///
  /// The sine is summed here, because the C library's differs in its last bit between processors, and with it
  /// every resampled signal would.
  private static func sinc(_ k: Int, over n: Int) -> Double {
    if k == 0 { return 1 }
    let (half, rest) = k.quotientAndRemainder(dividingBy: n)
    let angle = Double.pi * Double(min(rest, n - rest)) / Double(n)
    var term = angle
    var sine = angle
    for order in stride(from: 3.0, through: 25.0, by: 2.0) {
      term *= -angle * angle / (order * (order - 1))
      sine += term
    }
    return (half.isMultiple(of: 2) ? sine : -sine) / (Double.pi * Double(k) / Double(n))
  }

  /// The modified Bessel function I₀, by its power series Σ ((x/2)ᵏ / k!)².
  ///
  /// Every term is positive, so the sum is good to a few units in the last place for the small arguments of a
  /// window.
  static func besselI0(_ x: Double) -> Double {
    let quarter = x * x / 4
    var term = 1.0
    var sum = 1.0
    var k = 1.0
    while term > sum * 1e-17 {
      term *= quarter / (k * k)
      sum += term
      k += 1
    }
    return sum
  }
}
