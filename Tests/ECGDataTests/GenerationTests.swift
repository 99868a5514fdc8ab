import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Shard directories of several conversions: appended, merged, and with their manifest made anew.
@Suite struct GenerationTests {
  /// Two simulated collections, converted or to be converted by one recipe.
  private struct Sources {
    let directory: Directory

    init(_ directory: Directory) throws {
      self.directory = directory
      try Simulation(layout: "ptb-xl", records: 8, seed: 1).write(to: directory.path("a"), jobs: 2)
      try Simulation(layout: "chapman", records: 4, seed: 1).write(to: directory.path("b"), jobs: 2)
    }

    func converter(_ names: String..., output: String, rate: Double = 50) throws -> Converter {
      var recipe = Recipe()
      recipe.rate = .hertz(rate)
      var converter = Converter(
        sources: try names.map { try Datasets.open(directory.path($0)) }, output: directory.path(output),
        recipe: recipe)
      // Three records a shard.
      converter.shardBytes = 3 * 500 * ConversionPlan.bytesPerFrame
      return converter
    }

    @discardableResult
    func append(_ name: String, to output: String, rate: Double = 50) throws -> Converter.Report {
      var converter = try converter(name, output: output, rate: rate)
      converter.appends = true
      return try converter.run()
    }

    /// All files of a directory but journals, whose lines stand in the order of work.
    func contents(_ name: String) throws -> [String: [UInt8]] {
      try Directory(path: directory.path(name)).contents().filter { !$0.key.hasSuffix("journal.jsonl") }
    }

    func findings(_ name: String) throws -> [Finding] {
      var validation = Validation()
      validation.isDeep = true
      return try validation.report(on: directory.path(name)).findings.filter { $0.severity == .error }
    }
  }

