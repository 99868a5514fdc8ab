import ArgumentParser
import ECGData
import ECGTraining
import Foundation

struct Predict: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score records by a classifier that evaluate has trained.",
    discussion: """
      Example: einthoven predict new-records --classifier runs/finetuned --output scores.csv

      Takes shard directories, and raw collections, which are converted as the classifier's training records were, in a hidden \
      folder beside the output for as long as it takes. Writes source, record and a probability for each class of the task; \
      records that cannot be converted are left out, told, and make the exit code 1.
      """)

  @Argument(help: "Shard directories, or directories of raw records.", completion: .directory)
  var paths: [String]

  @Option(help: "An evaluation's run.", completion: .directory)
  var classifier: String

  @Option(name: .shortAndLong, help: "The table to write, CSV.", completion: .file(extensions: ["csv"]))
  var output: String

  @OptionGroup var source: SourceArguments

  @Option(help: "The numbers to compute in: \(Precision.names).")
  var precision = "f32"

  @Option(help: "Threads; all cores unless told.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @OptionGroup var options: OutputOptions

  /// What is told at the end.
  private struct Summary: Encodable, Sendable {
    var task = ""
    var records = 0
    var excluded = 0
    var seconds = 0.0
  }

  func run() async throws {
    try await Console.run {
      let precision = try Precision.named(precision)
      let interruption = Signals.interruption()
      let progress = Progress("records", quiet: options.quiet)
      let (paths, output, run, threads, isQuiet) = (paths, output, classifier, threads, options.quiet)
      let settings = try source.options()
      let dataset = source.dataset
      let summary = try await ComputeActor.run {
        try ComputeActor.setThreads(threads)
        let predictor = try Predictor(run: run, precision: precision)
        var summary = Summary(task: predictor.task)
        var rows = [TextFile.csv(["source", "record"] + predictor.classes)]
        for path in paths {
          let prepared = try Prepared(
            path, as: dataset, settings, predictor.conversion, beside: output, threads, interruption)
          defer { prepared.remove() }
          if prepared.excluded > 0, !isQuiet {
            Console.line("\(path): \(prepared.excluded) records cannot be converted and are left out")
          }
          summary.excluded += prepared.excluded
          let shards = prepared.shards
          progress.begin(total: shards.count, done: 0)
          let scores = try predictor.scores(of: shards, interruption: interruption) {
            progress.advance(to: $0)
          }
          rows += scores.enumerated().map { record, scores in
            TextFile.csv([shards.source(record), shards.id(record)] + scores.map { "\($0)" })
          }
          summary.records += scores.count
        }
        try TextFile.write(rows.joined(separator: "\n") + "\n", to: output)
        return summary
      }
      progress.end()
      if !options.quiet {
        Console.line("\(output): \(summary.records) records scored for \(summary.task)")
      }
      if options.json {
        var told = summary
        told.seconds = progress.seconds
        try Console.json(told)
      }
      if summary.excluded > 0 { throw ExitCode(1) }
    }
  }

  /// Shards to score: those at a path, or what a raw collection is converted to.
  private struct Prepared {
    let shards: ShardSet
    /// Records that could not be converted.
    let excluded: Int
    private let temporary: String?

    init(
      _ path: String, as dataset: String, _ settings: SourceOptions, _ conversion: Recipe,
      beside output: String, _ jobs: Int, _ interruption: Interruption
    ) throws {
      guard !FileManager.default.fileExists(atPath: path + "/" + Manifest.fileName) else {
        (shards, excluded, temporary) = (try ShardSet(path), 0, nil)
        return
      }
      var recipe = conversion
      recipe.source = settings
      let place = URL(fileURLWithPath: output)
      let folder = place.deletingLastPathComponent().appending(
        path: ".\(place.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).shards"
      ).path()
      var converter = try Converter(
        sources: [Datasets.open(path, as: dataset, options: settings)], output: folder, recipe: recipe)
      converter.jobs = max(1, jobs)
      do {
        let report = try converter.run(interruption: interruption) { _ in }
        excluded = report.manifest.counts.excluded
        shards = try ShardSet(folder)
      } catch {
        try? FileManager.default.removeItem(atPath: folder)
        throw error
      }
      temporary = folder
    }

    func remove() {
      if let temporary { try? FileManager.default.removeItem(atPath: temporary) }
    }
  }
}
