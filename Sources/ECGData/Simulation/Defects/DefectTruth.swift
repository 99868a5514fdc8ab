/// The truth about the defects of a simulated collection, `simulation/defects.json`.
///
/// It has `version`, `layout`, `seed`, `rates` (shares of the records by kind) and `defects`, one a line in the records'
/// order; adapters do not look there.
final class DefectTruth {
  /// One planted defect.
  struct Row: Encodable, Sendable {
    /// What is wrong.
    var kind: SimulatedDefect.Kind
    /// The record's id, as an adapter gives it back.
    var record: String
    /// The record's place, from 0.
    var index: Int
    /// The files that differ from what they should be, or that lack.
    var files: [String]
    /// The leads concerned; none where all are, or none in particular.
    var leads: [String]
    /// The first sample concerned, and the one behind the last; nil where it is all of them, or none in particular.
    var from: Int?
    var to: Int?
    /// What the samples were multiplied by.
    var scale: Double?
    /// Whether it can be told for certain; else it can be suspected at most.
    var detectable: Bool
    /// Why it can be suspected at most.
    var doubt: String?
    /// The rules of `validate` of which one is expected to name it; none where there is none yet.
    var rules: [Rule]
    /// The id of the record that this one copies, or whose patient it takes.
    var other: String?
  }

  /// Where it lies in a collection.
  static let path = "simulation/defects.json"
  private static let version = 1
  private let file: AtomicFile
  private var isFirst = true

  /// Begins the table.
  init(_ plan: DefectPlan, in directory: String) throws {
    let path = File.join(directory, Self.path)
    try File.makeDirectory(File.folder(of: path))
    file = try AtomicFile(path)
    let rates = Dictionary(
      plan.shares.map { ($0.kind.rawValue, $0.share) }, uniquingKeysWith: { first, _ in first })
    let head =
      "{\"version\":\(Self.version),\"layout\":\(JSONText.quoted(plan.layout)),\"seed\":\(plan.seed),"
      + "\"rates\":\(try JSONText.line(rates)),\"defects\":["
    try file.append(Array(head.utf8))
  }

  /// Adds a defect.
  func append(_ row: Row) throws {
    try file.append(Array(((isFirst ? "\n" : ",\n") + (try JSONText.line(row))).utf8))
    isFirst = false
  }

  /// Completes the table.
  func close() throws {
    try file.append(Array("\n]}\n".utf8))
    try file.commit(isDurable: false)
  }
}
