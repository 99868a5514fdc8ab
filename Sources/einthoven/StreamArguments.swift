import ArgumentParser
import ECGData
import Foundation

/// Which records are delivered, and how often.
struct RecordArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only records of this source; may be repeated.",
      discussion: "Sources have their adapter's name, such as ptb-xl."))
  var source: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only records that have this flag neither themselves nor on a lead; may be repeated.",
      discussion: "Flags: \((RecordFlags.names + LeadFlags.names).joined(separator: ", ")).")
  )
  var without: [String] = []

  @Option(
    help: ArgumentHelp(
      "How often an epoch has a source's records, as NAME=WEIGHT; may be repeated.",
      discussion: "0.25 is another quarter of them each epoch, 2 is each of them twice."))
  var weight: [String] = []

  /// The weights by source.
  func weights() throws -> [String: Double] {
    var weights: [String: Double] = [:]
    for text in weight {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let weight = Double(parts[1]) else {
        throw ECGError(.invalidArgument, "the weight \"\(text)\" is not of the form NAME=NUMBER")
      }
      guard weights[String(parts[0])] == nil else {
        throw ECGError(.invalidArgument, "there are two weights for \(parts[0])")
      }
      weights[String(parts[0])] = weight
    }
    return weights
  }
}

/// Which crops a stream delivers, and how it reads.
struct StreamArguments: ParsableArguments {
  @OptionGroup var records: RecordArguments

  @Option(help: "The global batch size.")
  var batch = 64

  @Option(help: "Length of a crop in seconds.")
  var crop = 2.5

  @Option(help: "Seed of order, crops and augmentations.")
  var seed: UInt64 = 0

  @Option(help: "Only these folds, such as 1-8.")
  var folds: String?

  @Option(help: "Only records of which this task may be asked, such as ptbxl.superclass.")
  var task: String?

  @Option(help: "Only records of at least so many seconds.")
  var minimumDuration = 0.0

  @Option(help: "Only records that have these leads, such as I,II,V1.")
  var leads: String?

  @Option(help: "shuffled, stored, or window:K, shuffled within K records that lie together.")
  var order = "shuffled"

  @Option(
    help: "All windows of each record, one every so many seconds, instead of one crop at a random place.")
  var stride: Double?

  @Option(help: "What becomes of records that fill no batch: \(BatchTail.names).")
  var tail = "dropped"

  @Option(help: "Crops of each record.")
  var views = 1

  @Flag(help: "The views of a record are of one place in it, augmented apart.")
  var samePlace = false

  @Option(help: "How counts become numbers: \(Normalization.names).")
  var normalization = "per-lead"

  @Option(help: "What stands for missing samples: \(MissingPolicy.names).")
  var missing = "zeroed"

  @Option(
    help: ArgumentHelp(
      "An augmentation, as NAME or NAME:KEY=VALUE,KEY=VALUE; may be repeated, and they follow one another.",
      discussion: "Names: \(Augmentation.names.joined(separator: ", "))."))
  var augment: [String] = []

  @Option(help: "How values lie: \(BatchLayout.names).")
  var layout = "lead-major"

  @Option(help: "This rank, from 0.")
  var rank = 0

  @Option(help: "The number of ranks; divides the batch.")
  var world = 1

  @Option(help: "Threads that read.")
  var threads = 2

  @Option(help: "Batches that are read together, sorted by their places on the disk.")
  var lookAhead = 4

  @Option(help: "Which records' samples are compared with their CRC-32: \(IntegrityPolicy.names).")
  var integrity = "first-touch"

  @Flag(help: "Map shards into memory instead of reading them.")
  var mapped = false

  /// What to deliver.
  func configuration() throws -> StreamConfiguration {
    var configuration = StreamConfiguration(
      batch: batch, crop: crop, seed: seed, folds: try folds.map { try Folds($0) })
    configuration.filter.sources = Set(records.source)
    configuration.filter.task = task
    try configuration.filter.exclude(flags: records.without)
    configuration.filter.minimumDuration = minimumDuration
    if let leads {
      configuration.filter.leads = try LeadMask(
        named: leads.split(separator: ",", omittingEmptySubsequences: false).map {
          $0.trimmingCharacters(in: .whitespaces)
        })
    }
    configuration.order = try EpochOrder(order)
    configuration.stride = stride
    configuration.weights = try records.weights()
    configuration.tail = try BatchTail.named(tail)
    configuration.views = views
    configuration.areViewsAtOnePlace = samePlace
    configuration.normalization = try Normalization.named(normalization)
    configuration.missing = try MissingPolicy.named(missing)
    configuration.augmentations = try augment.map { try Augmentation($0) }
    configuration.layout = try BatchLayout.named(layout)
    configuration.rank = rank
    configuration.world = world
    return configuration
  }

  /// How to read it.
  func reading() throws -> StreamReading {
    guard (1...1024).contains(threads), (1...4096).contains(lookAhead) else {
      throw ECGError(
        .invalidArgument, "\(threads) threads and \(lookAhead) batches ahead",
        advice: "choose 1 to 1024 threads and 1 to 4096 batches")
    }
    var reading = StreamReading()
    reading.threads = threads
    reading.lookAhead = lookAhead
    reading.integrity = try IntegrityPolicy.named(integrity)
    reading.isMapped = mapped
    return reading
  }
}
