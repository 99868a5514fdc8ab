import Synchronization

/// Changes the sampling rate of a signal by its Fourier series: everything below half the lower rate is kept as it
/// is, everything above is gone.
///
/// Equal to `scipy.signal.resample(x, num)` where num = n · up / down is a whole number. Where it is none, SciPy
/// would stretch the signal's n samples over a whole number of outputs; here the same series is evaluated at the
/// times m / outputRate, of which ⌈n · up / down⌉ lie before the end.
///
/// The series takes the signal for one period of a periodic one. If it does not end where it began, the step
/// between its last and its first sample rings at both ends, and as nothing damps the filter's edge, this fades
/// only with the distance: see ``ResamplingMode/fourier`` for figures.
///
/// The transforms are in Double, of any length, with twiddles from ``PortableMath``; plans for the lengths that
/// occur are kept.
public struct FourierResampler: Resampler {
  private let ratio: RateRatio
  private let plans = Plans()

  /// The sampling rate of the input in Hz.
  public var inputRate: Double { ratio.inputRate }
  /// The sampling rate of the output in Hz.
  public var outputRate: Double { ratio.outputRate }

  /// Creates the resampler for one pair of rates in Hz.
  ///
  /// - Throws: ``ECGError`` (`unsupported`) if a rate is not a positive finite number, or if no ratio of
  ///   whole numbers up to 131,072 comes within 1e-9 of theirs.
  public init(from inputRate: Double, to outputRate: Double) throws {
    ratio = try RateRatio(from: inputRate, to: outputRate)
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
  /// - Complexity: O(n log n) a lead, n being the greater of the numbers of inputs and outputs.
  public func resample(timeMajor input: Span<Double>, leads: Int, into output: inout MutableSpan<Double>) {
    ratio.resample(input, leads: leads, into: &output) { input, output in
      let plan = plans.plan(count: input.count / leads, ratio: ratio)
      guard let input = input.baseAddress, let output = output.baseAddress else { return }
      var lead = 0
      func pass<Lanes: FourierLanes>(_ lanes: Lanes.Type) {
        let width = MemoryLayout<Lanes>.size / MemoryLayout<Double>.size
        while lead + width <= leads {
          plan.apply(lanes, input + lead, output + lead, leads: leads)
          lead += width
        }
      }
      pass(SIMD8<Double>.self)
      pass(SIMD4<Double>.self)
      pass(SIMD2<Double>.self)
      pass(Double.self)
    }
  }

  /// Plans by the number of samples, designed when first needed.
  private final class Plans: Sendable {
    private let known = Mutex<[Int: FourierInterpolation]>([:])
    /// Collections have records of few lengths; where every one is different, there is nothing to keep.
    private static let greatestNumber = 16
    private static let greatestCount = 1 << 17

    func plan(count: Int, ratio: RateRatio) -> FourierInterpolation {
      if let plan = known.withLock({ $0[count] }) { return plan }
      let plan = FourierInterpolation(count: count, ratio: ratio)
      if count <= Self.greatestCount {
        known.withLock { known in
          if known.count >= Self.greatestNumber { known.removeAll(keepingCapacity: true) }
          known[count] = plan
        }
      }
      return plan
    }
  }
}
