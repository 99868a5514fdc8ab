import Foundation

/// Whether a record's amplitude can be that of a human ECG in its stated unit.
///
///     let audit = AmplitudeAudit(signal)
///     audit?.verdict                      // .tooLarge
///     audit?.explanations.first?.cause    // "a gain of 200 per mV instead of 1000 (…)"
///
/// The amplitude is the geometric mean over the leads of the range from the 0.5 % to the 99.5 % quantile between
/// 0.5 and 40 Hz. Its logarithm scatters less from record to record (0.125) than that of the median lead
/// (0.138), so single records say more.
public struct AmplitudeAudit: Codable, Sendable, Equatable {
  /// What an amplitude is, judged by the records of real collections.
  public enum Verdict: String, Sendable {
    /// As 99 % of the records are.
    case usual
    /// As one record in two hundred is, being smaller than the usual.
    case small
    /// As one record in two hundred is, being larger than the usual.
    case large
    /// Smaller than any record of them.
    case tooSmall
    /// Larger than any record of them.
    case tooLarge
  }

  /// The amplitude in µV.
  public let amplitude: Double

  /// Half of the records are larger, in µV.
  ///
  /// This and the limits are of 2,766 records: PTB-XL 1.0.3 folds 1–9 and the CPSC, Georgia, Chapman–Ningbo and PTB records of
  /// the CinC Challenge 2021; `tools/python/amplitudes.py` measures them.
  static let median = 1002.0
  /// 99 % of the records are within, in µV.
  static let usual = 547.0...2556.0
  /// All records but one of the 2,766 are within, in µV.
  static let possible = 250.0...4500.0

  /// What the amplitude is.
  public var verdict: Verdict {
    if AmplitudeAudit.usual.contains(amplitude) { return .usual }
    if AmplitudeAudit.possible.contains(amplitude) {
      return amplitude < AmplitudeAudit.usual.lowerBound ? .small : .large
    }
    return amplitude < AmplitudeAudit.possible.lowerBound ? .tooSmall : .tooLarge
  }

  /// The known wrong gains and units that would make the amplitude usual, the likeliest first; none for a usual one.
  public var explanations: [GainFault] {
    guard verdict != .usual else { return [] }
    return GainFault.explaining(ratio: amplitude / AmplitudeAudit.median, within: .infinity).filter {
      AmplitudeAudit.usual.contains(amplitude / $0.factor)
    }
  }

  /// Measures a signal.
  ///
  /// It is nil for less than a second, a rate below 50 Hz, or if every lead is flat.
  ///
  /// - Parameter signal: twelve leads in µV.
  public init?(_ signal: PhysicalSignal) {
    guard let bands = SignalBands(signal) else { return nil }
    self.init(LeadSpectrum.all(of: bands))
  }

  init(amplitude: Double) {
    self.amplitude = amplitude
  }

  init?(_ spectra: [LeadSpectrum]) {
    let largest = spectra.map(\.amplitude).max() ?? 0
    // A lead without a contact says nothing of the unit.
    let live = spectra.map(\.amplitude).filter { $0 > SignalScan.nearlyFlatShare * largest }
    guard largest > 1e-6, largest.isFinite else { return nil }
    amplitude = exp(live.map { log($0) }.reduce(0, +) / Double(live.count))
  }
}
