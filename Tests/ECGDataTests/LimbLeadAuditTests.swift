import TestSupport
import Testing

@testable import ECGData

@Suite struct LimbLeadAuditTests {
  /// A signal of twelve leads whose channel k is that named `names[k]`.
  func signal(_ samples: [Int16], names: [String] = Lead.names, derive: Bool = false) throws
    -> PhysicalSignal
  {
    let channels = names.map { Recording.Channel(name: $0, unit: "mV", gain: 1000) }
    let recording = try Recording(
      id: "x", rate: 500, channels: channels, samples: .digital(samples.map { $0 == .min ? .min : Int32($0) })
    )
    return try PhysicalSignal(recording, derive: derive)
  }

  func audit(_ samples: [Int16], names: [String] = Lead.names) throws -> LimbLeadAudit {
    try #require(LimbLeadAudit(try signal(samples, names: names)))
  }

  let samples = WFDBFixture.electrocardiogram(seed: 9, frames: 2000)

  func changing(_ lead: Lead, _ change: (Int, Int16) -> Int16) -> [Int16] {
    var samples = samples
    for (frame, index) in stride(from: lead.rawValue, to: samples.count, by: 12).enumerated() {
      samples[index] = change(frame, samples[index])
    }
    return samples
  }

  /// The first `count` leads of `leads` alone.
  func only(_ leads: [Lead]) -> [Int16] {
    samples.indices.filter { index in leads.contains { $0.rawValue == index % 12 } }.map { samples[$0] }
  }

  @Test func findsNothingInARecordingThatObeys() throws {
    let audit = try audit(samples)
    #expect(audit.isLawful && audit.explanations.isEmpty)
    #expect(audit.residuals.map(\.lead) == LimbLaws.leads)
    // A count is 1 µV: no lead is more than rounding away from what the others say.
    #expect(audit.residuals.allSatisfy { $0.typical < 1 && $0.rms < 1 && $0.maximum < 2.5 && $0.maximum > 0 })
  }

  static let pairs = LimbLaws.leads.flatMap { a in
    LimbLaws.leads.filter { $0.rawValue > a.rawValue }.map { (a, $0) }
  }

  @Test(arguments: pairs) func namesExchangedLeads(a: Lead, b: Lead) throws {
    var names = Lead.names
    names.swapAt(a.rawValue, b.rawValue)
    let audit = try audit(samples, names: names)
    #expect(!audit.isLawful && audit.residual > 20)
    #expect(audit.explanations.map(\.fault) == [.exchanged(a, b)])
    #expect(audit.explanations[0].residual < 1)
  }

  @Test(arguments: LimbLaws.leads) func namesAnInvertedLead(lead: Lead) throws {
    let audit = try audit(changing(lead) { -$1 })
    #expect(audit.explanations.map(\.fault) == [.inverted([lead])])
  }

