/// How sampling rates are changed, by the name that a recipe gives it.
///
/// All modes take any ratio of rates that ``Resampler`` types do, give ⌈n · up / down⌉ samples and treat gaps alike.
/// The figures are for 500 to 100 Hz. Tests hold those at 10, 20, 30, 40 and 60 Hz, the shifts and the edges against SciPy
/// and scikit-image.
public enum ResamplingMode: String, Codable, Sendable, CaseIterable {
  /// ``PolyphaseResampler``: the best for measurements on records of any length.
  ///
  /// - Pass-band: within 0.2 % up to 40 Hz, 0.93 at 45 Hz, 0.50 at 50 Hz, the new Nyquist frequency.
  /// - Aliasing: 0.29 of 52 Hz and 0.07 of 55 Hz; 0.002 of 60 Hz, which comes back as 40 Hz; below 0.001 from 70 Hz.
  /// - Shift: none.
  /// - Edges: zeros lie outside. A signal that stands at a level begins at 0.60 of it, has 1.08 one output further in, is
  ///   within 1 % from the seventh and exact from the eleventh on; the end mirrors this, from its last sample on.
  case polyphase
  /// ``FourierResampler``: the sharpest, for signals that begin and end at one level.
  ///
  /// - Pass-band: 1.000 up to the new Nyquist frequency.
  /// - Aliasing: none.
  /// - Shift: none.
  /// - Edges: the signal is taken for periodic. A step between its end and its begin is off by 0.40 of its height at
  ///   the first output, 0.09 and 0.05 at the next two, 0.01 at the tenth, 0.002 at the fiftieth and 0.001 at the
  ///   hundredth.
  /// - Memory: up to some 500 bytes a sample of one lead while it runs, more for lengths with large prime factors.
  case fourier
  /// ``LinearResampler``: no filter at all.
  ///
  /// - Pass-band: 1.000 where outputs fall on input samples, as from 500 to 100 Hz; elsewhere down to
  ///   cos(π f / input rate).
  /// - Aliasing: everything above the new Nyquist frequency, at full strength: 1.000 of 60 Hz as 40 Hz.
  /// - Shift: none.
  /// - Edges: exact; after the last sample its value is held.
  case linear
  /// ``P1Resampler``: as the records of paper 1 were resampled, to reproduce it and for nothing else.
  ///
  /// - Pass-band: 0.97 at 10 Hz, 0.88 at 20 Hz, 0.75 at 30 Hz, 0.60 at 40 Hz.
  /// - Aliasing: 0.38 of 55 Hz, 0.32 of 60 Hz as 40 Hz, 0.13 of 80 Hz.
  /// - Shift: each output stands for 4 ms after its time.
  /// - Edges: the signal is mirrored at its first and last sample; a level stays.
  case p1

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
    case .fourier: try FourierResampler(from: inputRate, to: outputRate)
    case .linear: try LinearResampler(from: inputRate, to: outputRate)
    case .p1: try P1Resampler(from: inputRate, to: outputRate)
    }
  }
}
