import ECGData
import Foundation
import TestSupport
import Testing

/// The commands that only look: inspect, read and validate.
@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct LookTests {
  @Test func inspectsWhateverItIsGiven() throws {
    try withTree { directory in
      let manifest = try PTBXLTree.converter(directory).run().manifest
      let kinds = [
        ("tree", "raw collection"), ("shards", "shard directory"),
        ("shards/\(manifest.shards[0].file)", "shard"),
        ("tree/records500/00000/00001_hr", "WFDB header"),
        ("tree/records500/00000/00001_hr.hea", "WFDB header"),
      ]
      for (path, kind) in kinds {
        let result = try Tool.run("inspect", directory.path(path), "--json")
        #expect(result.status == 0)
        #expect(try result.json["kind"] as? String == kind)
        #expect(try Tool.run("inspect", directory.path(path)).output.contains(kind))
      }
    }
  }

  @Test func readsARecordAsItStands() throws {
    try withDirectory { directory in
      let path = try WFDBFixture(leads: ["I", "V9"], gain: "200(10)/mV", samples: [10, 11, 210, -32768])
        .write(to: directory)
      let physical = try Tool.run("read", path)
      #expect(physical.status == 0)
      #expect(
        physical.output.split(separator: "\n").map(String.init) == ["sample,I,V9", "0,0.0,0.005", "1,1.0,"])
      let digital = try Tool.run("read", path, "--digital", "--channels", "V9")
      #expect(digital.output.split(separator: "\n").map(String.init) == ["sample,V9", "0,11", "1,"])
      try directory.change("rec.dat") { $0[0] ^= 1 }
      // What disagrees is told and written; strict refuses it, lenient warns.
      let told = try Tool.run("read", path)
      #expect(told.status == 1 && told.output.split(separator: "\n").count == 3)
      #expect(told.errorLines.last?.hasPrefix("einthoven: error: ") == true)
      #expect(told.errorLines.last?.contains("wfdb.checksum") == true)
      let refused = try Tool.run("read", path, "--strict")
      #expect(refused.status == 2 && refused.output.isEmpty && refused.errorLines.count == 1)
      let kept = try Tool.run("read", path, "--lenient")
      #expect(kept.status == 0 && !kept.output.isEmpty && kept.errors.contains("warning"))
      #expect(!kept.errors.contains("error"))
    }
  }

  @Test func drawsTheFiltersOfARecipe() throws {
    try withDirectory { directory in
      let recipe = try directory.write("filters: [{notch: {frequency: 50}}]\n", to: "r.yaml")
      let shown = try Tool.run("plot", "--filters", recipe)
      #expect(shown.status == 0 && shown.output.hasPrefix("<svg ") && shown.errors.isEmpty)
      #expect(try Tool.run("plot", "--filters", recipe, "--output", directory.path("x.svg")).status == 0)
      #expect(try directory.text("x.svg") == shown.output)
      let refused = try Tool.run("plot", "--filters", recipe, "--rate", "80")
      #expect(refused.status == 2 && refused.errorLines.count == 1)
      #expect(refused.errors.contains("r.yaml: filter 1 (notch): 50.0 Hz is not below 40.0 Hz"))
    }
  }

  @Test func drawsRecords() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      let record = directory.path("tree/records500/00000/00007_hr")
      for place in [record, directory.path("tree") + ":7", directory.path("shards") + ":7"] {
        let shown = try Tool.run("plot", place)
        #expect(shown.status == 0 && shown.errors.isEmpty && shown.output.contains("10 mm/mV"))
        #expect(try Tool.run("plot", place, "--output", directory.path("x.svg")).status == 0)
        #expect(try directory.text("x.svg") == shown.output)
      }
      let standard = try Tool.run("plot", record, "--layout", "standard", "--plain", "--from", "0:00:00.5")
      #expect(standard.output.contains("standard layout") && standard.output.contains("0.5 to 1 s of 1 s"))
      for arguments in [
        [record, "--from", "77"], [directory.path("shards")], [directory.path("shards") + ":99"],
        [directory.path("shards") + ":7", "--source", "chapman"], [directory.path("none") + ":7"],
      ] {
        let refused = try Tool.run(["plot"] + arguments)
        #expect(
          refused.status == 2 && refused.output.isEmpty && refused.errorLines.count == 1, "\(arguments)")
        #expect(refused.errors.hasPrefix("einthoven: error: "))
      }
    }
  }

  @Test func validatesTreesAndShards() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      for name in ["tree", "shards"] {
        let result = try Tool.run("validate", directory.path(name), "--json")
        #expect(result.status == 0)
        #expect(Set(try result.json.keys).isSuperset(of: ["records", "findings", "summary"]))
        #expect(try result.json["records"] as? Int == 12)
      }
      try directory.change("tree/records500/00000/00007_hr.dat") { $0[500] ^= 1 }
      let wrong = try Tool.run("validate", directory.path("tree"), "--json")
      #expect(wrong.status == 1)
      let findings = try #require(try wrong.json["findings"] as? [[String: Any]])
      let finding = try #require(findings.first { $0["rule"] as? String == "wfdb.checksum" })
      #expect(finding["record"] as? String == "7" && finding["severity"] as? String == "error")
      #expect(Set(finding.keys) == ["record", "rule", "severity", "message"])
    }
  }

  @Test func validationsAreSummarizedListedAndWritten() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      try directory.change("tree/records500/00000/00007_hr.dat") { $0[500] ^= 1 }
      let paths = [directory.path("tree"), directory.path("shards")]
      let page = directory.path("page.html")
      let summary = try Tool.run(["validate", "--html", page] + paths)
      #expect(summary.status == 1 && summary.errors.isEmpty)
      let lines = summary.output.split(separator: "\n")
      #expect(lines[0].split(separator: " ") == ["severity", "rule", "findings", "records"])
      #expect(lines[1].split(separator: " ") == ["error", "wfdb.checksum", "1", "1"])
      #expect(lines.contains { $0.hasPrefix("7 of \(paths[0]): error: wfdb.checksum") })
      #expect(lines.contains { $0.hasPrefix("\(paths[0]): 12 records, 1 errors, ") })
      #expect(try directory.text("page.html").hasPrefix("<!DOCTYPE html>"))
      let all = try Tool.run(["validate", "--all"] + paths)
      #expect(all.status == 1 && all.output.contains("error: 7: wfdb.checksum: "))
      #expect(try Tool.run(["validate", "--quiet"] + paths).output.isEmpty)
      let json = try Tool.run(["validate", "--json", "--deep"] + paths).json
      let parts = try #require(json["paths"] as? [[String: Any]])
      #expect(
        parts.map { $0["path"] as? String } == paths && parts.map { $0["records"] as? Int } == [12, 12])
      #expect((parts[0]["findings"] as? [String: Int])?["error"] == 1)
      #expect((parts[1]["figures"] as? [[String: Any]])?[0]["measured"] as? Int == 12)
      for name in ["no/such/page.html", "tree"] {
        let refused = try Tool.run(["validate", "--html", directory.path(name)] + paths)
        #expect(refused.status == 2 && refused.output.isEmpty && refused.errorLines.count == 1)
        #expect(refused.errors.hasPrefix("einthoven: error: \(directory.path(name)): "))
      }
    }
  }
}
