/// How sampling rates are changed, by the name that a recipe gives it.
public enum ResamplingMode: String, Codable, Sendable, CaseIterable {
  /// ``PolyphaseResampler``.
  case polyphase

  /// The resampler of this mode for one pair of rates.
  ///
  /// - Parameters:
  ///   - inputRate: in Hz.
  ///   - outputRate: in Hz.
  /// - Returns: the resampler.
  /// - Throws: ``ECGError`` (`unsupported`) if the mode cannot lead from one rate to the other.
  public func resampler(from inputRate: Double, to outputRate: Double) throws -> any Resampler {
    switch self {
    case .polyphase: try PolyphaseResampler(from: inputRate, to: outputRate)
    }
  }
}
