/// Changes the sampling rate of a signal.
///
/// Whatever the method, output `m` stands for the time `m / outputRate` of the input (a method that does not keep
/// to this says by how much it shifts), missing samples are NaN and never smear, and one value serves any number
/// of signals and threads.
public protocol Resampler: Sendable {
  /// The sampling rate of the input in Hz.
  var inputRate: Double { get }
  /// The sampling rate of the output in Hz.
  var outputRate: Double { get }

  /// The number of samples that `count` samples become.
  func outputCount(_ count: Int) -> Int

  /// Resamples several leads, `[T, leads]` → `[outputCount(T), leads]`, each as it would be alone.
  ///
  /// - Parameters:
  ///   - input: the samples, time-major, NaN where missing.
  ///   - leads: how many leads a row has.
  ///   - output: is replaced by the result; its memory is used again where it suffices.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  func resample(timeMajor input: [Double], leads: Int, into output: inout [Double])
}

extension Resampler {
  /// The signal of one lead at the output rate.
  ///
  /// - Parameter input: its samples, NaN where missing.
  /// - Returns: its samples at the output rate.
  public func callAsFunction(_ input: [Double]) -> [Double] {
    timeMajor(input, leads: 1)
  }

  /// The signals of several leads at the output rate, `[T, leads]` → `[outputCount(T), leads]`.
  ///
  /// - Parameters:
  ///   - input: the samples, time-major, NaN where missing.
  ///   - leads: how many leads a row has.
  /// - Returns: the samples at the output rate.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  public func timeMajor(_ input: [Double], leads: Int) -> [Double] {
    var output: [Double] = []
    resample(timeMajor: input, leads: leads, into: &output)
    return output
  }
}
