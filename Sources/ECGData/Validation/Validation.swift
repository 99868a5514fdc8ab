/// Checks a raw collection or a shard directory and reports every breach of a rule.
///
///     let report = try Validation().report(on: "ptb-xl")
///     print(report.count(of: .error))
public struct Validation: Sendable {
  /// What was checked and found.
  public struct Report: Sendable {
    /// Records that were checked.
    public var records = 0
    /// Breaches, by record in the collection's order.
    public var findings: [Finding] = []

    /// Nothing checked yet.
    public init(records: Int = 0, findings: [Finding] = []) {
      self.records = records
      self.findings = findings
    }

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

  /// A shallow validation on two threads.
  public init() {}

  /// Checks a directory: a shard directory if it holds a manifest or a shard, else a raw collection.
  ///
  /// - Parameters:
  ///   - path: the directory.
  ///   - interruption: asks for an end; nothing is reported then.
  ///   - progress: called with the number of records to check, then once a record.
  /// - Returns: what was checked and found.
  /// - Throws: `ECGError` if there is nothing at the path that can be checked.
  public func report(
    on path: String, interruption: Interruption = Interruption(),
    progress: @Sendable (Progress) -> Void = { _ in }
  ) throws -> Report {
    guard File.isDirectory(path) else {
      throw ECGError(.notFound, File.exists(path) ? "is no directory" : "does not exist", file: path)
    }
    let isShards =
      File.exists(File.join(path, Manifest.fileName))
      || File.exists(File.join(path, ConversionState.planFile))
    if isShards {
      return try ShardValidation(directory: path, jobs: jobs, isDeep: isDeep).report(interruption, progress)
    }
    let opened = try Datasets.open(path, as: dataset, options: source)
    try source.checkHeeded(by: [opened])
    return try RawValidation(dataset: opened, jobs: jobs, isDeep: isDeep).report(interruption, progress)
  }

  /// What a validation tells while it works; called from several threads.
  public enum Progress: Sendable {
    /// The number of records there are.
    case total(Int)
    /// One more is checked.
    case record
  }
}

/// Records that share a signal, as findings.
enum Duplicates {
  /// Findings for groups of records with the same digest of their samples.
  ///
  /// - Parameter records: id, digest of the samples and label codes of each record.
  /// - Returns: a finding a group, by the group's first record.
  static func findings(_ records: [(id: String, digest: String, codes: [String])]) -> [Finding] {
    var groups: [String: [Int]] = [:]
    for (index, record) in records.enumerated() { groups[record.digest, default: []].append(index) }
    return groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }.map { group in
      let ids = group.map { records[$0].id }
      let isConflicting = Set(group.map { records[$0].codes.sorted() }).count > 1
      return Finding(
        record: ids[0], rule: .signalDuplicate,
        "has the same signal as \(ids.dropFirst().joined(separator: " "))\(isConflicting ? ", with other labels" : "")"
      )
    }
  }
}
