/// What the name of a channel says about the lead that it holds.
///
/// Letters' case, blanks around the name, and the words `ECG`, `EKG`, `Lead` and `MDC_ECG_LEAD` before it do not
/// matter: `AVR`, `ECG aVR` and `lead_avr` are aVR. Names of three kinds are understood:
///
/// - **plain**: the lead itself, also as `DI DII DIII` or `D1 D2 D3` (Brazil, Spain) and with Roman numerals of one
///   character (`Ⅱ`).
/// - **inverted**: the lead with the opposite sign, `-aVR`, `aVR-` or `aVRneg`; Cabrera's sequence (aVL, I, −aVR, II,
///   aVF, III) has the first, the two others are written where a name cannot begin with a sign.
/// - **substitute**: another lead that is nearly the same. Mason and Likar's `MLI MLII MLIII` have their electrodes
///   on the trunk instead of the limbs (Am Heart J 71, 1966); `V1R` is recorded at the site of V2, and `V2R` at that of
///   V1 (AHA/ACCF/HRS recommendations, Circulation 115, 2007).
///
/// What is not among them is no standard lead: ``reason(against:)`` tells why.
public struct LeadName: Sendable, Equatable {
  /// How a channel stands for its lead; the first is preferred to the second, the second to the third.
  public enum Kind: Int, Sendable, Comparable {
    /// It is the lead.
    case plain
    /// It is the lead with the opposite sign.
    case inverted
    /// It is another lead, close to this one.
    case substitute

    /// Plain names come before inverted ones, inverted ones before substitutes.
    public static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }

  /// The standard lead.
  public var lead: Lead
  /// How the channel stands for it.
  public var kind: Kind

  /// Reads a channel's name; nil if it names no standard lead.
  ///
  /// - Parameter name: as the file has it.
  public init?(_ name: String) {
    var key = LeadName.key(name)
    var isInverted = false
    for sign in ["-", "\u{2212}", "neg"] where !isInverted {
      if sign != "neg", key.hasPrefix(sign) {
        key.removeFirst(sign.count)
        isInverted = true
      } else if key.hasSuffix(sign) {
        key.removeLast(sign.count)
        isInverted = true
      }
    }
    key = key.trimmingSpaces()
    if let lead = LeadName.plain[key] {
      self.init(lead: lead, kind: isInverted ? .inverted : .plain)
    } else if !isInverted, let lead = LeadName.substitutes[key] {
      self.init(lead: lead, kind: .substitute)
    } else {
      return nil
    }
  }

  private init(lead: Lead, kind: Kind) {
    self.lead = lead
    self.kind = kind
  }

  /// Why a channel of this name is none of the twelve leads.
  ///
  /// - Parameter name: a name that ``init(_:)`` does not read.
  /// - Returns: a few words that follow "is".
  public static func reason(against name: String) -> String {
    let key = key(name)
    if ["x", "y", "z", "vx", "vy", "vz"].contains(key) {
      return "a Frank lead: no transform of it to the twelve is exact"
    }
    if key.hasPrefix("mcl") { return "a modified chest lead of another reference" }
    if (3...9).contains(where: { key == "v\($0)r" }) { return "a right-sided chest lead" }
    if (7...9).contains(where: { key == "v\($0)" }) { return "a posterior chest lead" }
    return "no standard lead"
  }

  private static let plain: [String: Lead] = {
    var table: [String: Lead] = [:]
    for lead in Lead.allCases { table[lead.name.lowercased()] = lead }
    for (lead, names) in [
      Lead.I: ["di", "d1", "\u{2170}"], .II: ["dii", "d2", "\u{2171}"], .III: ["diii", "d3", "\u{2172}"],
    ] {
      for name in names { table[name] = lead }
    }
    return table
  }()

  private static let substitutes: [String: Lead] = [
    "mli": .I, "mlii": .II, "mliii": .III, "v1r": .V2, "v2r": .V1,
  ]

  /// The name in small letters without blanks around it and without the word that says that it is a lead.
  private static func key(_ name: String) -> String {
    var key = name.trimmingSpaces().lowercased()
    while let word = ["mdc_ecg_lead", "ecg", "ekg", "lead"].first(where: { key.hasPrefix($0) }) {
      let rest = key.dropFirst(word.count)
      // A word of its own: `ECG1` counts channels, and is not lead I.
      guard let separator = rest.first, " _:".contains(separator) else { break }
      key = String(rest.drop { " _:".contains($0) })
    }
    return key
  }
}
