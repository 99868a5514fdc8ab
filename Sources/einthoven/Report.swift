import ArgumentParser
import ECGData
import ECGTraining

struct ReportRuns: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Put runs on one page: tables, curves, classes, records, and where every number is from.",
    discussion: """
      Example: einthoven report runs --shards shards --output report.html

      A run is a folder that evaluate or pretrain has written; of other folders those below are taken, up to four levels deep.
      Evaluations that differ in their seeds alone are one row. The page needs no other file; its tables lie beside it as CSV
      and its figures as SVG, in a folder of its name: a new one, or that of an earlier report. With --shards patients are known,
      and records on which two rows disagree are drawn.
      Exit code: 0 all runs are in it, 1 some or a part of them could not be read, 2 no page.
      """)

  @Argument(help: "Runs, or folders with runs.", completion: .directory)
  var runs: [String]

  @Option(name: .shortAndLong, help: "The page to write.", completion: .file(extensions: ["html"]))
  var output: String

  @Option(help: "The shard directory of the test records.", completion: .directory)
  var shards: String?

  @OptionGroup var options: OutputOptions

  /// What is told at the end.
  private struct Summary: Encodable {
    struct Problem: Encodable {
      var path: String
      var message: String
    }
    var output: String
    var files: [String]
    var evaluations: Int
    var pretrainings: Int
    var rows: [Report.Row]
    var problems: [Problem]
  }

  func run() async throws {
    try await Console.run {
      try Report.checkOutput(output, runs: runs, shards: shards)
      let interruption = Signals.interruption()
      var progress = Progress(Report.Stage.evaluations.rawValue, quiet: options.quiet)
      let report = try Report(
        runs: runs, shards: shards.map { try ShardSet($0) }, interruption: interruption
      ) { stage, done, all in
        if done == 0 {
          progress.end()
          progress = Progress(stage.rawValue, quiet: options.quiet)
          progress.begin(total: all, done: 0)
        } else {
          progress.advance(to: done)
        }
      }
      progress.end()
      for problem in report.problems { Console.line("\(problem.path): \(problem.message)") }
      let files = try report.write(to: output)
      if !options.quiet {
        Console.line(
          "\(output): \(Markup.counted(report.evaluationCount, "evaluation")) in "
            + "\(Markup.counted(report.rows.count, "row")), "
            + "\(Markup.counted(report.pretrainingCount, "pretraining")), and "
            + "\(Markup.counted(files.count, "file")) beside it")
      }
      if options.json {
        try Console.json(
          Summary(
            output: output, files: files, evaluations: report.evaluationCount,
            pretrainings: report.pretrainingCount, rows: report.rows,
            problems: report.problems.map { Summary.Problem(path: $0.path, message: $0.message) }))
      }
      if !report.problems.isEmpty { throw ExitCode(1) }
    }
  }
}
