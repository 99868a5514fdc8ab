/// A classification task: classes in a fixed order and the label codes that count towards each.
///
/// Shards hold labels as their source states them; a task turns them into a row of 0 and 1 when a shard is
/// read, so a new task needs no new conversion. A task knows the sources and the records that it may be asked of: what
/// is said of no class is not always absent, and a record outside is masked, not negative.
public struct LabelTask: Sendable {
  /// Which records of its sources a task may be asked of.
  public enum Asked: String, Decodable, Sendable {
    /// Those that state one of the classes.
    ///
    /// A code that is present counts, whatever its value: PTB-XL's likelihood 0 means "unknown", and the benchmark counts
    /// it as present (Strodthoff et al., IEEE JBHI 25, 2021).
    case statingClass = "class"
    /// Those that state anything in the vocabularies of the classes: what they do not state is negative.
    case statingAnything = "statement"
    /// Those that state every class, by a value above 0 as present and by 0 as absent.
    case statingEveryClass = "every-class"
  }

  /// The name by which commands ask for it, such as `ptbxl.superclass`.
  public let name: String
  /// The classes; column k of a target row is class k.
  public let classes: [String]
  /// The sources that it may be asked of, by adapter name.
  public let sources: [String]
  /// The records that it may be asked of.
  public let asked: Asked
  private let columns: [String: [Int]]
  private let vocabularies: Set<Substring>

  /// Creates a task from the codes of each class.
  public init(
    name: String, sources: [String], asked: Asked = .statingClass, classes: [(name: String, codes: [String])]
  ) {
    self.name = name
    self.sources = sources
    self.asked = asked
    self.classes = classes.map(\.name)
    var columns: [String: [Int]] = [:]
    for (index, entry) in classes.enumerated() {
      for code in entry.codes { columns[code, default: []].append(index) }
    }
    self.columns = columns
    vocabularies = Set(columns.keys.map { LabelTask.vocabulary(of: $0) })
  }

  /// All codes that count towards a class.
  var codes: Set<String> { Set(columns.keys) }

  /// The target row of a record, [classes] of 0 and 1, or nil if the task may not be asked of it.
  ///
  /// - Parameters:
  ///   - source: the adapter name of the record's source.
  ///   - statements: the record's labels.
  /// - Returns: a value a class, or nil for a record that is masked.
  public func target(source: String, statements: some Sequence<Statement>) -> [Float]? {
    guard sources.contains(source) else { return nil }
    var row = [Float](repeating: 0, count: classes.count)
    var isStated = [Bool](repeating: false, count: classes.count)
    var isAsked = false
    for statement in statements {
      if asked == .statingAnything, vocabularies.contains(LabelTask.vocabulary(of: statement.code)) {
        isAsked = true
      }
      for column in columns[statement.code] ?? [] {
        isStated[column] = true
        if asked != .statingEveryClass || statement.value > 0 { row[column] = 1 }
      }
    }
    switch asked {
    case .statingClass: isAsked = isStated.contains(true)
    case .statingAnything: break
    case .statingEveryClass: isAsked = !isStated.contains(false)
    }
    return isAsked ? row : nil
  }

  private static func vocabulary(of code: String) -> Substring { code.prefix { $0 != ":" } }
}
