import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct ChestElectrodeTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      var products: [Double]
      var scores: [Double]
    }
    var cases: [Case]
  }

  static func golden() throws -> [Golden.Case] {
    let url = Repository.root.appending(path: "Fixtures/golden/chest_electrodes.json")
    return try JSONDecoder().decode(Golden.self, from: try Data(contentsOf: url)).cases
  }

  /// Products and scores as NumPy computes them of the same signals as those of limb electrodes
  /// (tools/python/chest_electrodes.py).
  @Test func agreesWithNumPy() throws {
    let golden = try Self.golden()
    let signals = ElectrodeReversalTests.golden
    #expect(golden.count == 4 && signals.count == 4)
    for (golden, made) in zip(golden, signals) {
      let signal = try ElectrodeReversalTests().signal(made)
      let products = ChestElectrodeAudit.Products(try #require(AverageBeat(signal))).values
      #expect(products.count == 81 && golden.products.count == 81)
      #expect(zip(products, golden.products).allSatisfy { abs($0 - $1) < 1e-9 })
      let audit = try #require(ChestElectrodeAudit(signal))
      #expect(golden.scores.count == 22 && ChestElectrodeFault.scored.count == 22)
      for (fault, score) in zip(ChestElectrodeFault.scored, golden.scores) {
        #expect(abs(try #require(audit.score(fault)) - score) < 1e-9, "\(fault)")
      }
      #expect(audit.suspicion == nil)
    }
  }

  /// What makes a fault undoes it: its score is that of the record as it was, with the other sign.
  @Test(arguments: ChestElectrodeFault.scored) func plantedFaultsScoreAsMuchAsTheyLacked(
    fault: ChestElectrodeFault
  ) throws {
    let signal = try AuditSignals.simulated(seed: 2)
    let before = try #require(ChestElectrodeAudit(signal)?.score(fault))
    let audit = try #require(ChestElectrodeAudit(signal.with(fault)))
    #expect(abs(try #require(audit.score(fault)) + before) < 1e-9)
    #expect(audit.candidates.count == 22)
    #expect(zip(audit.candidates, audit.candidates.dropFirst()).allSatisfy { $0.score >= $1.score })
  }

  static let seeds = 0..<20 as Range<UInt64>

  @Test func suspectsNoCleanRecord() throws {
    for seed in Self.seeds {
      #expect(ChestElectrodeAudit(try AuditSignals.simulated(seed: seed))?.suspicion == nil, "\(seed)")
    }
  }

  /// How many of 20 simulated records at least are suspected of what is planted in them.
  static let planted: [(fault: ChestElectrodeFault, least: Int)] = [
    (.inverted(.V1), 18), (.inverted(.V2), 18), (.inverted(.V3), 19), (.inverted(.V4), 19),
    (.inverted(.V5), 19),
    (.inverted(.V6), 19), (.exchanged(.V1, .V2), 10), (.exchanged(.V2, .V3), 12), (.exchanged(.V3, .V4), 13),
    (.exchanged(.V1, .V3), 19), (.exchanged(.V2, .V5), 19), (.exchanged(.V1, .V6), 19), (.reversed, 18),
  ]

  @Test(arguments: planted) func namesAPlantedFault(_ planted: (fault: ChestElectrodeFault, least: Int))
    throws
  {
    let found = try Self.seeds.count {
      ChestElectrodeAudit(try AuditSignals.simulated(seed: $0).with(planted.fault))?.suspicion
        == planted.fault
    }
    #expect(found >= planted.least)
  }

  @Test func saysNothingWithoutAllChestLeads() throws {
    var flat = try AuditSignals.simulated(seed: 1).with(.exchanged(.V1, .V6))
    #expect(ChestElectrodeAudit(flat)?.suspicion == .exchanged(.V1, .V6))
    var absent = flat
    flat.leadFlags[Lead.V4.rawValue].insert(.flat)
    flat.change(.V4) { line in line = line.map { _ in 0 } }
    #expect(ChestElectrodeAudit(flat)?.candidates.isEmpty == true)
    #expect(ChestElectrodeAudit(flat)?.suspicion == nil)
    absent.mask.subtract(LeadMask(rawValue: 1 << UInt16(Lead.V4.rawValue)))
    absent.change(.V4) { line in line = line.map { _ in .nan } }
    #expect(ChestElectrodeAudit(absent)?.candidates.isEmpty == true)
    #expect(ChestElectrodeAudit(AuditSignals.signal([], rate: 500)) == nil)
  }

  /// A fault of the chest is told with its score and its leads, and not as exchanged limb electrodes as well.
  @Test func tellsTheMoreProbableFaultOnly() throws {
    for seed in Self.seeds {
      let signal = try AuditSignals.simulated(seed: seed).with(.exchanged(.V1, .V6))
      let score = try #require(ChestElectrodeAudit(signal)?.score(.exchanged(.V1, .V6)))
      guard score > 7 else { continue }
      let findings = SignalAudit.electrodeFindings(in: signal, after: [], record: "1")
      #expect(
        findings == [
          Finding(
            record: "1", rule: .leadsChest,
            "V1 and V6 look exchanged (by the waves' shapes, score \((score * 10).rounded() / 10))")
        ])
      let marks = RecordPicture.Mark.marks(of: findings, in: signal)
      #expect(marks.map(\.lead) == [.V1, .V6])
      let broken = [Finding(record: "1", rule: .leadsIdentity, "")]
      #expect(SignalAudit.electrodeFindings(in: signal, after: broken, record: "1").isEmpty)
    }
  }
}

extension ChestElectrodeAudit {
  fileprivate func score(_ fault: ChestElectrodeFault) -> Double? {
    candidates.first { $0.fault == fault }?.score
  }
}

extension PhysicalSignal {
  /// The signal with a fault in its chest leads.
  fileprivate func with(_ fault: ChestElectrodeFault) -> PhysicalSignal {
    var signal = self
    for (lead, source) in zip(Lead.V1.rawValue..., fault.correction) {
      for row in stride(from: 0, to: microvolts.count, by: Lead.count) {
        signal.microvolts[row + lead] = source.sign * microvolts[row + Lead.V1.rawValue + source.place]
      }
    }
    return signal
  }
}
