internal import ECGData

/// A linear classifier on the features of an encoder that is still being trained: what is learnt so far.
///
/// The crop is that in the middle of a record, its features standardised over the records that the classifier is trained
/// on, by ``steps`` steps of AdamW over all of them at once. It is no evaluation: see ``Evaluation`` for that.
@ComputeActor final class LinearProbe {
  /// What the classifier reaches on records that it was not trained on.
  struct Figures: Codable, Sendable, Equatable {
    /// Macro AUC over the classes with both outcomes; `nil` if there is none.
    var macroAUC: Double?
    /// Share of right answers, over records and classes, at a probability of one half.
    var accuracy: Double
  }

  static let steps = 100
  /// Records that train it, and that test it, at most: more make it slower, not more telling.
  static let limits = (train: 4096, test: 2048)

  private let reader: CropReader
  private let task: LabelTask
  private let frames: Int
  private let train: [Int]
  private let test: [Int]
  private let seed: UInt64
  private let type: ElementType

  /// Chooses the records.
  ///
  /// - Parameters:
  ///   - shards: Where they are.
  ///   - recipe: The task and the folds. Excluded folds do not train it; they may test it, if the recipe says so. Other
  ///     records that pretraining leaves out may be among its own.
  ///   - frames: Those of a crop, as the encoder takes them.
  ///   - rate: That of the crops, in Hz.
  /// - Throws: `ECGError.Code.invalidArgument` if one side has no labelled record, or records have another rate.
  init(_ shards: ShardSet, _ recipe: PretrainingRecipe, frames: Int, rate: Double) throws {
    let task = try LabelTask.named(recipe.probe.task)
    self.task = task
    self.frames = frames
    seed = recipe.seed
    type = try recipe.precision.elementType
    reader = CropReader(shards, normalization: recipe.normalization)
    let folds = recipe.probe.folds.values
    func chosen(_ limit: Int, _ belongs: (UInt8) -> Bool) -> [Int] {
      let labelled = (0..<shards.count).filter {
        belongs(shards.fold($0)) && task.sources.contains(shards.source($0))
          && task.target(source: shards.source($0), statements: shards.statements($0)) != nil
      }
      // By a hash of their keys, so that a limit takes them from everywhere.
      let drawn = labelled.map { (SplitMix64("probe", recipe.seed, shards.key($0)).state, $0) }
      return drawn.sorted { $0 < $1 }.prefix(limit).map(\.1).sorted()
    }
    test = chosen(LinearProbe.limits.test) { folds.contains($0) }
    train = chosen(LinearProbe.limits.train) {
      $0 != 0 && !folds.contains($0) && !recipe.excludeFolds.values.contains($0)
    }
    guard !train.isEmpty, !test.isEmpty else {
      throw ECGError(
        .invalidArgument,
        "has \(train.count) records with labels of \(task.name) to train a probe on, and \(test.count) to test it",
        file: shards.directory, advice: "choose another probe.task, or other probe.folds")
    }
    guard try shards.commonRate(of: train + test) == rate else {
      throw ECGError(
        .invalidArgument, "has records of \(task.name) that are not at \(rate) Hz", file: shards.directory,
        advice: "choose another probe.task, or convert with --rate \(rate)")
    }
  }

  /// Trains a classifier on the encoder as it is, and tests it.
  ///
  /// - Throws: `ECGError` for corrupt samples, or when interrupted.
  func callAsFunction(_ encoder: any SignalEncoder, _ interruption: Interruption) throws -> Figures {
    var rows = try features(of: train, encoder, interruption)
    var unseen = try features(of: test, encoder, interruption)
    let width = encoder.featureCount
    for column in 0..<width {
      let (mean, deviation) = LinearProbe.moments(of: rows, column, width)
      for index in stride(from: column, to: rows.count, by: width) {
        rows[index] = (rows[index] - mean) / deviation
      }
      for index in stride(from: column, to: unseen.count, by: width) {
        unseen[index] = (unseen[index] - mean) / deviation
      }
    }
    var generator = SplitMix64("probe", seed)
    let classifier = try Linear(inputs: width, outputs: task.classes.count, generator: &generator)
    let recipe = OptimizerRecipe(.adamw, learningRate: 1e-2, weightDecay: 1e-2)
    let optimizer = try Optimizer([Optimizer.Group(classifier.parameters)], recipe)
    let input = try Tensor(rows, shape: [train.count, width])
    let wanted = try Tensor(targets(of: train).flatMap { $0 }, shape: [train.count, task.classes.count])
    for _ in 0..<LinearProbe.steps {
      try interruption.check(Interruption.resumes)
      let tape = Tape()
      optimizer.clearGradients()
      try tape.backward(
        from: classifier(input, tape: tape).binaryCrossEntropy(targets: wanted, tape: tape))
      try optimizer.step()
    }
    let logits = try classifier(Tensor(unseen, shape: [test.count, width])).values
    let truth = try targets(of: test)
    let scores = test.indices.map { row in
      Array(logits[row * task.classes.count..<(row + 1) * task.classes.count])
    }
    let right = zip(scores.joined(), truth.joined()).count { ($0 > 0) == ($1 > 0.5) }
    return Figures(
      macroAUC: try ScoredRecords(classes: task.classes, scores: scores, targets: truth).areas.mean,
      accuracy: Double(right) / Double(max(1, logits.count)))
  }

  /// [records · D].
  private func features(of records: [Int], _ encoder: any SignalEncoder, _ interruption: Interruption)
    throws -> [Float]
  {
    var result: [Float] = []
    result.reserveCapacity(records.count * encoder.featureCount)
    for start in stride(from: 0, to: records.count, by: 64) {
      try interruption.check(Interruption.resumes)
      let part = records[start..<min(start + 64, records.count)]
      let crops = try part.map {
        try reader.crop(
          record: $0, start: max(0, (reader.shards.frameCount($0) - frames) / 2), frames: frames)
      }
      let signals = try Tensor(crops.flatMap(\.values), shape: [part.count, Lead.count, frames])
      result += try encoder.features(
        signals.converted(to: type), lengths: crops.map { max(1, $0.valid) }, tape: nil
      ).values
    }
    return result
  }

  private func targets(of records: [Int]) throws -> [[Float]] {
    records.map { record in
      task.target(source: reader.shards.source(record), statements: reader.shards.statements(record)) ?? []
    }
  }

  /// Mean and standard deviation of a column; 1 for one that does not vary.
  private static func moments(of values: [Float], _ column: Int, _ width: Int) -> (Float, Float) {
    let (mean, square) = stride(from: column, to: values.count, by: width).reduce((0.0, 0.0)) {
      ($0.0 + Double(values[$1]), $0.1 + Double(values[$1]) * Double(values[$1]))
    }
    let count = Double(values.count / width)
    let variance = square / count - mean / count * (mean / count)
    return (Float(mean / count), variance > 1e-12 ? Float(variance.squareRoot()) : 1)
  }
}
