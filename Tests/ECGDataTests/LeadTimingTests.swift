import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct LeadTimingTests {
  struct Golden: Decodable {
    struct Slip: Decodable {
      var seconds: Double
      var lag: Double
      var starts: [Int]
      var lags: [Double?]
    }
    struct Case: Decodable {
      var rate: Double
      var samples: [Double]
      var agreements: [Double]
      var slips: [String: Slip]
    }
    var cases: [Case]
  }

  static let leads: [Lead] = [.I, .II, .V1, .V2, .V3, .V4, .V5, .V6]

  static func golden() throws -> [Golden.Case] {
    let url = Repository.root.appending(path: "Fixtures/golden/lead_timing.json")
    return try JSONDecoder().decode(Golden.self, from: try Data(contentsOf: url)).cases
  }

  func signal(_ golden: Golden.Case) throws -> PhysicalSignal {
    let channels = Self.leads.map { Recording.Channel(name: $0.name, unit: "uV", gain: 1) }
    return try PhysicalSignal(
      Recording(id: "x", rate: golden.rate, channels: channels, samples: .physical(golden.samples)),
      derive: false)
  }

  /// Lags of each window and what follows from them, as SciPy and NumPy find them (tools/golden/lead_timing.py).
  @Test func agreesWithNumPy() throws {
    let cases = try Self.golden()
    #expect(cases.map(\.slips.count) == [1, 1, 1, 0])
    for golden in cases {
      let signal = try signal(golden)
      let bands = try #require(SignalBands(signal))
      let (wide, sharp) = (try #require(QRSEnvelope(bands)), try #require(QRSEnvelope(bands, window: 0.04)))
      #expect(wide.leads == Self.leads)
      #expect(zip(wide.agreements, golden.agreements).allSatisfy { abs($0 - $1) < 1e-6 })
      let timing = try #require(LeadTiming(signal))
      #expect(timing.slip?.lead.name == golden.slips.keys.first)
      for (name, expected) in golden.slips {
        let lead = try #require(Self.leads.first { $0.name == name })
        let found = LeadTiming.lags(of: lead, in: sharp)
        #expect(found.starts == expected.starts && found.lags.count == expected.lags.count)
        for (lag, expected) in zip(found.lags, expected.lags) {
          #expect(lag.isNaN == (expected == nil))
          if let expected { #expect(abs(lag / sharp.rate - expected) < 1e-6) }
        }
        let slip = try #require(timing.slip)
        #expect(abs(slip.lag - expected.lag) < 1e-6 && abs(slip.seconds - expected.seconds) < 1e-9)
      }
    }
    let last = try #require(LeadTiming(try signal(cases[3])))
    #expect(last.strangers.map(\.lead) == [.V4])
    // Pulses every 0.61 s from 0.75 s on, and the others' beats every 0.83 s from 0.4 s on.
    #expect(last.strangers.first?.beatCount == 12)
  }

  static let seeds = 0..<20 as Range<UInt64>

  @Test(arguments: [100.0, 250, 500]) func findsNothingInACleanRecord(rate: Double) throws {
    for seed in Self.seeds {
      let timing = try #require(LeadTiming(try AuditSignals.simulated(seed: seed, rate: rate)))
      #expect(timing.slip == nil && timing.strangers.isEmpty, "\(seed)")
    }
  }

  /// A chest lead that is held for some milliseconds in mid-record, as the recorders of PTB-XL did.
  @Test(arguments: ChestElectrodeFault.leads, [0.04, 0.1]) func findsASlip(lead: Lead, lag: Double) throws {
    var found = 0
    for seed in Self.seeds {
      var signal = try AuditSignals.simulated(seed: seed)
      let (start, frames) = (Int((4 + Double(seed % 3)) * 500), Int(lag * 500))
      signal.change(lead) { $0.hold(from: start, for: frames) }
      guard let timing = LeadTiming(signal), let slip = timing.slip else { continue }
      found += 1
      #expect(slip.lead == lead && abs(slip.lag - lag) < 0.01 && timing.strangers.isEmpty)
      #expect(abs(slip.seconds - Double(start) / 500) <= 2, "\(seed)")
      let findings = SignalAudit.timingFindings(timing, record: "1")
      #expect(findings.count == 1 && findings.first?.rule == .leadsSlipped)
      let says = "\(lead.name) is \(Int((1000 * slip.lag).rounded())) ms late from about "
      #expect(findings.first?.message.hasPrefix(says) == true)
    }
    #expect(found >= 14)
  }

  /// Several leads that are late together are no fault of the recorder; nor is one that is late throughout.
  @Test func tellsOneSlippedLeadOnly() throws {
    var signal = try AuditSignals.simulated(seed: 1)
    signal.change(.V5) { $0.hold(from: 2500, for: 30) }
    #expect(LeadTiming(signal)?.slip?.lead == .V5)
    signal.change(.V6) { $0.hold(from: 2500, for: 30) }
    #expect(LeadTiming(signal)?.slip == nil)
    var late = try AuditSignals.simulated(seed: 1)
    late.change(.V5) { $0.hold(from: 0, for: 30) }
    #expect(LeadTiming(late)?.slip == nil)
  }

  /// Another heart's V3, at another pace.
  @Test func findsALeadWithBeatsOfItsOwn() throws {
    var found = 0
    for seed in Self.seeds {
      var signal = try AuditSignals.simulated(seed: seed)
      let other = try AuditSignals.simulated(seed: seed + 100)[.V3]
      signal.change(.V3) { $0 = other }
      guard let timing = LeadTiming(signal), !timing.strangers.isEmpty else { continue }
      found += 1
      #expect(timing.strangers.map(\.lead) == [.V3] && timing.slip == nil)
      let stranger = timing.strangers[0]
      #expect(
        SignalAudit.timingFindings(timing, record: "1").map(\.message) == [
          "V3 beats \(stranger.beatCount - stranger.sharedCount) of \(stranger.beatCount) times when the others do not"
        ])
    }
    #expect(found >= 14)
  }

  @Test func saysNothingWithoutSignals() throws {
    #expect(LeadTiming(AuditSignals.signal([], rate: 500)) == nil)
    #expect(LeadTiming(AuditSignals.signal([Double](repeating: 0, count: 60_000), rate: 500)) == nil)
    let short = Array(try AuditSignals.simulated(seed: 1).microvolts.prefix(12 * 1000))
    #expect(LeadTiming(AuditSignals.signal(short, rate: 500))?.slip == nil)
  }
}

extension [Double] {
  /// Holds a sample and lets the others follow late.
  fileprivate mutating func hold(from start: Int, for frames: Int) {
    insert(contentsOf: repeatElement(self[start], count: frames), at: start)
    removeLast(frames)
  }
}