  /// Every record of two directories is in the whole, under its own key, with its own samples.
  @Test func mergedDirectoriesHoldEveryRecord() throws {
    try withDirectory { directory in
      let sources = try Sources(directory)
      _ = try sources.converter("a", output: "x").run()
      _ = try sources.converter("b", output: "y").run()
      let merged = try Merge([directory.path("x"), directory.path("y")], output: directory.path("m")).run()
      #expect(merged.counts.stored == 12)
      #expect(merged.generations.map(\.shards) == [3, 2])
      let whole = try ShardSet(directory.path("m"))
      let parts = [try ShardSet(directory.path("x")), try ShardSet(directory.path("y"))]
      var record = 0
      for part in parts {
        for other in 0..<part.count {
          #expect(whole.key(record) == part.key(other))
          #expect(whole.statements(record) == part.statements(other))
          let count = part.frameCount(other)
          #expect(
            try whole.counts(record, from: 0, count: count) == part.counts(other, from: 0, count: count))
          record += 1
        }
      }
      #expect(record == whole.count)
      #expect(try sources.findings("m").isEmpty)
    }
  }

  /// What is appended is what would be merged, byte for byte.
  @Test func anAppendIsAMerge() throws {
    try withDirectory { directory in
      let sources = try Sources(directory)
      _ = try sources.converter("a", output: "x").run()
      _ = try sources.converter("b", output: "y").run()
      _ = try Merge([directory.path("x"), directory.path("y")], output: directory.path("m")).run()
      #expect(try sources.append("b", to: "x").manifest.generations.count == 2)
      #expect(try sources.contents("x") == sources.contents("m"))
      #expect(try sources.findings("x").isEmpty)
      // Nothing is left to do, whichever of the two is asked for again.
      #expect(try sources.append("b", to: "x").wasComplete)
      #expect(try sources.converter("a", output: "x").run().wasComplete)
      #expect(try sources.contents("x") == sources.contents("m"))
    }
  }

  /// The means and deviations of the whole are those of one conversion of all.
  @Test func statisticsAreThoseOfOneConversion() throws {
    try withDirectory { directory in
      let sources = try Sources(directory)
      _ = try sources.converter("a", output: "x").run()
      let appended = try sources.append("b", to: "x").manifest.statistics
      let together = try sources.converter("a", "b", output: "z").run().manifest.statistics
      #expect(appended.samples == together.samples)
      for lead in 0..<Lead.count {
        #expect(abs(appended.mean[lead] - together.mean[lead]) < 1e-12)
        #expect(abs(appended.standardDeviation[lead] - together.standardDeviation[lead]) < 1e-12)
      }
    }
  }

  /// An append that is stopped leaves the directory as it was, and goes on.
  @Test func anAppendGoesOn() throws {
    try withDirectory { directory in
      let sources = try Sources(directory)
      _ = try sources.converter("b", output: "x").run()
      _ = try sources.converter("b", output: "undisturbed").run()
      let before = try ShardSet(directory.path("x")).manifest
      var converter = try sources.converter("a", output: "x")
      converter.appends = true
      let interruption = Interruption()
      #expect(throws: ECGError.self) {
        _ = try converter.run(interruption: interruption) { event in
          if case .shard = event { interruption.request() }
        }
      }
      #expect(try ShardSet(directory.path("x")).manifest == before)
      #expect(try sources.append("a", to: "x").resumedShards > 0)
      try sources.append("a", to: "undisturbed")
      #expect(try sources.contents("x") == sources.contents("undisturbed"))
    }
  }

  @Test func refusesWhatDoesNotBelongTogether() throws {
    try withDirectory { directory in
      let sources = try Sources(directory)
      _ = try sources.converter("a", output: "x").run()
      _ = try sources.converter("b", output: "other-rate", rate: 100).run()
      _ = try sources.converter("a", "b", output: "overlapping").run()
      for other in ["other-rate", "overlapping", "x"] {
        #expect(throws: ECGError.self) {
          _ = try Merge([directory.path("x"), directory.path(other)], output: directory.path("m")).run()
        }
        #expect(!FileManager.default.fileExists(atPath: directory.path("m")))
      }
      let before = try sources.contents("overlapping")
      // All of it is there already; part of it is; and it is of another rate.
      #expect(throws: ECGError.self) { try sources.append("b", to: "overlapping") }
      #expect(throws: ECGError.self) { try sources.append("b", to: "x", rate: 100) }
      #expect(try sources.contents("overlapping") == before)
    }
  }

  /// A manifest that was lost comes back byte for byte, of one generation and of two.
  @Test func aLostManifestIsMadeAnew() throws {
    try withDirectory { directory in
      let sources = try Sources(directory)
      _ = try sources.converter("a", output: "x").run()
      for step in 0..<2 {
        if step == 1 { try sources.append("b", to: "x") }
        let before = try sources.contents("x")
        #expect(throws: ECGError.self) { _ = try Manifest.rebuild(directory.path("x")) }
        try directory.remove("x/manifest.json")
        _ = try Manifest.rebuild(directory.path("x"))
        #expect(try sources.contents("x") == before)
      }
      // Without the plan the same shards are known, but not their sources' versions.
      let fingerprint = try ShardSet(directory.path("x")).manifest.fingerprint
      try directory.remove("x/manifest.json")
      try directory.remove("x/plan.jsonl")
      #expect(try Manifest.rebuild(directory.path("x")).fingerprint == fingerprint)
      // A damaged or missing shard is not committed.
      try directory.remove("x/manifest.json")
      let shard = "x/" + ConversionState.shardPath(1, of: 3)
      let bytes = try directory.read(shard)
      try directory.change(shard) { $0[20_000] ^= 1 }
      #expect(throws: ECGError.self) { _ = try Manifest.rebuild(directory.path("x")) }
      try directory.remove(shard)
      #expect(throws: ECGError.self) { _ = try Manifest.rebuild(directory.path("x")) }
      try directory.write(bytes, to: shard)
      #expect(try Manifest.rebuild(directory.path("x")).fingerprint == fingerprint)
    }
  }

  @Test func restartForgetsEveryGeneration() throws {
    try withDirectory { directory in
      let sources = try Sources(directory)
      _ = try sources.converter("a", output: "x").run()
      let before = try sources.contents("x")
      try sources.append("b", to: "x")
      var converter = try sources.converter("a", output: "x")
      converter.restart = true
      _ = try converter.run()
      #expect(try sources.contents("x") == before)
    }
  }
}
