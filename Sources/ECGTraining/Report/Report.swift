public import ECGData

/// Evaluations and pretrainings as one page: tables, curves and records, and the runs that every number is from.
///
///     let report = try Report(runs: ["runs"], shards: ShardSet("shards"))
///     try report.write(to: "report.html")          // and report/*.csv, report/*.svg beside it
///
/// Evaluations that differ in their seeds alone are one row, whose figures are means. All of them are computed anew from the
/// test records' scores, but for those that take thresholds from training records. The page needs no other file, no script and
/// no network, and is the same bytes whenever the runs are.
public struct Report: Sendable {
  /// A run, or a part of one, that the page has not.
  public struct Problem: Sendable, Equatable {
    /// The run's folder.
    public var path: String
    /// Why, with the file where it is not all of them.
    public var message: String

    /// What work gives, or nil where it throws, which is noted.
    static func noting<Value>(
      _ problems: inout [Problem], _ path: String, _ work: () throws -> Value
    ) -> Value? {
      do { return try work() } catch {
        problems.append(Problem(path: path, message: "\(error)"))
        return nil
      }
    }
  }

  /// What a report is worked on, in this order.
  public enum Stage: String, Sendable {
    /// Resamples of each.
    case evaluations
    /// Those of two rows, each by many exchanges.
    case differences
  }

  /// Resamples of test records for each interval.
  static let resamples = 1000
  /// Exchanges of two runs for each probability.
  static let permutations = 1000
  /// Draws them.
  static let seed: UInt64 = 0

  /// What could not be read, was left unfinished or was there twice.
  public let problems: [Problem]
  let evaluations: [ReportedEvaluation]
  let pretrainings: [ReportedPretraining]
  let panels: [ReportPanel]
  /// Differences of rows in a panel.
  let differences: [[RowDifference]]
  let shards: ReportShards?
  let version: String
  /// Of the runs, as they were given.
  let paths: [String]

  /// Reads runs and computes what the page tells of them.
  ///
  /// - Parameters:
  ///   - paths: Folders of runs, or folders with such up to four levels below; hidden ones are left out.
  ///   - shards: Where the test records are, for their patients and their pictures.
  ///   - version: Of the tool, which the page names.
  ///   - interruption: Asks for an end.
  ///   - progress: Called with what is worked on, how many of it are done, and how many there are.
  /// - Throws: `ECGError` for a path that is no folder or holds no run, if no run can be read, or when interrupted.
  public init(
    runs paths: [String], shards: ShardSet? = nil, version: String = Release.version,
    interruption: Interruption = Interruption(), progress: (Stage, Int, Int) -> Void = { _, _, _ in }
  ) throws {
    self.paths = paths
    let folders = try RunFolders(paths, interruption)
    var runs = try ReportedRuns(folders, interruption)
    guard !runs.evaluations.isEmpty || !runs.pretrainings.isEmpty else {
      throw ECGError(
        .notFound, "no run can be read: \(runs.problems.first.map { "\($0.path): \($0.message)" } ?? "")",
        file: paths.joined(separator: ", "))
    }
    let lookup = shards.map { ReportShards($0) }
    panels = try runs.panels(lookup, interruption) { progress(.evaluations, $0, $1) }
    differences = try RowDifference.all(of: panels, interruption) { progress(.differences, $0, $1) }
    (evaluations, pretrainings) = (runs.evaluations, runs.pretrainings)
    problems = runs.problems + (lookup?.problems(of: panels) ?? [])
    self.shards = lookup
    self.version = version
  }

  /// Evaluations that were read.
  public var evaluationCount: Int { evaluations.count }

  /// Pretrainings that were read.
  public var pretrainingCount: Int { pretrainings.count }

  /// A row of the page's tables.
  public struct Row: Encodable, Sendable {
    /// By which the page names it: `R1`.
    public var row: String
    /// How it came about.
    public var name: String
    /// The task.
    public var task: String
    /// Test records.
    public var records: Int
    /// Of its runs.
    public var seeds: [String]
    /// Mean over the seeds.
    public var macroAUC: Double
    /// Its 95 % interval over resamples of the test records; empty where it is undefined.
    public var ci95: [Double]

    private enum CodingKeys: String, CodingKey {
      case row, name, task, records, seeds, ci95
      case macroAUC = "macro_auc"
    }
  }

  /// All rows, as the page numbers them.
  public var rows: [Row] {
    panels.flatMap { panel in
      panel.rows.map { row in
        Row(
          row: row.id, name: row.title, task: panel.test.task, records: panel.test.records.count,
          seeds: row.members.map(\.seed), macroAUC: row.macroAUC,
          ci95: row.interval.map { [$0.low, $0.high] } ?? [])
      }
    }
  }
}
