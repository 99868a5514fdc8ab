import Foundation
import Synchronization

/// One batch of crops.
public struct Batch: Sendable {
  /// Float32 [B, 12, T].
  public var values: [Float]
  /// Record of each row, an index into the shard set; [B].
  public var records: [Int]
  /// Frames of each row that are the record's; what follows is padding; [B].
  public var validFrames: [Int]
  /// T.
  public var frames: Int
  /// The epoch, from 0.
  public var epoch: Int
  /// B.
  public var count: Int { records.count }
}

/// What a stream delivers.
public struct StreamConfiguration: Sendable, Equatable, Codable {
  /// The global batch size G: what all ranks together take in a step.
  public var batch: Int
  /// Length of a crop in seconds.
  public var crop: Double
  /// Seed of order and crops.
  public var seed: UInt64
  /// Folds to take; nil is all.
  public var folds: Folds?
  /// How counts become numbers.
  public var normalization = Normalization.perLead
  /// This rank, from 0.
  public var rank = 0
  /// Number of ranks; must divide the batch.
  public var world = 1

  /// A configuration for one rank.
  public init(batch: Int, crop: Double, seed: UInt64, folds: Folds? = nil) {
    self.batch = batch
    self.crop = crop
    self.seed = seed
    self.folds = folds
  }
}

extension StreamConfiguration {
  /// More than any machine's batch: 4 GiB.
  private static let byteLimit = 4.0 * 1024 * 1024 * 1024

  /// Refuses what makes no stream of so many records at a rate in Hz.
  ///
  /// - Returns: the frames of a crop.
  /// - Throws: `ECGError.Code.invalidArgument` for a batch larger than the records or than 4 GiB, or that the ranks do
  ///   not divide, or a crop of no length.
  @discardableResult
  public func check(records: Int, rate: Double) throws -> Int {
    guard batch >= 1, batch <= records else {
      throw ECGError(
        .invalidArgument, "a batch of \(batch) from \(records) records",
        advice: records > 0 ? "choose a batch from 1 to \(records)" : "choose other folds")
    }
    guard world >= 1, (0..<world).contains(rank), batch % world == 0 else {
      throw ECGError(
        .invalidArgument, "rank \(rank) of \(world) with a batch of \(batch)",
        advice: "ranks count from 0, and their number divides the batch")
    }
    let frames = (crop * rate).rounded()
    guard frames >= 1, frames * Double(batch * Lead.count * MemoryLayout<Float>.size) <= Self.byteLimit else {
      throw ECGError(
        .invalidArgument, "\(batch) crops of \(crop) s at \(rate) Hz", advice: "a batch holds up to 4 GiB")
    }
    return Int(frames)
  }
}

/// Where a stream stands: enough to go on exactly, also with another number of ranks.
///
/// It counts what was delivered, not what was prefetched.
public struct StreamState: Codable, Sendable, Equatable {
  /// The data set's identity.
  public var fingerprint: String
  /// The order's algorithm.
  public var order: String
  /// The seed.
  public var seed: UInt64
  /// The epoch of the next sample.
  public var epoch: Int
  /// Samples of that epoch that were delivered, over all ranks.
  public var next: Int
  /// The global batch size.
  public var batch: Int
  /// Which records: folds, the first digits of a SHA-256 over the keys of chosen records, or empty for all.
  public var filter: String

  /// Reads a state that was saved as JSON.
  public init(contentsOf path: String) throws {
    self = try JSONText.decode(StreamState.self, from: File.read(path, limit: 1 << 20), file: path)
  }

  init(fingerprint: String, _ configuration: StreamConfiguration, filter: String) {
    self.fingerprint = fingerprint
    order = EpochOrder.algorithm
    seed = configuration.seed
    epoch = 0
    next = 0
    batch = configuration.batch
    self.filter = filter
  }

  /// Saves the state as JSON, by rename.
  public func write(to path: String) throws {
    try File.write((JSONText.line(self) + "\n").utf8, to: path)
  }
}

/// Streams random crops of a shard set, epoch after epoch, prefetched by a thread into a bounded queue.
///
///     let stream = try BatchStream(shards, StreamConfiguration(batch: 32, crop: 2.5, seed: 0), epochs: 10)
///     while let batch = try stream.next() { train(batch) }
///
/// Step t of an epoch is `order[t·G ..< (t+1)·G]`, of which rank r takes its G/W; the tail of less than G
/// records is dropped, see ``droppedPerEpoch``. Crops start at places drawn from ("crop", seed, epoch, record
/// key, view), so they depend on no rank, thread or batch size. One consumer at a time.
public final class BatchStream {
  /// The records that pass the filter, in stored order.
  public let records: [Int]
  /// T, frames in a crop.
  public let frames: Int
  /// The crops' sampling rate in Hz.
  public let rate: Double
  /// Records of each epoch's order that fill no batch.
  public var droppedPerEpoch: Int { records.count % configuration.batch }
  /// Where the stream stands after the batches delivered so far.
  public private(set) var state: StreamState
  /// Seconds that ``next()`` waited for a batch.
  public private(set) var waitedSeconds = 0.0

  private let configuration: StreamConfiguration
  private let queue: BoundedQueue<Batch>

