import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Shard directories of several conversions: appended, merged, and with their manifest made anew.
@Suite struct GenerationTests {
  /// Every record of two directories is in the whole, under its own key, with its own samples.
  @Test func mergedDirectoriesHoldEveryRecord() throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
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

  /// Several directories open as what they would be merged to.
  @Test func severalDirectoriesAreOneSet() throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      _ = try sources.converter("b", output: "y").run()
      let parts = [directory.path("x"), directory.path("y")]
      _ = try Merge(parts, output: directory.path("m")).run()
      let merged = try ShardSet(directory.path("m"))
      let together = try ShardSet(parts)
      #expect(together.manifest.fingerprint == merged.manifest.fingerprint)
      #expect(together.manifest.statistics.samples == merged.manifest.statistics.samples)
      for lead in 0..<Lead.count {
        let (one, other) = (together.manifest.statistics, merged.manifest.statistics)
        #expect(abs(one.mean[lead] - other.mean[lead]) < 1e-12)
        #expect(abs(one.standardDeviation[lead] - other.standardDeviation[lead]) < 1e-12)
      }
      let configuration = StreamConfiguration(batch: 4, crop: 1, seed: 3)
      let (one, other) = try (
        drain(BatchStream(together, configuration, epochs: 2)),
        drain(BatchStream(merged, configuration, epochs: 2))
      )
      #expect(one.map(\.records) == other.map(\.records) && one.count == other.count)
      // The leads' means differ in their last digits.
      #expect(zip(one, other).allSatisfy { zip($0.values, $1.values).allSatisfy { abs($0 - $1) < 1e-5 } })
      _ = try sources.converter("b", output: "z", rate: 100).run()
      let refused = [[parts[0], parts[0]], [parts[0], directory.path("z")], []]
      for paths in refused { #expect(try error { try ShardSet(paths) }.code == .invalidArgument) }
      #expect(try ShardSet([parts[0]]).manifest == ShardSet(parts[0]).manifest)
    }
  }

  /// What is appended is what would be merged, byte for byte.
  @Test func anAppendIsAMerge() throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
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
      let sources = try SimulatedShards(directory)
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
      let sources = try SimulatedShards(directory)
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
      let sources = try SimulatedShards(directory)
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
      let sources = try SimulatedShards(directory)
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
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      let before = try sources.contents("x")
      try sources.append("b", to: "x")
      var converter = try sources.converter("a", output: "x")
      converter.restart = true
      _ = try converter.run()
      #expect(try sources.contents("x") == before)
    }
  }

  /// An unfinished generation of another plan is told by its own folder.
  @Test func tellsWhichGenerationIsUnfinished() throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      try sources.append("b", to: "x")
      let folder = "x/generation-002"
      try FileManager.default.moveItem(atPath: directory.path("x"), toPath: directory.path("y"))
      _ = try sources.converter("a", output: "x").run()
      try FileManager.default.moveItem(
        atPath: directory.path("y/generation-002"), toPath: directory.path(folder))
      try directory.change("\(folder)/plan.jsonl") { $0.append(contentsOf: Array("\n".utf8)) }
      var converter = try sources.converter("b", output: "x")
      converter.appends = true
      for refused in [try error { try converter.rehearse() }, try error { try converter.run() }] {
        #expect(
          refused.file == directory.path(folder) || refused.file == directory.path("\(folder)/plan.jsonl"))
      }
    }
  }

  /// A committed generation is not thrown away: others may be behind it.
  @Test func appendRestartsOnlyWhatIsUnfinished() throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      try sources.append("b", to: "x")
      let before = try sources.contents("x")
      var converter = try sources.converter("b", output: "x")
      (converter.appends, converter.restart) = (true, true)
      let refusal = try error { try converter.run() }
      #expect(refusal.message.contains("holds these records already"))
      #expect(try error { try converter.rehearse() }.message == refusal.message)
      #expect(try sources.contents("x") == before)
    }
  }

  /// Without its manifest a directory of several generations is no place to begin anew in.
  @Test func generationsWithoutAManifestAreKept() throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      try sources.append("b", to: "x")
      try directory.remove("x/manifest.json")
      let before = try sources.contents("x")
      let refusal = try error { try sources.converter("a", output: "x").run() }
      #expect(refusal.code == .mismatch && refusal.file == directory.path("x"))
      #expect(refusal.message.contains("generation-002"))
      #expect(refusal.advice?.contains("einthoven rebuild") == true)
      #expect(try sources.contents("x") == before)
    }
  }

  /// What stands behind a new manifest has been verified: a damaged file is named, and nothing is written.
  @Test(arguments: [
    "shards/s-00001-of-00003.safetensors", "ledger/s-00002.jsonl", "plan.jsonl",
  ]) func damageIsNotSigned(name: String) throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      _ = try sources.converter("b", output: "y").run()
      // Blanks and digits in text stay readable: only the SHA-256 tells. Of a shard these fill its header up.
      try directory.change("x/\(name)") { bytes in
        let isShard = name.hasPrefix("shards")
        let place = bytes.indices.last {
          isShard
            ? $0 < 16_384 && bytes[$0] == 0x20 : (0x30...0x38).contains(bytes[$0]) && bytes[$0 - 1] == 0x3A
        }
        if let place { bytes[place] = isShard ? 0x0A : bytes[place] + 1 }
      }
      let before = try sources.contents("x")
      let append = try error { try sources.append("b", to: "x") }
      #expect(append.code == .mismatch && append.file == directory.path("x/\(name)"), "\(append)")
      #expect(try sources.contents("x") == before)
      #expect(!directory.exists("x/generation-002"))
      for order in [["x", "y"], ["y", "x"]] {
        let merge = try error {
          try Merge(order.map { directory.path($0) }, output: directory.path("m")).run()
        }
        #expect(merge.code == .mismatch && merge.file == directory.path("x/\(name)"), "\(merge)")
        #expect(!directory.exists("m"))
      }
    }
  }
}
