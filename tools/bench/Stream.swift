import ArgumentParser
import CAllocations
import CKernels
import ECGData
import Foundation

/// Group `stream`: crops of 2.5 s from shards that lie in the page cache, normalised, as Float32 [B, 12, T].
///
/// What is compared with memory runs one reading thread, so its figures are a core's; what is compared with loaders of
/// Python runs two, as these run two workers.
struct Stream: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Streaming crops from shards that the page cache holds.")

  @OptionGroup var options: BenchOptions

  @Option(help: "Records of the simulated collection.")
  var records = 2048

  @Option(help: "Crops of a batch.")
  var batch = 64

  @Option(help: "Only shards at this rate, 100 or 500.")
  var rate: Int?

  func validate() throws {
    guard records >= batch, batch > 0 else {
      throw ValidationError("there have to be as many records as a batch has")
    }
  }

  func run() throws {
    try options.run { duel, emit in
      let python = options.peers ? try PythonPeer(script: "stream.py", python: options.python) : nil
      if let python { say("peers: \(python.versions)") }
      let temporary = try TemporaryFolder()
      let jobs = ProcessInfo.processInfo.activeProcessorCount
      try Simulation(layout: "ptb-xl", records: records, seed: 1).write(
        to: "\(temporary.path)/ptb-xl", jobs: jobs)
      for rate in [100, 500] where self.rate ?? rate == rate {
        let folder = "\(temporary.path)/\(rate)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var recipe = Recipe()
        recipe.rate = .hertz(Double(rate))
        var converter = Converter(
          sources: [try Datasets.open("\(temporary.path)/ptb-xl")], output: "\(folder)/shards", recipe: recipe
        )
        converter.jobs = jobs
        _ = try converter.run()
        try measure(rate, folder, duel, python, emit)
      }
    }
  }

  private func measure(
    _ rate: Int, _ folder: String, _ duel: Duel, _ python: PythonPeer?, _ emit: (Row) throws -> Void
  ) throws {
    let shards = try ShardSet("\(folder)/shards")
    let memory = try MemoryLoop(shards, frames: rate * 5 / 2, batch: batch)
    func row(
      _ name: String, _ stream: OpenStream, _ peer: String? = nil, _ round: ((Double) throws -> Round)? = nil
    ) throws {
      let result = try duel.run(
        ours: { seconds in try timed(stream.cropsPerEpoch, seconds: seconds) { try stream.epoch() } },
        peer: round)
      try emit(
        Row(
          group: "stream", name: "\(rate) Hz, \(name)", unit: "crops", bytes: rate * 5 / 2 * 12 * 4,
          allocations: try stream.allocationsPerCrop(), peerName: peer, result: result))
    }
    for (name, isMapped) in [("1 thread", false), ("1 thread, mapped", true)] {
      try row(name, OpenStream(shards, batch, threads: 1, isMapped: isMapped), "copy, convert in memory") {
        seconds in
        timed(memory.crops, seconds: seconds) { memory.run() }
      }
    }
    guard let python else { return }
    for (suffix, isAugmented) in [("", false), ("-two-views", true)] {
      let name = isAugmented ? "2 views, 2 threads" : "2 threads"
      for (work, peer) in [("memmap-loader", "torch, numpy.memmap"), ("mosaic", "mosaicml-streaming")]
      where !python.lacking.contains(work) {
        try row(name, OpenStream(shards, batch, threads: 2, isAugmented: isAugmented), peer) {
          try python.round(work + suffix, folder: folder, seconds: $0)
        }
      }
    }
    if !python.lacking.contains("python-loader") {
      let loader = { (work: String) in
        { (seconds: Double) in try python.round(work, folder: folder, seconds: seconds) }
      }
      try emit(
        Row(
          group: "stream", name: "\(rate) Hz, tools/python", unit: "crops", bytes: rate * 5 / 2 * 12 * 4,
          allocations: nil, peerName: "torch, numpy.memmap",
          result: duel.run(ours: loader("python-loader"), peer: loader("memmap-loader"))))
    }
  }
}

/// A stream that goes on from round to round.
private final class OpenStream {
  private let stream: BatchStream

  var cropsPerEpoch: Int { stream.stepsPerEpoch * cropsPerBatch }
  private let cropsPerBatch: Int

  init(_ shards: ShardSet, _ batch: Int, threads: Int, isMapped: Bool = false, isAugmented: Bool = false)
    throws
  {
    var configuration = StreamConfiguration(batch: batch, crop: 2.5, seed: 1)
    if isAugmented {
      configuration.views = 2
      configuration.augmentations = [try Augmentation("random-resized-crop"), try Augmentation("time-out")]
    }
    cropsPerBatch = batch * configuration.views
    var reading = StreamReading()
    (reading.threads, reading.isMapped) = (threads, isMapped)
    stream = try BatchStream(shards, configuration, epochs: nil, reading: reading)
  }

  deinit { stream.cancel() }

  /// Takes an epoch's batches.
  func epoch() throws -> Int {
    for _ in 0..<stream.stepsPerEpoch { _ = try stream.next() }
    return 0
  }

  /// Blocks of memory that all threads ask for while ten epochs are taken, by their crops; nil if they are not counted.
  ///
  /// An epoch's order is a few blocks, a batch none.
  func allocationsPerCrop() throws -> Int? {
    let start = allocation_total()
    for _ in 0..<10 { _ = try epoch() }
    let end = allocation_total()
    guard start >= 0 else { return nil }
    say("\(end - start) blocks of memory for \(10 * stream.stepsPerEpoch) batches in 10 epochs")
    return Int((Double(end - start) / Double(10 * cropsPerEpoch)).rounded())
  }
}

/// The loop that is left when nothing has to be read: crops at random places of a buffer are copied and converted.
private final class MemoryLoop {
  let crops = 4096
  private let frames: Int
  private let batch: Int
  private var counts: [Int16]
  private var copy: [Int16]
  private var values: [Float]
  private let factors = [Float](repeating: 0.004, count: 12)
  private let offsets = [Float](repeating: 0.1, count: 12)
  private var generator = SplitMix64("bench", 1)

  init(_ shards: ShardSet, frames: Int, batch: Int) throws {
    self.frames = frames
    self.batch = batch
    // As large as the signal of the shards.
    counts = (0..<shards.manifest.shards.reduce(0) { $0 + $1.samples * 12 }).map {
      Int16(truncatingIfNeeded: $0 &* 40503 >> 7)
    }
    copy = [Int16](repeating: 0, count: frames * 12)
    // As many batches as a stream has in memory.
    values = [Float](repeating: 0, count: 8 * batch * frames * 12)
  }

  func run() -> Int {
    let variant = einthoven_best_variant()
    let room = counts.count / 12 - frames
    counts.withUnsafeBufferPointer { counts in
      copy.withUnsafeMutableBufferPointer { copy in
        values.withUnsafeMutableBufferPointer { values in
          guard let from = counts.baseAddress, let to = copy.baseAddress, let out = values.baseAddress else {
            return
          }
          for crop in 0..<crops {
            to.update(from: from + 12 * generator.index(below: room), count: frames * 12)
            factors.withUnsafeBufferPointer { factors in
              offsets.withUnsafeBufferPointer { offsets in
                var call = einthoven_crop(
                  counts: to, frames: frames, length: frames, factors: factors.baseAddress,
                  offsets: offsets.baseAddress,
                  layout: EINTHOVEN_LEAD_MAJOR, values: out + crop % (8 * batch) * frames * 12)
                einthoven_crop_convert(variant, &call)
              }
            }
          }
        }
      }
    }
    return 0
  }
}
