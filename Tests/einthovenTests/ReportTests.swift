import Foundation
import TestSupport
import Testing

/// A page of what `evaluate` writes.
@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct ReportTests {
  /// All runs below a folder; one that cannot be read is named on stderr and on the page, and makes the exit code 1.
  @Test func reportsRuns() throws {
    try withDirectory { directory in
      func run(_ arguments: String...) throws {
        let result = try Tool.run(arguments + ["--quiet"])
        #expect(result.status == 0, "\(arguments.joined(separator: " ")): \(result.errors)")
      }
      let (raw, shards, page) = (directory.path("raw"), directory.path("shards"), directory.path("page.html"))
      try run("simulate", "--layout", "ptb-xl", "--records", "60", "--seed", "3", raw)
      try run("convert", raw, "--rate", "100", "-o", shards)
      try directory.write("network: {architecture: xresnet1d18, width: 8}\nbootstrap: 1\n", to: "recipe.yaml")
      for kind in ["linear", "supervised"] {
        try run(
          "evaluate", shards, "--encoder", "none", "--architecture", "xresnet1d18", "--protocol", kind,
          "--task",
          "ptbxl.superclass", "--epochs", "1", "--batch", "8", "--recipe", directory.path("recipe.yaml"),
          "-o",
          directory.path("runs/\(kind)"))
      }
      let whole = try Tool.run("report", directory.path("runs"), "--shards", shards, "-o", page, "--json")
      #expect(whole.status == 0, "\(whole.errors)")
      let told = try whole.json
      #expect(told["evaluations"] as? Int == 2 && (told["rows"] as? [Any])?.count == 2)
      #expect((told["problems"] as? [Any])?.isEmpty == true && told["output"] as? String == page)
      for file in try #require(told["files"] as? [String]) {
        #expect(FileManager.default.fileExists(atPath: file) && file.hasPrefix(directory.path("page/")))
      }
      #expect(try directory.text("page.html").contains("Runs of R2"))
      // The folder beside this page would be that of the runs.
      let beside = try Tool.run("report", directory.path("runs"), "-o", directory.path("runs.html"))
      #expect(beside.status == 2 && beside.errorLines.count == 1 && beside.errors.contains("no index.csv"))
      #expect(!directory.exists("runs.html") && !directory.exists("runs/index.csv"))
      let single = try Tool.run("report", directory.path("runs/linear"), "-o", page)
      #expect(single.errors.contains("1 evaluation in 1 row, 0 pretrainings"))
      try directory.remove("runs/linear/result.json")
      let part = try Tool.run("report", directory.path("runs"), "-o", page, "--quiet")
      #expect(part.status == 1 && part.output.isEmpty && part.errorLines.count == 1)
      #expect(part.errors.contains("runs/linear: is not finished"))
      #expect(try directory.text("page.html").contains("runs/linear</code>: is not finished"))
    }
  }

  @Test func refusesWhatHoldsNoRun() throws {
    try withDirectory { directory in
      let refused = try Tool.run("report", directory.path(""), "-o", directory.path("page.html"))
      #expect(refused.status == 2 && refused.errorLines.count == 1 && refused.errors.contains("holds no run"))
      #expect(!directory.exists("page.html") && !directory.exists("page"))
      #expect(try Tool.run("report", directory.path("")).status == 64)
    }
  }
}
