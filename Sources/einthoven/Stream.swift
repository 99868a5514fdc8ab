import ArgumentParser
import ECGData
import Foundation

struct Stream: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stream crops as a trainer gets them, and measure it.",
    discussion: """
      Example: einthoven stream shards --batch 64 --crop 2.5 --epochs 2 --json

      With --state the stream goes on where the file says, and the file is written at the end and on Ctrl-C.
      """)

  @Argument(help: "A shard directory.", completion: .directory)
  var shards: String

  @Option(help: "The global batch size.")
  var batch = 64

  @Option(help: "Length of a crop in seconds.")
  var crop = 2.5

  @Option(help: "The stream ends after this many epochs, counted from the first.")
  var epochs = 1

  @Option(help: "Only these folds, such as 1-8.")
  var folds: String?

  @Option(help: "Seed of order and crops.")
  var seed: UInt64 = 0

  @Option(help: "Where the position is kept.", completion: .file())
  var state: String?

  @Option(help: "This rank, from 0.")
  var rank = 0

  @Option(help: "The number of ranks; divides the batch.")
  var world = 1

  @OptionGroup var options: OutputOptions

  func run() async throws {
    try await Console.run {
      let set = try ShardSet(shards)
      var configuration = StreamConfiguration(
        batch: batch, crop: crop, seed: seed, folds: try folds.map { try Folds($0) })
      configuration.rank = rank
      configuration.world = world
      let saved = try state.flatMap {
        FileManager.default.fileExists(atPath: $0) ? try StreamState(contentsOf: $0) : nil
      }
      let stream = try BatchStream(set, configuration, epochs: epochs, state: saved)
      let interruption = Signals.interruption()
      let progress = Progress("crops", quiet: options.quiet)
      var digest = StreamDigest()
      var crops = 0
      while !interruption.isRequested, let batch = try stream.next() {
        digest.add(batch, of: set)
        crops += batch.count
        progress.advance(by: batch.count)
      }
      progress.end()
      if let state { try stream.state.write(to: state) }
      let seconds = progress.seconds
      let summary = Summary(
        crops: crops, seconds: seconds, crops_per_second: Double(crops) / seconds,
        wait_share: stream.waitedSeconds / seconds, order_hash: digest.orderHash,
        content_hash: digest.contentHash)
      if !options.quiet {
        Console.line(
          "\(shards): \(crops) crops of \(stream.frames) samples at \(stream.rate) Hz, "
            + "\(Int(summary.crops_per_second)) per second; \(stream.droppedPerEpoch) records an epoch fill no batch"
        )
      }
      if options.json { try Console.json(summary) }
      try interruption.check("what was counted is above")
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Summary: Encodable {
    var crops: Int
    var seconds, crops_per_second, wait_share: Double
    var order_hash, content_hash: String
  }
}
