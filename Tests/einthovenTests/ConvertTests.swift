import ECGData
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct ConvertTests {
  static let keys: Set = [
    "planned", "stored", "repaired", "excluded", "shards", "bytes", "seconds", "records_per_second",
    "fingerprint",
  ]

  @Test func endsWithItsPromisedJSON() throws {
    try withTree { directory in
      let shards = directory.path("shards")
      let first = try Tool.run("convert", directory.path("tree"), "-o", shards, "--rate", "100", "--json")
      #expect(first.status == 0)
      let json = try first.json
      #expect(Set(json.keys) == ConvertTests.keys)
      #expect(json["planned"] as? Int == 12 && json["stored"] as? Int == 12 && json["excluded"] as? Int == 0)
      let manifest = try Manifest(directory: shards)
      #expect(json["fingerprint"] as? String == manifest.fingerprint)
      #expect(json["bytes"] as? Int == manifest.bytes && json["shards"] as? Int == 1)
      #expect(first.output.split(separator: "\n").count == 1)

      let again = try Tool.run(
        "convert", directory.path("tree"), "-o", shards, "--rate", "100", "--json", "--quiet")
      #expect(again.status == 0 && again.errors.isEmpty)
      #expect(try again.json["fingerprint"] as? String == manifest.fingerprint)
    }
  }

  @Test func endsWithOneIfItLeftSomethingOut() throws {
    try withTree { directory in
      try directory.change("tree/records500/00000/00007_hr.dat") { $0[500] ^= 1 }
      let tree = directory.path("tree")
      let strict = try Tool.run("convert", tree, "-o", directory.path("strict"), "--strict", "--json")
      #expect(strict.status == 2 && strict.output.isEmpty)
      #expect(strict.errors.contains("record 7") && strict.errors.contains("wfdb.checksum"))
      #expect(!FileManager.default.fileExists(atPath: directory.path("strict/manifest.json")))

      for _ in 0..<2 {
        let lenient = try Tool.run("convert", tree, "-o", directory.path("shards"), "--json")
        #expect(lenient.status == 1)
        let json = try lenient.json
        #expect(
          json["planned"] as? Int == 12 && json["stored"] as? Int == 11 && json["excluded"] as? Int == 1)
      }
    }
  }

  @Test func refusesAnotherRecipeAndBeginsAnewIfTold() throws {
    try withTree { directory in
      let arguments = ["convert", directory.path("tree"), "-o", directory.path("shards"), "--json"]
      #expect(try Tool.run(arguments).status == 0)
      let refused = try Tool.run(arguments + ["--rate", "250"])
      #expect(refused.status == 2 && refused.errorLines.count == 1 && refused.output.isEmpty)
      #expect(refused.errors.contains("250") && refused.errors.contains("--restart"))
      #expect(try Tool.run(arguments + ["--rate", "250", "--restart"]).status == 0)
    }
  }

  @Test func writesNothingOnADryRun() throws {
    try withTree { directory in
      let recipe = try directory.write("rate: 100\nseed: 4\n", to: "recipe.yaml")
      let arguments = ["convert", directory.path("tree"), "-o", directory.path("shards"), "--recipe", recipe]
      let result = try Tool.run(arguments + ["--dry-run"])
      #expect(result.status == 0)
      #expect(!FileManager.default.fileExists(atPath: directory.path("shards")))
      #expect(result.output.contains("12 records"))
      // What is printed is a recipe that reads as the one that was meant.
      let printed = try directory.write(result.output, to: "printed.yaml")
      #expect(try Recipe(contentsOf: printed) == Recipe(contentsOf: recipe))
    }
  }

  @Test func takesSeedLimitAndShardSizeSeriously() throws {
    try withTree { directory in
      let arguments = [
        "convert", directory.path("tree"), "--json", "--shard-size", "24000", "--limit", "5", "-o",
      ]
      let one = try Tool.run(arguments + [directory.path("one"), "--jobs", "1"]).json
      let two = try Tool.run(arguments + [directory.path("two"), "--jobs", "2"]).json
      #expect(one["planned"] as? Int == 5 && one["shards"] as? Int == 3)
      #expect(one["fingerprint"] as? String == two["fingerprint"] as? String)
    }
  }

  /// A shard a record, so that a signal always comes in between.
  @Test(arguments: [SIGINT, SIGTERM]) func goesOnAfterASignal(signal: Int32) throws {
    try withTree(PTBXLTree(count: 150, frames: 400)) { directory in
      let tree = directory.path("tree")
      let size = ["--shard-size", "9600", "--json", "--jobs", "2"]
      let whole = try Tool.run(["convert", tree, "-o", directory.path("whole")] + size)
      try #require(whole.status == 0)
      let arguments = ["convert", tree, "-o", directory.path("shards")] + size
      let stopped = try Tool.run(arguments) { process in
        while process.isRunning, !directory.isWritten("shards/journal.jsonl") { usleep(500) }
        kill(process.processIdentifier, signal)
      }
      #expect(stopped.status == 2)
      #expect(stopped.output.isEmpty && stopped.errors.contains("stopped on request"))
      #expect(!FileManager.default.fileExists(atPath: directory.path("shards/manifest.json")))
      #expect(try Tool.run("stream", directory.path("shards")).errors.contains("unfinished"))
      let resumed = try Tool.run(arguments)
      #expect(resumed.status == 0)
      #expect(try resumed.json["fingerprint"] as? String == whole.json["fingerprint"] as? String)
      let read = { (name: String) in try directory.read("\(name)/manifest.json") }
      #expect(try read("shards") == read("whole"))
    }
  }

  /// SIGKILL leaves no time for anything.
  @Test func goesOnAfterAKill() throws {
    try withTree(PTBXLTree(count: 100, frames: 400)) { directory in
      let arguments = ["convert", directory.path("tree"), "--shard-size", "9600", "--json", "-o"]
      let whole = try Tool.run(arguments + [directory.path("whole")]).json
      // What the moment before the plan has its name leaves.
      for name in ["shards", "ledger"] {
        try FileManager.default.createDirectory(
          atPath: directory.path("shards/\(name)"), withIntermediateDirectories: true)
      }
      for pause in [20_000, 30_000, 40_000] as [UInt32] {
        let killed = try Tool.run(arguments + [directory.path("shards")]) { process in
          usleep(pause)
          kill(process.processIdentifier, SIGKILL)
        }
        #expect([-SIGKILL, 0].contains(killed.status))
      }
      let resumed = try Tool.run(arguments + [directory.path("shards")])
      #expect(resumed.status == 0)
      #expect(try resumed.json["fingerprint"] as? String == whole["fingerprint"] as? String)
    }
  }
}
