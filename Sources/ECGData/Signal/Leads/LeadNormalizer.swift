/// Finds the twelve leads among a recording's channels, by name and whatever its case.
///
/// Limb leads that are absent are derived where the laws allow it: Einthoven's III = II − I, and Goldberger's
/// aVR = −(I + II)/2, aVL = I − II/2, aVF = II − I/2. Precordial leads cannot be derived.
public struct LeadNormalizer: Sendable {
  /// Where a canonical lead comes from.
  public enum Source: Sendable, Equatable {
    /// A channel of the recording.
    case channel(Int)
    /// `first`·a + `second`·b of two channels.
    case derived(first: Int, a: Double, second: Int, b: Double)
    /// Neither recorded nor derivable.
    case absent
  }

  /// One source for each canonical lead.
  public let sources: [Source]
  /// Channels that are no standard lead.
  public let unknownChannels: [Int]

  /// Maps channel names to leads.
  ///
  /// - Parameters:
  ///   - names: the channels' names, in the recording's order.
  ///   - derive: whether absent limb leads are derived.
  /// - Throws: `ECGError` with rule `leads.duplicate` if a lead occurs twice: which one is meant is never
  ///   guessed.
  public init(names: [String], derive: Bool) throws {
    var channels = [Int?](repeating: nil, count: Lead.count)
    var unknown: [Int] = []
    for (index, name) in names.enumerated() {
      guard let lead = Lead(name: name) else {
        unknown.append(index)
        continue
      }
      if let other = channels[lead.rawValue] {
        throw ECGError(
          .malformed, "channels \(other) and \(index) are both lead \(lead.name)", rule: .leadsDuplicate)
      }
      channels[lead.rawValue] = index
    }
    unknownChannels = unknown
    sources = Lead.allCases.map { lead in
      if let channel = channels[lead.rawValue] { return .channel(channel) }
      return derive ? LeadNormalizer.derivation(of: lead, from: channels) : .absent
    }
  }

  /// The leads that several of the names mean.
  static func repeatedLeads(_ names: [String]) -> [Lead] {
    var seen: LeadMask = []
    var repeated: LeadMask = []
    for lead in names.lazy.compactMap({ Lead(name: $0) }) {
      if seen.contains(lead) { repeated.insert(LeadMask(lead)) }
      seen.insert(LeadMask(lead))
    }
    return Lead.allCases.filter { repeated.contains($0) }
  }

  /// The leads that are recorded or derived.
  public var mask: LeadMask {
    LeadMask(Lead.allCases.filter { sources[$0.rawValue] != .absent }.map { LeadMask($0) })
  }

  /// Each limb lead as weights of I and II.
  private static let limbWeights: [(lead: Lead, i: Double, ii: Double)] = [
    (.I, 1, 0), (.II, 0, 1), (.III, -1, 1), (.aVR, -0.5, -0.5), (.aVL, 1, -0.5), (.aVF, -0.5, 1),
  ]

  /// The bipolar leads span all limb leads: any two of them give the wanted one.
  private static func derivation(of lead: Lead, from channels: [Int?]) -> Source {
    guard let wanted = limbWeights.first(where: { $0.lead == lead }) else { return .absent }
    let bipolar = limbWeights.prefix(3)
    for first in bipolar {
      for second in bipolar where second.lead.rawValue > first.lead.rawValue {
        guard let p = channels[first.lead.rawValue], let q = channels[second.lead.rawValue] else { continue }
        let determinant = first.i * second.ii - first.ii * second.i
        return .derived(
          first: p, a: (wanted.i * second.ii - wanted.ii * second.i) / determinant,
          second: q, b: (first.i * wanted.ii - first.ii * wanted.i) / determinant)
      }
    }
    return .absent
  }
}
