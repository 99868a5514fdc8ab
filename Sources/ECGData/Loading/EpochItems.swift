/// What an epoch consists of before it is ordered: each chosen record once, or as often as its source's weight says, or each
/// of its windows.
struct EpochItems: Sendable {
  /// One row of a batch.
  struct Item: Equatable {
    /// The record, a place in the shard set.
    var record: Int
    /// How often the epoch has had it before.
    var occurrence = 0
    /// Where its window begins; nil where the place is drawn.
    var start: Int?
  }

  /// The items of one epoch, in the order of the shards.
  struct Epoch: Sendable {
    fileprivate let records: [Int]
    fileprivate let windows: RecordWindows?
    /// Place among the records, and occurrence; nil if each record is one item.
    fileprivate let weighted: [(place: UInt32, occurrence: UInt32)]?

    subscript(place: Int) -> Item {
      if let weighted {
        let item = weighted[place]
        return Item(record: records[Int(item.place)], occurrence: Int(item.occurrence))
      }
      guard let windows else { return Item(record: records[place]) }
      let (record, start) = windows[place]
      return Item(record: record, start: start)
    }

    /// The number of items.
    var count: Int { weighted?.count ?? windows?.count ?? records.count }
  }

  /// More than any epoch has, and within memory.
  static let limit = 1 << 28

  /// The chosen records, in stored order.
  let records: [Int]
  /// The number of items of every epoch.
  let count: Int
  /// What a saved state says beside the order's name.
  let name: String
  private let windows: RecordWindows?
  private let sources: [Source]

  /// The records of a source with a weight other than 1.
  private struct Source: Sendable {
    let key: UInt64
    /// Places among the chosen records.
    let places: [UInt32]
    let share: Int
  }

  /// - Parameters:
  ///   - shards: The records.
  ///   - chosen: Those to take, in stored order.
  ///   - configuration: Windows and weights.
  ///   - frames: Those of a crop.
  ///   - rate: In Hz.
  /// - Throws: `notFound` for the weight of a source that is not there, `invalidArgument` for more than 2^28 items.
  init(
    _ shards: ShardSet, records chosen: [Int], _ configuration: StreamConfiguration, frames: Int, rate: Double
  ) throws {
    records = chosen
    var name = ""
    if let stride = configuration.stride {
      let step = max(1, Int((stride * rate).rounded()))
      windows = RecordWindows(records: chosen, frameCount: shards.frameCount, frames: frames, stride: step)
      name = "/windows(\(frames),\(step))"
    } else {
      windows = nil
    }
    var sources: [Source] = []
    var count = windows?.count ?? chosen.count
    for source in configuration.weights.keys.sorted() { _ = try shards.known(source: source) }
    let weights = configuration.weights.filter { $0.value != 1 }
    if !weights.isEmpty {
      var places: [String: [UInt32]] = [:]
      for (place, record) in chosen.enumerated() {
        places[shards.source(record), default: []].append(UInt32(truncatingIfNeeded: place))
      }
      for (source, weight) in weights.sorted(by: { $0.key < $1.key }) {
        guard let places = places[source] else { continue }
        let share = max(1, Int((weight * Double(places.count)).rounded()))
        sources.append(Source(key: RecordKey.key(source: source, id: ""), places: places, share: share))
        count += share - places.count
      }
      name =
        "/weights(" + weights.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",") + ")"
    }
    self.sources = sources
    self.count = count
    self.name = name
    guard count <= EpochItems.limit else {
      throw ECGError(
        .invalidArgument, "an epoch of \(count) items", file: shards.directory,
        advice: "choose fewer records, a longer stride or smaller weights")
    }
  }

  /// The items of an epoch.
  ///
  /// A weighted source is an endless sequence of passes over its records, each permuted on its own; the epochs take equal
  /// shares of it one after the other, so that over the epochs every record comes equally often.
  func epoch(_ epoch: Int, seed: UInt64) -> Epoch {
    guard !sources.isEmpty else { return Epoch(records: records, windows: windows, weighted: nil) }
    var items: [(place: UInt32, occurrence: UInt32)] = []
    items.reserveCapacity(count)
    var isWeighted = [Bool](repeating: false, count: records.count)
    for source in sources {
      for place in source.places { isWeighted[Int(place)] = true }
      var next = epoch * source.share
      var left = source.share
      let firstPass = next / source.places.count
      while left > 0 {
        let (pass, offset) = next.quotientAndRemainder(dividingBy: source.places.count)
        var order = source.places
        var generator = SplitMix64("weight", seed, UInt64(truncatingIfNeeded: pass), source.key)
        EpochOrder.shuffle(&order, order.indices, &generator)
        let taken = min(left, order.count - offset)
        for place in order[offset..<(offset + taken)] {
          items.append((place, UInt32(truncatingIfNeeded: pass - firstPass)))
        }
        next += taken
        left -= taken
      }
    }
    for place in records.indices where !isWeighted[place] {
      items.append((UInt32(truncatingIfNeeded: place), 0))
    }
    items.sort { ($0.place, $0.occurrence) < ($1.place, $1.occurrence) }
    return Epoch(records: records, windows: nil, weighted: items)
  }
}

/// The windows by which records are gone through.
///
/// One every stride from the beginning, and one more at the end if these do not reach it. A record shorter than a window is
/// one padded window.
public struct RecordWindows: Sendable {
  /// The chosen records.
  public let records: [Int]
  /// The i-th record has the windows `first[i] ..< first[i + 1]`.
  private let first: [Int]
  private let last: [Int]
  private let stride: Int

  /// The windows of records.
  ///
  /// - Parameters:
  ///   - records: places in a shard set.
  ///   - frameCount: the frames of a record.
  ///   - frames: those of a window.
  ///   - stride: frames from one to the next, above 0.
  public init(records: [Int], frameCount: (Int) -> Int, frames: Int, stride: Int) {
    self.records = records
    self.stride = max(1, stride)
    var (first, last) = ([0], [Int]())
    for record in records {
      let end = max(0, frameCount(record) - frames)
      last.append(end)
      first.append(first[first.count - 1] + 1 + (end + self.stride - 1) / self.stride)
    }
    self.first = first
    self.last = last
  }

  /// The number of windows.
  public var count: Int { first[first.count - 1] }

  /// The windows of the i-th record.
  public func windows(of index: Int) -> Range<Int> { first[index]..<first[index + 1] }

  /// Record and first frame of a window.
  ///
  /// - Complexity: O(log records).
  public subscript(window: Int) -> (record: Int, start: Int) {
    var (low, high) = (0, records.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if first[middle] <= window { low = middle } else { high = middle }
    }
    return (records[low], min((window - first[low]) * stride, last[low]))
  }
}
