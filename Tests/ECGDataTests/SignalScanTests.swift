import Testing

@testable import ECGData

@Suite struct SignalScanTests {
  @Test(arguments: 0..<20 as Range<UInt64>, [100.0, 400, 500, 1000])
  func findsNothingInAGoodRecord(seed: UInt64, rate: Double) throws {
    let scan = SignalScan(try AuditSignals.simulated(seed: seed, rate: rate))
    #expect(scan.padding.isEmpty && scan.nearlyFlatLeads.isEmpty)
    for lead in scan.leads {
      #expect(lead.isPresent && !lead.isFlat && lead.rail == nil && lead.dropouts.isEmpty)
      #expect(lead.missingShare == 0 && lead.longestGap == 0)
    }
  }

  @Test(arguments: PlantedDefect.allCases, [250.0, 500])
  func namesADefectInItsLeadOnly(defect: PlantedDefect, rate: Double) throws {
    var named = 0
    for (seed, lead) in Lead.allCases.enumerated() {
      var signal = try AuditSignals.simulated(seed: UInt64(seed), rate: rate)
      var generator = SplitMix64("scan.test", UInt64(seed))
      defect.plant(in: &signal, lead) { generator.uniform() }
      let scan = SignalScan(signal)
      if defect.isNamed(by: scan, lead) { named += 1 }
      for other in Lead.allCases where other != lead {
        let isQuiet = PlantedDefect.allCases.allSatisfy { !$0.isNamed(by: scan, other) }
        #expect(isQuiet, "\(lead): \(other)")
      }
    }
    // A cut on one side may touch one short peak only, which nothing tells from a blunt one.
    #expect(named >= (defect.isOneSided ? 9 : 12))
  }

  @Test func tellsWhichRail() throws {
    var signal = try AuditSignals.simulated(seed: 3)
    signal.change(.V2) { $0 = $0.map { min($0, 150) } }
    signal.change(.V5) { $0 = $0.map { max(-60, min($0, 150)) } }
    let scan = SignalScan(signal)
    #expect(scan[.V2].rail == .high && scan[.V2].highest == 150)
    #expect(scan[.V5].rail == .both)
  }

  @Test func measuresRangesStepsAndGaps() throws {
    var signal = try AuditSignals.simulated(seed: 4)
    let clean = signal[.III]
    signal.change(.III) { line in
      for frame in [0, 1, 2, 100, 101, 4999] { line[frame] = .nan }
      line[2000] = 9000
    }
    let scan = SignalScan(signal)[.III]
    let kept = clean.indices.filter { ![0, 1, 2, 100, 101, 4999, 2000].contains($0) }.map { clean[$0] }
    #expect(scan.missingShare == 6.0 / 5000 && scan.longestGap == 3)
    #expect(scan.highest == 9000 && scan.lowest == min(9000, kept.min() ?? 0))
    #expect(abs(scan.mean - (kept.reduce(0, +) + 9000) / 4994) < 1e-9)
    #expect(scan.largestStep == max(9000 - clean[1999], 9000 - clean[2001]))
  }

  @Test(arguments: [(0, 0.3), (-16000, 0.15), (16000, 0.15), (-1, 0.6), (0, 2)])
  func namesDropouts(level: Double, seconds: Double) throws {
    for (seed, lead) in Lead.allCases.enumerated() {
      var signal = try AuditSignals.simulated(seed: UInt64(seed))
      // The stretch holds a QRS complex, or it would not be missed.
      let beat = try #require(HeartRate(signal)).beats[3]
      let frames = (beat - 10)..<(beat - 10 + Int(seconds * 500))
      signal.change(lead) { line in
        for frame in frames { line[frame] = level }
      }
      let scan = SignalScan(signal)
      #expect(scan[lead].dropouts == [frames], "\(lead)")
      #expect(Lead.allCases.allSatisfy { $0 == lead || scan[$0].dropouts.isEmpty })
    }
  }

  @Test(arguments: [(0, 0), (581, 581), (581, 0), (0, 1162), (16, 15)], [0.0, .nan, 35])
  func findsPadding(ends: (start: Int, end: Int), level: Double) throws {
    let core = try AuditSignals.simulated(seed: 5, rate: 400).microvolts
    func row(_ count: Int) -> [Double] { [Double](repeating: level, count: count * Lead.count) }
    let scan = SignalScan(AuditSignals.signal(row(ends.start) + core + row(ends.end), rate: 400))
    // Short constants other than zero are no padding.
    let isTold = level != 35 || ends.start > 100 || ends.end > 100
    #expect(scan.padding == (isTold ? .init(start: ends.start, end: ends.end) : .init(start: 0, end: 0)))
    #expect(scan.leads.allSatisfy { $0.dropouts.isEmpty && $0.rail != .both })
  }

  @Test func takesEmptyAndAbsentLeads() {
    let none = SignalScan(AuditSignals.signal([], rate: 500))
    #expect(none.leads.allSatisfy { !$0.isPresent } && none.padding.isEmpty)
    let missing = SignalScan(AuditSignals.signal([Double](repeating: .nan, count: 12 * 500), rate: 500))
    #expect(missing.leads.allSatisfy { !$0.isPresent && $0.missingShare == 1 } && missing.padding.isEmpty)
    let zero = SignalScan(AuditSignals.signal([Double](repeating: 0, count: 12 * 500), rate: 500))
    #expect(
      zero.leads.allSatisfy { $0.isFlat && $0.rail == nil && $0.dropouts.isEmpty } && zero.padding.isEmpty)
  }
}
