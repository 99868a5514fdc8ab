/// Which crops a stream delivers in which step: all that is decided before anything is read.
struct StreamPlan: Sendable {
  let configuration: StreamConfiguration
  let items: EpochItems
  /// T.
  let frames: Int
  /// In Hz.
  let rate: Double

  /// - Throws: `ECGError` for records of several rates, or a configuration that makes no stream of them.
  init(_ shards: ShardSet, _ configuration: StreamConfiguration, records: [Int]) throws {
    self.configuration = configuration
    rate = try shards.commonRate(of: records)
    // Windows are counted by the crop's length, and only their number tells whether an epoch has a whole batch: until then
    // the tail passes as a batch.
    var plain = configuration
    plain.tail = .masked
    frames = try plain.check(records: records.count, rate: rate)
    items = try EpochItems(shards, records: records, configuration, frames: frames, rate: rate)
    try configuration.check(records: items.count, rate: rate)
  }

  /// Batches of an epoch.
  var stepsPerEpoch: Int {
    let isMasked = configuration.tail == .masked
    return (items.count + (isMasked ? configuration.batch - 1 : 0)) / configuration.batch
  }

  /// The shape of this rank's batches.
  var shape: BatchStorage.Shape {
    BatchStorage.Shape(
      rows: configuration.batch / configuration.world, views: configuration.views, frames: frames,
      layout: configuration.layout, isMasked: configuration.missing == .masked)
  }

  /// The items of one epoch in their order.
  final class Epoch: Sendable {
    let number: Int
    private let items: EpochItems.Epoch
    private let order: [UInt32]

    fileprivate init(number: Int, items: EpochItems.Epoch, order: [UInt32]) {
      self.number = number
      self.items = items
      self.order = order
    }

    /// The item at a place of the order.
    subscript(place: Int) -> EpochItems.Item { items[Int(order[place])] }
  }

  /// Orders an epoch.
  ///
  /// - Complexity: O(items).
  func epoch(_ number: Int, of shards: ShardSet) -> Epoch {
    let epoch = items.epoch(number, seed: configuration.seed)
    var starts: [Int] = [0]
    if case .window = configuration.order {
      var shard: Int?
      for place in 0..<epoch.count {
        let next = shards.shardIndex(of: epoch[place].record)
        if let shard, shard != next { starts.append(place) }
        shard = next
      }
    }
    starts.append(epoch.count)
    let order = configuration.order.places(shardStarts: starts, seed: configuration.seed, epoch: number)
    return Epoch(number: number, items: epoch, order: order)
  }

  /// The places of a step's rows in the epoch's order: this rank's.
  func places(inStep step: Int) -> Range<Int> {
    let share = configuration.batch / configuration.world
    let first = min(items.count, step * configuration.batch + configuration.rank * share)
    return first..<min(items.count, first + share)
  }
}
