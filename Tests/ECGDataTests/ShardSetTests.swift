import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct ShardSetTests {
  static let shard = "shards/s-00001-of-00004.safetensors"

  /// Runs `body` with the shard directory of a converted tree.
  func withShards<Result>(_ body: (Directory) throws -> Result) throws -> Result {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      return try body(Directory(path: directory.path("shards")))
    }
  }

  /// Where a tensor of the shard lies.
  func range(of tensor: String, in directory: Directory) throws -> Range<Int> {
    let header = try SafetensorsHeader(contentsOf: directory.path(ShardSetTests.shard))
    return try #require(header.tensor(tensor)).range
  }

  @Test func opensWhatWasConverted() throws {
    try withShards { directory in
      let set = try ShardSet(directory.path)
      #expect(set.count == 12)
      #expect(set.manifest.fingerprint.count == 64)
      #expect(try set.commonRate(of: set.records(inFolds: nil)) == 500)
    }
  }

  /// Texts in the manifest that someone might change by hand, and what to.
  @Test(arguments: [
    ("\"stored\" : 12", "\"stored\" : 11"), ("\"excluded_folds\"", "\"excluded_foldz\""),
    ("scp:NORM", "scp:norm"),
    ("\"fingerprint\" : \"", "\"fingerprint\" : \"0"), ("  \"codes\"", " \"codes\""),
  ])
  func refusesAnAlteredManifest(old: String, new: String) throws {
    try withShards { directory in
      let text = try directory.text("manifest.json")
      try #require(text.contains(old))
      try directory.write(text.replacingOccurrences(of: old, with: new), to: "manifest.json")
      let error = try error { try ShardSet(directory.path) }
      #expect([.mismatch, .malformed].contains(error.code))
      #expect(error.file == directory.path("manifest.json"))
    }
  }

  @Test func refusesEveryFlippedBitOfTheManifest() throws {
    try withShards { directory in
      let whole = try directory.read("manifest.json")
      for place in stride(from: 0, to: whole.count, by: 37) {
        var bytes = whole
        bytes[place] ^= 1
        try directory.write(bytes, to: "manifest.json")
        #expect(throws: ECGError.self, "byte \(place)") { try Manifest(directory: directory.path) }
      }
    }
  }

  @Test func saysWhatIsMissing() throws {
    try withShards { directory in
      try directory.remove(ShardSetTests.shard)
      let gone = try error { try ShardSet(directory.path) }
      #expect(gone.code == .mismatch && gone.file == directory.path(ShardSetTests.shard))
      try directory.remove("manifest.json")
      let uncommitted = try error { try ShardSet(directory.path) }
      #expect(uncommitted.code == .notFound && uncommitted.description.contains("unfinished"))
      #expect(try error { try ShardSet(directory.path("none")) }.code == .notFound)
    }
  }

  @Test(arguments: [1, 7, 100, 5000, 30000, 36000]) func refusesATruncatedShard(missing: Int) throws {
    try withShards { directory in
      try directory.change(ShardSetTests.shard) { $0.removeLast(missing) }
      let error = try error { try ShardSet(directory.path) }
      #expect(error.file == directory.path(ShardSetTests.shard))
    }
  }

  @Test func refusesAShardOfAnotherConversion() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      _ = try PTBXLTree.converter(directory, to: "other") { $0.exclude = [] }.run()
      let other = try directory.read("other/\(ShardSetTests.shard)")
      try directory.write(other, to: "shards/\(ShardSetTests.shard)")
      let error = try error { try ShardSet(directory.path("shards")) }
      #expect(error.code == .mismatch && error.file == directory.path("shards/\(ShardSetTests.shard)"))
    }
  }

  @Test(arguments: ShardColumns.all.map(\.name)) func namesTheColumnOfAFlippedBit(column: String) throws {
    try withShards { directory in
      let range = try range(of: column, in: directory)
      try #require(!range.isEmpty)
      try directory.change(ShardSetTests.shard) { $0[range.lowerBound + range.count / 2] ^= 0x40 }
      let error = try error { try ShardSet(directory.path) }
      #expect(error.file == directory.path(ShardSetTests.shard))
      // An index beyond its table is found before any checksum is taken.
      #expect(error.message.contains(column) || error.message.contains("source or label code"))
    }
  }

  /// The first, a middle and the last sample of each of the shard's three records.
  @Test(arguments: [0, 1, 2], [0, 5999, 11998]) func namesTheRecordOfAFlippedBit(row: Int, byte: Int) throws {
    try withShards { directory in
      let range = try range(of: "signal", in: directory)
      try directory.change(ShardSetTests.shard) { $0[range.lowerBound + 12000 * row + byte] ^= 1 }
      let set = try ShardSet(directory.path)
      let bad = 3 + row
      for record in 0..<set.count where record != bad {
        #expect(try set.counts(record, from: 0, count: 10).count == 120)
      }
      // Whatever part of the record is asked for, all of it is checked.
      let error = try error { try set.counts(bad, from: 200, count: 1) }
      #expect(error.code == .mismatch && error.record == set.id(bad))
      #expect(error.file == directory.path(ShardSetTests.shard))
    }
  }

  /// Every bit of a shard's header matters or is padding: nothing traps, nothing is read wrong.
  @Test func survivesFlippedBitsInAHeader() throws {
    try withShards { directory in
      let whole = try directory.read(ShardSetTests.shard)
      let reference = try ShardSet(directory.path)
      let samples = try reference.counts(4, from: 0, count: 500)
      for place in Array(0..<8) + Array(stride(from: 8, to: 4000, by: 11)) {
        var bytes = whole
        bytes[place] ^= 4
        try directory.write(bytes, to: ShardSetTests.shard)
        do {
          let set = try ShardSet(directory.path)
          #expect(try set.counts(4, from: 0, count: 500) == samples)
        } catch let error as ECGError {
          #expect(error.file?.contains(ShardSetTests.shard) == true, "byte \(place): \(error)")
        }
      }
    }
  }
}
