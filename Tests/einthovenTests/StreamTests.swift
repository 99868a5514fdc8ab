import ECGData
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct StreamTests {
  static let keys: Set = ["crops", "seconds", "crops_per_second", "wait_share", "order_hash", "content_hash"]

  /// Hashes of so many batches of the library's own stream.
  func digest(_ shards: String, from first: Int, count: Int, epochs: Int) throws -> StreamDigest {
    let set = try ShardSet(shards)
    let stream = try BatchStream(set, StreamConfiguration(batch: 4, crop: 0.5, seed: 9), epochs: epochs)
    var digest = StreamDigest()
    for _ in 0..<first { _ = try stream.next() }
    for _ in 0..<count { digest.add(try #require(try stream.next()), of: set) }
    return digest
  }

  @Test func tellsWhatItDelivered() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      let shards = directory.path("shards")
      let arguments = ["stream", shards, "--batch", "4", "--crop", "0.5", "--seed", "9", "--json"]
      let result = try Tool.run(arguments + ["--epochs", "2"])
      #expect(result.status == 0)
      let json = try result.json
      #expect(Set(json.keys) == StreamTests.keys)
      let expected = try digest(shards, from: 0, count: 6, epochs: 2)
      #expect(json["crops"] as? Int == 24)
      #expect(json["order_hash"] as? String == expected.orderHash)
      #expect(json["content_hash"] as? String == expected.contentHash)
    }
  }

  @Test func goesOnWhereTheStateSays() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      let shards = directory.path("shards")
      let state = directory.path("state.json")
      let arguments = [
        "stream", shards, "--batch", "4", "--crop", "0.5", "--seed", "9", "--state", state, "--json",
      ]
      #expect(try Tool.run(arguments + ["--epochs", "1"]).json["crops"] as? Int == 12)
      let second = try Tool.run(arguments + ["--epochs", "2"]).json
      let expected = try digest(shards, from: 3, count: 3, epochs: 2)
      #expect(second["crops"] as? Int == 12)
      #expect(second["content_hash"] as? String == expected.contentHash)
      // Nothing is left to deliver.
      #expect(try Tool.run(arguments + ["--epochs", "2"]).json["crops"] as? Int == 0)
      let other = try Tool.run(arguments + ["--epochs", "2", "--seed", "8"])
      #expect(other.status == 2 && other.errorLines.count == 1 && other.errors.contains("seed"))
    }
  }

  @Test func namesACorruptRecord() throws {
    try withTree { directory in
      let manifest = try PTBXLTree.converter(directory).run().manifest
      let shard = "shards/\(manifest.shards[1].file)"
      let offset = try SafetensorsHeader(contentsOf: directory.path(shard)).dataOffset
      let id = try ShardSet(directory.path("shards")).id(3)
      try directory.change(shard) { $0[offset + 3] ^= 1 }
      let result = try Tool.run(
        "stream", directory.path("shards"), "--batch", "2", "--crop", "0.5", "--json", "--quiet")
      #expect(result.status == 2 && result.output.isEmpty && result.errorLines.count == 1)
      #expect(result.errors.contains("record \(id)") && result.errors.contains(manifest.shards[1].file))
    }
  }
}
