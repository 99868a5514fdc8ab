import ArgumentParser
import ECGData
import Foundation
import Synchronization

struct Convert: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert raw collections into shards.",
    discussion: """
      Example: einthoven convert ptb-xl --rate 100 --output shards
               einthoven convert ptb-xl code-15 cpsc2018 --rate 100 --output shards
               einthoven convert folder --dataset hdf5 --source-rate 500 --source-unit mV --output shards \
                 --source-leads I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6

      Every record is checked, brought into canonical lead order, resampled if asked and stored; the ledger tells what
      became of each. A conversion that was stopped goes on; a finished one is not done again.
      Exit code: 0 all records stored, 1 committed with exclusions, 2 not committed.
      """)

  @Argument(help: "Directories of raw collections.", completion: .directory)
  var sources: [String]

  @Option(name: .shortAndLong, help: "The shard directory.", completion: .directory)
  var output: String

  @Option(help: "Sampling rate in Hz, or native.")
  var rate: String?

  @Option(
    help: "A recipe: \(Recipe.named.keys.sorted().joined(separator: ", ")), or a file in YAML.",
    completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String?

  @Option(help: "Threads.")
  var jobs = 2

  @Flag(help: "Whether a record that cannot be stored ends the conversion or is left out.")
  var policy = Policy.lenient

  @Flag(help: "Set the records behind those of the finished conversion in the directory.")
  var append = false

  @Option(help: "Only the first N records of the plan.")
  var limit: Int?

  @Option(help: "Size of a shard, such as 256MiB.")
  var shardSize = ByteCount(mebibytes: 256)

  @Flag(help: "Print the whole recipe and the plan's size, and write nothing.")
  var dryRun = false

  @Flag(help: "Throw away an earlier conversion in the directory.")
  var restart = false

  @OptionGroup(title: "Raw sources") var source: SourceArguments

  @OptionGroup var options: OutputOptions

  enum Policy: String, EnumerableFlag {
    case strict
    case lenient
  }

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1.") }
    guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be at least 1.") }
  }

  func run() async throws {
    try await Console.run {
      let converter = try makeConverter()
      let interruption = Signals.interruption()
      if dryRun { return try outline(converter, interruption) }
      let progress = Progress("records", quiet: options.quiet)
      let exclusions = Exclusions()
      let work = Work()
      let report = try converter.run(interruption: interruption) { event in
        switch event {
        case .planned(let outline, let done):
          if !options.quiet {
            for source in converter.sources { describe(source, folds: converter.recipe.folds) }
            Console.line(Convert.describe(outline))
          }
          progress.begin(total: outline.records, done: done)
        case .record(let entry, let seconds, let bytes):
          work.add(seconds: seconds, bytes: bytes, isExcluded: entry.fate == .excluded)
          progress.advance { work.describe($0) }
          if entry.fate == .excluded, !options.quiet { exclusions.tell(entry) }
        case .shard:
          break
        }
      }
      progress.end()
      if !options.quiet { exclusions.summarize(output) }
      try summarize(report, seconds: progress.seconds)
      if report.manifest.counts.excluded > 0 { throw ExitCode(1) }
    }
  }

  private func makeConverter() throws -> Converter {
    var settings = try recipe.map { try Recipe($0) } ?? Recipe()
    if let rate { settings.rate = try Recipe.Rate(rate) }
    settings.source = try source.options(over: settings.source)
    let opened = try sources.map {
      try Datasets.open($0, as: source.dataset, options: settings.source)
    }
    var converter = Converter(sources: opened, output: output, recipe: settings)
    converter.jobs = jobs
    converter.limit = limit
    converter.isStrict = policy == .strict
    converter.restart = restart
    converter.appends = append
    converter.shardBytes = shardSize.bytes
    return converter
  }

  /// Says what a source was taken for, and what its tables leave open.
  private func describe(_ dataset: any Dataset, folds: Recipe.FoldAssignment) {
    let patients = dataset.patientCount
    Console.line(
      "\(dataset.root): \(type(of: dataset).name), \(dataset.records.count) records"
        + (patients > 0 ? " of \(patients) patients" : "") + ", by \(dataset.recognition)")
    if patients == 0 {
      Console.line(
        "\(dataset.root): no patient is named: no split by patient is possible, and folds are "
          + (folds == .record ? "by record" : "0, unless the recipe says folds: record"))
    }
    for finding in dataset.findings {
      Console.line(
        "\(finding.severity.rawValue): \(finding.record): \(finding.rule.rawValue): \(finding.message)")
    }
  }

  private func outline(_ converter: Converter, _ interruption: Interruption) throws {
    let (outline, seconds, tried) = try converter.rehearse(interruption: interruption)
    try Console.output(YAML.encode(converter.recipe).trimmingCharacters(in: .newlines))
    try Console.output("# \(Convert.describe(outline))")
    try Console.output(
      "# about \(Progress.duration(seconds)) with --jobs \(jobs), by \(tried) records that were tried")
  }

  private static func describe(_ outline: Converter.Outline) -> String {
    "\(outline.records) records, \(Work.hours(outline.seconds)) of ECG, in \(outline.shards) shards with "
      + "\(outline.bytes) bytes of signal"
  }

  /// A source's line of the table at the end: what was stored, and why the rest was not.
  private static func describe(_ source: Manifest.Source) {
    let fates = source.fates
    let reasons = fates.excluded.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    Console.line(
      "  \(source.name): \(fates.planned) planned, \(fates.stored) stored, \(fates.repaired) of them repaired"
        + (reasons.isEmpty
          ? "" : "; excluded " + reasons.map { "\($0.value) \($0.key)" }.joined(separator: ", ")))
  }

  private func summarize(_ report: Converter.Report, seconds: Double) throws {
    let manifest = report.manifest
    let counts = manifest.counts
    if !options.quiet {
      let state = report.wasComplete ? "already complete" : "done"
      Console.line(
        "\(output): \(state): \(counts.stored) of \(counts.planned) records stored (\(counts.repaired) repaired), "
          + "\(counts.excluded) excluded, \(manifest.shards.count) shards, \(manifest.bytes) bytes")
      if manifest.sources.count > 1 || counts.excluded > 0 { manifest.sources.forEach(Convert.describe) }
    }
    if options.json {
      try Console.json(
        Summary(
          planned: counts.planned, stored: counts.stored, repaired: counts.repaired,
          excluded: counts.excluded,
          shards: manifest.shards.count, bytes: manifest.bytes, seconds: seconds,
          records_per_second: report.wasComplete ? 0 : Double(counts.planned) / seconds,
          fingerprint: manifest.fingerprint))
    }
  }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Summary: Encodable {
    var planned, stored, repaired, excluded, shards, bytes: Int
    var seconds, records_per_second: Double
    var fingerprint: String
  }
}

