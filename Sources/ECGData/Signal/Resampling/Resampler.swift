import CKernels

/// Changes the sampling rate of a signal by a rational factor.
///
/// Whatever the method, output `m` stands for the time `m / outputRate` of the input (a method that does not keep
/// to this says by how much it shifts), there are ⌈count · outputRate / inputRate⌉ outputs, missing samples are
/// NaN and never smear, and one value serves any number of signals and threads. Every output is made by the same
/// operations in the same order on every machine, so it is the same to the last bit.
///
/// **Missing samples.** An output is NaN when it lies strictly inside a gap, that is when one of the two input
/// samples at the floor and the ceiling of its position is missing. Beforehand a gap is bridged by a straight
/// line between its neighbours (held at the ends of the signal), so that no ringing spreads from a hole into what
/// was measured. A lead without any sample stays without.
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
  ///   - output: room for the result, which replaces whatever it holds.
  /// - Precondition: `leads > 0`, the number of samples is a multiple of it, and the room is of the right size.
  func resample(timeMajor input: Span<Double>, leads: Int, into output: inout MutableSpan<Double>)
}

extension Resampler {
  /// Resamples several leads, `[T, leads]` → `[outputCount(T), leads]`, each as it would be alone.
  ///
  /// - Parameters:
  ///   - input: the samples, time-major, NaN where missing.
  ///   - leads: how many leads a row has.
  ///   - output: is replaced by the result; its memory is used again where it suffices.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  public func resample(timeMajor input: [Double], leads: Int, into output: inout [Double]) {
    output.resize(to: outputCount(rows(of: input.count, leads: leads)) * leads)
    var room = output.mutableSpan
    resample(timeMajor: input.span, leads: leads, into: &room)
  }

  /// Resamples several leads that are kept in Float, `[T, leads]` → `[outputCount(T), leads]`.
  ///
  /// All sums are in Double; each output is the outcome of ``resample(timeMajor:leads:into:)`` rounded once.
  ///
  /// - Parameters:
  ///   - input: the samples, time-major, NaN where missing.
  ///   - leads: how many leads a row has.
  ///   - output: is replaced by the result; its memory is used again where it suffices.
  /// - Precondition: `leads > 0`, and the number of samples is a multiple of it.
  public func resample(timeMajor input: [Float], leads: Int, into output: inout [Float]) {
    let count = outputCount(rows(of: input.count, leads: leads)) * leads
    output.resize(to: count)
    ScratchMemory.with(input.count, of: Double.self) { wide in
      einthoven_widen(input, wide.baseAddress, input.count)
      ScratchMemory.with(count, of: Double.self) { sums in
        var room = sums.mutableSpan
        resample(timeMajor: wide.span, leads: leads, into: &room)
        einthoven_narrow(sums.baseAddress, &output, count)
      }
    }
  }

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

  private func rows(of count: Int, leads: Int) -> Int {
    precondition(leads > 0 && count.isMultiple(of: leads), "a time-major signal has whole rows")
    return count / leads
  }
}

extension Array where Element: ExpressibleByIntegerLiteral {
  /// Takes on a size without giving memory back; what it holds then is of no account.
  fileprivate mutating func resize(to size: Int) {
    if count == size { return }
    removeAll(keepingCapacity: true)
    append(contentsOf: repeatElement(0, count: size))
  }
}
