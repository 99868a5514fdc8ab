import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// A report's figures against those that a test computes from the same scores.
@Suite struct ReportTests {
  /// Means, deviations and intervals of three seeds.
  @Test func aRowIsTheMeanOfItsSeeds() throws {
    try withReportFolder { folder in
      let runs = (0..<3).map { ReportedRun(seed: UInt64($0), noise: 1 + 0.2 * Double($0)) }
      for (seed, run) in runs.enumerated() { try run.write(to: "\(folder)/runs/\(seed)") }
      let report = try Report(runs: ["\(folder)/runs"], version: "0")
      #expect(report.problems.isEmpty && report.evaluationCount == 3 && report.rows.count == 1)
      try report.write(to: "\(folder)/report.html")
      let row = try #require(try csvRows("\(folder)/report/results.csv").first)
      #expect(row["name"] == "xresnet1d50 from random weights, linear" && row["seeds"] == "0, 1, 2")
      func number(_ key: String) throws -> Double { try #require(Double(row[key] ?? "")) }
      let values = runs.map(\.macroAUC)
      let mean = values.reduce(0, +) / 3
      let deviation = (values.reduce(0) { $0 + pow($1 - mean, 2) } / 2).squareRoot()
      #expect(abs(try number("macro_auc") - mean) < 1e-12)
      #expect(abs(try number("macro_auc_sd") - deviation) < 1e-12)
      let areas = try runs.map { try $0.scored.resampledArea() }
      let interval = try #require(
        try Bootstrap(records: 60, resamples: 1000, seed: 0).interval { weights in
          areas.reduce(0) { $0 + ($1(weights) ?? .nan) } / 3
        })
      #expect(abs(try number("low") - interval.low) < 1e-12)
      #expect(abs(try number("high") - interval.high) < 1e-12)
      let scored = try runs.map { try $0.scored }
      let precision = scored.reduce(0) { $0 + ($1.averagePrecisions.mean ?? .nan) } / 3
      let fmax = scored.reduce(0) { $0 + ($1.fmax ?? .nan) } / 3
      #expect(abs(try number("macro_average_precision") - precision) < 1e-12)
      #expect(abs(try number("fmax") - fmax) < 1e-12)
      let page = try ParsedMarkup(report.html())
      let cells = try page.table("means over seeds")[0]
      #expect(cells[0] == "R1 xresnet1d50 from random weights, linear" && cells[1] == "1–8")
      #expect(cells[4] == String(format: "%.3f (%.3f)", mean, deviation))
      #expect(cells[5] == String(format: "%.3f to %.3f", interval.low, interval.high))
      // Every number leads to its runs.
      #expect(page.links.contains("#R1") && page.ids.contains("R1"))
      #expect(
        page.links.filter { $0.hasPrefix("#") }.allSatisfy { page.ids.contains(String($0.dropFirst())) })
      let listed = try page.table("Runs of R1").map { $0[0] }
      #expect(listed == (0..<3).map { "\(folder)/runs/\($0)" })
      // Recipes as they stand, line by line.
      let recipe = try String(contentsOfFile: "\(folder)/runs/2/recipe.yaml", encoding: .utf8)
      #expect(page.text.contains(recipe) && recipe.contains("seed: 2"))
    }
  }

  /// Differences of one seed are those of the comparison of two runs; of two equal seeds the same again.
  @Test(arguments: [1, 2]) func differencesArePaired(seeds: Int) throws {
    try withReportFolder { folder in
      let good = ReportedRun(noise: 0.8) { $0.protocol = .supervised }
      let poor = ReportedRun(noise: 2)
      for seed in 0..<seeds {
        for (name, run) in [("good", good), ("poor", poor)] {
          var run = run
          run.recipe.seed = UInt64(seed)
          run.validation = run.macroAUC
          try run.write(to: "\(folder)/\(name)-\(seed)")
        }
      }
      // A seed that only one has does not count.
      var other = poor
      other.recipe.seed = 9
      other.scores = other.scores.map { $0.map { 1 - $0 } }
      other.validation = poor.macroAUC
      try other.write(to: "\(folder)/poor-9")
      try Report(runs: [folder], version: "0").write(to: "\(folder)/page.html")
      let rows = try csvRows("\(folder)/page/differences.csv")
      let row = try #require(rows.first { $0["kind"] == "supervised" })
      let wanted = try PairedComparison(
        poor.scored, good.scored, Bootstrap(records: 60, resamples: 1000, seed: 0), permutations: 1000,
        seed: 0)
      #expect(row["seeds"] == (0..<seeds).map(String.init).joined(separator: " "))
      #expect(abs(try #require(Double(row["difference"] ?? "")) - wanted.difference) < 1e-12)
      #expect(abs(try #require(Double(row["low"] ?? "")) - wanted.interval.low) < 1e-12)
      #expect(abs(try #require(Double(row["high"] ?? "")) - wanted.interval.high) < 1e-12)
      #expect(Double(row["p"] ?? "") == wanted.probability && wanted.probability < 0.05)
    }
  }

  /// Exchanges are those that sorting anew would give.
  @Test func permutationsCountAsSortingDoes() throws {
    let (one, other) = (try ReportedRun(noise: 1.4).scored, try ReportedRun(seed: 1, noise: 1.5).scored)
    func ranks(_ records: ScoredRecords) -> [[Float]] {
      (0..<records.count).map { record in
        records.classes.indices.map { column in
          let scores = (0..<records.count).map { records.scores[$0 * 2 + column] }
          let own = scores[record]
          return Float(scores.count { $0 < own }) + Float(scores.count { $0 == own } - 1) / 2
        }
      }
    }
    let targets = (0..<one.count).map { record in (0..<2).map { one.targets[record * 2 + $0] ? Float(1) : 0 }
    }
    let (first, second) = (ranks(one), ranks(other))
    var generator = SplitMix64("permutation", 7)
    let observed = abs((one.areas.mean ?? .nan) - (other.areas.mean ?? .nan))
    var far = 0
    for _ in 0..<99 {
      var (left, right) = (first, second)
      for record in 0..<one.count where generator.next() & 1 == 1 {
        (left[record], right[record]) = (right[record], left[record])
      }
      let means = try [left, right].map {
        try ScoredRecords(classes: one.classes, scores: $0, targets: targets).areas.mean ?? .nan
      }
      if abs(means[0] - means[1]) >= observed - 1e-12 { far += 1 }
    }
    let found = try PairedComparison.probability(of: [(one, other)], permutations: 99, seed: 7)
    #expect(found == Double(1 + far) / 100)
    #expect((1...98).contains(far), "the case tells nothing: \(far)")
  }

  /// Of settings of the optimiser the best on validation records is shown, though another is better on the test records.
  @Test func aSearchIsToldAndItsBestShown() throws {
    try withReportFolder { folder in
      for (rate, validation, noise) in [(0.1, 0.9, 2.0), (0.2, 0.7, 0.5)] as [(Float, Double, Double)] {
        for seed in 0..<2 {
          var run = ReportedRun(seed: UInt64(seed), noise: noise) { $0.optimizer.learningRate = rate }
          run.validation = validation
          try run.write(to: "\(folder)/\(rate)-\(seed)")
        }
      }
      // A batch of another size is no setting of the optimiser: a row of its own.
      var other = ReportedRun(noise: 1) {
        $0.optimizer.learningRate = 0.1
        $0.batch = 7
      }
      other.validation = 0.8
      try other.write(to: "\(folder)/batch")
      let report = try Report(runs: [folder], version: "0")
      try report.write(to: "\(folder)/report.html")
      let rows = try csvRows("\(folder)/report/results.csv")
      #expect(rows.map { $0["shown"] } == ["yes", "yes", "no"])
      #expect(rows.map { $0["detail"] } == ["batch 128", "batch 7", "batch 128, learning_rate 0.2"])
      #expect(
        rows.map { $0["choice"] } == [
          "learning_rate 0.1, the best of 2 by validation macro AUC of seeds 0, 1", "", "",
        ])
      let page = try ParsedMarkup(report.html())
      #expect(try page.table("means over seeds").count == 2)
      #expect(page.text.contains("learning_rate 0.1, the best of 2 by validation macro AUC"))
    }
  }

  /// Fewer training folds are a curve, and no row of the main table.
  @Test func labelEfficiency() throws {
    try withReportFolder { folder in
      var wanted: [String: Double] = [:]
      for count in [1, 2, 8] {
        var run = ReportedRun(noise: 2 - Double(count) / 8) { $0.trainFolds = Folds(Set(1...UInt8(count))) }
        run.told = ["train_records": 100 * count]
        try run.write(to: "\(folder)/\(count)")
        wanted["\(count)"] = run.macroAUC
      }
      let report = try Report(runs: [folder], version: "0")
      try report.write(to: "\(folder)/report.html")
      let rows = try csvRows("\(folder)/report/label-efficiency.csv")
      #expect(rows.map { $0["folds"] } == ["1", "2", "8"])
      #expect(rows.map { $0["train_records"] } == ["100", "200", "800"])
      for row in rows {
        let found = try #require(Double(row["macro_auc"] ?? ""))
        #expect(abs(found - (wanted[row["folds"] ?? ""] ?? 0)) < 1e-12)
      }
      #expect(try ParsedMarkup(report.html()).table("means over seeds").count == 1)
    }
  }

  /// Runs of other test records are never compared.
  @Test func otherTestRecordsAreATableOfTheirOwn() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/a")
      try ReportedRun(count: 59).write(to: "\(folder)/b")
      var relabelled = ReportedRun()
      relabelled.targets[0] = [0, 1]
      try relabelled.write(to: "\(folder)/c")
      let report = try Report(runs: [folder], version: "0")
      #expect(report.panels.count == 3 && report.differences.allSatisfy(\.isEmpty))
      #expect(report.rows.map(\.records).sorted() == [59, 60, 60])
    }
  }

  /// Probabilities that are right, and those that are not, by hand.
  @Test func calibration() throws {
    let scores: [Float] = [0.1, 0.1, 0.4, 0.9]
    let records = try ScoredRecords(
      classes: ["a"], scores: scores.map { [$0] }, targets: [[0], [1], [0], [1]])
    let found = Calibration([records], bins: 2)
    #expect(found.bins.map(\.count) == [2, 2] && found.bins.map(\.share) == [0.5, 0.5])
    #expect(abs(found.bins[0].score - 0.1) < 1e-7 && abs(found.bins[1].score - 0.65) < 1e-7)
    #expect(abs(found.error - (0.4 + 0.15) / 2) < 1e-7)
    #expect(abs(found.brier - (0.01 + 0.81 + 0.16 + 0.01) / 4) < 1e-7)
    #expect(Calibration([records, records], bins: 2).brier == found.brier)
    #expect(Calibration([records], bins: 10).bins.map(\.count) == [1, 1, 1, 1])
  }

  @Test func confusionAndDisagreement() throws {
    let targets: [[Float]] = [[1, 1, 0], [1, 1, 0], [1, 0, 1], [0, 1, 1], [0, 0, 1]]
    func records(_ first: [Float]) throws -> ScoredRecords {
      try ScoredRecords(classes: ["a", "b", "c"], scores: first.map { [$0, 0.5, 0.5] }, targets: targets)
    }
    let one = try records([0.9, 0.2, 0.1, 0.8, 0.3])
    let found = Confusion(one, class: 0, threshold: 0.8)
    #expect((found.found, found.missed, found.wrong, found.rejected) == (1, 2, 1, 1))
    #expect(found.besideMissed.map { "\($0.name) \($0.count)" } == ["b 1", "c 1"])
    #expect(found.ofWrong.map { "\($0.name) \($0.count)" } == ["b 1", "c 1"])
    let never = Confusion(one, class: 0, threshold: .infinity)
    #expect((never.found, never.missed, never.wrong, never.rejected) == (0, 3, 0, 2))
    let other = try records([0.6, 0.7, 0.2, 0.1, 0.4])
    let apart = Disagreement.all(one, [0.5, 0.5, 0.5], other, [0.5, 0.5, 0.5])
    #expect(apart.map(\.record) == [3, 1] && apart.map(\.columns) == [[0], [0]])
    #expect(abs(apart[0].distance - 0.7) < 1e-6 && abs(apart[1].distance - 0.5) < 1e-6)
  }

  /// Thresholds of a run are what its answers are judged by.
  @Test func thresholdsAreTheRunsOwn() throws {
    try withReportFolder { folder in
      var run = ReportedRun()
      run.told = ["thresholds": ["b": 0.25]]
      try run.write(to: "\(folder)/run")
      try Report(runs: [folder], version: "0").write(to: "\(folder)/report.html")
      let rows = try csvRows("\(folder)/report/confusion.csv")
      let stated = run.targets.count { $0[0] == 1 }
      let row = try #require(rows.first { $0["class"] == "a" })
      #expect(row["threshold"] == "inf" && row["found"] == "0" && row["missed"] == "\(stated)")
      #expect(rows.first { $0["class"] == "b" }?["threshold"] == "0.25")
    }
  }
}
