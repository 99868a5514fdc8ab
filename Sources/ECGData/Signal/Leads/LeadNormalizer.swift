/// Finds the twelve leads among a recording's channels, by their names.
///
/// What ``LeadName`` understands is taken: the lead itself, else the lead with the opposite sign, else one that is
/// nearly the same. Limb leads that are absent are computed from any two others. With I and II all follow from
/// Einthoven's III = II − I and Goldberger's aVR = −(I + II)/2, aVL = I − II/2, aVF = II − I/2; two leads of the six
/// always fix the rest, and where more are there, the pair is taken that amplifies noise least (substitutes last). Chest
/// leads cannot be derived. Sources of 2, 3, 4, 6 or 8 leads are as good as those of 12: ``mask`` tells what there is.
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
  /// Channels that are not used: no standard lead, one that another channel stands for better, or one without samples.
  public let unusedChannels: [Int]
  /// The leads that are taken from a channel of a substitute's name, such as II from `MLII`.
  public let substituted: LeadMask

  /// Maps a recording's channels to leads; a channel without any sample is as good as absent.
  ///
  /// - Parameters:
  ///   - recording: as read.
  ///   - derive: whether absent limb leads are derived.
  /// - Throws: as ``init(names:derive:except:)``.
  public init(_ recording: Recording, derive: Bool) throws {
    let empty = recording.channels.indices.filter { !recording.hasSamples(channel: $0) }
    try self.init(names: recording.channels.map(\.name), derive: derive, except: Set(empty))
  }

  /// Maps channel names to leads.
  ///
  /// - Parameters:
  ///   - names: the channels' names, in the recording's order.
  ///   - derive: whether absent limb leads are derived.
  ///   - empty: channels that are left out.
  /// - Throws: ``ECGError`` with rule `leads.duplicate` if a lead occurs twice: which one is meant is never
  ///   guessed; with rule `leads.none` if no channel is one of the twelve.
  public init(names: [String], derive: Bool, except empty: Set<Int> = []) throws {
    var found = [(channel: Int, kind: LeadName.Kind)?](repeating: nil, count: Lead.count)
    for (channel, name) in names.enumerated() where !empty.contains(channel) {
      guard let meant = LeadName(name) else { continue }
      if let other = found[meant.lead.rawValue], other.kind <= meant.kind { continue }
      found[meant.lead.rawValue] = (channel, meant.kind)
    }
    if let lead = LeadNormalizer.repeatedLeads(names).first {
      let channels = names.indices.filter {
        LeadName(names[$0]).map { $0.lead == lead && $0.kind == found[lead.rawValue]?.kind } ?? false
      }
      throw ECGError(
        .malformed,
        "channels \(channels.map(String.init).joined(separator: " and ")) are both lead \(lead.name)",
        rule: .leadsDuplicate)
    }
    let isUsed = Set(found.compactMap { $0?.channel })
    let unused = names.indices.filter { !isUsed.contains($0) }
    guard found.contains(where: { $0 != nil }) else { throw LeadNormalizer.noLead(names, empty) }
    unusedChannels = unused
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

  private static func noLead(_ names: [String], _ empty: Set<Int>) -> ECGError {
    if names.contains(where: { LeadName($0) != nil }) {
      return ECGError(.malformed, "none of its leads has a sample", rule: .leadsNone)
    }
    let reasons = names.prefix(4).map { "\"\($0)\" is \(LeadName.reason(against: $0))" }
    return ECGError(
      .unsupported,
      "none of the twelve leads is among its channels"
        + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", ") + (names.count > 4 ? " …" : "")),
      rule: .leadsNone)
  }

  /// The leads that several of the names mean in the same way, and no other name in a better one.
  static func repeatedLeads(_ names: [String]) -> [Lead] {
    let meant = names.compactMap { LeadName($0) }
    return Lead.allCases.filter { lead in
      let kinds = meant.filter { $0.lead == lead }.map(\.kind)
      return kinds.count { $0 == kinds.min() } > 1
    }
  }

  /// The leads that are recorded or derived.
  public var mask: LeadMask {
    LeadMask(Lead.allCases.filter { sources[$0.rawValue] != .absent }.map { LeadMask($0) })
  }
}

/// Limb leads from two others.
private struct Derivation {
  /// The channels that hold limb leads, or their inverses.
  private let recorded: [(lead: Lead, channel: Int, sign: Double, isSubstitute: Bool)]

  init(_ found: [(channel: Int, kind: LeadName.Kind)?]) {
    recorded = LimbLaws.leads.compactMap { lead in
      found[lead.rawValue].map { (lead, $0.channel, $0.kind == .inverted ? -1 : 1, $0.kind == .substitute) }
    }
  }

  /// The combination of two recorded limb leads with the fewest substitutes, then of the least sum of squared weights,
  /// then the first.
  func source(of lead: Lead) -> LeadNormalizer.Source {
    guard LimbLaws.leads.contains(lead) else { return .absent }
    var best = LeadNormalizer.Source.absent
    var least = Double.infinity
    for (index, first) in recorded.enumerated() {
      for second in recorded[(index + 1)...] {
        let (a, b) = LimbLaws.derivation(of: lead, from: first.lead, second.lead)
        // A sum of squares is at most 7.
        let cost = a * a + b * b + (first.isSubstitute ? 10 : 0) + (second.isSubstitute ? 10 : 0)
        if cost < least {
          least = cost
          best = .derived(
            first: first.channel, a: first.sign * a, second: second.channel, b: second.sign * b)
        }
      }
    }
    return best
  }
}
