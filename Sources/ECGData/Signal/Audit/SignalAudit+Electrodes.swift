extension SignalAudit {
  /// Suspicions that electrodes were exchanged or a chest lead inverted; they cost more than the other checks and say
  /// nothing of the file.
  ///
  /// Leads that break the laws or are not recorded at the same time, by the findings told before, are not asked.
  ///
  /// One fault often makes the other leads look strange as well, so only the more probable is told: in PTB-XL's fold 9,
  /// RA and LA exchanged make two thirds of the records look as if V1 to V6 were reversed, too, and an inverted V1 makes
  /// one third look as if limb electrodes were exchanged. Exchanged limb electrodes are far commoner than a reversed
  /// chest and are told beside it in any case.
  static func electrodeFindings(in signal: PhysicalSignal, after findings: [Finding], record id: String)
    -> [Finding]
  {
    guard !findings.contains(where: { [.leadsIdentity, .leadsSlipped].contains($0.rule) }),
      let beat = AverageBeat(signal)
    else {
      return []
    }
    let (limb, chest) = (ElectrodeReversalAudit(beat), ChestElectrodeAudit(beat))
    let limbScore = limb.candidates.first { $0.reversal == limb.suspicion }?.score
    var told: [Finding] = []
    let fault = chest.suspicion.flatMap { fault -> ChestElectrodeFault? in
      // A flat bipolar lead has no score and cannot be compared with.
      guard limb.suspicion != nil else { return fault }
      return limbScore.map { $0 < chest.candidates[0].score } == true ? fault : nil
    }
    if let reversal = limb.suspicion, fault == nil || fault == .reversed {
      let score = limbScore.map { ", score \(decimal($0))" } ?? ", a bipolar lead is nearly flat"
      told.append(
        Finding(
          record: id, rule: .leadsReversal,
          "\(reversal.electrodes) look exchanged (by the waves' shapes\(score))"))
    }
    if let fault, let score = chest.candidates.first?.score {
      told.append(
        Finding(
          record: id, rule: .leadsChest,
          "\(fault.description) (by the waves' shapes, score \(decimal(score)))"))
    }
    return told
  }

  /// Leads that are late from some time on, or beat when the others do not.
  static func timingFindings(_ timing: LeadTiming, record id: String) -> [Finding] {
    var texts = timing.strangers.map {
      "\($0.lead.name) beats \($0.beatCount - $0.sharedCount) of \($0.beatCount) times when the others do not"
    }
    if let slip = timing.slip {
      texts.append(
        "\(slip.lead.name) is \(Int((1000 * slip.lag).rounded())) ms late from about \(decimal(slip.seconds)) s on"
      )
    }
    return texts.isEmpty ? [] : [Finding(record: id, rule: .leadsSlipped, texts.joined(separator: "; "))]
  }
}
