extension LabelTask {
  /// All tasks.
  public static let all: [LabelTask] = ptbxlTasks

  /// The task of a name.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` listing the names there are.
  public static func named(_ name: String) throws -> LabelTask {
    guard let task = all.first(where: { $0.name == name }) else {
      throw ECGError(
        .invalidArgument, "there is no task \"\(name)\"",
        advice: "tasks are \(all.map(\.name).joined(separator: ", "))")
    }
    return task
  }
}

extension LabelTask {
  /// The six tasks of the PTB-XL benchmark, classes in alphabetical order.
  ///
  /// Source: Strodthoff et al., Deep learning for ECG analysis: benchmarks and insights from PTB-XL, section
  /// II.
  static let ptbxlTasks: [LabelTask] = [
    task("all") { _ in true },
    task("diagnostic", where: \.isDiagnostic),
    grouped("superclass", by: \.superclass),
    grouped("subclass", by: \.subclass),
    task("form", where: \.isForm),
    task("rhythm", where: \.isRhythm),
  ]

  private static func task(_ name: String, where isIncluded: (PTBXLStatement) -> Bool) -> LabelTask {
    make(name, PTBXLStatement.all.filter(isIncluded).map { ($0.code, [$0]) })
  }

  private static func grouped(_ name: String, by group: (PTBXLStatement) -> String) -> LabelTask {
    let groups = Dictionary(grouping: PTBXLStatement.all.filter(\.isDiagnostic), by: group)
    return make(name, groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private static func make(_ name: String, _ classes: [(String, [PTBXLStatement])]) -> LabelTask {
    LabelTask(
      name: "ptbxl.\(name)", sources: [PTBXL.name],
      classes: classes.map { (name: $0.0, codes: $0.1.map { "scp:\($0.code)" }) })
  }
}
