import Foundation
import Testing

@testable import ECGData

/// Findings as a validation tells them, of faults planted in simulated records.
@Suite struct SignalAuditTests {
  struct Plant: Sendable, CustomTestStringConvertible {
    var rule: Rule
    /// What the message has to contain.
    var says: String
    var change: @Sendable (inout PhysicalSignal) -> Void

    var testDescription: String { "\(rule.rawValue): \(says)" }
  }

  /// A signal with a sine in one lead.
  static func sine(_ lead: Lead, _ hertz: Double, _ microvolts: Double)
    -> @Sendable (inout PhysicalSignal) -> Void
  {
    { signal in
      for frame in 0..<signal.frameCount {
        let turns = hertz * Double(frame) / signal.rate
        signal.microvolts[frame * 12 + lead.rawValue] += microvolts * sin(2 * Double.pi * turns)
      }
    }
  }

  /// One lead passed through a function of the sample's frame and value.
  static func map(
    _ lead: Lead, _ value: @escaping @Sendable (Int, Double) -> Double
  ) -> @Sendable (inout PhysicalSignal) -> Void {
    { signal in
      for frame in 0..<signal.frameCount {
        let place = frame * 12 + lead.rawValue
        signal.microvolts[place] = value(frame, signal.microvolts[place])
      }
    }
  }

  /// Normal noise for a frame.
  static func noise(_ frame: Int) -> Double {
    var generator = SplitMix64("audit", UInt64(frame))
    return generator.normal()
  }

  static let plants: [Plant] = [
    Plant(rule: .signalPowerline, says: "V2 (50 Hz, 7", change: sine(.V2, 50, 100)),
    Plant(rule: .signalPowerline, says: "aVL (60 Hz", change: sine(.aVL, 60, 100)),
    Plant(rule: .signalWander, says: "V5 (", change: sine(.V5, 0.2, 3000)),
    Plant(rule: .signalNoise, says: "V1 (", change: map(.V1) { frame, value in value + 400 * noise(frame) }),
    Plant(rule: .unitsAmplitude, says: "too large", change: { signal in signal = signal.scaled(by: 200) }),
    Plant(rule: .unitsAmplitude, says: "too small", change: { signal in signal = signal.scaled(by: 0.001) }),
    Plant(
      rule: .signalHeartRate, says: "no QRS",
      change: { signal in
        for place in signal.microvolts.indices { signal.microvolts[place] = 300 * noise(place) }
      }),
    Plant(
      rule: .qualityUnacceptable, says: "beats of V3 agree", change: map(.V3) { frame, _ in 5 * noise(frame) }
    ),
    Plant(
      rule: .leadsDropout, says: "V4 (1.2 s from 3.0 s)",
      change: map(.V4) { frame, value in (1500..<2100).contains(frame) ? 0 : value }),
    Plant(rule: .leadsSaturated, says: "V6 (at 200 µV)", change: map(.V6) { _, value in min(value, 200) }),
    Plant(
      rule: .leadsFlat, says: "V5 (5 µV) nearly constant",
      change: map(.V5) { frame, _ in (frame / 40).isMultiple(of: 2) ? 5 : 0 }),
    Plant(
      rule: .samplesPadded, says: "first 500 and last 250 frames",
      change: { signal in
        let end = signal.microvolts.count - 250 * 12
        for place in signal.microvolts.indices where place < 500 * 12 || place >= end {
          signal.microvolts[place] = 0
        }
      }),
    Plant(rule: .leadsIdentity, says: "aVF looks inverted", change: map(.aVF) { _, value in -value }),
  ]

  func findings(_ signal: PhysicalSignal) throws -> [Finding] {
    let channels = Lead.names.map { Recording.Channel(name: $0, unit: "uV", gain: 1) }
    let recording = try Recording(
      id: "9", rate: signal.rate, channels: channels, samples: .physical(signal.microvolts))
    let normalizer = try LeadNormalizer(recording, derive: false)
    return SignalAudit.findings(in: signal, of: recording, normalizer)
      + SignalAudit.deepFindings(in: signal, record: recording.id).findings
  }

  @Test(arguments: plants) func tellsWhatWasPlanted(plant: Plant) throws {
    var signal = try AuditSignals.simulated(seed: 5)
    #expect(try findings(signal).isEmpty)
    plant.change(&signal)
    let found = try findings(signal)
    let message = try #require(found.first { $0.rule == plant.rule }, "\(found)").message
    #expect(message.contains(plant.says), "\(message)")
  }

  /// Limits in µV are not asked of a record in a wrong unit.
  @Test func aWrongUnitIsToldAlone() throws {
    let signal = try AuditSignals.simulated(seed: 5).scaled(by: 200)
    let rules = try findings(signal).map(\.rule)
    #expect(rules.contains(.unitsAmplitude))
    #expect(
      !rules.contains(.signalWander) && !rules.contains(.signalPowerline) && !rules.contains(.signalNoise))
  }

  /// Records of I, II and V1 to V6 have no law to break, and their electrodes are looked at all the same; a message has
  /// the score of what it names.
  @Test func suspectsReversedElectrodesInEightLeads() throws {
    var named = 0
    for seed in 0..<12 as Range<UInt64> {
      let whole = try AuditSignals.simulated(seed: seed)
      var frames: [Double] = []
      for frame in 0..<whole.frameCount {
        let (i, ii) = (whole.microvolts[frame * 12], whole.microvolts[frame * 12 + 1])
        // RA and LA exchanged: I is inverted, II becomes III.
        frames += [-i, ii - i] + whole.microvolts[(frame * 12 + 6)..<(frame * 12 + 12)]
      }
      let names = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]
      let recording = try Recording(
        id: "9", rate: 500, channels: names.map { Recording.Channel(name: $0, unit: "uV", gain: 1) },
        samples: .physical(frames))
      let signal = try PhysicalSignal(recording, derive: false)
      guard let finding = SignalAudit.electrodeFindings(in: signal, after: [], record: recording.id).first,
        let audit = ElectrodeReversalAudit(signal), let suspicion = audit.suspicion
      else { continue }
      named += 1
      let score = audit.candidates.first { $0.reversal == suspicion }?.score ?? 0
      #expect(finding.message.contains("score \((score * 10).rounded() / 10)"), "\(finding.message)")
    }
    #expect(named >= 8)
  }

  /// A day of one breach is tried on a part of its seconds.
  @Test func longRecordsKeepAsManySecondsAsTheyNeed() throws {
    var signal = try AuditSignals.simulated(seed: 6)
    let once = signal.microvolts
    for _ in 0..<30 { signal.microvolts += once }
    Self.map(.III) { _, value in -value }(&signal)
    #expect(LimbLeadMoments(signal, LimbLaws.leads).count == 104)
    #expect(LimbLeadAudit(signal)?.explanations.map(\.fault) == [.inverted([.III])])
  }
}
