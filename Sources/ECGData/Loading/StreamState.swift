/// Where a stream stands: enough to go on exactly, also with another number of ranks.
///
/// It counts what was delivered, not what was prefetched. It knows order, seed, batch and records; the length of random crops,
/// views, normalisation and augmentations are the configuration's with which a stream goes on.
public struct StreamState: Codable, Sendable, Equatable {
  /// The data set's identity.
  public var fingerprint: String
  /// The order's algorithm, and what an epoch consists of.
  public var order: String
  /// The seed.
  public var seed: UInt64
  /// The epoch of the next item.
  public var epoch: Int
  /// Items of that epoch that were delivered, over all ranks.
  public var next: Int
  /// The global batch size.
  public var batch: Int
  /// Which records: empty for all, else `sha256:` and the first digits of SHA-256 over their keys.
  public var filter: String

  /// More epochs than anyone trains; with fewer than 2^32 items each, their places are whole numbers of 64 bits.
  static let lastEpoch = 1 << 30

  /// Reads a state that was saved as JSON.
  public init(contentsOf path: String) throws {
    self = try JSONText.decode(StreamState.self, from: File.read(path, limit: 1 << 20), file: path)
  }

  /// The beginning of a stream.
  init(_ shards: ShardSet, _ items: EpochItems, _ configuration: StreamConfiguration) {
    fingerprint = shards.manifest.fingerprint
    order = configuration.order.name + items.name + (configuration.tail == .masked ? "/masked" : "")
    seed = configuration.seed
    epoch = 0
    next = 0
    batch = configuration.batch
    filter = ""
    if items.records.count < shards.count {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(8 * items.records.count)
      for record in items.records {
        withUnsafeBytes(of: shards.key(record).littleEndian) { bytes.append(contentsOf: $0) }
      }
      filter = "sha256:" + Digest.sha256(bytes).prefix(16)
    }
  }

  /// Saves the state as JSON, by rename.
  public func write(to path: String) throws {
    try File.write((JSONText.line(self) + "\n").utf8, to: path)
  }

  /// Refuses a state of another stream.
  ///
  /// - Parameters:
  ///   - fresh: the beginning of this one.
  ///   - steps: the batches of an epoch.
  /// - Throws: `ECGError.Code.invalidArgument` that says what differs.
  func check(against fresh: StreamState, steps: Int) throws {
    func refuse(_ what: String) -> ECGError {
      ECGError(
        .invalidArgument, "the saved state is of another stream: \(what)",
        advice: "use the stream's own options")
    }
    guard fingerprint == fresh.fingerprint else { throw refuse("other shards") }
    guard order == fresh.order else { throw refuse("its order is \(order), not \(fresh.order)") }
    guard seed == fresh.seed else { throw refuse("seed \(seed)") }
    guard batch == fresh.batch else { throw refuse("batch \(batch)") }
    guard filter == fresh.filter else { throw refuse("other records were chosen") }
    guard (0...StreamState.lastEpoch).contains(epoch), next >= 0, next % batch == 0,
      next / batch < steps
    else {
      throw refuse("no valid position")
    }
  }

  /// Counts a batch that was delivered.
  ///
  /// - Parameters:
  ///   - epoch: the batch's.
  ///   - count: the items of an epoch.
  ///   - isTailMasked: whether items that fill no batch are one.
  mutating func advance(inEpoch epoch: Int, of count: Int, isTailMasked: Bool) {
    self.epoch = epoch
    next += batch
    if isTailMasked ? next >= count : next > count - batch {
      self.epoch += 1
      next = 0
    }
  }
}
