import CKernels

extension RateRatio {
  /// What all methods of resampling have in common: equal rates, and gaps.
  ///
  /// - Parameters:
  ///   - input: the samples, `[T, leads]`, NaN where missing.
  ///   - leads: how many leads a row has.
  ///   - output: room for the result.
  ///   - isCentered: whether output `m` stands at the middle of its share of the signal, at input sample
  ///     (m + 1/2) · down / up − 1/2, and not at m · down / up.
  ///   - method: fills the output from samples none of which is missing.
  func resample(
    _ input: Span<Double>, leads: Int, into output: inout MutableSpan<Double>, isCentered: Bool = false,
    _ method: (UnsafeBufferPointer<Double>, UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    precondition(leads > 0 && input.count.isMultiple(of: leads), "a time-major signal has whole rows")
    precondition(output.count == outputCount(input.count / leads) * leads, "the room is for the whole result")
    if input.isEmpty { return }
    input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        if up == down {
          _ = output.update(fromContentsOf: input)
        } else if einthoven_has_nan(einthoven_best_variant(), input.baseAddress, input.count) == 0 {
          method(input, output)
        } else {
          ScratchMemory.with(input.count, of: Double.self) { whole in
            _ = whole.update(fromContentsOf: input)
            for lead in 0..<leads { MissingSamples.bridge(whole, lead: lead, of: leads) }
            method(UnsafeBufferPointer(whole), output)
          }
          restoreGaps(of: input, leads: leads, in: output, isCentered: isCentered)
        }
      }
    }
  }

  private func restoreGaps(
    of input: UnsafeBufferPointer<Double>, leads: Int, in output: UnsafeMutableBufferPointer<Double>,
    isCentered: Bool
  ) {
    let last = input.count / leads - 1
    let shift = isCentered ? down - up : 0
    for row in 0..<(output.count / leads) {
      let position = 2 * row * down + shift
      // A centred position may lie before the first sample by less than one.
      let floor = max(0, position) / (2 * up)
      let ceiling = position > 0 && !position.isMultiple(of: 2 * up) ? floor + 1 : floor
      let (before, after) = (min(floor, last) * leads, min(ceiling, last) * leads)
      for lead in 0..<leads where input[before + lead].isNaN || input[after + lead].isNaN {
        output[row * leads + lead] = .nan
      }
    }
  }
}
