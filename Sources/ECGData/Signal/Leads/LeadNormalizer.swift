/// Finds the twelve leads among a recording's channels, by their names.
///
/// What ``LeadName`` understands is taken: the lead itself, else the lead with the opposite sign, else one that is
/// nearly the same. Limb leads that are absent are computed from any two others. With I and II all follow from
/// Einthoven's III = II − I and Goldberger's aVR = −(I + II)/2, aVL = I − II/2, aVF = II − I/2; two leads of the six
/// always fix the rest, and where more are there, the pair is taken that amplifies noise least. Chest leads cannot be
/// derived. Sources of 2, 3, 4, 6 or 8 leads are as good as those of 12: ``mask`` tells what there is.
public struct LeadNormalizer: Sendable {
  /// Where a canonical lead comes from.
  public enum Source: Sendable, Equatable {
    /// A channel of the recording.
    case channel(Int)
    /// A channel of the recording with the opposite sign, as its name says.
    case inverted(Int)
    /// `first`·a + `second`·b of two channels.
    case derived(first: Int, a: Double, second: Int, b: Double)
    /// Neither recorded nor derivable.
    case absent
  }

  /// One source for each canonical lead.
  public let sources: [Source]
  /// Channels that are not used: no standard lead, or one that another channel has by its plain name.
  public let unusedChannels: [Int]
  /// The leads that are taken from a channel of a substitute's name, such as II from `MLII`.
  public let substituted: LeadMask

  /// Maps channel names to leads.
  ///
  /// - Parameters:
  ///   - names: the channels' names, in the recording's order.
  ///   - derive: whether absent limb leads are derived.
  /// - Throws: ``ECGError`` with rule `leads.duplicate` if a lead occurs twice: which one is meant is never
  ///   guessed; with rule `leads.none` if no channel is one of the twelve.
  public init(names: [String], derive: Bool) throws {
    var found = [(channel: Int, kind: LeadName.Kind)?](repeating: nil, count: Lead.count)
    var unused: [Int] = []
    for (index, name) in names.enumerated() {
      guard let meant = LeadName(name) else {
        unused.append(index)
        continue
      }
      guard let other = found[meant.lead.rawValue] else {
        found[meant.lead.rawValue] = (index, meant.kind)
        continue
      }
      if other.kind == meant.kind {
        throw ECGError(
          .malformed, "channels \(other.channel) and \(index) are both lead \(meant.lead.name)",
          rule: .leadsDuplicate)
      }
      if meant.kind < other.kind { found[meant.lead.rawValue] = (index, meant.kind) }
      unused.append(meant.kind < other.kind ? other.channel : index)
    }
    guard found.contains(where: { $0 != nil }) else { throw LeadNormalizer.noLead(names) }
    unusedChannels = unused.sorted()
    substituted = LeadMask(
      Lead.allCases.filter { found[$0.rawValue]?.kind == .substitute }.map { LeadMask($0) })
    let derivation = Derivation(found)
    sources = Lead.allCases.map { lead in
      switch found[lead.rawValue] {
      case (let channel, .inverted)?: .inverted(channel)
      case (let channel, _)?: .channel(channel)
      case nil: derive ? derivation.source(of: lead) : .absent
      }
    }
  }

  private static func noLead(_ names: [String]) -> ECGError {
    let reasons = names.prefix(4).map { "\"\($0)\" is \(LeadName.reason(against: $0))" }
    return ECGError(
      .unsupported,
      "none of the twelve leads is among its channels"
        + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", ") + (names.count > 4 ? " …" : "")),
      rule: .leadsNone)
  }

  /// The leads that several of the names mean.
  static func repeatedLeads(_ names: [String]) -> [Lead] {
    var seen: Set<String> = []
    var repeated: LeadMask = []
    for meant in names.lazy.compactMap({ LeadName($0) }) {
      if !seen.insert("\(meant.lead) \(meant.kind)").inserted { repeated.insert(LeadMask(meant.lead)) }
    }
    return Lead.allCases.filter { repeated.contains(LeadMask($0)) }
  }

  /// The leads that are recorded or derived.
  public var mask: LeadMask {
    LeadMask(Lead.allCases.filter { sources[$0.rawValue] != .absent }.map { LeadMask($0) })
  }
}

/// Limb leads from two others.
private struct Derivation {
  /// The channels that hold limb leads, or their inverses.
  private let recorded: [(lead: Lead, channel: Int, sign: Double)]

  init(_ found: [(channel: Int, kind: LeadName.Kind)?]) {
    recorded = LimbLaws.leads.compactMap { lead in
      found[lead.rawValue].map { (lead, $0.channel, $0.kind == .inverted ? -1 : 1) }
    }
  }

  /// The combination of two recorded limb leads of the least sum of squared weights, the first such one.
  func source(of lead: Lead) -> LeadNormalizer.Source {
    guard LimbLaws.leads.contains(lead) else { return .absent }
    var best = LeadNormalizer.Source.absent
    var least = Double.infinity
    for (index, first) in recorded.enumerated() {
      for second in recorded[(index + 1)...] {
        let (a, b) = LimbLaws.derivation(of: lead, from: first.lead, second.lead)
        if a * a + b * b < least {
          least = a * a + b * b
          best = .derived(
            first: first.channel, a: first.sign * a, second: second.channel, b: second.sign * b)
        }
      }
    }
    return best
  }
}
