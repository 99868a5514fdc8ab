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

  /// Ctrl-C leaves nothing that could pass for a collection.
  @Test func isInterruptedWithoutATrace() throws {
    try withDirectory { directory in
      let tree = directory.path("tree")
      let result = try Tool.run(
        ["simulate", "--layout", "challenge", "--records", "80000", "--quiet", tree],
        whileRunning: { process in
          while !FileManager.default.fileExists(atPath: tree) { usleep(1000) }
          process.interrupt()
        })
      #expect(result.status == 2 && result.errorLines.count == 1)
      #expect(!FileManager.default.fileExists(atPath: tree))
    }
  }
}
