/// Changes the sampling rate of a signal by a rational factor, with zero phase.
///
/// Equal to `scipy.signal.resample_poly(x, up, down)` with its defaults, to about 1e-15 of the amplitude: the
/// signal is zero outside its ends; the filter is a sinc of cutoff 1/max(up, down) under a Kaiser window of β
/// = 5 that reaches 10 · max(up, down) steps of the upsampled grid to either side; output `m` lies at the
/// time of input sample `m · down / up`, and there are ⌈n · up / down⌉ of them.
///
///     let resampler = try PolyphaseResampler(from: 500, to: 100)
///     let slow = resampler(fast)                               // one lead
///     let slowRecord = resampler.timeMajor(record, leads: 12)  // [T, 12] → [T/5, 12]
///
/// As in SciPy the response is one half at the new Nyquist frequency: what lies just above it is only damped.
public struct PolyphaseResampler: Resampler {
  private let ratio: RateRatio
  let filter: PhasedFilter

  /// The sampling rate of the input in Hz.
  public var inputRate: Double { ratio.inputRate }
  /// The sampling rate of the output in Hz.
  public var outputRate: Double { ratio.outputRate }
  /// The reduced numerator of output rate / input rate.
  public var up: Int { ratio.up }
  /// The reduced denominator of output rate / input rate.
  public var down: Int { ratio.down }

  /// Designs the filter for one pair of rates in Hz.
  ///
  /// The ratio is the first convergent of the continued fraction of `outputRate / inputRate` within 1e-9 of
  /// it, so that rates such as 257 or 62.4725 Hz are met as well.
  ///
  /// - Throws: ``ECGError`` (`unsupported`) if a rate is not a positive finite number, or if no ratio of
  ///   whole numbers up to 131,072 comes within 1e-9 of theirs.
  /// - Complexity: O(20 · max(up, down)) time and memory.
  public init(from inputRate: Double, to outputRate: Double) throws {
    let ratio = try RateRatio(from: inputRate, to: outputRate)
    let (up, down) = (ratio.up, ratio.down)
    let factor = max(up, down)
    let halfLength = 10 * factor
    let taps = WindowedSincFilter.lowpass(halfLength: halfLength, factor: factor, beta: 5)
    self.ratio = ratio
    filter = PhasedFilter(ratio, edge: .zero) { output in
      // y[m] = Σ x[k] · h[halfLength + m · down − k · up], over the k at which h has a tap.
      let (base, remainder) = (output * down).quotientAndRemainder(dividingBy: up)
      let lags = -((halfLength - remainder) / up)...((halfLength + remainder) / up)
      return (base + lags.lowerBound, lags.map { taps[halfLength + remainder - $0 * up] * Double(up) })
    }
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
  /// - Complexity: O(20 · max(1, down / up)) operations an output.
  public func resample(timeMajor input: Span<Double>, leads: Int, into output: inout MutableSpan<Double>) {
    ratio.resample(input, leads: leads, into: &output) { filter.apply($0, leads: leads, into: $1) }
  }
}
