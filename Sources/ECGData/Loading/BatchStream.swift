/// Streams crops of a shard set, epoch after epoch, read ahead by a few threads.
///
///     let stream = try BatchStream(shards, StreamConfiguration(batch: 32, crop: 2.5, seed: 0), epochs: 10)
///     while let batch = try stream.next() { train(batch) }          // or
///     for try await batch in stream { train(batch) }
///
/// Step t of an epoch is `order[t·G ..< (t+1)·G]`, of which rank r takes its G/W; what becomes of the tail of less than G
/// is ``StreamConfiguration/tail``. Crops start at places drawn from ("crop", seed, epoch, record key, view), and
/// augmentations go on drawing there, so both depend on no rank, thread or batch size.
///
/// One consumer at a time; it may be another thread or task each time. Nothing is allocated for a batch, unless batches are
/// kept. A stream that nobody holds any more ends its threads.
public final class BatchStream: Sendable {
  /// The records that pass the filter, in stored order.
  public var records: [Int] { engine.plan.items.records }
  /// T, frames in a crop.
  public var frames: Int { engine.plan.frames }
  /// The crops' sampling rate in Hz.
  public var rate: Double { engine.plan.rate }
  /// Batches of an epoch.
  public var stepsPerEpoch: Int { engine.plan.stepsPerEpoch }
  /// Items of each epoch's order that are in no batch.
  public var droppedPerEpoch: Int {
    Swift.max(0, engine.plan.items.count - engine.plan.stepsPerEpoch * engine.plan.configuration.batch)
  }
  /// Where the stream stands after the batches delivered so far.
  public var state: StreamState { engine.state }
  /// Who waited for whom, and what was read.
  public var statistics: StreamStatistics { engine.statistics }

  private let engine: BatchEngine

  /// Begins a stream, or goes on with a saved one.
  ///
  /// - Parameters:
  ///   - shards: the records.
  ///   - configuration: what to deliver.
  ///   - chosen: the records to take, in stored order, instead of the configuration's filter.
  ///   - epochs: the stream ends after epoch `epochs - 1`; nil is without end.
  ///   - saved: where to go on; nil is the beginning.
  ///   - reading: how to read.
  /// - Throws: `ECGError` for records of several rates, a batch larger than the records or that the ranks do
  ///   not divide, a state of another stream, or threads that the system has no room for.
  public init(
    _ shards: ShardSet, _ configuration: StreamConfiguration, records chosen: [Int]? = nil, epochs: Int?,
    state saved: StreamState? = nil, reading: StreamReading = StreamReading()
  ) throws {
    if let chosen { try BatchStream.check(chosen, in: shards) }
    guard epochs ?? 0 <= StreamState.lastEpoch else {
      throw ECGError(
        .invalidArgument, "\(epochs ?? 0) epochs", advice: "choose up to \(StreamState.lastEpoch)")
    }
    let plan = try StreamPlan(
      shards, configuration, records: chosen ?? shards.records(configuration.filter))
    let fresh = StreamState(shards, plan.items, configuration)
    try saved?.check(against: fresh, steps: plan.stepsPerEpoch)
    engine = try BatchEngine(shards, plan, from: saved ?? fresh, epochs: epochs, reading: reading)
    try engine.start(threads: reading.threads)
  }

  /// What a stream would be, without beginning it.
  ///
  /// - Returns: T, the frames of a crop, and the batches of an epoch.
  /// - Throws: `ECGError` as the stream would.
  public static func outline(
    _ shards: ShardSet, _ configuration: StreamConfiguration, records chosen: [Int]
  ) throws -> (frames: Int, stepsPerEpoch: Int) {
    try check(chosen, in: shards)
    let plan = try StreamPlan(shards, configuration, records: chosen)
    return (plan.frames, plan.stepsPerEpoch)
  }

  deinit { engine.close() }

  /// Refuses records that are not in stored order, each once: a saved state knows them by their set.
  private static func check(_ chosen: [Int], in shards: ShardSet) throws {
    guard zip(chosen, chosen.dropFirst()).allSatisfy({ $0 < $1 }), chosen.first ?? 0 >= 0,
      chosen.last ?? 0 < shards.count
    else {
      throw ECGError(
        .invalidArgument,
        "the chosen records are not places of its \(shards.count) records in ascending order",
        file: shards.directory)
    }
  }

  /// The next batch, or nil at the end.
  ///
  /// Waits for it on this thread; nil too once the stream is cancelled.
  ///
  /// - Throws: `ECGError` naming shard, record and bytes if samples are corrupt or a shard was changed; the stream stands
  ///   before that batch.
  public func next() throws -> Batch? { try engine.next() }

  /// Ends the stream at once, from any thread: whoever waits for a batch gets nil.
  public func cancel() { engine.close() }
}

extension BatchStream: AsyncSequence {
  /// Batches as tasks take them; a task that is cancelled gets `CancellationError` at once.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let stream: BatchStream

    /// The next batch, or nil at the end.
    public mutating func next() async throws -> Batch? { try await stream.engine.nextAsync() }
  }

  /// Takes batches from where the stream stands.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }
}
