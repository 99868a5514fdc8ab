/// Turns microvolts into int16 counts, as the shard format states: per record and lead, scale = the smallest
/// 1 µV · 2^k (k ≥ 0) that holds every sample, rounded half to even, never clipped.
enum Quantizer {
  /// The count that stands for a missing sample.
  static let missing = Int16.min

  /// The scale in µV per count for samples of this peak magnitude.
  ///
  /// - Throws: `ECGError.Code.malformed` if the peak is no number that a Float32 scale can hold.
  static func scale(peak: Double) throws -> Double {
    guard peak.isFinite, peak < 1e30 else { throw ECGError(.malformed, "a sample of \(peak) µV") }
    var scale = 1.0
    while peak > 32767 * scale { scale *= 2 }
    return scale
  }

  /// Writes one lead into its column of time-major frames and returns its scale in µV per count; NaN is
  /// missing.
  static func quantize(_ microvolts: [Double], into frames: inout [Int16], lead: Int) throws -> Float {
    var peak = 0.0
    for value in microvolts where !value.isNaN { peak = max(peak, abs(value)) }
    let scale = try scale(peak: peak)
    for (frame, value) in microvolts.enumerated() {
      frames[frame * Lead.count + lead] =
        value.isNaN ? missing : Int16((value / scale).rounded(.toNearestOrEven))
    }
    return Float(scale)
  }
}
