import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct ElectrodeReversalTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      var rate: Double
      var samples: [Int32]
      var beat: [Double]
      var features: [Double]
      var scores: [Double]
    }
    var cases: [Case]
  }

  static let golden: [Golden.Case] = {
    let url = Repository.root.appending(path: "Fixtures/golden/electrode_reversal.json")
    guard let data = try? Data(contentsOf: url) else { return [] }
    return (try? JSONDecoder().decode(Golden.self, from: data))?.cases ?? []
  }()

  /// Eight leads, or those of `names`, as a signal in µV.
  func signal(_ golden: Golden.Case, names: [String] = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]) throws
    -> PhysicalSignal
  {
    let channels = names.map { Recording.Channel(name: $0, unit: "uV", gain: 1) }
    let recording = try Recording(
      id: "x", rate: golden.rate, channels: channels, samples: .digital(golden.samples))
    return try PhysicalSignal(recording, derive: true)
  }

  @Test func hasGoldenCases() { #expect(ElectrodeReversalTests.golden.count == 4) }

  /// Beats, products and scores as NumPy computes them (tools/golden/electrode_reversal.py).
  @Test(arguments: golden.indices) func agreesWithNumPy(index: Int) throws {
    let golden = ElectrodeReversalTests.golden[index]
    let signal = try signal(golden)
    let beat = try #require(AverageBeat(signal))
    for lead in 0..<8 {
      let level = (golden.beat[8 * 8 + lead] + golden.beat[9 * 8 + lead]) / 2
      for bin in 0..<AverageBeat.count {
        #expect(abs(beat[lead, bin] - (golden.beat[bin * 8 + lead] - level)) < 1e-9)
      }
    }
    let products = ElectrodeReversalAudit.Products(beat).values
    #expect(products.count == golden.features.count)
    #expect(zip(products, golden.features).allSatisfy { abs($0 - $1) < 1e-9 })
    let audit = try #require(ElectrodeReversalAudit(signal))
    for (reversal, score) in zip(ElectrodeReversal.scored, golden.scores) {
      let found = try #require(audit.candidates.first { $0.reversal == reversal })
      #expect(abs(found.score - score) < 1e-9)
    }
  }

  /// What was exchanged is what its correction undoes, and is found.
  @Test(arguments: ElectrodeReversal.scored) func findsAndUndoesAnExchange(reversal: ElectrodeReversal) throws
  {
    let golden = ElectrodeReversalTests.golden[1]
    let correction = try #require(reversal.correction)
    let exchanged = try exchange(golden, reversal)
    for frame in stride(from: 0, to: golden.samples.count, by: 8) {
      let (i, ii) = (Double(exchanged.samples[frame]), Double(exchanged.samples[frame + 1]))
      #expect(correction.i.0 * i + correction.i.1 * ii == Double(golden.samples[frame]))
      #expect(correction.ii.0 * i + correction.ii.1 * ii == Double(golden.samples[frame + 1]))
    }
    #expect(try ElectrodeReversalAudit(signal(golden))?.suspicion == nil)
    let audit = try #require(ElectrodeReversalAudit(try signal(exchanged)))
    #expect(audit.candidates.first?.reversal == reversal)
    #expect(zip(audit.candidates, audit.candidates.dropFirst()).allSatisfy { $0.score >= $1.score })
  }

  /// The potentials of the electrodes, moved.
  func exchange(_ golden: Golden.Case, _ reversal: ElectrodeReversal) throws -> Golden.Case {
    var golden = golden
    for frame in stride(from: 0, to: golden.samples.count, by: 8) {
      // RA as zero, and RL as LL.
      let places = (ra: Int32(0), la: golden.samples[frame], ll: golden.samples[frame + 1])
      let (ra, la, ll) =
        switch reversal {
        case .rightArmLeftArm: (places.la, places.ra, places.ll)
        case .rightArmLeftLeg: (places.ll, places.la, places.ra)
        case .leftArmLeftLeg: (places.ra, places.ll, places.la)
        case .clockwise: (places.la, places.ll, places.ra)
        case .counterclockwise: (places.ll, places.ra, places.la)
        case .rightArmRightLeg: (places.ll, places.la, places.ll)
        case .leftArmRightLeg: (places.ra, places.ll, places.ll)
        case .armsLegs: (places.ll, places.ll, places.ra)
        }
      (golden.samples[frame], golden.samples[frame + 1]) = (la - ra, ll - ra)
    }
    return golden
  }

  @Test(arguments: [ElectrodeReversal.rightArmRightLeg, .leftArmRightLeg, .armsLegs])
  func seesAnExchangeWithTheNeutralElectrode(reversal: ElectrodeReversal) throws {
    let audit = ElectrodeReversalAudit(try signal(try exchange(ElectrodeReversalTests.golden[0], reversal)))
    #expect(audit?.suspicion == reversal && audit?.candidates.isEmpty == true)
  }

  @Test func takesAnyTwoBipolarLeads() throws {
    var golden = ElectrodeReversalTests.golden[0]
    let whole = try #require(ElectrodeReversalAudit(try signal(golden)))
    for frame in stride(from: 0, to: golden.samples.count, by: 8) {
      golden.samples[frame] = golden.samples[frame + 1] - golden.samples[frame]
    }
    let third = try signal(golden, names: ["III", "II", "V1", "V2", "V3", "V4", "V5", "V6"])
    let audit = try #require(ElectrodeReversalAudit(third))
    for (a, b) in zip(whole.candidates, audit.candidates) {
      #expect(a.reversal == b.reversal && abs(a.score - b.score) < 1e-9)
    }
  }

  @Test func saysNothingWithoutLeadsOrBeats() throws {
    var golden = ElectrodeReversalTests.golden[0]
    let few = try signal(golden, names: ["I", "II", "V1", "V2", "x", "y", "z", "w"])
    #expect(ElectrodeReversalAudit(few)?.candidates.isEmpty == true)
    #expect(ElectrodeReversalAudit(few)?.suspicion == nil)
    #expect(
      ElectrodeReversalAudit(try signal(golden, names: ["I", "aVR", "V1", "V2", "V3", "V4", "V5", "V6"]))
        == nil)
    golden.rate = .infinity
    #expect(ElectrodeReversalAudit(try signal(golden)) == nil)
    golden.rate = 250
    golden.samples = golden.samples.map { _ in 0 }
    #expect(ElectrodeReversalAudit(try signal(golden)) == nil)
    golden.samples = Array(golden.samples.prefix(8 * 3))
    #expect(ElectrodeReversalAudit(try signal(golden)) == nil)
  }
}
