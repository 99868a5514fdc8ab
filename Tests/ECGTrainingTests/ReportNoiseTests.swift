import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// What a report tells of macro AUC under noise.
@Suite struct ReportNoiseTests {
  private func point(
    _ noise: String, level: Int? = nil, decibels: Double? = nil, sha256: String? = nil, _ area: Double,
    _ interval: [Double] = []
  ) -> [String: Any] {
    [
      "noise": noise, "level": level as Any? ?? NSNull(), "snr_db": decibels as Any? ?? NSNull(),
      "sha256": sha256 as Any? ?? NSNull(), "macro_auc": area, "ci95": interval,
    ]
  }

  private func write(_ points: [[String: Any]], clean: Double? = nil, of run: ReportedRun, to path: String)
    throws
  {
    try run.write(to: path)
    let content: [String: Any] = ["clean": clean ?? run.macroAUC, "records": 60, "points": points]
    try JSONSerialization.data(withJSONObject: content).write(to: URL(filePath: path + "/robustness.json"))
  }

  private func lines(_ folder: String) throws -> (report: Report, rows: [[String: String]]) {
    let report = try Report(runs: ["\(folder)/runs"], version: "0")
    try report.write(to: "\(folder)/page.html")
    return (report, try csvRows("\(folder)/page/robustness.csv"))
  }

  /// Means over the seeds that were tested under noise, from none to the strongest.
  @Test func means() throws {
    try withReportFolder { folder in
      var clean: [Double] = []
      for (seed, area) in [0.6, 0.7].enumerated() {
        let run = ReportedRun(seed: UInt64(seed))
        clean.append(run.macroAUC)
        try write(
          [
            point("p1", level: 2, area, [area - 0.1, area + 0.1]), point("em", decibels: -6, 0.5),
            point("em", decibels: 12, 0.8),
          ], of: run, to: "\(folder)/runs/\(seed)")
      }
      let (report, rows) = try lines(folder)
      #expect(report.problems.isEmpty)
      let steps = rows.map { "\($0["noise"] ?? "") \($0["level"] ?? "") \($0["snr_db"] ?? "")" }
      #expect(steps == ["p1 0 ", "p1 2 ", "em  ", "em  12.0", "em  -6.0"])
      #expect(rows.allSatisfy { $0["seeds"] == "0, 1" })
      func number(_ row: Int, _ key: String) -> Double { Double(rows[row][key] ?? "") ?? .nan }
      #expect(abs(number(0, "macro_auc") - (clean[0] + clean[1]) / 2) < 1e-12)
      for (key, wanted) in [("macro_auc", 0.65), ("low", 0.55), ("high", 0.75)] {
        #expect(abs(number(1, key) - wanted) < 1e-12)
      }
      #expect(
        FileManager.default.fileExists(atPath: "\(folder)/page/robustness-ptbxl.superclass-em-snr.svg"))
    }
  }

  /// Recordings are known by their samples, whatever their files are called.
  @Test func recordingsOfOneName() throws {
    try withReportFolder { folder in
      for (seed, digest) in ["aaaaaaaaaaaa", "bbbbbbbbbbbb"].enumerated() {
        try write(
          [point("em", decibels: 6, sha256: digest, 0.5 + Double(seed) / 10)],
          of: ReportedRun(seed: UInt64(seed)), to: "\(folder)/runs/\(seed)")
      }
      let (report, rows) = try lines(folder)
      #expect(report.problems.isEmpty)
      let told = rows.filter { $0["snr_db"] != "" }.map {
        "\($0["noise_sha256"] ?? "") \($0["seeds"] ?? "") \($0["macro_auc"] ?? "")"
      }
      #expect(told == ["aaaaaaaaaaaa 0 0.5", "bbbbbbbbbbbb 1 0.6"])
      let page = try ParsedMarkup(String(contentsOfFile: "\(folder)/page.html", encoding: .utf8))
      #expect(page.text.contains("em (aaaaaaaa) noise") && page.text.contains("em (bbbbbbbb) noise"))
    }
  }

  /// All points of a curve, that without noise too, are of the same seeds; seeds that lack some are told.
  @Test func pointsAreOfTheSameSeeds() throws {
    try withReportFolder { folder in
      let levels = [[1, 2, 3], [1, 2, 3], [1], []]
      let runs = levels.indices.map { ReportedRun(seed: UInt64($0), noise: 1 + Double($0)) }
      for (seed, run) in runs.enumerated() {
        try write(
          levels[seed].map { point("p1", level: $0, 0.9 - 0.1 * Double($0) - 0.05 * Double(seed)) }, of: run,
          to: "\(folder)/runs/\(seed)")
      }
      let (report, rows) = try lines(folder)
      #expect(report.problems.isEmpty && rows.map { $0["level"] } == ["0", "1", "2", "3"])
      #expect(rows.allSatisfy { $0["seeds"] == "0, 1" })
      let found = rows.compactMap { Double($0["macro_auc"] ?? "") }
      let wanted = [(runs[0].macroAUC + runs[1].macroAUC) / 2, 0.775, 0.675, 0.575]
      #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-12 } && found.count == 4, "\(found)")
      let page = try ParsedMarkup(String(contentsOfFile: "\(folder)/page.html", encoding: .utf8))
      #expect(page.text.contains("It is of R1 xresnet1d50 from random weights, linear."))
      #expect(page.text.contains("Left out, as they were tested at fewer steps: R1 of seed 2."))
    }
  }

  /// A file of another run, and one that tells a point twice, are problems.
  @Test func filesThatDisagree() throws {
    try withReportFolder { folder in
      let run = ReportedRun()
      for (points, clean, message) in [
        ([point("p1", level: 1, 0.5)], run.macroAUC + 1e-5, "clean is"),
        (
          [point("p1", level: 1, 0.5), point("p1", level: 1, 0.6)], run.macroAUC,
          "point 2 of p1 is there twice"
        ),
        ([point("p1", level: 0, 0.5)], run.macroAUC, "point 1 of p1 makes no sense"),
        (
          (0...1000).map { point("em", decibels: Double($0) / 10, 0.5) }, run.macroAUC,
          "1001 points are more than"
        ),
      ] {
        try write(points, clean: clean, of: run, to: "\(folder)/runs/0")
        let (report, rows) = try lines(folder)
        #expect(report.problems.count == 1 && report.evaluationCount == 1 && rows.isEmpty)
        #expect(report.problems.first?.message.contains(message) == true, "\(report.problems)")
      }
      try write(
        [
          point("p1", level: 1, 0.5), point("p1", decibels: 1, 0.6),
          point("p1", decibels: 1, sha256: "a", 0.6),
        ],
        clean: run.macroAUC + 1e-7, of: run, to: "\(folder)/runs/0")
      #expect(try lines(folder).report.problems.isEmpty)
    }
  }
}
