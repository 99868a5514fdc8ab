/// A classification task: classes in a fixed order and the label codes that count towards each.
///
/// Shards hold labels as their source states them; a task turns them into a row of 0 and 1 when a shard is
/// read, so a new task needs no new conversion. A code that is present counts, whatever its value: PTB-XL's
/// likelihood 0 means "unknown", and the benchmark counts it as present (Strodthoff et al., IEEE JBHI 25,
/// 2021).
public struct LabelTask: Sendable {
  /// The name by which commands ask for it, such as `ptbxl.superclass`.
  public let name: String
  /// The classes; column k of a target row is class k.
  public let classes: [String]
  /// The sources that it may be asked of, by adapter name.
  public let sources: [String]
  private let columns: [String: [Int]]

  /// Creates a task from the codes of each class.
  public init(name: String, sources: [String], classes: [(name: String, codes: [String])]) {
    self.name = name
    self.sources = sources
    self.classes = classes.map(\.name)
    var columns: [String: [Int]] = [:]
    for (index, entry) in classes.enumerated() {
      for code in entry.codes { columns[code, default: []].append(index) }
    }
    self.columns = columns
  }

  /// The target row of a record with these codes, or nil if none of them belongs to the task.
  ///
  /// Records without any class of the task are left out of training and testing, as in the benchmark.
  public func target(codes: some Sequence<String>) -> [Float]? {
    var row: [Float]?
    for code in codes {
      for column in columns[code] ?? [] {
        row = row ?? [Float](repeating: 0, count: classes.count)
        row?[column] = 1
      }
    }
    return row
  }
}
