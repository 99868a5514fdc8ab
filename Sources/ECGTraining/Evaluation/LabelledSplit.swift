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

    /// Chooses the records of folds that a task may be asked of.
    ///
    /// - Throws: `ECGError` if there is none, unless there may be none.
    init(
      _ shards: ShardSet, _ folds: Folds, _ name: String, _ task: LabelTask, mayBeEmpty: Bool = false
    ) throws {
      self.shards = shards
      var records: [Int] = []
      var targets: [[Float]] = []
      var without = 0
      for record in folds.values.isEmpty ? [] : shards.records(inFolds: folds.values)
      where task.sources.contains(shards.source(record)) {
        if let target = task.target(source: shards.source(record), statements: shards.statements(record)) {
          targets.append(target)
          records.append(record)
        } else {
          without += 1
        }
      }
      guard !records.isEmpty || mayBeEmpty else {
        throw ECGError(
          .invalidArgument, "no record of \(name) folds \(folds) has a label of \(task.name)",
          file: shards.directory,
          advice: "the task is asked of \(task.sources.joined(separator: ", ")); choose other folds")
      }
      (self.records, self.targets, withoutLabel) = (records, targets, without)
    }
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
    train = try Part(shards, recipe.trainFolds, "training", task)
    validation = try Part(
      shards, recipe.validationFolds, "validation", task, mayBeEmpty: recipe.validationFolds.values.isEmpty)
    test = try Part(tested, recipe.testFolds, "test", task)
    try LabelledSplit.checkApart(test, from: [train, validation])
    try LabelledSplit.checkPatients(test, "tested", from: [train, validation], "trained on, or chosen by")
    try LabelledSplit.checkPatients(validation, "chosen by", from: [train], "trained on")
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

  /// Refuses a patient with records on both sides: what is learnt of one is known of the other.
  ///
  /// Patients are told apart where the collection names them.
  private static func checkPatients(_ part: Part, _ role: String, from others: [Part], _ otherRole: String)
    throws
  {
    let known = Set(others.flatMap { part in part.records.map { part.shards.patientKey($0) } }).subtracting([
      0
    ])
    guard let leaked = part.records.first(where: { known.contains(part.shards.patientKey($0)) }) else {
      return
    }
    throw ECGError(
      .invalidArgument, "is of a patient with records among those \(role) and among those \(otherRole)",
      file: part.shards.directory, record: part.shards.id(leaked),
      advice: "choose folds by patient, as the collection's own are")
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
