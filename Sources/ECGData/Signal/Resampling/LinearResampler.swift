/// Changes the sampling rate by straight lines between the samples, without any filter before.
///
/// Equal to `numpy.interp(m · down / up, 0..<n, x)`: output `m` lies at the time m / outputRate, and after the
/// last sample its value is held.
///
/// It is quick, has no ripple and nothing of it reaches beyond two samples; but frequencies above half the new
/// rate come back as lower ones at (nearly) full strength: from 500 to 100 Hz, where every fifth sample is taken
/// as it is, mains at 60 Hz become a 40 Hz wave of the same amplitude. Where outputs lie between samples, high
/// frequencies are damped besides, by at most cos(π f / inputRate) midway. It is there for comparison, and for
/// signals that are known to have nothing above half the new rate.
public struct LinearResampler: Resampler {
  private let ratio: RateRatio
  private let filter: PhasedFilter

  /// The sampling rate of the input in Hz.
  public var inputRate: Double { ratio.inputRate }
  /// The sampling rate of the output in Hz.
  public var outputRate: Double { ratio.outputRate }

  /// Lays out the weights for one pair of rates in Hz.
  ///
  /// - Throws: ``ECGError`` (`unsupported`) if a rate is not a positive finite number, or if no ratio of
  ///   whole numbers up to 131,072 comes within 1e-9 of theirs.
  public init(from inputRate: Double, to outputRate: Double) throws {
    let ratio = try RateRatio(from: inputRate, to: outputRate)
    self.ratio = ratio
    filter = PhasedFilter(ratio, edge: .held) { output in
      let (base, remainder) = (output * ratio.down).quotientAndRemainder(dividingBy: ratio.up)
      let fraction = Double(remainder) / Double(ratio.up)
      return (base, [1 - fraction, fraction])
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
  /// - Complexity: O(1) an output.
  public func resample(timeMajor input: Span<Double>, leads: Int, into output: inout MutableSpan<Double>) {
    ratio.resample(input, leads: leads, into: &output) { filter.apply($0, leads: leads, into: $1) }
  }
}
