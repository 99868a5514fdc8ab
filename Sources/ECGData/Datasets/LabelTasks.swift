extension LabelTask {
  /// All tasks, as `Tables/tasks.yaml` has them.
  public static let all: [LabelTask] = EmbeddedTable.values(Entry.self, PackageResources.tasks_yaml).map {
    LabelTask(
      name: $0.name, sources: $0.sources, asked: $0.records,
      classes: $0.classes.map { (name: $0.name, codes: $0.codes) })
  }

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

  private struct Entry: Decodable {
    struct Class: Decodable {
      var name: String
      var codes: [String]
    }
    var name: String
    var sources: [String]
    var records: Asked
    var classes: [Class]
  }
}
