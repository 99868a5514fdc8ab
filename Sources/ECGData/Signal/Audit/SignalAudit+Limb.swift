extension SignalAudit {
  /// A breach of the limb-lead laws with what would mend it.
  static func limbLeadFindings(in signal: PhysicalSignal, record id: String) -> [Finding] {
    guard let audit = LimbLeadAudit(signal), !audit.isLawful else { return [] }
    return [Finding(record: id, rule: .leadsIdentity, message(audit))]
  }

  private static func message(_ audit: LimbLeadAudit) -> String {
    guard let best = audit.explanations.first else {
      let leads = audit.residuals.map { "\($0.lead.name) \(microvolts($0.typical))" }.joined(separator: ", ")
      return "the limb leads disagree, and no exchange, sign or scale mends it: from the others \(leads) µV"
    }
    let faults = audit.explanations.map(\.fault.description)
    let residual = "residual \(microvolts(audit.residual)) µV → \(microvolts(best.residual)) µV"
    guard faults.count > 1 else { return "\(faults[0]) (\(residual))" }
    return "either \(faults.prefix(4).joined(separator: ", or ")): the laws cannot tell which (\(residual))"
  }

  private static func microvolts(_ value: Double) -> String {
    value < 9.95 || !value.isFinite ? decimal(value) : "\(Int(min(value, 1e9).rounded()))"
  }

  static func decimal(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
