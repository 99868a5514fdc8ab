import ArgumentParser
import ECGData

struct Validate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check raw collections and shard directories.",
    discussion: """
      Example: einthoven validate ptb-xl --deep
               einthoven validate shards --json

      Raw collections are checked against their headers, tables and physiology; shards against their manifest and
      checksums. --deep adds what is dear: published digests, SHA-256s, duplicate signals, exchanged electrodes, mains,
      noise, heart rate, quality, and amplitudes against unit and gain.
      Exit code: 0 no error, 1 errors found, 2 a path that cannot be checked.
      """)

  @Argument(help: "Raw collections or shard directories.", completion: .directory)
  var paths: [String] = []

  @Flag(help: "Check published digests, SHA-256s, ledgers, duplicates and signal quality too.")
  var deep = false

  @Flag(help: "List the rules and end.")
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
      let interruption = Signals.interruption()
      var validation = Validation()
      validation.isDeep = deep
      validation.jobs = jobs
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
      if options.json {
        try Console.json(Summary(records: report.records, findings: report.findings, summary: report.summary))
      } else if !options.quiet {
        try show(report)
      }
      if report.count(of: failOn.severity) > 0 { throw ExitCode(1) }
    }
  }

  private func listRules() throws {
    for rule in Rule.allCases {
      let name = rule.rawValue + String(repeating: " ", count: max(1, 22 - rule.rawValue.count))
      try Console.output("\(name)\(rule.severity.rawValue): \(rule.summary)")
    }
  }

  private func show(_ report: Validation.Report) throws {
    for part in report.parts {
      try part.findings.forEach(show)
      try Console.output("\(part.path): \(part.records) records, \(Validate.counts(part.findings))")
    }
    guard !report.comparison.isEmpty else { return }
    try report.comparison.forEach(show)
    try Console.output("records beside each other: \(Validate.counts(report.comparison))")
  }

  private func show(_ finding: Finding) throws {
    try Console.output(
      "\(finding.severity.rawValue): \(finding.record): \(finding.rule.rawValue): \(finding.message)")
  }

  private static func counts(_ findings: [Finding]) -> String {
    Severity.allCases.reversed().map { severity in
      "\(findings.count { $0.severity == severity }) \(severity.rawValue)s"
    }.joined(separator: ", ")
  }

  private struct Summary: Encodable {
    var records: Int
    var findings: [Finding]
    var summary: [String: Int]
  }
}
