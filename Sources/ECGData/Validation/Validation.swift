/// Checks a raw collection or a shard directory and reports every breach of a rule.
///
///     let report = try Validation().report(on: "ptb-xl")
///     print(report.count(of: .error))
public struct Validation: Sendable {
  /// What was checked and found.
  public struct Report: Sendable {
    /// One of the paths.
    public struct Part: Sendable {
      /// As it was given.
      public var path: String
      /// What it holds: the adapter's name and the collection's version, for shards those of their sources.
      public var collection = ""
      /// Records that were checked.
      public var records = 0
      /// Breaches, by record in the collection's order.
      public var findings: [Finding] = []
      /// What the records are like, by source.
      public var figures: [CollectionFigures] = []
    }

    /// Each path by itself.
    public internal(set) var parts: [Part] = []
    /// What the records of all paths show beside each other: patients in two folds and equal signals.
    public internal(set) var comparison: [Finding] = []

    /// Records that were checked.
    public var records: Int { parts.reduce(0) { $0 + $1.records } }

    /// All breaches.
    public var findings: [Finding] { parts.flatMap(\.findings) + comparison }

    /// How many findings each rule has, by id.
    public var summary: [String: Int] {
      findings.reduce(into: [:]) { $0[$1.rule.rawValue, default: 0] += 1 }
    }

    /// How many findings are at least this severe.
    public func count(of severity: Severity) -> Int { findings.count { $0.severity >= severity } }
  }

  /// Threads.
  public var jobs = 2
  /// Whether published digests, SHA-256s, ledgers and duplicates are checked too.
  public var isDeep = false

  /// The adapter that raw collections are opened with, or `auto`.
  public var dataset = "auto"
  /// What the user tells of raw collections.
  public var source = SourceOptions()

  /// A file that keeps what was found, nil for none: a validation that was stopped goes on from it.
  ///
  /// It stays until ``removeJournal()``, so that a report that could not be delivered is not lost.
  public var journal: String?

  /// A shallow validation on two threads.
  public init() {}

  /// Checks directories, each a shard directory if it holds a manifest, a plan or shards, else a raw collection, and then their
  /// records beside each other.
  ///
  /// - Parameters:
  ///   - paths: the directories.
  ///   - interruption: asks for an end; nothing is reported then.
  ///   - progress: called with the number of records to check in each path, then once a record.
  /// - Returns: what was checked and found.
  /// - Throws: `ECGError` if there is nothing at a path that can be checked.
  public func report(
    on paths: [String], interruption: Interruption = Interruption(),
    progress: @Sendable (Progress) -> Void = { _ in }
  ) throws -> Report {
    var report = Report()
    var compared: [ComparedRecords] = []
    let journal = try journal.map { try ValidationJournal($0, of: description(of: paths)) }
    for (number, path) in paths.enumerated() {
      let (part, records) = try check(path, number, journal, interruption, progress)
      report.parts.append(part)
      compared.append(records)
    }
    report.comparison = try Comparison(compared, namesPaths: paths.count > 1).findings(interruption)
    return report
  }

  /// Removes the journal, if there is one: once its report is delivered.
  ///
  /// - Throws: ``ECGError`` (`inputOutput`) if it cannot be removed.
  public func removeJournal() throws {
    if let journal { try ValidationJournal.remove(journal) }
  }

  /// All that a journal's findings depend on.
  private func description(of paths: [String]) throws -> String {
    struct Description: Encodable {
      var paths: [String]
      var isDeep: Bool
      var dataset: String
      var source: SourceOptions
    }
    return try JSONText.line(
      Description(
        paths: paths.map { File.resolved($0) ?? $0 }, isDeep: isDeep, dataset: dataset, source: source))
  }

  /// What is true of a validation that was stopped.
  static func interrupted(_ journal: ValidationJournal?) -> String {
    journal == nil ? "nothing is told; --journal FILE would keep what was found" : Interruption.resumes
  }

  /// Checks one directory.
  ///
  /// - Parameter path: the directory.
  /// - Returns: what was checked and found.
  /// - Throws: `ECGError` if there is nothing at the path that can be checked.
  public func report(on path: String) throws -> Report { try report(on: [path]) }

  private func check(
    _ path: String, _ number: Int, _ journal: ValidationJournal?, _ interruption: Interruption,
    _ progress: @Sendable (Progress) -> Void
  ) throws -> (Report.Part, ComparedRecords) {
    guard File.isDirectory(path) else {
      throw ECGError(.notFound, File.exists(path) ? "is no directory" : "does not exist", file: path)
    }
    if Inspection.isShards(path) {
      return try ShardValidation(
        directory: path, jobs: jobs, isDeep: isDeep, journal: journal, number: number
      ).report(interruption, progress)
    }
    let opened = try Datasets.open(path, as: dataset, options: source)
    try source.checkHeeded(by: [opened])
    return try RawValidation(
      path: path, dataset: opened, jobs: jobs, isDeep: isDeep, journal: journal, number: number
    ).report(interruption, progress)
  }

  /// What a validation tells while it works; called from several threads.
  public enum Progress: Sendable {
    /// The number of records there are.
    case total(Int)
    /// One more is checked.
    case record
  }
}
