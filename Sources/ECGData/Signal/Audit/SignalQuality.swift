import CKernels
import Foundation

/// Whether a record is good enough to be read, as one figure between 0 and 1.
///
/// It is a logistic model of three figures, each of the worst lead. Its four weights were fitted to the human labels
/// of the different signals of the PhysioNet/CinC Challenge 2011 (set-a; Silva, Moody and Celi, Comput.
/// Cardiol. 38:273–276, 2011), where it has a ROC AUC of 0.96 under ten-fold cross-validation. That bad leads show as
/// disagreement with the other leads' beats is from the entries to that challenge (Clifford et al., Physiol.
/// Meas. 33:1419–1433, 2012).
public struct SignalQuality: Sendable, Equatable {
  /// The smallest correlation of a lead's QRS envelope with that of all leads, −1 to 1; 0 for a lead that never moves.
  public internal(set) var agreement: Double
  /// The lead of that correlation.
  public internal(set) var leastAgreeing: Lead
  /// The largest root mean square of a lead below 0.5 Hz, in µV.
  public internal(set) var wander: Double
  /// The smallest range between 0.5 and 40 Hz that a lead has in any whole second, in µV.
  public internal(set) var activity: Double

  /// The probability that a human reader takes the record for acceptable.
  public var score: Double {
    let agreement = min(max(agreement, 0), 0.99)
    let wander = min(max(wander, 20), 5000)
    let activity = min(max(activity, 20), 500)
    let evidence =
      2.06 + 1.7 * atanh(agreement) - 1.6 * log10(wander / 20) + 3.2 * log10(activity / 500)
    return 1 / (1 + exp(-evidence))
  }

  /// Records below this score are called bad: 5 % of the acceptable ones and 80 % of the others of the challenge.
  public static let leastScore = 0.33

  /// What the rule is worth on records that neither weights nor limit were fitted to: ten-fold cross-validation, ten times, over
  /// the 262 different signals of the challenge (`tools/test --collections`, QualityCrossValidation).
  static let performance = "sensitivity 81 %, specificity 94 %, ROC AUC 0.96 on signals left out"

  /// Judges a signal.
  ///
  /// It is nil for less than a second, a rate below 50 Hz, or without any sample.
  ///
  /// - Parameter signal: twelve leads in µV; only leads with samples are judged.
  public init?(_ signal: PhysicalSignal) {
    guard let bands = SignalBands(signal) else { return nil }
    self.init(bands, QRSEnvelope(bands))
  }

  init(_ bands: SignalBands, _ envelope: QRSEnvelope?) {
    let agreements = envelope?.agreements ?? [Double](repeating: 0, count: bands.leads.count)
    let worst = agreements.indices.min { agreements[$0] < agreements[$1] } ?? 0
    agreement = agreements[worst]
    leastAgreeing = bands.leads[worst]
    wander = bands.leads.map { bands.wander[$0.rawValue] }.max() ?? 0
    let second = max(1, Int(bands.coarseRate))
    var least = Double.infinity
    bands.ecg.withUnsafeBufferPointer { ecg in
      var ranges = [einthoven_range](repeating: einthoven_range(), count: Lead.count)
      for start in stride(from: 0, through: bands.coarseCount - second, by: second) {
        einthoven_ranges(
          einthoven_best_variant(), ecg.baseAddress.map { $0 + start * Lead.count }, second, &ranges)
        for lead in bands.leads {
          least = min(least, ranges[lead.rawValue].high - ranges[lead.rawValue].low)
        }
      }
    }
    activity = least.isFinite ? least : 0
  }
}
