/// Which disturbances a simulated recording may hold, and how often each is plain to see.
///
///     let noise = SimulatedNoise.standard                          // as real collections have them
///     let exam = try SimulatedNoise("wander,powerline,limb-swap=0.1")
///
/// A kind that is switched on also leaves its faint, everyday traces (a baseline that breathes, some µV of
/// mains); what is plain to see is listed in ``SimulatedECG/artefacts``. The kinds are drawn independently:
/// switching one off changes neither the heart nor the others.
public struct SimulatedNoise: Sendable, Equatable {
  /// A kind of disturbance.
  public enum Kind: String, CaseIterable, Sendable {
    /// The baseline's slow movement: respiration, sweat, skin.
    case wander
    /// Hum of the mains, of ``SimulatedNoise/mainsFrequency``.
    case powerline
    /// Muscle tremor: all along, or a burst.
    case muscle
    /// An electrode moved on the skin: 0.5 to 7 Hz for a second or two, where QRS complexes are as well.
    case motion
    /// A sudden step of an electrode's potential that fades away.
    case pop
    /// An electrode without contact: its leads are constant, at zero or at the rail, with hum or without.
    case leadOff = "lead-off"
    /// An amplifier driven to the end of its range, where it clips.
    case saturation
    /// Electrodes of the limbs interchanged.
    case limbSwap = "limb-swap"
    /// Electrodes of the chest interchanged.
    case chestSwap = "chest-swap"
  }

  /// The share of recordings in which a kind is plain to see, 0 … 1; a kind without one is switched off.
  public var shares: [Kind: Double]
  /// The mains' frequency in Hz: 50, or 60 in the Americas.
  public var mainsFrequency = 50.0

  /// Switches on the kinds that have a share.
  public init(shares: [Kind: Double]) {
    self.shares = shares
  }

  /// The heart alone.
  public static let none = SimulatedNoise(shares: [:])

  /// Every kind in every recording.
  public static let all = SimulatedNoise(
    shares: Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, 1) }))

  /// Every kind about as often as in real collections: baseline drift and static noise as PTB-XL's annotators
  /// noted them, interchanged electrodes in under 1 % (Batchvarov et al., Europace 9, 2007, tell of 0.4 to
  /// 4 %).
  public static let standard = SimulatedNoise(shares: [
    .wander: 0.08, .powerline: 0.04, .muscle: 0.15, .motion: 0.02, .pop: 0.015, .leadOff: 0.002,
    .saturation: 0.001, .limbSwap: 0.005, .chestSwap: 0.005,
  ])

  /// Reads a list as the command line takes it: `all`, `none`, `standard`, or kinds joined by commas, each
  /// with a share after `=` or in every recording.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) for a kind there is not, or a share outside 0 … 1.
  public init(_ list: String) throws {
    switch list {
    case "all": self = .all
    case "none": self = .none
    case "standard": self = .standard
    default:
      shares = [:]
      for entry in list.split(separator: ",", omittingEmptySubsequences: false) {
        let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, let kind = Kind(rawValue: String(name)) else {
          throw ECGError(
            .invalidArgument, "there is no noise \"\(entry)\"",
            advice:
              "choose among \(Kind.allCases.map(\.rawValue).joined(separator: ", ")), or all, none, standard")
        }
        guard parts.count < 2 || (0...1).contains(Double(parts[1]) ?? -1) else {
          throw ECGError(
            .invalidArgument, "\"\(entry)\" has no share between 0 and 1", advice: "write \(name)=0.1")
        }
        shares[kind] = parts.count < 2 ? 1 : Double(parts[1]) ?? 1
      }
    }
  }
}
