import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// What a report makes of folders: of broken ones, hostile ones, and its own.
@Suite struct ReportFolderTests {
  private static let predictions = "record,fold,a,target a\n"

  /// One file of a run that breaks all of it, and what the page says.
  @Test(arguments: [
    ("result.json", "", "JSON"), ("result.json", "{}", "neither"),
    ("result.json", "{\"task\": 1}", "wrong type"),
    ("result.json", "{\"method\": \"cpc\"}", "method"), ("recipe.yaml", "task: [", "YAML"),
    ("recipe.yaml", "nonsense: 1\n", "nonsense"), ("recipe.yaml", "task: nonsense\n", "nonsense"),
    ("recipe.yaml", "epochs: -5\n", "epochs"), ("predictions.csv", "", "empty"),
    ("predictions.csv", predictions, "no records"),
    ("predictions.csv", "record,fold\n1,2\n", "columns"),
    ("predictions.csv", "record,fold,a,target b\nr,1,0.5,1\n", "columns"),
    ("predictions.csv", "record,fold,a,a,target a,target a\nr,1,0.5,0.5,1,1\n", "columns"),
    ("predictions.csv", "record,fold,a,b,target a\nr,1,0.5,0.5,1\n", "columns"),
    ("predictions.csv", predictions + "r,1,0.5\n", "fields"),
    ("predictions.csv", predictions + "r,1,nan,1\n", "no score"),
    ("predictions.csv", predictions + "r,1,inf,1\n", "no score"),
    ("predictions.csv", predictions + "r,1,1.5,1\n", "no score"),
    ("predictions.csv", predictions + "r,1,,1\n", "no score"),
    ("predictions.csv", predictions + "r,1,0.5,2\n", "no target"),
    ("predictions.csv", predictions + "r,300,0.5,1\n", "no fold"),
    ("predictions.csv", predictions + "r,1,0.5,1\n", "is not that of"),
  ])
  func aBrokenRunIsNamed(file: String, content: String, message: String) throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/good")
      try ReportedRun(seed: 1).write(to: "\(folder)/bad")
      try content.write(toFile: "\(folder)/bad/\(file)", atomically: true, encoding: .utf8)
      let report = try Report(runs: [folder], version: "0")
      #expect(report.evaluationCount == 1 && report.problems.count == 1)
      let problem = try #require(report.problems.first)
      #expect(problem.path == "\(folder)/bad" && problem.message.contains(message), "\(problem.message)")
      #expect(problem.message.contains(file) || message == "method", "\(problem.message)")
      let page = try ParsedMarkup(report.html())
      #expect(page.ids.contains("problems") && page.text.contains("\(folder)/bad"))
      // Alone, there is nothing to make a page of.
      let error = #expect(throws: ECGError.self) { try Report(runs: ["\(folder)/bad"], version: "0") }
      #expect(error?.message.contains(message) == true)
    }
  }

  /// One file that breaks a figure, but not the run.
  @Test(arguments: [
    ("metrics.jsonl", "{\"epoch\":0,\"loss\":\"NaN\"}\n", "metrics.jsonl:1"),
    ("metrics.jsonl", "\n\n{\"loss\":1}\n", "metrics.jsonl"),
    ("embedding.csv", "record,pc1,pc2\nr1,1,2\nr0,1,2\n", "embedding.csv:3"),
    ("embedding.csv", "record,x,y\n", "columns"),
    ("embedding.csv", "record,pc1,pc2\nr0,1,inf\n", "numbers"),
    ("robustness.json", "{\"clean\": 0.5, \"records\": 59, \"points\": []}", "59 records"),
    ("robustness.json", "{\"clean\": 2, \"records\": 60, \"points\": []}", "clean"),
    (
      "robustness.json",
      "{\"clean\": 0.5, \"records\": 60, \"points\": [{\"noise\": \"em\", \"macro_auc\": 0.5, \"ci95\": []}]}",
      "point 1"
    ),
    (
      "robustness.json",
      "{\"clean\": 0.5, \"records\": 60, \"points\": [{\"noise\": \"em\", \"level\": 1, \"macro_auc\": 0.5, \"ci95\": [1, 0]}]}",
      "point 1"
    ),
  ])
  func aBrokenPartIsNamed(file: String, content: String, message: String) throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/run")
      try content.write(toFile: "\(folder)/run/\(file)", atomically: true, encoding: .utf8)
      let report = try Report(runs: [folder], version: "0")
      #expect(report.evaluationCount == 1 && report.rows.count == 1)
      #expect(report.problems.map(\.path) == ["\(folder)/run"])
      #expect(report.problems[0].message.contains(message), "\(report.problems[0].message)")
      #expect(try ParsedMarkup(report.html()).ids.contains("problems"))
    }
  }

  /// Epochs of a file that is read in several parts, among lines of steps; counted from 1.
  @Test func longMetrics() throws {
    try withReportFolder { folder in
      let path = "\(folder)/metrics.jsonl"
      let steps = (0..<1000).map { "{\"epoch\":0,\"loss\":1,\"step\":\($0)}\n" }.joined()
      let text = (0..<120).map {
        "\(steps){\"epoch\":\($0),\"epoch_loss\":\($0).5,\"probe_macro_auc\":null}\n"
      }
      try text.joined().write(toFile: path, atomically: true, encoding: .utf8)
      let curve = try RunCurve(path, linesWith: "epoch_loss")
      #expect(curve.epochs.map(\.epoch) == Array(0..<120))
      let points = curve.points(\.loss)
      #expect(
        points.map(\.x) == (1...120).map(Double.init) && points.map(\.y) == (0..<120).map { Double($0) + 0.5 }
      )
      #expect(curve.points(\.probe).isEmpty)
      // The last line need not end; the line at fault is told; of many epochs the first and the last are kept.
      let many = (0..<2000).map { "{\"epoch\":\($0),\"loss\":1}" }.joined(separator: "\n")
      try many.write(toFile: path, atomically: true, encoding: .utf8)
      let all = try RunCurve(path, linesWith: "loss")
      #expect(all.epochs.count == 2000)
      #expect(all.points(\.loss).count == 500 && all.points(\.loss).last?.x == 2000)
      try (many + "\n{\"loss\":\"x\"}").write(toFile: path, atomically: true, encoding: .utf8)
      let error = #expect(throws: ECGError.self) { try RunCurve(path, linesWith: "loss") }
      #expect(error?.line == 2001 && error?.file == path)
      try String(repeating: "x", count: 3 << 20).write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: ECGError.self) { try RunCurve(path, linesWith: "loss") }
      #expect(throws: ECGError.self) { try RunCurve(folder, linesWith: "loss") }
    }
  }

  /// Runs up to four levels down, each once; those that are unfinished or there twice are told.
  @Test func findsRuns() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/1/2/3/4")
      try ReportedRun(seed: 1).write(to: "\(folder)/1/2/3/4b/5")
      try ReportedRun(seed: 2).write(to: "\(folder)/.hidden")
      try ReportedRun(seed: 3).write(to: "\(folder)/unfinished")
      try FileManager.default.removeItem(atPath: "\(folder)/unfinished/result.json")
      try ReportedRun(seed: 4).write(to: "\(folder)/without")
      try FileManager.default.removeItem(atPath: "\(folder)/without/recipe.yaml")
      try ReportedRun().write(to: "\(folder)/copy")
      let report = try Report(runs: [folder, "\(folder)/1/2/"], version: "0")
      let found = report.evaluations.map { $0.path.dropFirst(folder.count + 1) }
      #expect(found == ["1/2/3/4", "copy", "1/2/3/4b/5"])
      let problems = report.problems.map { "\($0.path.dropFirst(folder.count + 1)) \($0.message.prefix(15))" }
      #expect(
        problems == ["unfinished is not finished", "without has no recipe.y", "copy has recipe, see"])
      #expect(report.rows.map(\.seeds) == [["0", "1"]])
    }
  }

  @Test func noRunIsAnError() throws {
    try withReportFolder { folder in
      for path in [folder, "\(folder)/none", "/dev/null"] {
        let error = #expect(throws: ECGError.self) { try Report(runs: [path], version: "0") }
        #expect(error?.file == path && error?.advice != nil, "\(String(describing: error))")
      }
    }
  }

  /// Names from files never become tags or further cells.
  @Test func hostileNames() throws {
    try withReportFolder { folder in
      let classes = ["<script>alert(1)</script>", "a,b\"c\nd", "target x", "]]>&amp;'"]
      for (index, noise) in [0.5, 1.5].enumerated() {
        var run = ReportedRun(noise: noise, classes: classes) {
          $0.protocol = index == 0 ? .linear : .supervised
        }
        run.records = run.records.enumerated().map { $0.offset == 0 ? "<b>&\",'\n/../" : "\($0.element)<i>" }
        run.told = ["version": "<u>\"&", "embedding_variance": [0.5, 0.2]]
        let path = "\(folder)/<em>&\"'\(index)"
        try run.write(to: path, shards: "<s>")
        let rows = run.records.map { TextFile.csv([$0, "1", "2"]) + "\n" }
        try ("record,pc1,pc2\n" + rows.joined()).write(
          toFile: path + "/embedding.csv", atomically: true, encoding: .utf8)
        try """
        {"clean": \(run.macroAUC), "records": 60, "points": [{"noise": "<q>/../\\u0001", "level": 1, "macro_auc": 0.5, "ci95": []}]}
        """.write(toFile: path + "/robustness.json", atomically: true, encoding: .utf8)
      }
      let report = try Report(runs: [folder], version: "<b>\"&")
      #expect(report.problems.isEmpty, "\(report.problems)")
      let files = try report.write(to: "\(folder)/<a>&\"b.html")
      let page = try ParsedMarkup(String(contentsOfFile: "\(folder)/<a>&\"b.html", encoding: .utf8))
      for name in ["script", "b", "i", "u", "s", "em", "q"] { #expect(page.elements[name] == nil, "\(name)") }
      #expect(page.text.contains("<script>alert(1)</script>") && page.text.contains("<em>&\"'0"))
      #expect(Set(page.ids).count == page.ids.count)
      for file in files {
        #expect(
          URL(filePath: file).deletingLastPathComponent().path() == URL(filePath: "\(folder)/<a>&\"b/").path()
        )
        if file.hasSuffix(".svg") {
          let picture = try ParsedMarkup(String(contentsOfFile: file, encoding: .utf8))
          #expect(picture.elements["script"] == nil && picture.elements["svg"] == 1)
        }
      }
      let listed = try csvRows("\(folder)/<a>&\"b/classes.csv").map { $0["class"] }
      #expect(Set(listed) == Set(classes))
    }
  }

  /// The same runs make the same bytes; what an earlier report left is removed, and nothing else.
  @Test func writesTheSameAgain() throws {
    try withReportFolder { folder in
      for seed in 0..<2 {
        try ReportedRun(seed: UInt64(seed)).write(to: "\(folder)/runs/a\(seed)")
        try ReportedRun(seed: UInt64(seed), noise: 2) { $0.protocol = .supervised }
          .write(to: "\(folder)/runs/b\(seed)")
      }
      let page = "\(folder)/page.html"
      func contents(_ files: [String]) throws -> [String: String] {
        try Dictionary(
          uniqueKeysWithValues: (files + [page]).map { ($0, try String(contentsOfFile: $0, encoding: .utf8)) }
        )
      }
      let first = try Report(runs: ["\(folder)/runs"], version: "0").write(to: page)
      let written = try contents(first)
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/page").sorted()
      #expect(names == first.map { String($0.dropFirst("\(folder)/page/".count)) }.sorted())
      try "mine".write(toFile: "\(folder)/page/mine.csv", atomically: true, encoding: .utf8)
      let second = try Report(runs: ["\(folder)/runs"], version: "0").write(to: page)
      #expect(try contents(second) == written)
      // Without the supervised rows there are fewer pictures.
      let paths = ["\(folder)/runs/a0", "\(folder)/runs/a1"]
      let third = try Report(runs: paths, version: "0").write(to: page)
      #expect(Set(third).isStrictSubset(of: Set(first)))
      let left = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/page").map {
        "\(folder)/page/\($0)"
      }
      #expect(Set(left) == Set(third).union(["\(folder)/page/mine.csv"]))
      #expect(Report.folder(of: "a/b.HTML") == "a/b" && Report.folder(of: "b") == "b-files")
      #expect(Report.folder(of: "a/.html") == "a/.html-files")
    }
  }

  /// Links that lead to folders above or beside them are followed once, not again and again.
  @Test(.timeLimit(.minutes(1))) func linksThatLeadBack() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/0/run")
      let folders = (0..<30).map { "\(folder)/\($0)" }
      for path in folders {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (number, other) in (folders + [folder, path]).enumerated() {
          try FileManager.default.createSymbolicLink(
            atPath: "\(path)/link\(number)", withDestinationPath: other)
        }
      }
      let report = try Report(runs: [folder], version: "0")
      #expect(report.evaluations.map(\.path).count == 1 && report.problems.isEmpty)
    }
  }

  /// The search for runs ends on request too.
  @Test func theSearchCanBeInterrupted() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/run")
      let interruption = Interruption()
      interruption.request()
      let error = #expect(throws: ECGError.self) { try RunFolders([folder], interruption) }
      #expect(error?.code == .interrupted)
    }
  }

  /// A pretraining that cannot be read is told once, whichever evaluations are of it and wherever it is found.
  @Test func aBrokenPretrainingIsToldOnce() throws {
    try withReportFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/a b/pre", withIntermediateDirectories: true)
      let encoder = "\(folder)/a b/pre/encoder.safetensors"
      try "weights".write(toFile: encoder, atomically: true, encoding: .utf8)
      try "nonsense: 1\n".write(toFile: "\(folder)/a b/pre/recipe.yaml", atomically: true, encoding: .utf8)
      for seed in 0..<3 {
        try ReportedRun(seed: UInt64(seed)) {
          // Where it was, and where it is: beside the evaluation.
          $0.encoder = "/nowhere/pre"
          $0.encoderSHA256 = (try? TextFile.sha256(encoder)) ?? ""
        }.write(to: "\(folder)/a b/\(seed)")
      }
      let runs = (0..<3).map { "\(folder)/a b/\($0)" }
      let report = try Report(runs: runs, version: "0")
      #expect(report.problems.map(\.path) == ["\(folder)/a b/pre"], "\(report.problems)")
      // As one of the runs too.
      try "{\"method\": \"cpc\"}".write(
        toFile: "\(folder)/a b/pre/result.json", atomically: true, encoding: .utf8)
      let whole = try Report(runs: [folder], version: "0")
      #expect(whole.problems.map(\.path) == ["\(folder)/a b/pre"], "\(whole.problems)")
    }
  }

  /// A record that is scored twice is told, and the run kept.
  @Test func aRecordThatIsThereTwice() throws {
    try withReportFolder { folder in
      var run = ReportedRun()
      run.records[5] = "r3"
      try run.write(to: "\(folder)/run")
      let report = try Report(runs: [folder], version: "0")
      #expect(report.evaluationCount == 1 && report.problems.count == 1)
      #expect(report.problems.first?.message.contains("predictions.csv has record r3 twice") == true)
    }
  }

  /// Evaluations come first, then differences, each from none to all.
  @Test func progressIsToldToTheEnd() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/a")
      try ReportedRun(noise: 2) { $0.protocol = .supervised }.write(to: "\(folder)/b")
      var told: [String] = []
      let report = try Report(runs: [folder], version: "0") { told.append("\($0) \($1) \($2)") }
      let count = report.differences.joined().count
      #expect(count == 2)
      #expect(
        told == ["evaluations", "differences"].flatMap { stage in (0...2).map { "\(stage) \($0) 2" } })
    }
  }

  @Test func canBeInterrupted() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/run")
      let interruption = Interruption()
      interruption.request()
      let error = #expect(throws: ECGError.self) {
        try Report(runs: [folder], version: "0", interruption: interruption)
      }
      #expect(error?.code == .interrupted)
    }
  }
}
