/// One of the twelve standard leads; raw values are the canonical order of every array and shard.
public enum Lead: Int, CaseIterable, Sendable {
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case I
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case II
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case III
  case aVR
  case aVL
  case aVF
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V1
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V2
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V3
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V4
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V5
  // swift-format-ignore: AlwaysUseLowerCamelCase
  case V6

  /// The number of leads: 12.
  public static let count = 12

  /// The lead's name as the field writes it, such as `aVR`.
  public var name: String { String(describing: self) }

  /// The names of all leads in canonical order.
  public static let names = allCases.map(\.name)
}

/// A set of leads as the shard's 16-bit `lead_mask` stores it: bit k is canonical lead k.
public struct LeadMask: OptionSet, Sendable, Hashable {
  /// The bits.
  public var rawValue: UInt16

  /// A mask of bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// All twelve leads.
  public static let all = LeadMask(rawValue: 0x0FFF)

  /// The mask of one lead.
  public init(_ lead: Lead) { rawValue = 1 << lead.rawValue }

  /// Whether a lead is in the set.
  public func contains(_ lead: Lead) -> Bool { contains(LeadMask(lead)) }

  /// The mask of leads by name.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` for a name that is none of the twelve.
  public init(named names: [String]) throws {
    self = []
    for name in names {
      guard let lead = Lead.allCases.first(where: { $0.name == name }) else {
        throw ECGError(
          .invalidArgument, "\"\(name)\" is none of the twelve leads",
          advice: "leads are \(Lead.names.joined(separator: ", "))")
      }
      insert(LeadMask(lead))
    }
  }
}
