import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// A report's plots as they lie on paper, and its records as they are in the shards.
@Suite struct ReportPictureTests {
  /// No two texts of a plot lie on each other, and none is beyond its edge.
  private func expectLegible(_ picture: ParsedMarkup, _ name: String) {
    func box(_ label: ParsedMarkup.Label) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
      // Helvetica's mean width; capitals are wider, small letters narrower.
      let width = 0.53 * label.size * Double(label.text.unicodeScalars.count)
      let left = label.x - (label.anchor == "end" ? width : label.anchor == "middle" ? width / 2 : 0)
      return (left...left + width, label.y - 0.7 * label.size...label.y)
    }
    let boxes = picture.labels.map(box)
    for (index, one) in boxes.enumerated() {
      let text = picture.labels[index].text
      #expect(one.x.lowerBound >= 0 && one.x.upperBound <= picture.size.width, "\(name): \(text)")
      #expect(one.y.lowerBound >= 0 && one.y.upperBound <= picture.size.height, "\(name): \(text)")
      for (other, rival) in boxes.enumerated().dropFirst(index + 1) {
        #expect(
          !one.x.overlaps(rival.x) || !one.y.overlaps(rival.y),
          "\(name): \(text) on \(picture.labels[other].text)")
      }
    }
  }

  /// Every plot that there is, of rows with long names, many classes and odd values.
  @Test func labelsDoNotOverlap() throws {
    try withReportFolder { folder in
      let classes = (0..<40).map { "class of a rather long name, number \($0)" }
      for index in 0..<10 {
        for seed in 0..<2 {
          var run = ReportedRun(seed: UInt64(seed), noise: 0.5 + 0.2 * Double(index), classes: classes) {
            $0.protocol = EvaluationRecipe.Procedure.allCases[index % 3]
            $0.batch = 100 + index / 6
            $0.trainFolds = Folds([3, 4, 5, 9].contains(index) ? [1, 2] : Set(1...8))
          }
          run.told = ["embedding_variance": [0.4, 0.1]]
          let path = "\(folder)/\(index)-\(seed)"
          try run.write(to: path)
          let points = run.records.enumerated().map {
            "\($0.element),\(1000 * $0.offset),\(-0.00001 * Double($0.offset))\n"
          }
          try ("record,pc1,pc2\n" + points.joined()).write(
            toFile: path + "/embedding.csv", atomically: true, encoding: .utf8)
          let noisy = (1...20).map {
            "{\"noise\": \"em\", \"snr_db\": \(3.25 * Double($0)), \"macro_auc\": 0.\($0 + 40), \"ci95\": []}"
          }
          try "{\"clean\": \(run.macroAUC), \"records\": 60, \"points\": [\(noisy.joined(separator: ","))]}"
            .write(
              toFile: path + "/robustness.json", atomically: true, encoding: .utf8)
          let lines = (0..<1000).map {
            "{\"epoch\":\($0),\"loss\":\(1e7 / Double($0 + 1)),\"validation_macro_auc\":0.5}\n"
          }
          try lines.joined().write(toFile: path + "/metrics.jsonl", atomically: true, encoding: .utf8)
        }
      }
      let report = try Report(runs: [folder], version: "0")
      #expect(report.problems.isEmpty, "\(report.problems)")
      let files = try report.write(to: "\(folder)/report.html").filter { $0.hasSuffix(".svg") }
      for kind in ["classes", "calibration", "embedding", "robustness", "label-efficiency", "training"] {
        #expect(files.contains { $0.contains("/\(kind)-") }, "\(kind)")
      }
      for file in files {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(
          !text.contains("var(") && !text.contains("currentColor") && !text.lowercased().contains("nan"))
        let picture = try ParsedMarkup(text)
        #expect(picture.labels.count > 4)
        expectLegible(picture, file)
      }
      let page = try String(contentsOfFile: "\(folder)/report.html", encoding: .utf8)
      #expect(page.contains("var(--series-1)"))
    }
  }

  /// Ticks are round, cover all values, and stay within limits that the values keep.
  @Test(
    arguments: [
      ([0.61, 0.93], [0.6, 0.7, 0.8, 0.9, 1]), ([0, 1], [0, 0.2, 0.4, 0.6, 0.8, 1]),
      ([0.5], [0.44, 0.46, 0.48, 0.5, 0.52, 0.54, 0.56]), ([], [0, 0.2, 0.4, 0.6, 0.8, 1]),
      ([Double.nan, .infinity, 0, 1], [0, 0.2, 0.4, 0.6, 0.8, 1]),
    ] as [([Double], [Double])])
  func ticks(values: [Double], wanted: [Double]) {
    let axis = PlotAxis("x", covering: values, within: 0...1)
    #expect(axis.ticks.count == wanted.count, "\(axis.ticks)")
    #expect(zip(axis.ticks, wanted).allSatisfy { abs($0.value - $1) < 1e-9 }, "\(axis.ticks)")
    for value in values where value.isFinite { #expect((0...1).contains(axis.share(value))) }
  }

  @Test(
    arguments: [[-1e99, 1e99], [1e-30, 2e-30], [-5, -5], [1e9, 1e9 + 1], [0, 1e-12]] as [[Double]])
  func ticksOfOddValues(values: [Double]) {
    let axis = PlotAxis("x", covering: values)
    #expect((2...12).contains(axis.ticks.count), "\(axis.ticks)")
    #expect(axis.share(values[0]) <= axis.share(values[1]))
    #expect(
      axis.ticks.allSatisfy { $0.label.count < 14 && (0...1).contains(axis.share($0.value)) }, "\(axis.ticks)"
    )
  }

  /// Real evaluations: what they write is read, their records are drawn, and patients are known.
  @Test func realRunsAndRecords() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Simulation(layout: "ptb-xl", records: 60, seed: 3).write(to: "\(folder)/raw", jobs: 2)
    var conversion = Recipe()
    conversion.rate = .hertz(100)
    _ = try Converter(
      sources: [Datasets.open("\(folder)/raw")], output: "\(folder)/shards", recipe: conversion
    ).run()
    let shards = try ShardSet("\(folder)/shards")
    var recipe = EvaluationRecipe()
    recipe.task = "ptbxl.superclass"
    recipe.network.width = 16
    recipe.network.hidden = 16
    recipe.network.layers = 1
    (recipe.epochs, recipe.batch, recipe.bootstrap) = (2, 16, 5)
    (recipe.trainFolds, recipe.validationFolds, recipe.testFolds) = (
      Folds([1, 2, 3, 4]), Folds([5, 6]), Folds([7, 8, 9, 10])
    )
    for procedure in [EvaluationRecipe.Procedure.linear, .supervised] {
      recipe.protocol = procedure
      let settings = recipe
      try await ComputeActor.run {
        _ = try Evaluation(shards, settings, output: "\(folder)/runs/\(settings.protocol.rawValue)").run()
      }
    }
    let report = try Report(runs: ["\(folder)/runs"], shards: shards, version: "0")
    #expect(report.problems.isEmpty && report.rows.count == 2, "\(report.problems)")
    #expect(report.panels.first?.test.patients?.count == report.rows.first?.records)
    let files = try report.write(to: "\(folder)/report.html")
    let page = try ParsedMarkup(String(contentsOfFile: "\(folder)/report.html", encoding: .utf8))
    #expect(Set(page.ids).count == page.ids.count)
    let told = try csvRows("\(folder)/report/records.csv")
    let drawn = files.filter { $0.contains("/record-") }
    #expect(drawn.count == Set(told.map { $0["record"] }).count && drawn.count == min(6, drawn.count))
    #expect(!drawn.isEmpty && page.text.contains("ptb-xl \(told[0]["record"] ?? "")"))
    for row in told {
      // Exactly one of both is right.
      let isStated = row["stated"] == "1"
      let answers = try ["", "reference_"].map { key in
        try #require(Float(row[key + "score"] ?? "")) >= #require(Float(row[key + "threshold"] ?? ""))
      }
      #expect((answers[0] == isStated) != (answers[1] == isStated))
      #expect(row["right"] == (answers[0] == isStated ? row["row"] : row["reference"]))
    }
    #expect(!page.text.contains("No run is of these"))
    // Shards of the same records that no run is of are told.
    conversion.rate = .hertz(200)
    _ = try Converter(
      sources: [Datasets.open("\(folder)/raw")], output: "\(folder)/finer", recipe: conversion
    ).run()
    let finer = try Report(runs: ["\(folder)/runs"], shards: ShardSet("\(folder)/finer"), version: "0")
    #expect(finer.problems.isEmpty && finer.panels.first?.test.places != nil)
    #expect(try ParsedMarkup(finer.html()).text.contains("No run is of these"))
    // Shards of other records are not taken for these.
    try Simulation(layout: "ptb-xl", records: 60, seed: 4).write(to: "\(folder)/other", jobs: 2)
    _ = try Converter(
      sources: [Datasets.open("\(folder)/other")], output: "\(folder)/others", recipe: conversion
    ).run()
    let strange = try Report(runs: ["\(folder)/runs"], shards: ShardSet("\(folder)/others"), version: "0")
    #expect(strange.panels.first?.test.places == nil)
    #expect(strange.problems.map(\.path) == ["\(folder)/others"])
    #expect(strange.problems.first?.message.contains("the test records of no run") == true)
    let text = try ParsedMarkup(strange.html()).text
    #expect(text.contains("do not have all test records") && text.contains("no patients and no pictures"))
    #expect(
      !text.contains("Patients and pictures are from") && page.text.contains("Patients and pictures are from")
    )
  }
}