  /// Begins a stream, or goes on with a saved one.
  ///
  /// - Parameters:
  ///   - shards: the records.
  ///   - configuration: what to deliver.
  ///   - chosen: the records to take, in stored order, instead of the configuration's folds.
  ///   - epochs: the stream ends after epoch `epochs - 1`; nil is without end.
  ///   - saved: where to go on; nil is the beginning.
  ///   - prefetch: batches made ahead.
  /// - Throws: `ECGError` for records of several rates, a batch larger than the records or that the ranks do
  ///   not divide, or a state of another stream.
  public init(
    _ shards: ShardSet, _ configuration: StreamConfiguration, records chosen: [Int]? = nil, epochs: Int?,
    state saved: StreamState? = nil, prefetch: Int = 4
  ) throws {
    self.configuration = configuration
    records = chosen ?? shards.records(inFolds: configuration.folds?.values)
    rate = try shards.commonRate(of: records)
    frames = try configuration.check(records: records.count, rate: rate)
    let fresh = StreamState(
      fingerprint: shards.manifest.fingerprint, configuration,
      filter: chosen.map { BatchStream.digest(of: $0, in: shards) } ?? configuration.folds?.description ?? "")
    if let saved { try BatchStream.check(saved, against: fresh, count: records.count) }
    let start = saved ?? fresh
    state = start
    let queue = BoundedQueue<Batch>(capacity: max(1, prefetch))
    self.queue = queue
    let producer = BatchProducer(
      reader: CropReader(shards, normalization: configuration.normalization), configuration: configuration,
      records: records, frames: frames)
    let thread = Thread { producer.run(from: start, epochs: epochs, into: queue) }
    thread.name = "batch stream"
    thread.start()
  }

  deinit { queue.close() }

  /// The next batch, or nil at the end.
  ///
  /// - Throws: `ECGError` naming shard and record if samples are corrupt.
  public func next() throws -> Batch? {
    let begin = DispatchTime.now().uptimeNanoseconds
    let batch = try queue.pop()
    waitedSeconds += Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
    guard let batch else { return nil }
    state.epoch = batch.epoch
    state.next += configuration.batch
    if state.next + configuration.batch > records.count {
      state.epoch += 1
      state.next = 0
    }
    return batch
  }

  private static func digest(of records: [Int], in shards: ShardSet) -> String {
    let bytes = records.flatMap { record in withUnsafeBytes(of: shards.key(record).littleEndian) { Array($0) }
    }
    return "sha256:" + Digest.sha256(bytes).prefix(16)
  }

  private static func check(_ saved: StreamState, against fresh: StreamState, count: Int) throws {
    func refuse(_ what: String) -> ECGError {
      ECGError(
        .invalidArgument, "the saved state is of another stream: \(what)",
        advice: "use the stream's own options")
    }
    guard saved.fingerprint == fresh.fingerprint else { throw refuse("other shards") }
    guard saved.order == fresh.order else { throw refuse("order \(saved.order)") }
    guard saved.seed == fresh.seed else { throw refuse("seed \(saved.seed)") }
    guard saved.batch == fresh.batch else { throw refuse("batch \(saved.batch)") }
    guard saved.filter == fresh.filter else { throw refuse("records \"\(saved.filter)\"") }
    guard saved.epoch >= 0, saved.next >= 0, saved.next % saved.batch == 0 else {
      throw refuse("no valid position")
    }
  }
}

/// Makes the batches of a stream in order.
private struct BatchProducer: Sendable {
  let reader: CropReader
  let configuration: StreamConfiguration
  let records: [Int]
  let frames: Int

  func run(from start: StreamState, epochs: Int?, into queue: BoundedQueue<Batch>) {
    do {
      var epoch = start.epoch
      var next = start.next
      while epoch < epochs ?? .max {
        let order = EpochOrder.permutation(count: records.count, seed: configuration.seed, epoch: epoch)
        while next + configuration.batch <= records.count {
          let share = configuration.batch / configuration.world
          let first = next + configuration.rank * share
          guard try queue.push(batch(order[first..<(first + share)], epoch: epoch)) else { return }
          next += configuration.batch
        }
        epoch += 1
        next = 0
      }
      queue.finish()
    } catch {
      queue.finish(throwing: error)
    }
  }

  private func batch(_ order: ArraySlice<Int>, epoch: Int) throws -> Batch {
    let chosen = order.map { records[$0] }
    let size = Lead.count * frames
    var valid: [Int] = []
    var values = [Float](repeating: 0, count: chosen.count * size)
    try values.withUnsafeMutableBufferPointer { buffer in
      for (row, record) in chosen.enumerated() {
        let room = UnsafeMutableBufferPointer(rebasing: buffer[(row * size)..<(row * size + size)])
        let start = start(of: record, epoch: epoch)
        valid.append(try reader.read(record: record, start: start, frames: frames, into: room))
      }
    }
    return Batch(values: values, records: chosen, validFrames: valid, frames: frames, epoch: epoch)
  }

  /// A uniform place at which the whole crop fits; 0 in a record that is shorter.
  private func start(of record: Int, epoch: Int) -> Int {
    let room = reader.shards.frameCount(record) - frames
    guard room > 0 else { return 0 }
    var generator = SplitMix64("crop", configuration.seed, UInt64(epoch), reader.shards.key(record), 0)
    return generator.index(below: room + 1)
  }
}
