import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ECGData

/// How a stream reads is of no consequence for what it delivers, and it may be left, stopped or pulled from under.
@Suite struct StreamEngineTests {
  func withSet<Result>(
    _ tree: PTBXLTree = PTBXLTree(count: 26), _ body: (ShardSet, Directory) throws -> Result
  ) throws -> Result {
    try withTree(tree) { directory in
      _ = try PTBXLTree.converter(directory).run()
      return try body(ShardSet(directory.path("shards")), directory)
    }
  }

  func digest(_ batches: [Batch], _ set: ShardSet) -> [String] {
    var digest = StreamDigest()
    for batch in batches { digest.add(batch, of: set) }
    return [digest.orderHash, digest.contentHash]
  }

  /// Batches are kept here while the next are read, so none may be written to again.
  @Test(arguments: [1, 2, 3, 8], [1, 2, 7])
  func isTheSameForAnyThreads(threads: Int, lookAhead: Int) throws {
    try withSet { set, directory in
      let configuration = StreamConfiguration(batch: 4, crop: 0.3, seed: 2)
      var plain = StreamReading()
      (plain.threads, plain.lookAhead) = (1, 1)
      let expected = try digest(drain(BatchStream(set, configuration, epochs: 3, reading: plain)), set)
      for isMapped in [false, true] {
        for integrity in IntegrityPolicy.allCases {
          var reading = StreamReading()
          (reading.threads, reading.lookAhead) = (threads, lookAhead)
          (reading.isMapped, reading.integrity) = (isMapped, integrity)
          let batches = try drain(BatchStream(set, configuration, epochs: 3, reading: reading))
          #expect(batches.count == 18)
          let found = digest(batches, set)
          #expect(found == expected)
        }
      }
    }
  }

  @Test(arguments: [EpochOrder.shuffled, .window(4), .stored], [1, 2, 4, 8])
  func hasEveryRecordOnceAnEpoch(order: EpochOrder, world: Int) throws {
    try withSet { set, _ in
      var configuration = StreamConfiguration(batch: 8, crop: 0.2, seed: 6)
      (configuration.order, configuration.tail, configuration.world) = (order, .masked, world)
      var found: [[Int]] = []
      for rank in 0..<world {
        configuration.rank = rank
        let batches = try drain(BatchStream(set, configuration, epochs: 2))
        #expect(batches.count == 8 && batches.allSatisfy { $0.values.count == 8 / world * 12 * 100 })
        // The tail has two records; behind them is nothing.
        let last = batches[3]
        #expect(last.values.dropFirst(last.count * 12 * 100).allSatisfy { $0 == 0 })
        if found.isEmpty {
          found = batches.map(\.records)
        } else {
          for (step, batch) in batches.enumerated() { found[step] += batch.records }
        }
      }
      for epoch in 0..<2 {
        #expect(found[(4 * epoch)..<(4 * epoch + 4)].flatMap { $0 }.sorted() == Array(0..<26))
      }
    }
  }

  @Test(arguments: 0...7) func goesOnInAMaskedTailAndAnotherOrder(delivered: Int) throws {
    try withSet { set, _ in
      var configuration = StreamConfiguration(batch: 8, crop: 0.2, seed: 6)
      (configuration.order, configuration.tail) = (.window(5), .masked)
      let whole = try drain(BatchStream(set, configuration, epochs: 2))
      let stopped = try BatchStream(set, configuration, epochs: 2)
      for _ in 0..<delivered { _ = try stopped.next() }
      #expect(stopped.state.order == "window(5)/fisher-yates/lemire/splitmix64/sha256/masked")
      configuration.world = 2
      configuration.rank = 1
      let rest = try drain(BatchStream(set, configuration, epochs: 2, state: stopped.state))
      #expect(rest.map(\.records) == whole.dropFirst(delivered).map { Array($0.records.dropFirst(4)) })
    }
  }

  @Test func tasksTakeTheSameBatches() async throws {
    let (set, folder) = try withTree(PTBXLTree(count: 26)) { directory in
      _ = try PTBXLTree.converter(directory).run()
      let folder = FileManager.default.temporaryDirectory.appending(path: "einthoven-\(UUID().uuidString)")
        .path()
      try FileManager.default.copyItem(atPath: directory.path("shards"), toPath: folder)
      return (try ShardSet(folder), folder)
    }
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let configuration = StreamConfiguration(batch: 4, crop: 0.3, seed: 2)
    var batches: [Batch] = []
    for try await batch in try BatchStream(set, configuration, epochs: 3) { batches.append(batch) }
    let expected = try drain(BatchStream(set, configuration, epochs: 3))
    #expect(digest(batches, set) == digest(expected, set))
    // A task that waits, since all batches are taken, is cancelled at once.
    let endless = try BatchStream(set, configuration, epochs: nil)
    let task = Task {
      var count = 0
      for try await _ in endless { count += 1 }
      return count
    }
    try await Task.sleep(for: .milliseconds(50))
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(endless.state.next > 0 || endless.state.epoch > 0)
  }

