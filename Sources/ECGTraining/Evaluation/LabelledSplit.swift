internal import ECGData

/// The records of an evaluation by their part, and their targets.
struct LabelledSplit: Sendable {
  /// Records of one part, and where they are.
  struct Part: Sendable {
    let shards: ShardSet
    let records: [Int]
    /// [records, classes].
    let targets: [[Float]]
    /// Records of its folds that the task may not be asked of.
    let withoutLabel: Int
  }

  let task: LabelTask
  let train: Part
  let validation: Part
  let test: Part

  /// - Parameters:
  ///   - shards: Where training and validation records are.
  ///   - tested: Where test records are.
  ///   - recipe: The task and the folds.
  /// - Throws: `ECGError` if the task may not be asked of the shards, or a part has no records.
  init(_ shards: ShardSet, tested: ShardSet, _ recipe: EvaluationRecipe) throws {
    let task = try LabelTask.named(recipe.task)
    self.task = task
    func part(_ shards: ShardSet, _ folds: Folds, _ name: String, mayBeEmpty: Bool = false) throws -> Part {
      let records = folds.values.isEmpty ? [] : shards.records(inFolds: folds.values)
      var labelled: [Int] = []
      var targets: [[Float]] = []
      var without = 0
      for record in records where task.sources.contains(shards.source(record)) {
        if let target = task.target(
          source: shards.source(record), statements: shards.statements(record))
        {
          targets.append(target)
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
      return Part(shards: shards, records: labelled, targets: targets, withoutLabel: without)
    }
    train = try part(shards, recipe.trainFolds, "training")
    validation = try part(
      shards, recipe.validationFolds, "validation", mayBeEmpty: recipe.validationFolds.values.isEmpty)
    test = try part(tested, recipe.testFolds, "test")
    try LabelledSplit.checkApart(test, from: [train, validation])
  }

  /// Refuses a test record that is trained on, or that the epoch is chosen by.
  ///
  /// It is one of the same key and samples: two collections may call different records alike.
  private static func checkApart(_ test: Part, from others: [Part]) throws {
    func identity(_ record: Int, _ shards: ShardSet) -> [UInt64] {
      [shards.key(record), UInt64(shards.crc32(record)), UInt64(shards.frameCount(record))]
    }
    let known = Set(others.flatMap { part in part.records.map { identity($0, part.shards) } })
    guard let leaked = test.records.first(where: { known.contains(identity($0, test.shards)) }) else {
      return
    }
    throw ECGError(
      .invalidArgument, "is among the records trained on, and among those to test",
      file: test.shards.directory,
      record: test.shards.id(leaked), advice: "test on other folds, or on a collection without these records")
  }

  /// How many test records a pretraining run has seen, under the same key or with the same samples; nil if it does not tell.
  ///
  /// Samples are known by their CRC-32 alone, which any two records share once in 2³²: as many as chance explains, of all pairs,
  /// are not counted.
  func countSeen(directoryOf encoder: String) throws -> Int? {
    let path = encoder + "/" + RunDirectory.pretrainedOn
    if encoder == "none" { return 0 }
    guard TextFile.exists(path) else { return nil }
    let file = try SafetensorsFile(contentsOf: path)
    func numbers(_ name: String) throws -> Set<UInt64> {
      guard let tensor = file.tensors.first(where: { $0.name == name }) else {
        throw ECGError(.malformed, "has no tensor \(name)", file: path)
      }
      return Set(try tensor.integers())
    }
    let (keys, samples) = try (numbers("record_key"), numbers("signal_crc32"))
    let (known, others) = test.records.reduce(into: (0, [Int]())) { found, record in
      if keys.contains(test.shards.key(record)) { found.0 += 1 } else { found.1.append(record) }
    }
    let copies = others.count { samples.contains(UInt64(test.shards.crc32($0))) }
    let chance = Double(samples.count) * Double(others.count) / 0x1p32
    return known + (Double(copies) > chance + 6 * chance.squareRoot() ? copies : 0)
  }
}
