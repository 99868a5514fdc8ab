internal import ECGData

/// The records of an evaluation by their part, and their targets.
struct LabelledSplit: Sendable {
  let task: LabelTask
  let train: [Int]
  let validation: [Int]
  let test: [Int]
  /// Target row of each record, [classes].
  let targets: [Int: [Float]]
  /// Records of the folds that the task may not be asked of.
  let withoutLabel: Int
  private let testKeys: [UInt64]

  /// - Throws: `ECGError` if the task may not be asked of the shards, or a part has no records.
  init(_ shards: ShardSet, _ recipe: EvaluationRecipe) throws {
    let task = try LabelTask.named(recipe.task)
    self.task = task
    var targets: [Int: [Float]] = [:]
    var without = 0
    func part(_ folds: Folds, _ name: String, mayBeEmpty: Bool = false) throws -> [Int] {
      let records = folds.values.isEmpty ? [] : shards.records(inFolds: folds.values)
      var labelled: [Int] = []
      for record in records where task.sources.contains(shards.source(record)) {
        if let target = task.target(
          source: shards.source(record), statements: shards.statements(record))
        {
          targets[record] = target
          labelled.append(record)
        } else {
          without += 1
        }
      }
      guard !labelled.isEmpty || mayBeEmpty else {
        throw ECGError(
          .invalidArgument, "no record of \(name) folds \(folds) has a label of \(task.name)",
          file: shards.directory,
          advice: "the task is asked of \(task.sources.joined(separator: ", ")); choose other folds")
      }
      return labelled
    }
    train = try part(recipe.trainFolds, "training")
    validation = try part(
      recipe.validationFolds, "validation", mayBeEmpty: recipe.validationFolds.values.isEmpty)
    test = try part(recipe.testFolds, "test")
    self.targets = targets
    withoutLabel = without
    testKeys = test.map { shards.key($0) }
  }

  /// How many test records a pretraining run has seen; nil if it does not tell.
  func countSeen(directoryOf encoder: String) throws -> Int? {
    let path = encoder + "/" + RunDirectory.pretrainedOn
    if encoder == "none" { return 0 }
    guard TextFile.exists(path) else { return nil }
    guard let tensor = try SafetensorsFile(contentsOf: path).tensors.first(where: { $0.name == "record_key" })
    else {
      throw ECGError(.malformed, "has no tensor record_key", file: path)
    }
    let seen = Set(try tensor.integers())
    return testKeys.count { seen.contains($0) }
  }
}
