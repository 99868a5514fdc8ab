import ECGData
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct ExportTests {
  @Test func endsWithItsPromisedJSON() throws {
    try withTree { directory in
      let shards = directory.path("shards")
      _ = try PTBXLTree.converter(directory).run()
      let all = try Tool.run("export", "--wfdb", shards, "--output", directory.path("all"), "--json")
      #expect(all.status == 0 && all.errorLines.count == 2)
      #expect(all.errors.contains("12 as they were recorded, 12 of their signal files byte for byte"))
      let json = try all.json
      #expect(
        Set(json.keys) == [
          "records", "frames", "bytes", "seconds", "as_recorded", "identical", "as_stored",
        ])
      #expect(json["records"] as? Int == 12 && json["frames"] as? Int == 6000)
      #expect(json["identical"] as? Int == 12 && (json["as_stored"] as? [String: Int])?.isEmpty == true)
      #expect(
        try directory.read("all/records/ptb-xl/7.dat")
          == directory.read("tree/records500/00000/00007_hr.dat"))

      let one = try Tool.run(
        "export", "--npy", "\(shards):7", "-o", directory.path("one"), "--json", "--quiet", "--source",
        "ptb-xl",
        "--jobs", "1")
      #expect(one.status == 0 && one.errors.isEmpty)
      #expect(try Set(one.json.keys) == ["records", "frames", "bytes", "seconds"])
      #expect(try directory.read("one/records/ptb-xl/7.npy").count == 128 + 500 * 48)
      let few = try Tool.run(
        "export", "--npy", shards, "-o", directory.path("few"), "--limit", "3", "--json", "--quiet")
      #expect(try few.json["records"] as? Int == 3)

      // Nothing is written over, and nothing is left of what cannot be.
      let again = try Tool.run("export", "--npy", shards, "-o", directory.path("one"))
      #expect(again.status == 2 && again.errorLines.count == 1 && again.errors.contains("not empty"))
      for (place, arguments) in [
        ("\(shards):99", []), ("\(shards):", []), (directory.path("none") + ":7", []),
        (directory.path("tree"), []), (shards, ["--source", "chapman"]),
      ] {
        let output = directory.path("no")
        let result = try Tool.run(["export", "--wfdb", place, "-o", output] + arguments)
        #expect(result.status == 2 && result.errorLines.count == 1, "\(place)")
        #expect(result.errors.hasPrefix("einthoven: error: "))
        #expect(!FileManager.default.fileExists(atPath: output))
      }
    }
  }

  @Test(arguments: [
    ["--output", "y"], ["--wfdb", "--npy", "--output", "y"], ["--edf", "--output", "y"], ["--wfdb"],
    ["--wfdb", "--output", "y", "--jobs", "0"], ["--wfdb", "--output", "y", "--limit", "0"],
    ["--wfdb", "--output", "y", "another"],
  ])
  func refusesWrongUsage(arguments: [String]) throws {
    let result = try Tool.run(["export", "x"] + arguments)
    #expect(result.status == 64 && result.output.isEmpty && !result.errors.isEmpty)
  }

  /// Ctrl-C leaves nothing that could pass for an export.
  @Test func isInterruptedWithoutATrace() throws {
    try withDirectory { directory in
      let (tree, shards, output) = (directory.path("tree"), directory.path("shards"), directory.path("out"))
      try Simulation(layout: "cpsc2018-wfdb", records: 300, seed: 1).write(to: tree, jobs: 2)
      #expect(try Tool.run("convert", tree, "-o", shards, "--quiet").status == 0)
      let result = try Tool.run(
        ["export", "--wfdb", shards, "-o", output, "--quiet"],
        whileRunning: { process in
          while !FileManager.default.fileExists(atPath: output), process.isRunning { usleep(1000) }
          process.interrupt()
        })
      #expect(result.status == 2 && result.errorLines.count == 1)
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }
}
