/// What is wrong with a recording's limb leads if they break the laws, as what would mend it.
public enum LimbLeadFault: Sendable, Hashable {
  /// The names of two leads are exchanged.
  case exchanged(Lead, Lead)
  /// The channels named so hold these other leads, one for one.
  case reordered(names: [Lead], hold: [Lead])
  /// The leads have the wrong sign.
  case inverted([Lead])
  /// The lead is this many times as large as it should be; negative if it is inverted as well.
  case scaled(Lead, by: Double)
  /// The leads agree with no other limb lead: something else is recorded.
  case foreign([Lead])
  /// The leads are constant, and by the others they should not be.
  case flat([Lead])
}

extension LimbLeadFault {
  /// The leads that it concerns.
  public var leads: [Lead] {
    switch self {
    case .exchanged(let a, let b): [a, b]
    case .reordered(let names, _): names
    case .inverted(let leads), .foreign(let leads), .flat(let leads): leads
    case .scaled(let lead, _): [lead]
    }
  }
}

extension LimbLeadFault: CustomStringConvertible {
  /// What a reader is told, as `aVL and aVF look exchanged`.
  public var description: String {
    func list(_ leads: [Lead]) -> String {
      leads.count < 2
        ? leads.map(\.name).joined()
        : leads.dropLast().map(\.name).joined(separator: ", ") + " and " + (leads.last?.name ?? "")
    }
    switch self {
    case .exchanged(let a, let b): return "\(a.name) and \(b.name) look exchanged"
    case .reordered(let names, let hold):
      return "the channels named \(list(names)) look like \(list(hold)), in this order"
    case .inverted(let leads): return list(leads) + (leads.count == 1 ? " looks inverted" : " look inverted")
    case .scaled(let lead, let factor):
      let digits = abs(factor) < 9.95 ? (factor * 100).rounded() / 100 : factor.rounded()
      return "\(lead.name) looks scaled by \(digits)"
    case .foreign(let leads):
      return list(leads) + (leads.count == 1 ? " agrees" : " agree") + " with no other limb lead"
    case .flat(let leads):
      return list(leads) + (leads.count == 1 ? " is" : " are")
        + " constant, which the other limb leads are not"
    }
  }
}
