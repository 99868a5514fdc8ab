import ArgumentParser
import ECGData
import Foundation

struct Stream: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stream crops as a trainer gets them, and measure it.",
    discussion: """
      Example: einthoven stream shards --batch 64 --crop 2.5 --epochs 2 --json

      With --state the stream goes on where the file says, and the file is written at the end, on Ctrl-C and on an error. It \
      knows order, seed, batch and records; crop, views and augmentations are those of the command.

      Readers that wait for room are ahead of their consumer; a consumer that waits for batches is held up by them.
      """)

  @Argument(help: "A shard directory.", completion: .directory)
  var shards: String

  @Option(help: "The stream ends after this many epochs, counted from the first.")
  var epochs = 1

  @Option(help: "Where the position is kept.", completion: .file())
  var state: String?

  @Flag(
    name: .customLong("no-hash"),
    help: "Do not hash what is delivered, which takes longer than delivering it.")
  var isUnhashed = false

  @OptionGroup var arguments: StreamArguments

  @OptionGroup var options: OutputOptions

  func run() async throws {
    try await Console.run {
      let set = try ShardSet(shards)
      guard epochs > 0 else {
        throw ECGError(.invalidArgument, "\(epochs) epochs", advice: "choose 1 or more")
      }
      guard state?.isEmpty != true else { throw ECGError(.invalidArgument, "--state names no file") }
      let saved = try state.flatMap {
        FileManager.default.fileExists(atPath: $0) ? try StreamState(contentsOf: $0) : nil
      }
      let reading = try arguments.reading()
      let stream = try BatchStream(
        set, arguments.configuration(), epochs: epochs, state: saved, reading: reading)
      if let saved, saved.epoch >= epochs, !options.quiet {
        Console.line("the state is at epoch \(saved.epoch) already: nothing is left of \(epochs)")
      }
      // Before the work: whether it can be written is not to be found out after it.
      if let state { try stream.state.write(to: state) }
      let interruption = Signals.interruption()
      // A consumer that waits is woken.
      let watch = Thread {
        while !interruption.isRequested { usleep(50_000) }
        stream.cancel()
      }
      watch.start()
      let progress = Progress("crops", quiet: options.quiet)
      var digest = StreamDigest()
      var crops = 0
      do {
        while !interruption.isRequested, let batch = try stream.next() {
          if !isUnhashed { digest.add(batch, of: set) }
          crops += batch.count * batch.views
          progress.advance(by: batch.count * batch.views) { seconds in
            stream.statistics.summary(seconds: seconds, threads: reading.threads)
          }
        }
      } catch {
        // What stopped the stream is told, not what then stands in the way of its state.
        if let state { try? stream.state.write(to: state) }
        throw error
      }
      progress.end()
      if let state { try stream.state.write(to: state) }
      let seconds = progress.seconds
      let statistics = stream.statistics
      let summary = Summary(
        crops: crops, seconds: seconds, crops_per_second: Double(crops) / seconds,
        wait_share: statistics.waitedSeconds / seconds,
        readers_wait_share: statistics.readersWaitedSeconds / seconds / Double(reading.threads),
        queue_depth: statistics.queueDepth,
        megabytes_per_second: Double(statistics.readBytes) / seconds / 1e6,
        verified_records: statistics.verifiedRecords, order_hash: isUnhashed ? nil : digest.orderHash,
        content_hash: isUnhashed ? nil : digest.contentHash)
      if !options.quiet {
        Console.line(
          "\(shards): \(crops) crops of \(stream.frames) samples at \(stream.rate) Hz, "
            + "\(Int(summary.crops_per_second)) per second; \(stream.droppedPerEpoch) an epoch fill no batch")
        Console.line(statistics.summary(seconds: seconds, threads: reading.threads))
      }
      if options.json { try Console.json(summary) }
      try interruption.check("what was counted is above")
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Summary: Encodable {
    var crops: Int
    var seconds, crops_per_second, wait_share, readers_wait_share, queue_depth, megabytes_per_second: Double
    var verified_records: Int
    var order_hash, content_hash: String?
  }
}

extension StreamStatistics {
  /// Who waited for whom, in a line.
  fileprivate func summary(seconds: Double, threads: Int) -> String {
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
    let depth = (queueDepth * 10).rounded() / 10
    return "waited for batches \(percent(waitedSeconds / seconds)) of the time, readers for room "
      + "\(percent(readersWaitedSeconds / seconds / Double(threads))); \(depth) batches lay ready; "
      + "\(readBytes / 1_000_000) MB read, \(verifiedRecords) records checked"
  }
}
