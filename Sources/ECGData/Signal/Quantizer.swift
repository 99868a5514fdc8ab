import CKernels

/// Turns microvolts into int16 counts, as the shard format states.
///
/// Per record and lead, scale = the smallest step · 2^k (k ≥ 0) that holds every sample, rounded half to even, never
/// clipped. The step is 1 µV, or a finer power of two.
enum Quantizer {
  /// The count that stands for a missing sample.
  static let missing = Int16.min

  /// The scale in µV per count for samples of this peak magnitude, no finer than `step`.
  ///
  /// - Throws: `ECGError.Code.malformed` if the peak is no number that a Float32 scale can hold.
  static func scale(peak: Double, step: Double = 1) throws -> Double {
    guard peak.isFinite, peak < 1e30 else { throw ECGError(.malformed, "a sample of \(peak) µV") }
    var scale = step
    while peak > 32767 * scale { scale *= 2 }
    return scale
  }

  /// Quantises twelve leads at once.
  ///
  /// - Parameters:
  ///   - microvolts: shape [frames, 12], NaN where missing.
  ///   - step: the finest scale, in µV per count.
  ///   - counts: shape [frames, 12], replaced.
  /// - Returns: of each lead the scale in µV per count, the step for one without samples, whether all its counts are
  ///   equal, and whether any sample is missing.
  /// - Throws: as ``scale(peak:step:)``, for the first lead that no scale holds.
  static func quantize(
    _ microvolts: [Double], step: Double = 1, into counts: inout [Int16]
  ) throws -> [(scale: Float, isFlat: Bool, hasMissing: Bool)] {
    let variant = einthoven_best_variant()
    let ranges = SampleRange.ofLeads(in: microvolts)
    let scales = try ranges.map { try scale(peak: $0.peak, step: step) }
    if counts.count != microvolts.count { counts = [Int16](repeating: missing, count: microvolts.count) }
    // Powers of two: their inverses are exact.
    einthoven_quantize(
      variant, microvolts, microvolts.count / Lead.count, scales.map { 1 / $0 }, &counts)
    return zip(ranges, scales).map { range, scale in
      // Rounding keeps the order, so that the extremes' counts are the extreme counts.
      let isFlat =
        !range.isEmpty
        && (range.low / scale).rounded(.toNearestOrEven) == (range.high / scale).rounded(.toNearestOrEven)
      return (Float(scale), isFlat, range.hasMissing)
    }
  }
}

/// The extremes of a lead's samples.
struct SampleRange {
  /// The least sample; +∞ if there is none.
  var low = Double.infinity
  /// The greatest sample; −∞ if there is none.
  var high = -Double.infinity
  /// Whether a sample is missing.
  var hasMissing = false

  /// Whether there is no sample.
  var isEmpty: Bool { low > high }
  /// The greatest magnitude; 0 if there is no sample.
  var peak: Double { isEmpty ? 0 : max(abs(low), abs(high)) }

  /// Those of twelve leads, [frames, 12], NaN where missing.
  static func ofLeads(in samples: [Double]) -> [SampleRange] {
    withUnsafeTemporaryAllocation(of: einthoven_range.self, capacity: Lead.count) { ranges in
      einthoven_ranges(einthoven_best_variant(), samples, samples.count / Lead.count, ranges.baseAddress)
      return ranges.map { SampleRange(low: $0.low, high: $0.high, hasMissing: $0.lacks != 0) }
    }
  }
}
