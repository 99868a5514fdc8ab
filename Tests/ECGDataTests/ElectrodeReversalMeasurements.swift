import Foundation
import TestSupport
import Testing

@testable import ECGData

/// How many planted exchanges of limb electrodes are found on published recordings.
///
/// PTB-XL's fold 9 had no part in the fit (folds 1 to 7) or in the choice of thresholds (fold 8), nor had any other
/// collection. A few recordings may truly be reversed; they count as false alarms.
@Suite(.serialized, .enabled(if: LimbLeadMeasurements.root != nil, "EINTHOVEN_COLLECTIONS names no folder"))
struct ElectrodeReversalMeasurements {
  /// What the limb leads of a recording become: a lead of the true ones, with a sign; all are recorded.
  static func leads(_ reversal: ElectrodeReversal) -> [(sign: Int32, lead: Int)] {
    let (i, ii, iii, r, l, f) = (0, 1, 2, 3, 4, 5)
    return switch reversal {
    case .rightArmLeftArm: [(-1, i), (1, iii), (1, ii), (1, l), (1, r), (1, f)]
    case .rightArmLeftLeg: [(-1, iii), (-1, ii), (-1, i), (1, f), (1, l), (1, r)]
    case .leftArmLeftLeg: [(1, ii), (1, i), (-1, iii), (1, r), (1, f), (1, l)]
    case .clockwise: [(1, iii), (-1, i), (-1, ii), (1, l), (1, f), (1, r)]
    case .counterclockwise: [(-1, ii), (-1, iii), (1, i), (1, f), (1, r), (1, l)]
    default: []
    }
  }

  struct Score {
    var audit: ElectrodeReversalAudit
    /// For each scored reversal: its score and suspicion once it is planted.
    var planted: [(score: Double, suspicion: ElectrodeReversal?)]
    var microseconds: Double

    func score(_ reversal: ElectrodeReversal) -> Double {
      audit.candidates.first { $0.reversal == reversal }?.score ?? -.infinity
    }
  }

  static func scores(_ paths: [String]) throws -> [Score] {
    try Parallel.map(paths.count, jobs: 2) { index -> Score? in
      let recording = try WFDBReader.read(paths[index]).recording
      let signal = try PhysicalSignal(recording, derive: false)
      let start = ContinuousClock.now
      let untouched = ElectrodeReversalAudit(signal)
      let time = (ContinuousClock.now - start) / .microseconds(1)
      guard let untouched else { return nil }
      let planted = try ElectrodeReversal.scored.map { reversal in
        let leads = ElectrodeReversalMeasurements.leads(reversal)
        let fault = PlantedLimbFault(kind: "", faults: []) { limb, frame in
          limb = leads.map { $0.sign * frame[$0.lead] }
        }
        let audit = try fault.planted(in: recording).flatMap { ElectrodeReversalAudit($0) }
        let score = audit?.candidates.first { $0.reversal == reversal }?.score ?? -.infinity
        return (score, audit?.suspicion)
      }
      return Score(audit: untouched, planted: planted, microseconds: time)
    }.compactMap { $0 }
  }

  /// Sensitivity at the score that 98 % of the same records stay below as they are, by reversal.
  static func show(_ name: String, _ scores: [Score]) -> [ElectrodeReversal: Double] {
    let count = Double(max(1, scores.count))
    func percent(_ part: Int) -> String { String(format: "%.1f %%", 100 * Double(part) / count) }
    let alarms = Dictionary(grouping: scores.compactMap(\.audit.suspicion)) { $0 }.mapValues(\.count)
    let time = scores.map(\.microseconds).sorted()
    print("\(name): \(scores.count) records, \(Int(time.isEmpty ? 0 : time[time.count / 2])) µs each")
    print("  suspected as they are: \(alarms.map { "\($0.key) \($0.value)" }.sorted())")
    var result: [ElectrodeReversal: Double] = [:]
    for (index, reversal) in ElectrodeReversal.scored.enumerated() {
      let untouched = scores.map { $0.score(reversal) }.sorted()
      guard !untouched.isEmpty else { continue }
      let limit = untouched[min(untouched.count - 1, Int(0.98 * count))]
      let fixed = scores.first?.audit.candidates.first { $0.reversal == reversal }?.limit ?? 0
      let found = scores.count { $0.planted[index].score > limit }
      result[reversal] = Double(found) / count
      print(
        "  \(reversal): sensitivity \(percent(found)) at 98 % specificity here;",
        "\(percent(scores.count { $0.planted[index].score > fixed })) at the limit of folds 1-7,",
        "specificity \(percent(untouched.count { $0 <= fixed })); suspected",
        "\(percent(scores.count { $0.planted[index].suspicion == reversal })), as another",
        percent(scores.count { ![nil, reversal].contains($0.planted[index].suspicion) }))
    }
    return result
  }

  @Test func findsPlantedReversals() throws {
    let root = try #require(LimbLeadMeasurements.root)
    let ptbxl = try Datasets.open("\(root)/ptbxl")
    for (name, folds) in [("PTB-XL folds 1-7", 1...7), ("PTB-XL fold 8", 8...8), ("PTB-XL fold 9", 9...9)] {
      let paths = ptbxl.records.filter { folds.contains(Int($0.fold)) }.compactMap { record in
        record.files.first { $0.hasSuffix(".hea") }.map { "\(root)/ptbxl/\($0)" }
      }
      let scores = try ElectrodeReversalMeasurements.scores(paths)
      let sensitivity = ElectrodeReversalMeasurements.show(name, scores)
      for reversal in ElectrodeReversal.scored {
        #expect((sensitivity[reversal] ?? 0) > (reversal == .leftArmLeftLeg ? 0.6 : 0.9), "\(name)")
      }
      if name.hasSuffix("9") {
        let named = scores.count { $0.planted[0].suspicion == .rightArmLeftArm }
        #expect(Double(named) > 0.9 * Double(scores.count))
      }
      let alarms = scores.count { $0.audit.suspicion != nil }
      #expect(Double(alarms) <= 0.01 * Double(scores.count), "\(name)")
    }
    for collection in LimbLeadMeasurements.golden.keys.sorted() where !collection.hasPrefix("ptbxl") {
      let scores = try ElectrodeReversalMeasurements.scores(
        LimbLeadMeasurements.headers(collection, below: root))
      let sensitivity = ElectrodeReversalMeasurements.show(collection, scores)
      if collection.hasSuffix("georgia") || collection.hasSuffix("chapman_ningbo") {
        #expect((sensitivity[.rightArmLeftArm] ?? 0) > 0.9, "\(collection)")
      }
    }
  }
}
