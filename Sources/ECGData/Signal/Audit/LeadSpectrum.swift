/// How the power of one lead is divided: wander, ECG, noise, mains.
public struct LeadSpectrum: Sendable, Equatable {
  /// The lead.
  public internal(set) var lead: Lead
  /// The robust amplitude in µV: the range from the 0.5 % to the 99.5 % quantile between 0.5 and 40 Hz.
  public internal(set) var amplitude: Double
  /// Root mean square below 0.5 Hz, in µV.
  public internal(set) var wander: Double
  /// Root mean square between 0.5 and 40 Hz, in µV.
  public internal(set) var ecg: Double
  /// Root mean square above 40 Hz, in µV; 0 where the rate leaves no such band.
  public internal(set) var noise: Double
  /// The mains that stand out of their neighbourhood; nil if none do.
  public internal(set) var powerline: Powerline?

  /// The share of the power below 40 Hz that lies below 0.5 Hz, 0 to 1.
  public var wanderShare: Double { LeadSpectrum.share(wander, ecg) }
  /// The share of the power above 0.5 Hz that lies above 40 Hz, 0 to 1.
  public var noiseShare: Double { LeadSpectrum.share(noise, ecg) }
  /// The share of the power above 0.5 Hz that is mains, 0 to 1.
  public var powerlineShare: Double {
    let all = ecg * ecg + noise * noise
    guard let powerline, all > 0 else { return 0 }
    return min(1, powerline.amplitude * powerline.amplitude / all)
  }

  private static func share(_ part: Double, _ rest: Double) -> Double {
    let (a, b) = (part * part, rest * rest)
    return a + b > 0 ? a / (a + b) : 0
  }

  /// The spectra of all leads that have samples, in canonical order.
  ///
  /// - Parameter signal: twelve leads in µV; gaps are bridged by straight lines.
  /// - Returns: nothing for a signal shorter than a second or below 50 Hz.
  public static func all(of signal: PhysicalSignal) -> [LeadSpectrum] {
    SignalBands(signal).map { all(of: $0) } ?? []
  }

  /// The spectra of the leads of bands; mains weaker than `leastPowerline` in µV RMS need not be found, which spares most leads
  /// the search.
  static func all(of bands: SignalBands, leastPowerline: Double = Powerline.leastAmplitude, share: Double = 0)
    -> [LeadSpectrum]
  {
    let mains = Powerline.all(in: bands, least: leastPowerline, share: share)
    let amplitudes = bands.ecg.tailRanges(0.005)
    return bands.leads.map { lead in
      let column = lead.rawValue
      return LeadSpectrum(
        lead: lead, amplitude: amplitudes[column], wander: bands.wander[column], ecg: bands.ecgPower[column],
        noise: bands.noise[column], powerline: mains[column])
    }
  }
}