  @Test func endsWhenItIsCancelled() throws {
    try withSet { set, _ in
      let stream = try BatchStream(set, StreamConfiguration(batch: 4, crop: 0.3, seed: 2), epochs: nil)
      let count = Mutex(0)
      let thread = Thread {
        while (try? stream.next()) != nil { count.withLock { $0 += 1 } }
        count.withLock { $0 = -1 }
      }
      thread.start()
      while count.withLock({ $0 }) < 100 { usleep(1000) }
      stream.cancel()
      for _ in 0..<1000 where count.withLock({ $0 }) >= 0 { usleep(1000) }
      #expect(count.withLock { $0 } == -1)
      #expect(try stream.next() == nil)
    }
  }

  /// What is done to a shard while it is streamed.
  enum Damage: String, CaseIterable {
    case cut
    case written
    case replaced
  }

  @Test(arguments: Damage.allCases, [false, true])
  func namesAShardThatIsChangedUnderIt(damage: Damage, isMapped: Bool) throws {
    try withSet { set, directory in
      var reading = StreamReading()
      reading.isMapped = isMapped
      let stream = try BatchStream(
        set, StreamConfiguration(batch: 2, crop: 0.5, seed: 2), epochs: nil, reading: reading)
      // Every record is known to be right by then.
      for _ in 0..<40 { _ = try stream.next() }
      let name = "shards/\(set.manifest.shards[3].file)"
      switch damage {
      case .cut: #expect(truncate(directory.path(name), 20_000) == 0)
      case .written: try directory.change(name) { $0[$0.count / 2] ^= 1 }
      case .replaced:
        let copy = directory.path("copy")
        try FileManager.default.copyItem(atPath: directory.path(name), toPath: copy)
        #expect(rename(copy, directory.path(name)) == 0)
      }
      let failure = try error { for _ in 0..<1000 { _ = try stream.next() } }
      #expect(failure.file == directory.path(name))
      #expect(failure.code == .mismatch || failure.code == .inputOutput)
      // It stands before that batch, and says the same again.
      let state = stream.state
      #expect(try error { try stream.next() } == failure)
      #expect(stream.state == state)
    }
  }

  @Test func checksAsOftenAsItIsAsked() throws {
    try withTree(PTBXLTree(count: 26)) { directory in
      let manifest = try PTBXLTree.converter(directory).run().manifest
      let configuration = StreamConfiguration(batch: 2, crop: 0.1, seed: 0)
      func verified(_ policy: IntegrityPolicy) throws -> Int {
        var reading = StreamReading()
        reading.integrity = policy
        let stream = try BatchStream(
          ShardSet(directory.path("shards")), configuration, epochs: 3, reading: reading)
        _ = try drain(stream)
        return stream.statistics.verifiedRecords
      }
      #expect(try verified(.off) == 0)
      #expect(try verified(.firstTouch) == 26)
      #expect(try verified(.always) == 78)
      let shard = "shards/\(manifest.shards[2].file)"
      let offset = try SafetensorsHeader(contentsOf: directory.path(shard)).dataOffset
      try directory.change(shard) { $0[offset + 12000 + 77] ^= 1 }
      #expect(try verified(.off) == 0)
      let failure = try error { try verified(.firstTouch) }
      #expect(
        failure.record != nil && failure.message.contains("bytes \(offset + 12000) to \(offset + 24000)"))
    }
  }

  @Test func tellsWhoWaitedForWhom() throws {
    try withSet { set, _ in
      let stream = try BatchStream(set, StreamConfiguration(batch: 4, crop: 0.3, seed: 2), epochs: 40)
      while try stream.next() != nil { usleep(2000) }
      let statistics = stream.statistics
      #expect(statistics.readersWaitedSeconds > statistics.waitedSeconds)
      #expect(statistics.queueDepth > 1 && statistics.queueDepth <= 8)
      #expect(statistics.readBytes >= 40 * 24 * 150 * 24)
    }
  }
}
