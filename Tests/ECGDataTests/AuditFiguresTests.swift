import Foundation
import TestSupport
import Testing

@testable import ECGData

/// What the audits are worth on real recordings; each test prints its figures.
///
/// They look at whole data sets and take about two minutes, so they run only where EINTHOVEN_COLLECTIONS names the
/// folder that ../shared/data/unpack.py wrote: `tools/test --python` does.
@Suite(
  .serialized,
  .enabled(if: AuditSignals.folder != nil, "needs EINTHOVEN_COLLECTIONS; see tools/test --collections"))
struct AuditFiguresTests {
  static let ptbxl = Result { try AuditSignals.real("ptbxl/records500") }
  static let collections = [
    "challenge/chapman_ningbo", "challenge/cpsc2018", "challenge/cpsc2018_extra", "challenge/georgia",
  ]

  func percent(_ part: Int, _ whole: Int) -> String {
    String(format: "%.2f %%", 100 * Double(part) / Double(whole))
  }

  @Test func namesPlantedDefectsAndNoOthers() throws {
    let records = try Self.ptbxl.get()
    #expect(records.count == 2664)
    let alarms = try Parallel.map(records.count, jobs: 2) { index -> String? in
      let scan = SignalScan(records[index].signal)
      let names = Lead.allCases.filter {
        scan[$0].isFlat || scan[$0].rail != nil || !scan[$0].dropouts.isEmpty
          || scan.nearlyFlatLeads.contains($0)
      }
      return names.isEmpty && scan.padding.isEmpty
        ? nil : "\(records[index].id): \(names.map { "\($0) \(scan[$0])" }), \(scan.padding)"
    }.compactMap { $0 }
    print("untouched PTB-XL named: \(alarms.count) of \(records.count)\n\(alarms.joined(separator: "\n"))")
    #expect(Double(alarms.count) <= 0.001 * Double(records.count))

    for defect in PlantedDefect.allCases {
      let named = try Parallel.map(records.count, jobs: 2) { index in
        var signal = records[index].signal
        let lead = Lead.allCases[index % Lead.count]
        var generator = SplitMix64("figures", UInt64(index))
        defect.plant(in: &signal, lead) { generator.uniform() }
        return defect.isNamed(by: SignalScan(signal), lead)
      }.count { $0 }
      print("planted \(defect): named in \(percent(named, records.count))")
      #expect(Double(named) >= (defect.isOneSided ? 0.94 : 0.99) * Double(records.count), "\(defect)")
    }
  }

