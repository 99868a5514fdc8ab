import ArgumentParser
import ECGData

struct Validate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check raw collections and shard directories.",
    discussion: """
      Example: einthoven validate ptb-xl --deep
               einthoven validate shards --json
               einthoven validate ptb-xl shards --deep --html report.html

      Raw collections are checked against their headers, tables and physiology; shards against their manifest and
      checksums. --deep adds what is dear: published digests, SHA-256s, duplicate signals, exchanged electrodes, mains,
      noise, heart rate, quality, and amplitudes against unit and gain. The broken rules and the worst records are told;
      --all lists every finding, --html draws the worst records and what the collections are like.
      Exit code: 0 no error, 1 errors found, 2 a path that cannot be checked.
      """)

  @Argument(help: "Raw collections or shard directories.", completion: .directory)
  var paths: [String] = []

  @Flag(help: "Check published digests, SHA-256s, ledgers, duplicates and signal quality too.")
  var deep = false

  @Flag(help: "List every finding, a line each, instead of a summary.")
  var all = false

  @Option(
    help: "Write a page with figures and pictures of the worst records too; it needs no other file.",
    completion: .file(extensions: ["html"]))
  var html: String?

  @Option(
    help: "Keep what was found in this file, and go on from it after a stop; it is removed at the end.",
    completion: .file())
  var journal: String?

  @Flag(help: "List the rules with what each rests on, and end.")
  var rules = false

  @Option(help: "The least severity that makes the exit code 1: note, warning or error.")
  var failOn = FailOn.error

  @Option(help: "Threads.")
  var jobs = 2

  @OptionGroup(title: "Raw sources") var source: SourceArguments

  @OptionGroup var options: OutputOptions

  enum FailOn: String, CaseIterable, ExpressibleByArgument {
    case note
    case warning
    case error

    var severity: Severity {
      switch self {
      case .note: .note
      case .warning: .warning
      case .error: .error
      }
    }
  }

  func validate() throws {
    guard rules || !paths.isEmpty else {
      throw ValidationError("Name a raw collection or a shard directory.")
    }
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1.") }
  }

  func run() async throws {
    try await Console.run {
      if rules { return try listRules() }
      if let html { try TextFile.checkWritable(html) }
      let interruption = Signals.interruption()
      var validation = Validation()
      validation.isDeep = deep
      validation.jobs = jobs
      validation.journal = journal
      validation.dataset = source.dataset
      validation.source = try source.options()
      let progress = Progress("records", quiet: options.quiet)
      let report = try validation.report(on: paths, interruption: interruption) { event in
        switch event {
        case .total(let count): progress.begin(total: count, done: 0)
        case .record: progress.advance()
        }
      }
      progress.end()
      if let html {
        let page = ValidationPage(report, of: validation, version: Release.version)
        try page.write(to: html)
      }
      if options.json {
        try Console.json(ValidationJSON(report))
      } else if !options.quiet {
        try all ? ValidationText.list(report) : ValidationText.summarize(report)
      }
      try validation.removeJournal()
      if report.count(of: failOn.severity) > 0 { throw ExitCode(1) }
    }
  }

  private func listRules() throws {
    if options.json {
      return try Console.json(
        Rule.allCases.map {
          RuleLine(
            rule: $0.rawValue, severity: $0.severity.rawValue, summary: $0.summary, source: $0.source)
        })
    }
    for rule in Rule.allCases {
      let name = rule.rawValue + String(repeating: " ", count: max(1, 26 - rule.rawValue.count))
      try Console.output("\(name)\(rule.severity.rawValue): \(rule.summary)")
      try Console.output(String(repeating: " ", count: 26) + "rests on \(rule.source)")
    }
  }

  private struct RuleLine: Encodable {
    var rule, severity, summary, source: String
  }
}
