import Foundation
import TestSupport
import Testing

@testable import ECGData

/// A manifest is made anew only over shards and ledgers that agree with each other, with the plan and with the journal.
@Suite struct RebuildTests {
  private static let ledger = "x/ledger/s-00001.jsonl"
  private static let shard = "x/shards/s-00001-of-00003.safetensors"

  /// A finished conversion without its manifest, of three shards; one record is left out.
  private func withShards(_ body: (Directory, SimulatedShards) throws -> Void) throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      let records = try sources.converter("a", output: "x").sources[0].records
      let plan = try ConversionPlan(
        sources.converter("a", output: "x").sources, recipe: sources.converter("a", output: "x").recipe,
        shardBytes: sources.converter("a", output: "x").shardBytes, limit: nil, jobs: 1)
      let victim = plan.record(at: plan.shards[1].lowerBound).record.id
      let files = try #require(records.first { $0.id == victim }?.files)
      let signal = try #require(files.first { $0.hasSuffix(".dat") })
      try directory.change("a/\(signal)") { $0[100] ^= 1 }
      _ = try sources.converter("a", output: "x").run()
      try directory.remove("x/manifest.json")
      try body(directory, sources)
    }
  }

  private func refusal(_ directory: Directory) throws -> ECGError {
    let error = try error { try Manifest.rebuild(directory.path("x")) }
    #expect(!directory.exists("x/manifest.json"))
    return error
  }

  private func lines(_ directory: Directory) throws -> [Substring] {
    try directory.text(Self.ledger).split(separator: "\n")
  }

  private func write(_ lines: [some StringProtocol], _ directory: Directory) throws {
    try directory.write(lines.map { $0 + "\n" }.joined(), to: Self.ledger)
  }

  @Test func theUndamagedIsRebuilt() throws {
    try withShards { directory, _ in
      let manifest = try Manifest.rebuild(directory.path("x"))
      #expect(manifest.counts == Manifest.Counts(planned: 8, stored: 7, repaired: 0, excluded: 1))
    }
  }

  /// Two folders that one adapter reads are one source, and nothing of it depends on which folder a record is from.
  @Test func foldersOfOneAdapterAreOneSource() throws {
    try withDirectory { directory in
      var options = SourceOptions()
      (options.rate, options.microvoltsPerUnit) = (100, 1000)
      for (folder, name) in [("one", "p"), ("one", "q"), ("two", "r"), ("two", "s")] {
        let rows = (0..<500).map { row in
          (0..<12).map { "\((row * ($0 + 3)) % 89)e-2" }.joined(separator: ",")
        }
        try directory.write(
          ([Lead.names.joined(separator: ",")] + rows).joined(separator: "\n"), to: "\(folder)/\(name).csv")
      }
      try directory.write("I,II\n1,2\n", to: "two/t.csv")
      var recipe = Recipe()
      recipe.source = options
      var converter = Converter(
        sources: try ["one", "two"].map {
          try Datasets.open(directory.path($0), as: "csv", options: options)
        },
        output: directory.path("x"), recipe: recipe)
      converter.shardBytes = 1
      let manifest = try converter.run().manifest
      #expect(manifest.sources.map(\.name) == ["csv"])
      #expect(manifest.counts.stored == 5 && manifest.sources[0].fates.stored == 5)
      let bytes = try directory.read("x/manifest.json")
      try directory.remove("x/manifest.json")
      _ = try Manifest.rebuild(directory.path("x"))
      #expect(try directory.read("x/manifest.json") == bytes)
      let again = Converter(
        sources: [converter.sources[0], converter.sources[0]], output: "y", recipe: recipe)
      #expect(throws: ECGError.self) { try again.run() }
    }
  }

  /// The table of each folder tells of all exams: one that is in neither is told once, and records win over lines.
  @Test func linesWithoutRecordInTwoFoldersAreToldOnce() throws {
    try withDirectory { directory in
      try Simulation(layout: "code", records: 6, seed: 1).write(to: directory.path("all"), jobs: 1)
      let headers = WFDBTree.headers(below: directory.path("all"))
      try #require(headers.count == 6)
      for (index, header) in headers.enumerated() where index < 5 {
        let folder = index < 3 ? "one" : "two"
        let signal = header.dropLast(4) + ".dat"
        try directory.write(directory.read("all/\(header)"), to: "\(folder)/\(header)")
        try directory.write(directory.read("all/\(signal)"), to: "\(folder)/\(signal)")
      }
      for folder in ["one", "two"] {
        try directory.write(directory.read("all/annotations.csv"), to: "\(folder)/annotations.csv")
      }
      let converter = Converter(
        sources: try ["one", "two"].map { try Datasets.open(directory.path($0)) }, output: directory.path("x")
      )
      let counts = try converter.run().manifest.counts
      // Three lines without a record in the first folder, four in the second, one of them in both.
      #expect(counts == Manifest.Counts(planned: 11, stored: 5, repaired: counts.repaired, excluded: 6))
    }
  }

  /// The shard alone tells that two records were exchanged.
  @Test func idsAreTheShards() throws {
    try withShards { directory, _ in
      try directory.remove("x/plan.jsonl")
      try directory.remove("x/journal.jsonl")
      var lines = try lines(directory)
      #expect(lines.count == 3 && lines[0].contains("\"excluded\""))
      lines.swapAt(1, 2)
      try write(lines, directory)
      let error = try refusal(directory)
      #expect(error.code == .mismatch && error.file == directory.path(Self.ledger))
      // In their own order they are what the shard holds.
      lines.swapAt(1, 2)
      try write(lines, directory)
      _ = try Manifest.rebuild(directory.path("x"))
    }
  }

  /// Of a record that is in no shard the plan tells.
  @Test func excludedRecordsAreThePlans() throws {
    try withShards { directory, _ in
      try directory.remove("x/journal.jsonl")
      try write(try lines(directory).dropFirst().map(String.init), directory)
      let error = try refusal(directory)
      #expect(error.code == .mismatch && error.file == directory.path(Self.ledger))
    }
  }

  /// What neither ids nor checksums show, the journal's SHA-256 does.
  @Test func ledgersAreTheJournals() throws {
    try withShards { directory, _ in
      let text = try directory.text(Self.ledger).replacing("\"rate\":500", with: "\"rate\":501")
      try directory.write(text, to: Self.ledger)
      let error = try refusal(directory)
      #expect(error.code == .mismatch && error.file == directory.path(Self.ledger))
    }
  }

  @Test func shardsAreTheJournals() throws {
    try withShards { directory, _ in
      // The header is filled up with blanks.
      try directory.change(Self.shard) { bytes in
        if let place = bytes[..<16_384].lastIndex(of: 0x20) { bytes[place] = 0x0A }
      }
      let error = try refusal(directory)
      #expect(error.code == .mismatch && error.file == directory.path(Self.shard))
    }
  }

  @Test(arguments: ["x/plan.jsonl", "x/ledger/s-00000.jsonl"]) func anotherFilesTextIsRefused(name: String)
    throws
  {
    try withShards { directory, sources in
      _ = try sources.converter("b", output: "y").run()
      try directory.write(try directory.read("y" + name.dropFirst()), to: name)
      let error = try refusal(directory)
      #expect(error.code == .mismatch && error.file == directory.path(name), "\(error)")
    }
  }

  @Test(arguments: [0, 1, 2]) func noShardMayBeMissing(index: Int) throws {
    try withShards { directory, _ in
      try directory.remove("x/shards/s-0000\(index)-of-00003.safetensors")
      #expect(try refusal(directory).code == .mismatch)
    }
  }

  @Test func oneNumberOneShard() throws {
    try withShards { directory, _ in
      try directory.write(try directory.read(Self.shard), to: "x/shards/s-00003-of-00003.safetensors")
      #expect(try refusal(directory).code == .mismatch)
    }
  }

  @Test(arguments: ["s-00001-of-00004.safetensors", "s-1-of-00003.safetensors", "s-00001.safetensors"])
  func shardsHaveTheirExactNames(name: String) throws {
    try withShards { directory, _ in
      let bytes = try directory.read(Self.shard)
      try directory.remove(Self.shard)
      try directory.write(bytes, to: "x/shards/\(name)")
      #expect(try refusal(directory).code == .mismatch)
    }
  }

  /// A shard of another recipe that passes itself off as of this plan.
  @Test func oneRecipe() throws {
    try withShards { directory, sources in
      _ = try sources.converter("a", output: "y", rate: 25).run()
      try directory.remove("x/plan.jsonl")
      try directory.remove("x/journal.jsonl")
      let own = try ShardReader(directory.path(Self.shard)).metadata.planSHA256
      let other = "y" + Self.shard.dropFirst()
      let reader = try ShardReader(directory.path(other))
      #expect(reader.count == 2)
      let bytes = try directory.read(other)
      // Behind the header's length, which stays the same.
      let header = String(decoding: bytes[8..<16_384], as: UTF8.self)
        .replacing(reader.metadata.planSHA256, with: own)
      try directory.write(bytes[..<8] + Array(header.utf8) + bytes[16_384...], to: Self.shard)
      #expect(try ShardReader(directory.path(Self.shard)).metadata.planSHA256 == own)
      let error = try refusal(directory)
      #expect(error.code == .mismatch && error.message == "its shards are not all of one plan", "\(error)")
    }
  }
}
