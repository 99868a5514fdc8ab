internal import ECGData

extension Int {
  /// The most samples of a signal or window, and the most channels.
  static let largestSize = 1 << 30

  /// Whether this is a number of samples or channels that a layer may have: from 1, and the product of two fits an integer.
  var isSize: Bool { (1...Self.largestSize).contains(self) }
}

/// A window that slides over a signal: a pool's, or a convolution's kernel.
///
/// Its numbers are sizes, see ``Int/isSize``, and so no sum of some or product of two overflows.
struct SlidingWindow: Sendable {
  /// K, its samples.
  let size: Int
  /// Samples from one place to the next.
  let stride: Int
  /// Samples beyond either end of the signal.
  let padding: Int

  /// - Throws: `ECGError` with code `invalidArgument` for a size or stride below 1, a padding below 0 or any beyond the
  ///   limit.
  init(size: Int, stride: Int, padding: Int) throws {
    guard size.isSize, stride.isSize, padding == 0 || padding.isSize else {
      throw ECGError(
        .invalidArgument, "windows of \(size) samples every \(stride), padded by \(padding)",
        advice: "choose size and stride from 1, padding from 0, all of them up to \(Int.largestSize)")
    }
    (self.size, self.stride, self.padding) = (size, stride, padding)
  }

  /// The places in a signal of T samples: (T + 2·padding − K) / stride + 1, rounded up if `ceil`; nil if there is none.
  func places(in length: Int, ceil: Bool = false) -> Int? {
    guard length.isSize else { return nil }
    let span = length + 2 * padding - size + (ceil ? stride - 1 : 0)
    guard span >= 0 else { return nil }
    let places = span / stride + 1
    // A window begins in the signal or in the padding before it.
    return ceil && (places - 1) * stride >= length + padding ? places - 1 : places
  }

  /// The samples of which a transposed convolution makes one at each of T places: (T − 1)·stride − 2·padding + K; nil if
  /// there is none.
  func samples(around places: Int, more outputPadding: Int) -> Int? {
    guard places.isSize, (0..<stride).contains(outputPadding) else { return nil }
    let length = (places - 1) * stride - 2 * padding + size + outputPadding
    return length > 0 ? length : nil
  }
}
