/// The heart rhythms that the simulator knows.
///
/// Raw values are the codes of PTB-XL's `scp_statements.csv`.
public enum SimulatedRhythm: String, CaseIterable, Sendable {
  /// Sinus rhythm, 60 to 99 beats a minute.
  case sinus = "SR"
  /// Sinus bradycardia, below 60.
  case bradycardia = "SBRAD"
  /// Sinus tachycardia, 100 and more.
  case tachycardia = "STACH"
  /// Sinus arrhythmia: a rate that clearly follows respiration.
  case arrhythmia = "SARRH"
  /// Atrial fibrillation: no P waves, no two intervals alike.
  case fibrillation = "AFIB"
  /// Atrial flutter at about 300 a minute, of which every second to fourth wave is conducted.
  case flutter = "AFLT"
  /// A tachycardia from above the ventricles, 140 to 200 and regular, its P waves hidden.
  case supraventricularTachycardia = "SVTAC"
  /// A ventricular pacemaker.
  case paced = "PACE"

  /// The likelihood with which PTB-XL states it.
  var likelihood: Double {
    switch self {
    case .flutter, .paced: 100
    case .sinus, .bradycardia, .tachycardia, .arrhythmia, .fibrillation, .supraventricularTachycardia: 0
    }
  }

  var report: String {
    switch self {
    case .sinus: "sinusrhythmus"
    case .bradycardia: "sinusbradykardie"
    case .tachycardia: "sinustachykardie"
    case .arrhythmia: "sinusarrhythmie"
    case .fibrillation: "vorhofflimmern"
    case .flutter: "vorhofflattern"
    case .supraventricularTachycardia: "supraventrikulÄre tachykardie"
    case .paced: "schrittmacher ekg"
    }
  }

  /// Whether an atrial wave leads to every beat.
  var hasSinusNode: Bool {
    switch self {
    case .sinus, .bradycardia, .tachycardia, .arrhythmia: true
    case .fibrillation, .flutter, .supraventricularTachycardia, .paced: false
    }
  }
}

/// One heartbeat of a simulated recording.
public struct SimulatedBeat: Sendable, Equatable {
  /// Where a beat comes from.
  public enum Kind: String, Sendable {
    /// Conducted from the atria in the usual way.
    case normal = "N"
    /// A premature beat of the atria.
    case atrialPremature = "A"
    /// A premature beat of a ventricle.
    case ventricularPremature = "V"
    /// Released by a pacemaker.
    case paced = "/"
  }

  /// The time of its R peak in seconds from the start of the recording.
  public var time: Double
  /// Where it comes from.
  public var kind: Kind
  /// The seconds since the beat before.
  public var interval: Double
}
