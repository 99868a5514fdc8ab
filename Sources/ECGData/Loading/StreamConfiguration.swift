/// What a stream delivers; how fast it does so is ``StreamReading``'s matter.
public struct StreamConfiguration: Sendable, Equatable {
  /// The global batch size G: what all ranks together take in a step.
  public var batch: Int
  /// Length of a crop in seconds.
  public var crop: Double
  /// Seed of order, crops and augmentations.
  public var seed: UInt64
  /// Which records.
  public var filter = RecordFilter()
  /// In which order.
  public var order = EpochOrder.shuffled
  /// Seconds from one window of a record to the next: all of a record's windows are delivered, as evaluation wants them; nil
  /// is one crop at a random place.
  public var stride: Double?
  /// How often an epoch has a source's records, by the source's name; 1 where there is none.
  ///
  /// 0.25 is a quarter of them, another in the next epoch; 2 is each of them twice.
  public var weights: [String: Double] = [:]
  /// What becomes of the items that fill no batch.
  public var tail = BatchTail.dropped
  /// Crops of each item, each augmented on its own.
  public var views = 1
  /// Whether an item's crops are of one place of its record; else each has its own.
  public var areViewsAtOnePlace = false
  /// How counts become numbers.
  public var normalization = Normalization.perLead
  /// Means and deviations for `perLead`, such as those that a network was trained with; nil is the shards' own.
  public var statistics: Manifest.Statistics?
  /// What stands for samples that are missing.
  public var missing = MissingPolicy.zeroed
  /// What is done to each crop, in order.
  public var augmentations: [Augmentation] = []
  /// How the values lie.
  public var layout = BatchLayout.leadMajor
  /// This rank, from 0.
  public var rank = 0
  /// Number of ranks; must divide the batch.
  public var world = 1

  /// A configuration for one rank.
  public init(batch: Int, crop: Double, seed: UInt64, folds: Folds? = nil) {
    self.batch = batch
    self.crop = crop
    self.seed = seed
    filter.folds = folds
  }
}

/// What becomes of the items at an epoch's end that fill no batch.
public enum BatchTail: String, Codable, Sendable, CaseIterable {
  /// They are left out; see ``BatchStream/droppedPerEpoch``.
  case dropped
  /// They are one more batch, whose rows behind them are zero and belong to no record.
  case masked
}

/// What stands for missing samples, leads that a record lacks, and frames behind its end.
public enum MissingPolicy: String, Codable, Sendable, CaseIterable {
  /// Zero, which for all normalisations but `none` is the mean.
  case zeroed
  /// Zero, and a mask beside the values that tells them apart.
  case masked
  /// Gaps are filled linearly from what the crop has on both sides; at its ends the nearest sample is held. Absent leads and
  /// frames behind the record's end are zero.
  case interpolated
}

/// How the values of a batch lie in memory, Float32.
public enum BatchLayout: String, Codable, Sendable, CaseIterable {
  /// [B, 12, T], as convolutions of most libraries take them.
  case leadMajor = "lead-major"
  /// [B, T, 12], as recurrent layers take them.
  case timeMajor = "time-major"
  /// [B, T, 16] with zeros behind the twelve leads: oneDNN's `nCw16c`, which its vectorised convolutions work in.
  case blocked

  /// Numbers for each frame.
  var width: Int { self == .blocked ? 16 : Lead.count }
}

/// How a stream reads: of no consequence for what is delivered, but that corrupt samples may be where nothing is checked.
public struct StreamReading: Sendable, Equatable {
  /// Threads that read.
  public var threads = 2
  /// Batches that are read together, sorted by their places on the disk.
  ///
  /// As many wait to be taken. With the order `window(K)` it is at least a window.
  public var lookAhead = 4
  /// What is checked against the stored CRC-32.
  public var integrity = IntegrityPolicy.firstTouch
  /// Whether shards are mapped into memory instead of read.
  ///
  /// That is fewer copies where the page cache holds them. The process then handles SIGBUS.
  public var isMapped = false

  /// Two threads, four batches.
  public init() {}
}

/// Which records' samples are checked against the CRC-32 that their shard states.
public enum IntegrityPolicy: String, Codable, Sendable, CaseIterable {
  /// None.
  case off
  /// Each record when it is first read: nothing that was corrupt when the stream began is ever delivered.
  case firstTouch = "first-touch"
  /// Each record each time, which reads it whole.
  case always
}

extension StreamConfiguration {
  /// More than any machine's batch: 4 GiB.
  private static let byteLimit = 4.0 * 1024 * 1024 * 1024

  /// Refuses what makes no stream of so many items at a rate in Hz.
  ///
  /// - Parameters:
  ///   - records: what an epoch has: records, or windows of them.
  ///   - rate: in Hz.
  /// - Returns: the frames of a crop.
  /// - Throws: `ECGError.Code.invalidArgument` for a batch larger than the records (unless its tail is masked) or than 4 GiB,
  ///   or that the ranks do not divide, or a crop of no length.
  @discardableResult
  public func check(records: Int, rate: Double) throws -> Int {
    guard batch >= 1, batch <= records || tail == .masked, records > 0 else {
      throw ECGError(
        .invalidArgument, "a batch of \(batch) from \(records) \(stride == nil ? "records" : "windows")",
        advice: records > 0 ? "choose a batch from 1 to \(records)" : "choose other records")
    }
    guard world >= 1, (0..<world).contains(rank), batch % world == 0 else {
      throw ECGError(
        .invalidArgument, "rank \(rank) of \(world) with a batch of \(batch)",
        advice: "ranks count from 0, and their number divides the batch")
    }
    try statistics?.check(file: "the configuration")
    let frames = (crop * rate).rounded()
    guard frames >= 1 else {
      throw ECGError(
        .invalidArgument, "a crop of \(crop) s at \(rate) Hz has no frame", advice: "choose a longer one")
    }
    guard (1...65536).contains(views) else {
      throw ECGError(.invalidArgument, "\(views) views of a record", advice: "choose 1 to 65536")
    }
    let perFrame = Double(layout.width * MemoryLayout<Float>.size)
    guard (frames * perFrame + 32) * Double(views) * Double(batch) <= Self.byteLimit else {
      throw ECGError(
        .invalidArgument, "\(views > 1 ? "\(views) views of " : "")\(batch) crops of \(crop) s at \(rate) Hz",
        advice: "a batch holds up to 4 GiB")
    }
    if let stride {
      guard (stride * rate).rounded() >= 1, stride * rate < 0x1p40 else {
        throw ECGError(
          .invalidArgument, "a stride of \(stride) s at \(rate) Hz", advice: "choose one of a frame or more")
      }
      guard weights.allSatisfy({ $0.value == 1 }) else {
        throw ECGError(
          .invalidArgument, "windows and weights together",
          advice: "windows are all of a record; choose sources by the filter")
      }
    }
    for (source, weight) in weights where !(weight > 0 && weight <= 1e6) {
      throw ECGError(
        .invalidArgument, "a weight of \(weight) for \(source)", advice: "choose one above 0, up to 1e6")
    }
    if case .window(let length) = order, !EpochOrder.windows.contains(length) {
      throw ECGError(.invalidArgument, "an order by windows of \(length) records")
    }
    for augmentation in augmentations {
      try augmentation.check()
      guard missing != .masked || !augmentation.changesTime else {
        throw ECGError(
          .invalidArgument, "a mask cannot follow \(augmentation)",
          advice: "take missing samples as zeroed or interpolated")
      }
    }
    return Int(frames)
  }
}
