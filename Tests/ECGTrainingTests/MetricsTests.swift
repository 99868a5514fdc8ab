import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// Figures of scored records against scikit-learn, against brute force, and what intervals promise.
@Suite struct MetricsTests {
  private struct Case: Decodable {
    var scores: [[Float]]
    var targets: [[Float]]
    var weights: [Int]
    var area: [Double?]
    var precision: [Double?]
    var weightedArea: [Double?]
    var weightedPrecision: [Double?]
    var thresholds: [Float]
    var f: [Double?]
    var g: [Double?]
    var thresholdsF: [Float?]
    var thresholdsG: [Float?]
    var fmax: Double?

    func records() throws -> ScoredRecords {
      try ScoredRecords(classes: area.indices.map(String.init), scores: scores, targets: targets)
    }
  }

  private static let cases = Result {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let data = try Data(contentsOf: root.appending(path: "Fixtures/golden/metrics.json"))
    return try JSONDecoder().decode([String: Case].self, from: data)
  }

  private func expect(_ found: [Double?], _ wanted: [Double?]) {
    #expect(found.count == wanted.count)
    for (one, other) in zip(found, wanted) {
      #expect((one == nil) == (other == nil))
      if let one, let other { #expect(abs(one - other) <= 1e-9, "\(one) \(other)") }
    }
  }

  @Test(arguments: [
    "random", "ties", "two levels", "without outcomes", "rare", "a record", "two records",
  ])
  func agreesWithScikitLearn(name: String) throws {
    let golden = try #require(try Self.cases.get()[name])
    let records = try golden.records()
    expect(records.areas.classes, golden.area)
    expect(records.averagePrecisions.classes, golden.precision)
    let ranked = records.classes.indices.map { records.ranked($0) }
    expect(ranked.map { $0.area(golden.weights) }, golden.weightedArea)
    expect(ranked.map { $0.averagePrecision(golden.weights) }, golden.weightedPrecision)
    let beta = try BetaScores(records, ClassThresholds(golden.thresholds))
    expect(beta.f.classes, golden.f)
    expect(beta.g.classes, golden.g)
    for (figure, wanted) in [(BetaScores.Figure.f, golden.thresholdsF), (.g, golden.thresholdsG)] {
      #expect(ClassThresholds(maximizing: figure, on: records).values == wanted.map { $0 ?? .infinity })
    }
    expect([records.fmax], [golden.fmax])
  }

  @Test func classesWithoutBothOutcomesAreLeftOut() throws {
    let records = try ScoredRecords(
      classes: ["a", "b"], scores: [[0.1, 0.2], [0.9, 0.3]], targets: [[0, 0], [1, 0]])
    #expect(records.areas.classes == [1, nil] && records.areas.mean == 1)
    #expect(records.areas.meanWithHalves == 0.75)
    let none = try ScoredRecords(classes: ["a"], scores: [[0.1]], targets: [[1]])
    #expect(none.areas.mean == nil && none.resampledArea()([1]) == nil)
    #expect(try Bootstrap(records: 1, resamples: 10, seed: 0).interval(none.resampledArea()) == nil)
  }

  @Test func whatIsNoTableIsRefused() throws {
    let attempts: [([[Float]], [[Float]])] = [
      ([[0.1]], [[1, 0]]), ([[0.1, 0.2]], []), ([[0.1, .nan]], [[1, 0]]), ([[.infinity, 0]], [[1, 0]]),
    ]
    for (scores, targets) in attempts {
      let error = #expect(throws: ECGError.self) {
        try ScoredRecords(classes: ["a", "b"], scores: scores, targets: targets)
      }
      #expect(error?.code == .invalidArgument)
    }
    let records = try ScoredRecords(classes: ["a"], scores: [[0.1]], targets: [[0]])
    #expect(throws: ECGError.self) { try BetaScores(records, ClassThresholds([0, 1])) }
    #expect(throws: ECGError.self) { try CPSCScore(records) }
    #expect(throws: ECGError.self) { try Bootstrap(records: 2, patients: [1], seed: 0) }
  }

  /// Scores of two normal distributions a standard deviation apart, whose area is Φ(1 / √2).
  private func binormal(_ count: Int, _ generator: inout SplitMix64) throws -> ScoredRecords {
    let rows = (0..<count).map { index -> (Float, Float) in
      let isPositive = index % 4 == 0
      return (Float(generator.normal() + (isPositive ? 1 : 0)), isPositive ? 1 : 0)
    }
    return try ScoredRecords(classes: ["a"], scores: rows.map { [$0.0] }, targets: rows.map { [$0.1] })
  }