  @Test(arguments: LimbLaws.leads, [0.1, 0.5, 2, 10, -2])
  func namesAScaledLead(lead: Lead, factor: Double) throws {
    let audit = try audit(changing(lead) { Int16((Double($1) * factor).rounded()) })
    guard case .scaled(lead, let found) = try #require(audit.explanations.first).fault else {
      Issue.record("\(audit.explanations)")
      return
    }
    #expect(abs(found / factor - 1) < 0.02 && audit.explanations.count == 1)
  }

  /// CODE's documents list aVL, aVF, aVR: the laws see it.
  @Test(arguments: [[Lead.aVL, .aVF, .aVR], [.aVF, .aVR, .aVL]])
  func namesAnotherOrderOfTheAugmentedLeads(order: [Lead]) throws {
    var names = Lead.names
    names[3...5] = order.map(\.name)[...]
    let audit = try audit(samples, names: names)
    // Channel 3, which is aVR, is named order[0].
    let hold = [Lead.aVR, .aVL, .aVF].map { Lead(rawValue: 3 + (order.firstIndex(of: $0) ?? 0)) }
    #expect(
      audit.explanations.map(\.fault) == [
        .reordered(names: [.aVR, .aVL, .aVF], hold: hold.compactMap { $0 })
      ])
  }

  @Test func namesAnyOrder() throws {
    var names = Lead.names
    names[0...5] = ["aVF", "aVL", "aVR", "III", "II", "I"]
    let audit = try audit(samples, names: names)
    #expect(
      audit.explanations.map(\.fault) == [
        .reordered(names: LimbLaws.leads, hold: LimbLaws.leads.reversed())
      ])
  }

  /// Three wrong signs are the other three, as all six may change, and an exchange of RA and LL undoes four more.
  @Test func saysWhatCannotBeTold() throws {
    var samples = samples
    for index in samples.indices where index % 12 < 3 { samples[index] = -samples[index] }
    let faults = Set(try audit(samples).explanations.map(\.fault))
    #expect(
      faults == [
        .inverted([.I, .II, .III]), .inverted([.aVR, .aVL, .aVF]),
        .reordered(names: [.I, .III, .aVR, .aVF], hold: [.III, .I, .aVF, .aVR]),
      ])
    // With three leads an inverted one is two exchanged.
    let three = only([.I, .II, .III])
    #expect(try audit(three, names: ["I", "II", "III"]).isLawful)
    let exchanged = try audit(three, names: ["II", "I", "III"])
    #expect(
      exchanged.explanations.map(\.fault) == [
        .inverted([.III]), .exchanged(.I, .II),
        .reordered(names: [.I, .II, .III], hold: [.II, .III, .I]),
      ])
  }

  @Test(arguments: LimbLaws.leads) func namesForeignAndConstantLeads(lead: Lead) throws {
    var generator = SplitMix64("foreign", UInt64(lead.rawValue))
    let foreign = try audit(changing(lead) { _, _ in Int16(generator.index(below: 800)) - 400 })
    #expect(foreign.explanations.map(\.fault) == [.foreign([lead])])
    // At a rail nearly all the time.
    let railed = try audit(changing(lead) { frame, value in frame % 700 == 3 ? 32_600 : 32_767 })
    #expect(railed.explanations.map(\.fault) == [.foreign([lead])])
    // Flagged as flat, and flat but for one sample.
    #expect(try audit(changing(lead) { _, _ in 12 }).explanations.map(\.fault) == [.flat([lead])])
    let almost = try audit(changing(lead) { frame, _ in frame == 700 ? 13 : 12 })
    #expect(almost.explanations.map(\.fault) == [.flat([lead])])
  }

  /// A lead without potential difference is as it should be, whatever its name.
  @Test func doesNotMindALeadThatTheOthersSayIsFlat() throws {
    var samples = samples
    for frame in stride(from: 0, to: samples.count, by: 12) {
      let (one, half) = (samples[frame] / 2 * 2, samples[frame] / 2)
      samples.replaceSubrange(frame..<frame + 6, with: [one, one, 0, -one, half, half])
    }
    let audit = try audit(samples)
    #expect(audit.isLawful && !audit.residuals.map(\.lead).contains(.III))
  }

  @Test func disagreementWithoutACauseIsSaid() throws {
    var generator = SplitMix64("noise", 1)
    let noisy = samples.indices.map { index in
      index % 12 < 6 ? Int16(generator.index(below: 900)) - 450 : samples[index]
    }
    let audit = try audit(noisy)
    #expect(!audit.isLawful && audit.explanations.isEmpty)
  }

  /// A burst in one lead is no fault of the lead; the figures still show it.
  @Test func leavesOutTheWorstSeconds() throws {
    let audit = try audit(
      WFDBFixture.electrocardiogram(seed: 9, frames: 5000).enumerated().map { index, value in
        index % 12 == 2 && index < 12 * 300 ? value + Int16(index / 12 % 2) * 4000 : value
      })
    #expect(audit.isLawful && audit.residuals[2].maximum > 3900 && audit.residuals[2].rms > 300)
  }

  @Test func doesNotAskDerivedOrAbsentLeads() throws {
    let two = only([.I, .II])
    #expect(LimbLeadAudit(try signal(two, names: ["I", "II"], derive: true)) == nil)
    #expect(LimbLeadAudit(try signal(two, names: ["I", "III"])) == nil)
    #expect(throws: ECGError.self) { try signal([], names: Lead.names) }
  }

  @Test func skipsMissingSamples() throws {
    #expect(try audit(changing(.I) { frame, value in frame < 100 ? .min : value }).isLawful)
    let absent = try audit(changing(.I) { _, _ in .min })
    #expect(absent.isLawful && absent.residuals.count == 5)
    let inverted = try audit(changing(.aVF) { frame, value in frame < 100 ? .min : -value })
    #expect(inverted.explanations.map(\.fault) == [.inverted([.aVF])])
  }

  @Test func findingsSayWhatWouldMend() throws {
    var names = Lead.names
    names.swapAt(4, 5)
    let channels = names.map { Recording.Channel(name: $0, unit: "mV", gain: 1000) }
    let recording = try Recording(
      id: "7", rate: 500, channels: channels, samples: .digital(samples.map { Int32($0) }))
    let physical = try PhysicalSignal(recording, derive: false)
    let findings = SignalAudit.findings(
      in: physical, of: recording, try LeadNormalizer(recording, derive: false)
    )
    .filter { $0.rule == .leadsIdentity }
    #expect(findings.count == 1)
    let message = try #require(findings.first).message
    #expect(message.hasPrefix("aVL and aVF look exchanged (residual ") && message.hasSuffix(" µV → 0.3 µV)"))
  }
}
