import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct BatchStreamTests {
  func isEqual(_ left: Batch, _ right: Batch) -> Bool {
    left.values.map(\.bitPattern) == right.values.map(\.bitPattern) && left.records == right.records
      && left.validFrames == right.validFrames && left.frames == right.frames && left.epoch == right.epoch
  }

  @Test func deliversEachEpochsOrder() throws {
    try withSet { set in
      let stream = try BatchStream(set, StreamConfiguration(batch: 4, crop: 0.2, seed: 3), epochs: 2)
      #expect(stream.frames == 100 && stream.rate == 500 && stream.droppedPerEpoch == 2)
      let batches = try drain(stream)
      #expect(batches.map(\.epoch) == [0, 0, 0, 1, 1, 1])
      for epoch in 0..<2 {
        let order = EpochOrder.shuffled.places(shardStarts: [0, 14], seed: 3, epoch: epoch).map(Int.init)
        #expect(batches[(3 * epoch)..<(3 * epoch + 3)].flatMap(\.records) == Array(order.prefix(12)))
      }
      #expect(stream.state.epoch == 2 && stream.state.next == 0)
    }
  }

  /// x = Float(s) · a + b of the stored counts, at the place that ("crop", seed, epoch, key, view) draws.
  @Test(arguments: [Normalization.perLead, .none]) func deliversTheStoredValues(normalization: Normalization)
    throws
  {
    try withSet { set in
      var configuration = StreamConfiguration(batch: 5, crop: 0.1, seed: 11)
      configuration.normalization = normalization
      let batches = try drain(BatchStream(set, configuration, epochs: 2))
      #expect(batches.count == 4)
      let statistics = set.manifest.statistics
      for batch in batches {
        for (row, record) in batch.records.enumerated() {
          var generator = SplitMix64("crop", 11, UInt64(batch.epoch), set.key(record), 0)
          let start = Int(generator.next(below: 451))
          let counts = try set.counts(record, from: start, count: 50)
          for lead in 0..<12 {
            let deviation = normalization == .none ? 1 : statistics.standardDeviation[lead]
            let a = Float(1.0 / 1000 / deviation)
            let b = normalization == .none ? 0 : Float(-statistics.mean[lead] / deviation)
            let expected = (0..<50).map { Float(counts[12 * $0 + lead]) * a + b }
            let first = (row * 12 + lead) * 50
            #expect(Array(batch.values[first..<(first + 50)]) == expected)
          }
        }
      }
    }
  }

  @Test(arguments: 0...8) func goesOnExactly(delivered: Int) throws {
    try withDirectory { room in
      try withSet { set in
        let configuration = StreamConfiguration(batch: 3, crop: 0.5, seed: 8)
        let whole = try drain(BatchStream(set, configuration, epochs: 2))
        #expect(whole.count == 8)
        let stopped = try BatchStream(set, configuration, epochs: 2)
        for _ in 0..<delivered { _ = try stopped.next() }
        // Saved and read again, as a command does.
        try stopped.state.write(to: room.path("state.json"))
        let state = try StreamState(contentsOf: room.path("state.json"))
        #expect(state == stopped.state)
        let rest = try drain(BatchStream(set, configuration, epochs: 2, state: state))
        #expect(rest.count == 8 - delivered)
        #expect(zip(rest, whole.dropFirst(delivered)).allSatisfy(isEqual))
      }
    }
  }

  /// The ranks' rows side by side are the one rank's batch.
  @Test(arguments: [2, 3, 6]) func isTheSameForAnyNumberOfRanks(world: Int) throws {
    try withSet { set in
      var configuration = StreamConfiguration(batch: 6, crop: 0.3, seed: 1)
      let whole = try drain(BatchStream(set, configuration, epochs: 2))
      configuration.world = world
      var parts: [[Batch]] = []
      for rank in 0..<world {
        configuration.rank = rank
        parts.append(try drain(BatchStream(set, configuration, epochs: 2)))
      }
      #expect(parts.allSatisfy { $0.count == whole.count })
      for (step, batch) in whole.enumerated() {
        #expect(parts.flatMap { $0[step].records } == batch.records)
        #expect(parts.flatMap { $0[step].values } == batch.values)
      }
    }
  }

  @Test func goesOnWithAnotherNumberOfRanks() throws {
    try withSet { set in
      var configuration = StreamConfiguration(batch: 6, crop: 0.3, seed: 1)
      let whole = try drain(BatchStream(set, configuration, epochs: 2))
      configuration.world = 2
      let stopped = try BatchStream(set, configuration, epochs: 2)
      _ = try stopped.next()
      configuration.world = 3
      configuration.rank = 2
      let next = try #require(try BatchStream(set, configuration, epochs: 2, state: stopped.state).next())
      #expect(next.records == Array(whole[1].records.suffix(2)))
      #expect(next.values == Array(whole[1].values.suffix(next.values.count)))
    }
  }

  @Test func padsShortRecordsAtTheirEnd() throws {
    var tree = PTBXLTree(count: 6, frames: 500)
    for index in [1, 4] {
      tree.rows[index].record.samples = WFDBFixture.electrocardiogram(seed: 70, frames: 120 + index)
    }
    try withSet(tree) { set in
      let batches = try drain(BatchStream(set, StreamConfiguration(batch: 6, crop: 0.6, seed: 0), epochs: 1))
      #expect(batches.count == 1)
      for (row, record) in batches[0].records.enumerated() {
        let frames = set.frameCount(record)
        let valid = min(300, frames)
        #expect(batches[0].validFrames[row] == valid)
        for lead in 0..<12 {
          let line = batches[0].values[((row * 12 + lead) * 300)..<((row * 12 + lead) * 300 + 300)]
          #expect(line.dropFirst(valid).allSatisfy { $0 == 0 })
          #expect(line.prefix(valid).contains { $0 != 0 })
        }
      }
      #expect(batches[0].validFrames.sorted() == [121, 124, 300, 300, 300, 300])
    }
  }

  @Test func givesZeroForMissingSamplesAndAbsentLeads() throws {
    var tree = PTBXLTree(count: 2, frames: 100)
    for frame in 10..<20 { tree.rows[0].record.samples[frame * 12 + 7] = .min }
    tree.rows[1].record.leads[11] = "X"
    try withSet(tree) { set in
      let batch = try #require(
        try BatchStream(set, StreamConfiguration(batch: 2, crop: 0.2, seed: 0), epochs: 1).next())
      let holed = try #require(batch.records.firstIndex { set.id($0) == "1" })
      let line = batch.values[((holed * 12 + 7) * 100)..<((holed * 12 + 8) * 100)]
      #expect(line.indices.filter { line[$0] == 0 }.map { $0 - line.startIndex } == Array(10..<20))
      let lacking = 1 - holed
      #expect(batch.values[((lacking * 12 + 11) * 100)..<((lacking * 12 + 12) * 100)].allSatisfy { $0 == 0 })
    }
  }

  @Test func refusesMixedRatesByName() throws {
    var tree = PTBXLTree(count: 5)
    tree.rows[2].record.rate = "250"
    try withSet(tree) { set in
      let error = try error {
        try BatchStream(set, StreamConfiguration(batch: 2, crop: 1, seed: 0), epochs: 1)
      }
      #expect(error.code == .unsupported)
      #expect(
        error.description.contains("250") && error.description.contains("500")
          && error.description.contains("--rate"))
    }
  }

  @Test func takesTheFoldsItIsAsked() throws {
    try withSet(PTBXLTree(count: 24)) { set in
      let folds = try Folds("9-10")
      let stream = try BatchStream(
        set, StreamConfiguration(batch: 2, crop: 0.1, seed: 0, folds: folds), epochs: 1)
      #expect(!stream.records.isEmpty && stream.records.allSatisfy { [9, 10].contains(set.fold($0)) })
      #expect(Set(try drain(stream).flatMap(\.records)).isSubset(of: Set(stream.records)))
      let none = StreamConfiguration(batch: 1, crop: 0.1, seed: 0, folds: try Folds("200"))
      #expect(throws: ECGError.self) { try BatchStream(set, none, epochs: 1) }
    }
  }

  @Test(
    arguments: [
      ("1-8", [1, 2, 3, 4, 5, 6, 7, 8]), ("9", [9]), ("1-2,9", [1, 2, 9]), ("10,10", [10]),
    ] as [(String, Set<UInt8>)])
  func parsesFolds(text: String, values: Set<UInt8>) throws {
    let folds = try Folds(text)
    #expect(folds.values == values)
    #expect(try Folds(folds.description) == folds)
  }

  @Test(arguments: ["", "a", "8-1", "1-", "-1", "1,,2", "300", "1-2-3", "1;2"]) func refusesOtherFolds(
    text: String
  ) throws {
    #expect(try error { try Folds(text) }.code == .invalidArgument)
  }

  /// Batch, crop, rank, world that make no sense for 14 records.
  @Test(
    arguments: [
      (0, 1, 0, 1), (15, 1, 0, 1), (-4, 1, 0, 1), (4, 0, 0, 1), (4, -1, 0, 1), (4, .nan, 0, 1),
      (4, .infinity, 0, 1),
      (4, 1, 0, 3), (4, 1, 2, 2), (4, 1, -1, 2), (4, 1, 0, 0), (4, 1, 0, -2),
    ] as [(Int, Double, Int, Int)])
  func refusesArgumentsThatMakeNoSense(batch: Int, crop: Double, rank: Int, world: Int) throws {
    try withSet { set in
      var configuration = StreamConfiguration(batch: batch, crop: crop, seed: 0)
      configuration.rank = rank
      configuration.world = world
      let error = try error { try BatchStream(set, configuration, epochs: 1) }
      #expect(error.code == .invalidArgument)
    }
  }

  @Test func refusesTheStateOfAnotherStream() throws {
    try withSet { set in
      let configuration = StreamConfiguration(batch: 4, crop: 0.2, seed: 5)
      let good = try BatchStream(set, configuration, epochs: 1).state
      let changes: [(inout StreamState) -> Void] = [
        { $0.fingerprint = String(repeating: "0", count: 64) }, { $0.order = "shuffle" }, { $0.seed = 6 },
        { $0.batch = 2 }, { $0.next = 3 }, { $0.next = -4 }, { $0.epoch = -1 },
      ]
      for (index, change) in changes.enumerated() {
        var state = good
        change(&state)
        let error = try error { try BatchStream(set, configuration, epochs: 1, state: state) }
        #expect(error.code == .invalidArgument, "change \(index)")
      }
      var folds = configuration
      folds.filter.folds = try Folds("1-3")
      #expect(throws: ECGError.self) { try BatchStream(set, folds, epochs: 1, state: good) }
    }
  }

  @Test func namesACorruptRecordAndEnds() throws {
    try withTree { directory in
      let manifest = try PTBXLTree.converter(directory).run().manifest
      let shard = "shards/\(manifest.shards[2].file)"
      let offset = try SafetensorsHeader(contentsOf: directory.path(shard)).dataOffset
      try directory.change(shard) { $0[offset + 12000 + 77] ^= 1 }
      let set = try ShardSet(directory.path("shards"))
      let stream = try BatchStream(set, StreamConfiguration(batch: 1, crop: 0.1, seed: 0), epochs: 1)
      let error = try error { while try stream.next() != nil {} }
      #expect(error.record == set.id(7) && error.file == directory.path(shard))
    }
  }

  /// A consumer that leaves early must not leave the producer waiting for ever.
  @Test func endsItsThreadWhenItIsLeft() throws {
    try withSet { set in
      for _ in 0..<50 {
        let stream = try BatchStream(
          set, StreamConfiguration(batch: 2, crop: 0.1, seed: 0), epochs: nil)
        #expect(try stream.next()?.count == 2)
      }
    }
  }
}