  /// Intervals of 95 % hold the true area in 95 of 100 studies; 93 are asked for.
  @Test func intervalsHaveTheirCoverage() throws {
    let truth = 0.5 * (1 + erf(0.5))
    var generator = SplitMix64("coverage", 1)
    var held = 0
    for study in 0..<400 {
      let records = try binormal(160, &generator)
      let interval = try #require(
        try Bootstrap(records: 160, resamples: 400, seed: UInt64(study)).interval(records.resampledArea()))
      if interval.low <= truth, truth <= interval.high { held += 1 }
    }
    #expect((372...392).contains(held), "\(held) of 400")
  }

  /// Records of one patient that are all the same tell no more than one of them.
  @Test func intervalsByPatientAreAsWideAsTheyMustBe() throws {
    var generator = SplitMix64("patients", 1)
    let records = try binormal(80, &generator)
    let scores = (0..<80).flatMap { index in
      [[Float]](repeating: [records.scores[index]], count: 5)
    }
    let targets = (0..<80).flatMap { index in
      [[Float]](repeating: [records.targets[index] ? 1 : 0], count: 5)
    }
    let copies = try ScoredRecords(classes: ["a"], scores: scores, targets: targets)
    let patients = (0..<400).map { UInt64($0 / 5 + 1) }
    func width(_ bootstrap: Bootstrap, _ records: ScoredRecords) throws -> Double {
      let interval = try #require(bootstrap.interval(records.resampledArea()))
      return interval.high - interval.low
    }
    let single = try width(Bootstrap(records: 80, resamples: 2000, seed: 1), records)
    let byPatient = try width(
      Bootstrap(records: 400, patients: patients, resamples: 2000, seed: 1), copies)
    let byRecord = try width(Bootstrap(records: 400, resamples: 2000, seed: 1), copies)
    #expect(abs(byPatient / single - 1) < 0.02 && byRecord < 0.6 * single)
    // Unknown patients are one each.
    let unknown = try width(
      Bootstrap(records: 400, patients: [UInt64](repeating: 0, count: 400), resamples: 2000, seed: 1),
      copies)
    #expect(unknown == byRecord)
  }

  /// The same runs are not apart; one with noise added is.
  @Test func comparesTwoRuns() throws {
    var generator = SplitMix64("runs", 2)
    let one = try binormal(300, &generator)
    let bootstrap = try Bootstrap(records: 300, resamples: 500, seed: 3)
    let same = try PairedComparison(one, one, bootstrap, permutations: 200, seed: 4)
    #expect(same.difference == 0 && same.probability == 1)
    #expect(same.interval == Bootstrap.Interval(low: 0, high: 0))
    func noisy(_ amount: Double, scale: Float = 1) throws -> ScoredRecords {
      try ScoredRecords(
        classes: one.classes, scores: one.scores.map { [scale * ($0 + Float(amount * generator.normal()))] },
        targets: one.targets.map { [$0 ? 1 : 0] })
    }
    let worse = try PairedComparison(one, noisy(2, scale: 100), bootstrap, permutations: 200, seed: 4)
    #expect(worse.difference > 0.05 && worse.interval.low > 0 && worse.probability < 0.02)
    var low = 0
    for _ in 0..<100 {
      // Two equally noisy runs: one in twenty is called different.
      let found = try PairedComparison(
        noisy(0.5), noisy(0.5), Bootstrap(records: 300, resamples: 2, seed: 3), permutations: 99, seed: 5)
      if found.probability <= 0.05 { low += 1 }
    }
    #expect(low <= 12, "\(low)")
    let other = try binormal(299, &generator)
    #expect(throws: ECGError.self) { try PairedComparison(one, other, bootstrap, seed: 0) }
    #expect(throws: ECGError.self) { try PairedComparison(other, other, bootstrap, seed: 0) }
  }

  /// Counted by hand: five records, two of them with two labels.
  @Test func scoresAsTheChallengeOf2018() throws {
    let classes = ["Normal", "AF", "I-AVB", "LBBB", "RBBB", "PAC", "PVC", "STD", "STE"]
    func row(_ columns: Int...) -> [Float] { classes.indices.map { columns.contains($0) ? 1 : 0 } }
    let score = try CPSCScore(
      ScoredRecords(
        classes: classes, scores: [row(0), row(1), row(2), row(4), row(3)],
        targets: [row(0), row(0), row(2), row(1, 4), row(1, 4)]))
    // Answers Normal, AF, I-AVB, RBBB, LBBB; right are the first, the third and the fourth; the last counts for AF.
    #expect(score.f1.classes == [2.0 / 3, 0, 1, 0, 1, nil, nil, nil, nil])
    #expect(score.groups == ["af": 0, "block": 4.0 / 5])
  }
}
