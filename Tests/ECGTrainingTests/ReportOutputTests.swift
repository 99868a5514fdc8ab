import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// Where a report writes its files, and where it refuses to.
@Suite struct ReportOutputTests {
  private func content(_ folder: String) throws -> [String: String] {
    try Dictionary(
      uniqueKeysWithValues: FileManager.default.subpathsOfDirectory(atPath: folder).map { path in
        (path, (try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)) ?? "folder")
      })
  }

  /// Folders that are not a report's are refused before any work, and by the writing itself; nothing in them changes.
  @Test(
    arguments: [
      // What lies there, the page, and a part of the message.
      (["page/results.csv"], "page.html", "has no index.csv"),
      (["page/index.csv"], "page.html", "has no index.csv"),
      (["page/sub/x"], "page.htm", "has no index.csv"),
      (["page/recipe.yaml"], "page.html", "holds recipe.yaml"),
      (["page/manifest.json"], "page.html", "holds manifest.json"),
      (["page"], "page.html", "is no folder"),
      ([], "runs.html", "is or holds"),
      ([], "runs/0.html", "recipe.yaml"),
      ([], "runs/0/page.html", "is within the run"),
      ([], "shards/page.html", "is within the shards"),
      ([], "shards.html", "is or holds"),
    ] as [([String], String, String)])
  func refusesFoldersOfOthers(files: [String], page: String, message: String) throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/runs/0")
      try FileManager.default.createDirectory(atPath: "\(folder)/shards", withIntermediateDirectories: true)
      for file in files {
        let url = URL(filePath: "\(folder)/\(file)")
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try "a,b\n".write(to: url, atomically: true, encoding: .utf8)
      }
      if page == "runs.html" {
        // As a report's it would be taken for one, but for the runs in it.
        try "file,what\n".write(toFile: "\(folder)/runs/index.csv", atomically: true, encoding: .utf8)
      }
      let before = try content(folder)
      let report = try Report(runs: ["\(folder)/runs"], version: "0")
      let error = #expect(throws: ECGError.self) {
        try Report.checkOutput("\(folder)/\(page)", runs: ["\(folder)/runs"], shards: "\(folder)/shards")
      }
      #expect(error?.message.contains(message) == true, "\(String(describing: error))")
      if !page.hasPrefix("shards") {
        #expect(throws: ECGError.self) { try report.write(to: "\(folder)/\(page)") }
      }
      #expect(try content(folder) == before)
    }
  }

  /// Names without a stem have a folder of their own name; what an index calls a file and is a folder is left alone.
  @Test func oddNames() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/runs/0")
      let report = try Report(runs: ["\(folder)/runs"], version: "0")
      for name in [".html", "..html", "...html"] {
        #expect(
          try report.write(to: "\(folder)/\(name)").allSatisfy { $0.hasPrefix("\(folder)/\(name)-files/") })
      }
      try report.write(to: "\(folder)/page.html")
      let index = "\(folder)/page/index.csv"
      let lines = try String(contentsOfFile: index, encoding: .utf8)
      try (lines + "d.csv,mine\n").write(toFile: index, atomically: true, encoding: .utf8)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/page/d.csv", withIntermediateDirectories: true)
      try report.write(to: "\(folder)/page.html")
      #expect(try String(contentsOfFile: index, encoding: .utf8) == lines)
      #expect(FileManager.default.fileExists(atPath: "\(folder)/page/d.csv"))
    }
  }

  /// Links change nothing of it; a page may lie among runs, and beside an empty folder.
  @Test func knowsFoldersThroughLinks() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/all/runs/0")
      try "file,what\n".write(toFile: "\(folder)/all/index.csv", atomically: true, encoding: .utf8)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/page", withDestinationPath: "\(folder)/all")
      let error = #expect(throws: ECGError.self) {
        try Report.checkOutput("\(folder)/page.html", runs: ["\(folder)/all/runs"])
      }
      #expect(error?.message.contains("is or holds") == true)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/broken", withDestinationPath: "\(folder)/nowhere")
      #expect(throws: ECGError.self) { try Report.checkOutput("\(folder)/broken.html", runs: []) }
      try FileManager.default.createDirectory(
        atPath: "\(folder)/all/runs/page", withIntermediateDirectories: true)
      let files = try Report(runs: ["\(folder)/all/runs"], version: "0").write(
        to: "\(folder)/all/runs/page.html")
      #expect(files.contains("\(folder)/all/runs/page/index.csv"))
      // Again, now into its own.
      #expect(
        try Report(runs: ["\(folder)/all/runs"], version: "0").write(to: "\(folder)/all/runs/page.html")
          == files)
    }
  }

  /// Files of a writing that did not end are in the index, and removed by the next.
  @Test func anUnfinishedReportIsKnown() throws {
    try withReportFolder { folder in
      try ReportedRun().write(to: "\(folder)/runs/0")
      let report = try Report(runs: ["\(folder)/runs"], version: "0")
      let page = "\(folder)/page.html"
      let files = try report.write(to: page)
      // A file that cannot be replaced ends a writing after the index, which has what was there and what was to be.
      try "file,what\nold.svg,Old\n".write(
        toFile: "\(folder)/page/index.csv", atomically: true, encoding: .utf8)
      try "old".write(toFile: "\(folder)/page/old.svg", atomically: true, encoding: .utf8)
      try FileManager.default.removeItem(atPath: "\(folder)/page/results.csv")
      try FileManager.default.createDirectory(
        atPath: "\(folder)/page/results.csv/x", withIntermediateDirectories: true)
      #expect(throws: ECGError.self) { try report.write(to: page) }
      let listed = Set(try csvRows("\(folder)/page/index.csv").compactMap { $0["file"] })
      #expect(listed.isSuperset(of: ["old.svg", "results.csv", "runs.csv"]))
      #expect(FileManager.default.fileExists(atPath: "\(folder)/page/old.svg"))
      try FileManager.default.removeItem(atPath: "\(folder)/page/results.csv")
      #expect(try report.write(to: page) == files)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/page/old.svg"))
      #expect(try csvRows("\(folder)/page/index.csv").count == files.count - 1)
    }
  }

  /// Names of files are short, and no two are the same.
  @Test func namesOfFilesAreShortAndUnique() throws {
    try withReportFolder { folder in
      let long = String(repeating: "Ä noise ", count: 60)
      let run = ReportedRun()
      try run.write(to: "\(folder)/runs/0")
      let points = ["\(long)1", "\(long)2", "a b", "a-b"].map {
        "{\"noise\": \"\($0)\", \"snr_db\": 6, \"macro_auc\": 0.5, \"ci95\": []}"
      }
      try "{\"clean\": \(run.macroAUC), \"records\": 60, \"points\": [\(points.joined(separator: ","))]}"
        .write(
          toFile: "\(folder)/runs/0/robustness.json", atomically: true, encoding: .utf8)
      let report = try Report(runs: ["\(folder)/runs"], version: "0")
      #expect(report.problems.isEmpty, "\(report.problems)")
      let files = try report.write(to: "\(folder)/page.html")
      let names = files.compactMap { $0.split(separator: "/").last }
      #expect(Set(names).count == names.count && names.allSatisfy { $0.utf8.count < 150 })
      #expect(names.filter { $0.hasPrefix("robustness-") && $0.hasSuffix(".svg") }.count == 4)
      #expect(names.contains("robustness-ptbxl.superclass-a-b-snr.svg"))
      #expect(names.contains("robustness-ptbxl.superclass-a-b-snr-2.svg"))
      // Each is linked by its own name.
      let page = try ParsedMarkup(String(contentsOfFile: "\(folder)/page.html", encoding: .utf8))
      for name in names where name.hasPrefix("robustness-") { #expect(page.links.contains("page/\(name)")) }
      for file in files where file.hasSuffix(".svg") && file.contains("robustness-") {
        let picture = try ParsedMarkup(String(contentsOfFile: file, encoding: .utf8))
        #expect(picture.labels.allSatisfy { $0.text.count < 80 })
      }
    }
  }
}
