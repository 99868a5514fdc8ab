/// What the samples of a record tell by themselves, as findings.
enum SignalAudit {
  /// Checks leads, samples and the limb-lead laws.
  static func findings(
    in signal: PhysicalSignal, of recording: Recording, _ normalizer: LeadNormalizer
  ) -> [Finding] {
    let id = recording.id
    var findings = absentFindings(in: signal, record: id)
    for channel in normalizer.unusedChannels {
      let name = recording.channels[channel].name
      guard let meant = LeadName(name) else {
        findings.append(
          Finding(
            record: id, rule: .leadsUnknown, "channel \"\(name)\" is \(LeadName.reason(against: name))"))
        continue
      }
      findings.append(
        recording.hasSamples(channel: channel)
          ? Finding(
            record: id, rule: .leadsUnused,
            "channel \"\(name)\" is left out: another stands for \(meant.lead.name) better")
          : Finding(record: id, rule: .samplesMissing, "channel \"\(name)\" has no samples"))
    }
    return findings + leadFindings(in: signal, record: id)
  }

  /// The same of leads whose channels are not known, such as those of shards.
  static func findings(in signal: PhysicalSignal, record id: String) -> [Finding] {
    absentFindings(in: signal, record: id) + leadFindings(in: signal, record: id)
  }

  private static func absentFindings(in signal: PhysicalSignal, record id: String) -> [Finding] {
    let names = Lead.allCases.filter { !signal.mask.contains($0) }.map(\.name)
    guard !names.isEmpty else { return [] }
    return [Finding(record: id, rule: .leadsAbsent, "\(names.joined(separator: " ")) absent")]
  }

  private static func leadFindings(in signal: PhysicalSignal, record id: String) -> [Finding] {
    var findings: [Finding] = []
    func flagged(_ flag: LeadFlags) -> String? {
      let names = Lead.allCases.filter {
        signal.mask.contains($0) && signal.leadFlags[$0.rawValue].contains(flag)
      }.map(\.name)
      return names.isEmpty ? nil : names.joined(separator: " ")
    }
    if let names = flagged(.substituted) {
      findings.append(
        Finding(record: id, rule: .leadsSubstituted, "\(names) from a lead that is nearly the same"))
    }
    if let names = flagged(.flat) {
      let isZero = Lead.allCases.allSatisfy { lead in
        !signal.mask.contains(lead)
          || signal.leadFlags[lead.rawValue].contains(.flat)
            && signal.microvolts.first(ofLead: lead) == 0
      }
      findings.append(
        isZero
          ? Finding(record: id, rule: .samplesZero, "all samples are zero")
          : Finding(record: id, rule: .leadsFlat, "\(names) constant"))
    }
    if let names = flagged(.saturated) {
      findings.append(Finding(record: id, rule: .leadsSaturated, "\(names) at the converter's limit"))
    }
    if let names = flagged(.missingSamples) {
      findings.append(Finding(record: id, rule: .samplesMissing, "\(names) with missing samples"))
    }
    findings += scanFindings(in: signal, record: id)
    findings += limbLeadFindings(in: signal, record: id)
    return findings
  }
}

extension [Double] {
  /// The first sample of a lead in rows of twelve that is not missing.
  fileprivate func first(ofLead lead: Lead) -> Double? {
    stride(from: lead.rawValue, to: count, by: Lead.count).lazy.map { self[$0] }.first { !$0.isNaN }
  }
}
