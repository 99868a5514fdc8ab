import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct SimulateTests {
  @Test func simulatesWhatItsFlagsSay() throws {
    try withDirectory { directory in
      let tree = directory.path("tree")
      let result = try Tool.run(
        "simulate", "--layout", "cpsc2018-wfdb", "--records", "3", "--seed", "4", "--noise", "powerline",
        "--jobs", "1",
        "--json", tree)
      #expect(result.status == 0 && result.errorLines.count == 1)
      let summary = try result.json
      #expect(summary["layout"] as? String == "cpsc2018-wfdb" && summary["records"] as? Int == 3)
      #expect(summary["seed"] as? Int == 4 && summary["seconds"] is Double)
      let artefacts = try directory.text("tree/simulation/artefacts.csv").split(separator: "\n").dropFirst()
      #expect(artefacts.count == 3 && artefacts.allSatisfy { $0.contains(",powerline,") })
      let again = try Tool.run("simulate", "--layout", "cpsc2018-wfdb", "--records", "3", tree)
      #expect(again.status == 2 && again.errorLines.count == 1 && again.errors.contains("not empty"))
      let inspection = try Tool.run("inspect", tree, "--json")
      #expect(inspection.status == 0 && inspection.output.contains("\"cpsc2018-wfdb\""))
    }
  }

  /// `--defects` takes rates, which have an equals sign, or stands alone before whatever follows.
  @Test func plantsDefectsAtItsRates() throws {
    try withDirectory { directory in
      func simulate(_ name: String, _ arguments: String...) throws -> Tool.Result {
        try Tool.run(
          ["simulate", "--layout", "cpsc2018-wfdb", "--records", "4", "--quiet"] + arguments + [
            directory.path(name)
          ])
      }
      #expect(try simulate("clean").status == 0)
      #expect(try simulate("default", "--defects").status == 0)
      #expect(try simulate("all", "--defects", "flat-lead=1").status == 0)
      #expect(!FileManager.default.fileExists(atPath: directory.path("clean/simulation/defects.json")))
      #expect(try directory.text("default/simulation/defects.json").contains("\"flat-lead\":0.005"))
      let truth = try directory.text("all/simulation/defects.json")
      #expect(truth.contains("\"rates\":{\"flat-lead\":1}"))
      #expect(truth.split(separator: "\n").count { $0.contains("\"kind\":\"flat-lead\"") } == 4)
      for rates in ["flat=1", "flat-lead=2", "zero-id=0.1", "all=0.5"] {
        let result = try simulate("bad", "--defects", rates)
        #expect(result.status == 2 && result.errorLines.count == 1, "\(rates)")
        #expect(!FileManager.default.fileExists(atPath: directory.path("bad")))
      }
    }
  }

  /// Ctrl-C leaves nothing that could pass for a collection.
  @Test func isInterruptedWithoutATrace() throws {
    try withDirectory { directory in
      let tree = directory.path("tree")
      let result = try Tool.run(
        ["simulate", "--layout", "challenge", "--records", "20000", "--quiet", tree],
        whileRunning: { process in
          while !FileManager.default.fileExists(atPath: tree) { usleep(1000) }
          process.interrupt()
        })
      #expect(result.status == 2 && result.errorLines.count == 1)
      #expect(!FileManager.default.fileExists(atPath: tree))
    }
  }
}
