import ECGData
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct StreamTests {
  static let keys: Set = [
    "crops", "seconds", "crops_per_second", "wait_share", "readers_wait_share", "queue_depth",
    "megabytes_per_second",
    "verified_records", "order_hash", "content_hash",
  ]

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

  /// The library's own stream with the same settings.
  @Test func takesEveryOption() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      let shards = directory.path("shards")
      let result = try Tool.run(
        [
          "stream", shards, "--batch", "4", "--crop", "0.2", "--seed", "3", "--epochs", "2", "--json",
          "--source",
          "ptb-xl", "--without", "age_capped", "--minimum-duration", "0.5", "--leads", "I,V6", "--order",
          "window:3",
          "--weight", "ptb-xl=1.5", "--tail", "masked", "--views", "2", "--normalization", "robust",
          "--missing",
          "interpolated", "--augment", "time-out:low=0.1,high=0.3", "--augment", "negation", "--layout",
          "blocked",
          "--threads", "3", "--look-ahead", "2", "--integrity", "always", "--mapped",
        ])
      #expect(result.status == 0)
      let set = try ShardSet(shards)
      var configuration = StreamConfiguration(batch: 4, crop: 0.2, seed: 3)
      configuration.filter.without = .ageCapped
      (configuration.order, configuration.weights) = (.window(3), ["ptb-xl": 1.5])
      (configuration.tail, configuration.views) = (.masked, 2)
      (configuration.normalization, configuration.missing) = (.robust, .interpolated)
      configuration.augmentations = [
        Augmentation(.timeOut(low: 0.1, high: 0.3)), Augmentation(.negation),
      ]
      configuration.layout = .blocked
      let stream = try BatchStream(set, configuration, epochs: 2)
      var expected = StreamDigest()
      var crops = 0
      while let batch = try stream.next() {
        expected.add(batch, of: set)
        crops += 2 * batch.count
      }
      #expect(try result.json["crops"] as? Int == crops)
      #expect(try result.json["order_hash"] as? String == expected.orderHash)
      #expect(try result.json["content_hash"] as? String == expected.contentHash)
    }
  }

  @Test(
    arguments: [
      ["--order", "random"], ["--without", "nothing"], ["--leads", "V9"], ["--weight", "ptb-xl"],
      ["--weight", "ptb-xl=0"], ["--source", "sph"], ["--task", "none"], ["--tail", "kept"],
      ["--views", "0"],
      ["--augment", "noise"], ["--layout", "rows"], ["--threads", "0"], ["--integrity", "never"],
      ["--stride", "0"],
      ["--missing", "masked", "--augment", "blur"],
    ])
  func refusesInOneLine(options: [String]) throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      let result = try Tool.run(
        ["stream", directory.path("shards"), "--batch", "2", "--crop", "0.5"] + options)
      #expect(result.status == 2 && result.output.isEmpty && result.errorLines.count == 1)
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