  /// Slipped leads and misplaced chest electrodes of PTB-XL as it is: those that the doc comments tell of.
  @Test func findsSlippedLeadsAndMisplacedChestElectrodes() throws {
    let records = try Self.ptbxl.get()
    func id(_ name: String) -> Int { Int(name.split(separator: "/").last?.prefix(5) ?? "") ?? 0 }
    let found = try Parallel.map(records.count, jobs: 2) { index in
      (LeadTiming(records[index].signal), ChestElectrodeAudit(records[index].signal))
    }
    let slipped = zip(records, found).filter { $1.0?.slip != nil }.map { id($0.0.id) }
    #expect(
      Set(slipped) == [158, 159, 164, 173, 179, 181, 465, 483, 498, 2590, 5920, 7844, 9926, 11804])
    let strangers = zip(records, found).filter { $1.0?.strangers.isEmpty == false }
    #expect(strangers.map { id($0.0.id) } == [19299])
    #expect(strangers.first?.1.0?.strangers.map(\.lead) == [.V4, .V5])
    let suspected = zip(records, found).filter { $1.1?.suspicion != nil }.map { id($0.0.id) }
    print("chest electrodes of \(suspected.count) of \(records.count) suspected: \(suspected)")
    #expect(Set(suspected).isSuperset(of: [497, 1106, 3956, 16625, 20869, 1057]))
    #expect(suspected.count == 15)
  }

  @Test func chestElectrodesAndTimesAreCheap() throws {
    let records = try Self.ptbxl.get().prefix(300)
    let beats = records.compactMap { AverageBeat($0.signal) }
    let envelopes = records.compactMap { record in
      SignalBands(record.signal).flatMap { bands in QRSEnvelope(bands).map { (bands, $0) } }
    }
    var (forChest, forTimes) = (Duration.seconds(1), Duration.seconds(1))
    var count = 0
    for _ in 0..<5 {
      let chest = ContinuousClock().measure {
        for beat in beats { count += ChestElectrodeAudit(beat).candidates.count }
      }
      let times = ContinuousClock().measure {
        for (bands, envelope) in envelopes { count += LeadTiming(bands, envelope) == nil ? 0 : 1 }
      }
      (forChest, forTimes) = (min(forChest, chest / beats.count), min(forTimes, times / envelopes.count))
    }
    print("beyond the beat, chest electrodes: \(forChest); beyond the envelopes, times: \(forTimes)")
    #expect(count == 5 * (22 * beats.count + envelopes.count))
  }

  @Test func onePassIsCheap() throws {
    let records = try Self.ptbxl.get().prefix(200)
    var shortest = Duration.seconds(1)
    var leads = 0
    for _ in 0..<5 {
      let time = ContinuousClock().measure {
        for record in records { leads += SignalScan(record.signal).leads.count }
      }
      shortest = min(shortest, time / records.count)
    }
    print("one pass over 12 x 5000 samples: \(shortest)")
    #expect(leads == 5 * 12 * records.count)
  }

  @Test func theScoreFollowsHumanReaders() throws {
    let folder = try #require(AuditSignals.folder)
    let table = try String(contentsOfFile: "\(folder)/quality2011/quality_labels.csv", encoding: .utf8)
    let unacceptable = Set(
      table.split(whereSeparator: \.isNewline).filter { $0.hasSuffix(",unacceptable") }
        .compactMap { $0.split(separator: ",").first.map(String.init) })
    let records = try AuditSignals.real("quality2011/wfdb")
    #expect(records.count == 300 && unacceptable.count == 150)
    var seen: Set<[Double]> = []
    var (all, unique): ([(Double, Bool)], [(Double, Bool)]) = ([], [])
    for record in records {
      let score = try #require(SignalQuality(record.signal)).score
      all.append((score, unacceptable.contains(record.id)))
      if seen.insert(record.signal.microvolts).inserted, let last = all.last { unique.append(last) }
    }
    func area(_ cases: [(score: Double, isBad: Bool)]) -> Double {
      QualityCrossValidation.area(cases.map { ($0.score, !$0.isBad) })
    }
    func called(_ isBad: Bool) -> String {
      let some = unique.filter { $0.1 == isBad }
      return percent(some.count { $0.0 < SignalQuality.leastScore }, some.count)
    }
    print("quality: AUC \(area(all)) of 300, \(area(unique)) of \(unique.count) different signals")
    print("called bad: \(called(true)) of the unacceptable, \(called(false)) of the acceptable")
    #expect(area(all) >= 0.95 && area(unique) >= 0.95 && unique.count == 262)

    for name in ["ptbxl/records500"] + Self.collections + ["code15/wfdb"] {
      let records = name.hasPrefix("ptbxl") ? try Self.ptbxl.get() : try AuditSignals.real(name)
      let bad = try Parallel.map(records.count, jobs: 2) {
        (SignalQuality(records[$0].signal)?.score ?? 1) < SignalQuality.leastScore
      }.count { $0 }
      print("called bad in \(name): \(percent(bad, records.count)) of \(records.count)")
      if name.hasPrefix("ptbxl") { #expect(Double(bad) <= 0.02 * Double(records.count)) }
    }
  }

  @Test func wrongGainsAreNamed() throws {
    func audits(_ records: [(id: String, signal: PhysicalSignal)]) throws -> [AmplitudeAudit] {
      try Parallel.map(records.count, jobs: 2) { AmplitudeAudit(records[$0].signal) }.compactMap { $0 }
    }
    // E00015 and E00018 state a gain of 4880 per mV, and are the case itself.
    var sets = [("ptb-xl", try audits(Self.ptbxl.get()))]
    for name in Self.collections {
      let records = try AuditSignals.real(name).filter { !["E00015", "E00018"].contains($0.id) }
      sets.append((name, try audits(records)))
    }
    let all = sets.flatMap(\.1)
    let alarms = all.count { $0.verdict != .usual }
    let strong = all.count { $0.verdict == .tooSmall || $0.verdict == .tooLarge }
    print(
      "single records: \(percent(alarms, all.count)) of \(all.count) untouched are unusual, \(strong) impossible"
    )
    #expect(Double(alarms) <= 0.0125 * Double(all.count))
    let factors = [
      2, 0.5, 4.88, 1 / 4.88, 5, 0.2, 10, 0.1, 100, 0.01, 200, 1 / 200.0, 306, 1 / 306.0, 1000, 0.001,
      1 / 2000.0,
    ]
    for factor in factors {
      let planted = all.map { AmplitudeAudit(amplitude: $0.amplitude * factor) }
      let unusual = planted.count { $0.verdict != .usual }
      let named = planted.count { audit in audit.explanations.contains { $0.factor == factor } }
      let told = planted.count { $0.verdict == .tooSmall || $0.verdict == .tooLarge }
      print(
        "single record x\(Float(factor)): unusual \(percent(unusual, all.count)), factor among the explanations "
          + "\(percent(named, all.count)), told as a finding \(percent(told, all.count))")
      if factor >= 4 || factor <= 0.25 { #expect(Double(unusual) >= 0.98 * Double(all.count)) }
    }

    // Draws with replacement, for most sets here have fewer than fifty records.
    let draws = 1000
    for (name, audits) in sets {
      var generator = SplitMix64("draws", 1)
      for factor in [1] + factors {
        var (told, named, first) = (0, 0, 0)
        for _ in 0..<draws {
          var amplitudes = CollectionAmplitude()
          for _ in 0..<50 {
            let one = audits[generator.index(below: audits.count)]
            amplitudes.add(AmplitudeAudit(amplitude: one.amplitude * factor))
          }
          guard let verdict = amplitudes.verdict else { continue }
          told += 1
          if verdict.explanations.contains(where: { $0.factor == factor }) { named += 1 }
          if let nearest = verdict.explanations.first?.factor, abs(log10(nearest / factor)) < 0.02 {
            first += 1
          }
        }
        print(
          "50 records of \(name) x\(Float(factor)): told \(percent(told, draws)), factor named "
            + "\(percent(named, draws)), first \(percent(first, draws))")
        if factor == 1 { #expect(told == 0, "\(name)") }
        if [10, 0.2, 4.88, 1 / 200.0].contains(factor) {
          #expect(told == draws && named == draws, "\(name) \(factor)")
        }
      }
    }
    let code = try audits(AuditSignals.real("code15/wfdb"))
    var generator = SplitMix64("draws", 2)
    var named = 0
    for _ in 0..<draws {
      var amplitudes = CollectionAmplitude()
      for _ in 0..<50 { amplitudes.add(code[generator.index(below: code.count)]) }
      if amplitudes.verdict?.explanations.first?.factor == 2 { named += 1 }
    }
    var whole = CollectionAmplitude()
    for audit in code { whole.add(audit) }
    print("CODE-15 as mV: \(SignalAudit.findings(in: whole, of: "code-15").map(\.message))")
    print("50 records of it: named in \(percent(named, draws))")
    #expect(whole.verdict?.explanations.first?.factor == 2)
    #expect(Double(named) >= 0.98 * Double(draws))
  }
}