/// What a conversion has done so far.
private final class Work: Sendable {
  private let sums = Mutex((seconds: 0.0, bytes: 0, excluded: 0))

  func add(seconds: Double, bytes: Int, isExcluded: Bool) {
    sums.withLock {
      $0.seconds += seconds
      $0.bytes += bytes
      $0.excluded += isExcluded ? 1 : 0
    }
  }

  /// Hours of ECG, MB of signal a second and exclusions, after so many seconds.
  func describe(_ elapsed: Double) -> String {
    let (seconds, bytes, excluded) = sums.withLock { $0 }
    let speed = Int(Double(bytes) / 1e6 / max(elapsed, 1e-9))
    return "\(Work.hours(seconds)), \(speed) MB/s, \(excluded) excluded"
  }

  static func hours(_ seconds: Double) -> String { "\((seconds / 360).rounded() / 10) h" }
}

/// Tells exclusions as they come, but no more than a few for each rule: the ledger has them all.
private final class Exclusions: Sendable {
  private static let most = 20
  private let counts = Mutex<[String: Int]>([:])

  func tell(_ entry: LedgerEntry) {
    let rule = entry.rule?.rawValue ?? ""
    let count = counts.withLock { counts in
      counts[rule, default: 0] += 1
      return counts[rule, default: 0]
    }
    guard count <= Exclusions.most else { return }
    Console.line("excluded \(entry.source) record \(entry.id): \(rule): \(entry.reason ?? "")")
  }

  func summarize(_ output: String) {
    for (rule, count) in counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) where count > Exclusions.most
    {
      Console.line("excluded \(count - Exclusions.most) more: \(rule); \(output)/ledger names them all")
    }
  }
}
