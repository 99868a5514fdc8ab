/// Changes the sampling rate as an image is resized: a Gaussian, then a cubic spline at the middles of the pixels.
///
/// This is `skimage.transform.resize(x, ⌈n · up / down⌉, order=3, clip=False)`, with which the records of paper
/// 1 were brought from 500 to 100 Hz (found by the figures that it leaves; see ``ResamplingMode/p1``). It is there
/// to reproduce that paper and is wrong for measurements in three ways:
///
/// - The pixel of output `m` has its middle at input sample (m + 1/2) · down / up − 1/2, so it stands for
///   a time that is ``shift`` later than m / outputRate: 4 ms from 500 to 100 Hz, earlier where the rate is raised.
/// - The Gaussian, of a standard deviation of (down / up − 1) / 2 samples and cut at four of them, damps the band
///   that is kept.
/// - It does not keep away what lies above half the new rate.
///
/// The signal is mirrored at its first and last sample (skimage's default, 'reflect'; SciPy's 'mirror'). The spline
/// is that of scipy.ndimage, cubic and interpolating. As Gaussian and spline are linear and symmetric, both together
/// are weights for each phase, some 2 · 4 deviations and 2 · 30 samples wide, after which a spline's response is
/// below 1e-17. Where `n · up / down` is no whole number, skimage would stretch the signal to fill its outputs; here
/// positions keep to the rates.
///
/// skimage also clips to the range of all leads together (`clip=True`). That is left out, for a lead would depend
/// on the others; no sample can leave the range when the Gaussian is as wide as from 500 to 100 Hz, where the
/// spline gives back samples that it smoothed.
public struct P1Resampler: Resampler {
  private let ratio: RateRatio
  private let filter: PhasedFilter

  /// The sampling rate of the input in Hz.
  public var inputRate: Double { ratio.inputRate }
  /// The sampling rate of the output in Hz.
  public var outputRate: Double { ratio.outputRate }
  /// How long after the time m / outputRate lies what output `m` stands for, in seconds; negative if before.
  public var shift: Double { (1 / outputRate - 1 / inputRate) / 2 }

  /// Designs the weights for one pair of rates in Hz.
  ///
  /// - Throws: ``ECGError`` (`unsupported`) if a rate is not a positive finite number, or if no ratio of
  ///   whole numbers up to 131,072 comes within 1e-9 of theirs.
  /// - Complexity: O(60 · up + 8 · down) memory.
  public init(from inputRate: Double, to outputRate: Double) throws {
    let ratio = try RateRatio(from: inputRate, to: outputRate)
    let (up, down) = (ratio.up, ratio.down)
    let gaussian = Self.gaussian(deviation: max(0, (Double(down) / Double(up) - 1) / 2))
    self.ratio = ratio
    filter = PhasedFilter(ratio, edge: .mirrored) { output in
      // (m + 1/2) · down / up − 1/2 as a whole number and a fraction from 0 to 1.
      let position = (2 * output + 1) * down - up
      let base = position >= 0 ? position / (2 * up) : -((2 * up - 1 - position) / (2 * up))
      let fraction = Double(position - base * 2 * up) / Double(2 * up)
      let (first, spline) = Self.spline(at: fraction)
      var weights = [Double](repeating: 0, count: spline.count + gaussian.count - 1)
      for (index, value) in spline.enumerated() {
        for (offset, weight) in gaussian.enumerated() { weights[index + offset] += value * weight }
      }
      return (base + first - gaussian.count / 2, weights)
    }
  }

  /// The weights of `scipy.ndimage.gaussian_filter1d` with its `truncate` of 4, an odd number of them.
  private static func gaussian(deviation: Double) -> [Double] {
    let radius = Int(4 * deviation + 0.5)
    let values = (-radius...radius).map { offset in
      radius == 0 ? 1 : PortableMath.exponential(-0.5 * Double(offset * offset) / (deviation * deviation))
    }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }

  /// What the interpolating cubic spline through the samples weighs them with at a fraction of the way from sample
  /// 0 to sample 1; and the first of these samples.
  ///
  /// The spline is Σ c[k] · β(x − k), and its coefficients c are the samples filtered by √3 · z^|k| (Unser,
  /// Aldroubi and Eden, IEEE Trans. Signal Processing 41, 1993, part I, equation 2.11 and box 1).
  private static func spline(at fraction: Double) -> (first: Int, weights: [Double]) {
    if fraction == 0 { return (0, [1]) }
    let reach = 30
    let root = Double(3).squareRoot()
    let pole = root - 2
    var response = [root]
    for _ in 0..<(reach + 2) { response.append(response[response.count - 1] * pole) }
    // β at the samples −1, 0, 1 and 2.
    let (a, b) = (1 - fraction, fraction)
    let basis = [a * a * a / 6, 2.0 / 3 - b * b * (2 - b) / 2, 2.0 / 3 - a * a * (2 - a) / 2, b * b * b / 6]
    let weights = (-reach...(reach + 1)).map { sample in
      basis.enumerated().reduce(0.0) { $0 + $1.element * response[abs(sample - ($1.offset - 1))] }
    }
    return (-reach, weights)
  }

  /// The number of samples that `count` samples become: ⌈count · up / down⌉.
  public func outputCount(_ count: Int) -> Int {
    ratio.outputCount(count)
  }

  /// Resamples several leads, `[T, leads]` → `[outputCount(T), leads]`, each as it would be alone.
  ///
  /// - Parameters:
  ///   - input: the samples, time-major, NaN where missing.
  ///   - leads: how many leads a row has.
  ///   - output: room for the result, which replaces whatever it holds.
  /// - Precondition: `leads > 0`, the number of samples is a multiple of it, and the room is of the right size.
  /// - Complexity: O(60 + 4 · down / up) operations an output.
  public func resample(timeMajor input: Span<Double>, leads: Int, into output: inout MutableSpan<Double>) {
    ratio.resample(input, leads: leads, into: &output, isCentered: true) {
      filter.apply($0, leads: leads, into: $1)
    }
  }
}
