import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// Which rows a report takes for the best, for references, for one curve, and what it tells of that.
@Suite struct ReportChoiceTests {
  /// Reads runs, writes the page, and gives the rows of one of its tables.
  private func rows(_ folder: String, _ table: String) throws -> (
    report: Report, page: ParsedMarkup, rows: [[String: String]]
  ) {
    let report = try Report(runs: ["\(folder)/runs"], version: "0")
    try report.write(to: "\(folder)/page.html")
    let page = try ParsedMarkup(String(contentsOfFile: "\(folder)/page.html", encoding: .utf8))
    return (report, page, try csvRows("\(folder)/page/\(table).csv"))
  }

  /// Rows of one protocol that differ in their batch, with what they tell of validation.
  private func write(
    _ folder: String, _ runs: [(batch: Int, noise: Double, validation: Double?, folds: Folds)]
  ) throws {
    for run in runs {
      var one = ReportedRun(noise: run.noise) {
        $0.batch = run.batch
        $0.trainFolds = Folds(Set(1...7))
        $0.validationFolds = run.folds
      }
      one.validation = run.validation
      try one.write(to: "\(folder)/runs/\(run.batch)")
    }
  }

  /// A row that tells no validation macro AUC is not the best, however good it is on the test records, and changes no choice.
  @Test func theBestIsNeverChosenByTestRecords() throws {
    try withReportFolder { folder in
      try write(
        folder,
        [(1, 0.3, nil, Folds([])), (2, 2, 0.9, Folds([9])), (3, 0.6, 0.7, Folds([9]))])
      let (report, page, rows) = try rows(folder, "differences")
      let panel = report.panels[0]
      #expect(panel.best?.recipe.batch == 2)
      #expect(panel.bestOfProtocols.map(\.recipe.batch) == [2])
      #expect(
        rows.count == 2 && rows.allSatisfy { $0["kind"] == "best" && $0["reference"] == panel.best?.id })
      let left = try #require(panel.rows.first { $0.recipe.batch == 1 })
      #expect(page.text.contains("\(left.id) could not be compared with the best row"))
    }
  }

  /// Rows of other validation folds are compared with none: those of the most rows are.
  @Test func validationFoldsAreTheSame() throws {
    try withReportFolder { folder in
      try write(
        folder,
        [(1, 1, 0.99, Folds([8])), (2, 1.1, 0.6, Folds([9])), (3, 1.2, 0.7, Folds([9]))])
      let (report, page, _) = try rows(folder, "differences")
      #expect(report.panels[0].best?.recipe.batch == 3)
      #expect(page.text.contains("R1 could not be compared with the best row"))
    }
  }

  /// Fold 9 of one collection is not that of another.
  @Test func validationRecordsAreTheSame() throws {
    try withReportFolder { folder in
      for (batch, validation, records) in [(1, 0.99, 40), (2, 0.6, 300), (3, 0.7, 300)] {
        var run = ReportedRun(noise: Double(batch)) { $0.batch = batch }
        run.validation = validation
        run.told["validation_records"] = records
        try run.write(to: "\(folder)/runs/\(batch)", shards: records == 40 ? "feed" : "deed")
      }
      let (report, page, _) = try rows(folder, "differences")
      #expect(report.panels[0].best?.recipe.batch == 3)
      #expect(page.text.contains("R1 could not be compared with the best row"))
    }
  }

  /// What chooses, and what tables have room for, is a share; a run that tells anything else is left out and named.
  @Test(arguments: ["validation_macro_auc", "f2", "g2", "cpsc_f1"]) func figuresAreShares(key: String) throws
  {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/runs/0")
      var run = ReportedRun(seed: 1)
      run.told[key] = 1e300
      try run.write(to: "\(folder)/runs/1")
      let report = try Report(runs: ["\(folder)/runs"], version: "0")
      #expect(report.evaluationCount == 1 && report.problems.map(\.path) == ["\(folder)/runs/1"])
    }
  }

  /// Encoders that no digest tells are not one and the same.
  @Test func encodersWithoutDigests() throws {
    try withReportFolder { folder in
      for (seed, place) in ["one", "two"].enumerated() {
        try ReportedRun(seed: UInt64(seed)) { $0.encoder = "/x/\(place)/enc" }
          .write(to: "\(folder)/runs/\(seed)")
      }
      let (report, page, _) = try rows(folder, "results")
      #expect(report.rows.count == 2)
      #expect(!page.text.contains("on one pretraining"))
    }
  }

  /// A reference with a seed in common is preferred to a better one without; a row that has none is named.
  @Test func referencesShareSeeds() throws {
    try withReportFolder { folder in
      for (name, seed, rate, validation) in [
        ("a", 0, 0.01, 0.5), ("b", 1, 0.02, 0.9), ("c", 0, 0.03, 0.4),
      ] {
        var run = ReportedRun(seed: UInt64(seed), noise: 1 + rate) {
          $0.protocol = name == "c" ? .linear : .supervised
          $0.optimizer.learningRate = Float(rate)
        }
        run.validation = validation
        try run.write(to: "\(folder)/runs/\(name)")
      }
      let (report, page, differences) = try rows(folder, "differences")
      func id(_ seed: UInt64, _ procedure: EvaluationRecipe.Procedure) throws -> String {
        try #require(
          report.panels[0].rows.first { $0.recipe.seed == seed && $0.recipe.protocol == procedure }
        ).id
      }
      let (linear, near, far) = (try id(0, .linear), try id(0, .supervised), try id(1, .supervised))
      let supervised = differences.filter { $0["row"] == linear && $0["kind"] == "supervised" }
      #expect(supervised.map { $0["reference"] } == [near])
      #expect(!differences.contains { $0["row"] == far })
      #expect(page.text.contains("\(far): no seed in common with a reference."))
    }
  }

  /// Without any validation macro AUC there is no best row: none in differences, the first elsewhere, and the page says so.
  @Test func withoutValidationThereIsNoBest() throws {
    try withReportFolder { folder in
      try write(folder, [(1, 2, nil, Folds([])), (2, 0.3, nil, Folds([]))])
      let (report, page, rows) = try rows(folder, "differences")
      let panel = report.panels[0]
      #expect(panel.best == nil && rows.isEmpty)
      #expect(panel.bestOfProtocols.map(\.id) == ["R1"])
      #expect(page.text.contains("No row tells a validation macro AUC, so that none is the best"))
      #expect(page.text.contains("R1 xresnet1d50 from random weights, linear (batch 1"))
      // Nor is one of two references taken.
      for batch in [1, 2] {
        var run = ReportedRun(noise: Double(batch)) {
          $0.protocol = .supervised
          $0.batch = batch
          $0.validationFolds = Folds([])
        }
        run.validation = nil
        try run.write(to: "\(folder)/runs/supervised-\(batch)")
      }
      let (_, other, none) = try self.rows(folder, "differences")
      // Each of the two supervised rows has the other as its only one.
      #expect(none.map { "\($0["row"] ?? "") \($0["reference"] ?? "")" } == ["R3 R4", "R4 R3"])
      #expect(other.text.contains("R1, R2: of several references"))
      // One row alone is no choice.
      #expect(!other.text.contains("could not be compared"))
    }
  }

  /// A reference is of the same sizes, then folds, then shards, though another is better; what it has otherwise is told.
  @Test func referencesAreAlike() throws {
    try withReportFolder { folder in
      func write(
        _ name: String, width: Int = 64, folds: ClosedRange<UInt8> = 1...8, shards: String = "feed",
        validation: Double = 0.9, _ procedure: EvaluationRecipe.Procedure = .supervised
      ) throws {
        var run = ReportedRun(noise: 1) {
          $0.protocol = procedure
          $0.network.width = width
          $0.network.hidden = 512 + Int(folds.upperBound)
          $0.trainFolds = Folds(Set(folds))
        }
        run.validation = validation
        try run.write(to: "\(folder)/runs/\(name)", shards: shards)
      }
      try write("row", validation: 0.1, .linear)
      try write("same", validation: 0.5)
      try write("narrow", width: 16, validation: 0.6)
      try write("fewer", folds: 1...4, validation: 0.7)
      try write("beef", shards: "beef", validation: 0.8)
      // Of another architecture.
      var other = ReportedRun(noise: 0.5) {
        $0.protocol = .supervised
        $0.network = EncoderRecipe(.cpc)
      }
      other.validation = 0.95
      try other.write(to: "\(folder)/runs/cpc")
      func references() throws -> [(path: String, kind: String, unlike: String)] {
        let (report, page, rows) = try rows(folder, "differences")
        let row = try #require(report.panels[0].rows.first { $0.recipe.protocol == .linear })
        let found = rows.filter { $0["row"] == row.id }.map { line in
          let path = report.panels[0].rows.first { $0.id == line["reference"] }?.members[0].evaluation.path
          return (
            String(path?.split(separator: "/").last ?? ""), line["kind"] ?? "", line["unlike"] ?? ""
          )
        }
        if let first = found.first, !first.2.isEmpty {
          #expect(page.text.contains("of other \(first.2.replacing(", ", with: " and "))"))
        }
        return found
      }
      func expect(_ wanted: [String]) throws {
        #expect(try references().map { "\($0.path) \($0.kind) \($0.unlike)" } == wanted)
      }
      try expect(["same supervised ", "cpc best "])
      try FileManager.default.removeItem(atPath: "\(folder)/runs/same")
      try expect(["beef supervised shards", "cpc best "])
      try FileManager.default.removeItem(atPath: "\(folder)/runs/beef")
      try expect(["fewer supervised training folds", "cpc best "])
      try FileManager.default.removeItem(atPath: "\(folder)/runs/fewer")
      try expect(["narrow supervised sizes", "cpc best "])
    }
  }

  /// A row of another recipe is no point of a curve, and not hidden behind a namesake with more folds.
  @Test func otherRecipesAreRowsOfTheirOwn() throws {
    try withReportFolder { folder in
      for (batch, folds) in [(32, 8), (64, 2)] {
        try ReportedRun(noise: 1) {
          $0.batch = batch
          $0.trainFolds = Folds(Set(1...UInt8(folds)))
        }.write(to: "\(folder)/runs/\(batch)")
      }
      let (_, page, rows) = try rows(folder, "results")
      #expect(rows.map { $0["shown"] } == ["yes", "yes"])
      #expect(try page.table("means over seeds").count == 2)
      #expect(try csvRows("\(folder)/page/label-efficiency.csv").isEmpty)
    }
  }

  /// Other settings of the optimiser on other folds are no curve, unless they were searched anew for each; what differs is told.
  @Test func curvesAreOfOneSetting() throws {
    try withReportFolder { folder in
      func write(_ rate: Float, _ folds: Int, _ validation: Double) throws {
        var run = ReportedRun(noise: 1 + Double(rate)) {
          $0.optimizer.learningRate = rate
          $0.trainFolds = Folds(Set(1...UInt8(folds)))
        }
        run.validation = validation
        try run.write(to: "\(folder)/runs/\(rate)-\(folds)")
      }
      func efficiency() throws -> [String] {
        try rows(folder, "label-efficiency").rows.map {
          "\($0["train_folds"] ?? "") \($0["seeds"] ?? "") \($0["detail"] ?? "")|\($0["choice"] ?? "")"
        }
      }
      try write(0.1, 2, 0.8)
      try write(0.2, 4, 0.8)
      #expect(try efficiency().isEmpty)
      #expect(
        try rows(folder, "results").rows.map { "\($0["shown"] ?? "") \($0["detail"] ?? "")" }
          == ["yes learning_rate 0.2", "yes learning_rate 0.1"])
      // The same setting on both.
      try write(0.1, 4, 0.7)
      #expect(try efficiency().isEmpty)
      try write(0.1, 4, 0.9)
      let chosen = "|learning_rate 0.1, the best of 2 by validation macro AUC of seed 0"
      #expect(try efficiency() == ["1,2 0 learning_rate 0.1|", "1,2,3,4 0 \(chosen)"])
      // Searched on both, with other results.
      try write(0.2, 2, 0.95)
      let other = "|learning_rate 0.2, the best of 2 by validation macro AUC of seed 0"
      #expect(try efficiency() == ["1,2 0 \(other)", "1,2,3,4 0 \(chosen)"])
      let (_, page, results) = try rows(folder, "results")
      #expect(results.map { $0["shown"] } == ["yes", "no", "no", "no"])
      #expect(
        try page.table("differ in their training folds").map { $0.last }
          == [other, chosen].map { String($0.dropFirst()) })
    }
  }

  /// Without a seed that all have, no setting is chosen.
  @Test func settingsOfOtherSeedsAreNotChosenFrom() throws {
    try withReportFolder { folder in
      for (seed, rate) in [Float(0.1), 0.2].enumerated() {
        var run = ReportedRun(seed: UInt64(seed), noise: 1) { $0.optimizer.learningRate = rate }
        run.validation = 0.5 + Double(rate)
        try run.write(to: "\(folder)/runs/\(seed)")
      }
      let (_, page, rows) = try rows(folder, "results")
      #expect(rows.map { $0["shown"] } == ["yes", "yes"] && rows.allSatisfy { $0["choice"] == "" })
      #expect(rows.map { $0["detail"] } == ["learning_rate 0.1", "learning_rate 0.2"])
      #expect(
        page.text.contains(
          "R1, R2 differ in settings of the optimiser; none was chosen, as they have no seed in common."))
    }
  }

  /// Long values are cut, but never to the same.
  @Test func longValuesStayDistinct() {
    let start = String(repeating: "0123456789", count: 5)
    let values: Set = [start + "a" + start, start + "b" + start, start, "short"]
    let told = values.map { RowGrouping.shortened($0, among: values) }
    #expect(Set(told).count == 4 && told.allSatisfy { $0.count < 16 }, "\(told)")
    #expect(RowGrouping.shortened(start, among: [start, "x" + start]) == "012345678901…")
    #expect(RowGrouping.shortened("short", among: values) == "short")
    let one = RowGrouping.shortened(start + "a" + start, among: [start + "a" + start, start + "b" + start])
    #expect(one == "…6789a0123456…")
  }

  /// Rows of shards that begin alike are told apart.
  @Test func shardsTellRowsApart() throws {
    try withReportFolder { folder in
      let start = String(repeating: "d", count: 60)
      for end in ["0001", "0002"] {
        try ReportedRun().write(to: "\(folder)/runs/\(end)", shards: start + end)
      }
      let (_, _, rows) = try rows(folder, "results")
      #expect(rows.map { $0["detail"] } == ["shards …d0001", "shards …d0002"])
    }
  }

  /// Captions say what is true of runs without validation folds, and counts are of one or many.
  @Test func captions() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/runs/0")
      let (_, page, _) = try rows(folder, "results")
      #expect(page.text.contains("or the last of runs without validation folds"))
      #expect(page.text.contains("each run scored its test records once, after training"))
    }
  }
}
