/// What the samples of a record tell by themselves, as findings.
enum SignalAudit {
  /// Checks leads, samples and the limb-lead laws.
  static func findings(
    in signal: PhysicalSignal, of recording: Recording, _ normalizer: LeadNormalizer
  ) -> [Finding] {
    let id = recording.id
    var findings: [Finding] = []
    func leads(where condition: (Lead) -> Bool) -> String? {
      let names = Lead.allCases.filter(condition).map(\.name)
      return names.isEmpty ? nil : names.joined(separator: " ")
    }
    func flagged(_ flag: LeadFlags) -> String? {
      leads { signal.mask.contains($0) && signal.leadFlags[$0.rawValue].contains(flag) }
    }
    if let names = leads(where: { !signal.mask.contains($0) }) {
      findings.append(Finding(record: id, rule: .leadsAbsent, "\(names) absent"))
    }
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
    if let names = flagged(.substituted) {
      findings.append(
        Finding(record: id, rule: .leadsSubstituted, "\(names) from a lead that is nearly the same"))
    }
    if let names = flagged(.flat) {
      findings.append(Finding(record: id, rule: .leadsFlat, "\(names) constant"))
    }
    if let names = flagged(.saturated) {
      findings.append(Finding(record: id, rule: .leadsSaturated, "\(names) at the converter's limit"))
    }
    if let names = flagged(.missingSamples) {
      findings.append(Finding(record: id, rule: .samplesMissing, "\(names) with missing samples"))
    }
    findings += scanFindings(in: signal, of: recording)
    findings += limbLeadFindings(in: signal, of: recording)
    return findings
  }
}
