public import ECGData

/// Trains and tests a classifier on an encoder's features.
///
///     let result = try await ComputeActor.run {
///       try Evaluation(shards, recipe, output: "runs/linear").run()
///     }
///
/// The best epoch is chosen on the validation folds alone, and the test folds are touched once, at the end. They may be
/// those of other shards: a classifier of one collection, tested on another.
/// Scores of a record are the mean, or the highest, of its windows' sigmoids. A run that was stopped goes on; a finished one
/// is not done again.
@ComputeActor public final class Evaluation {
  /// What a run tells while it works.
  public enum Event: Sendable {
    /// Data and network are ready.
    case began(train: Int, validation: Int, test: Int, seenInPretraining: Int?)
    /// An epoch is done; the AUC is nil without validation folds.
    case epoch(epoch: Int, loss: Double, validationAUC: Double?)
  }

  private struct Progress: Codable {
    var step = 0
    var seconds = 0.0
    var bestAUC: Double?
    var bestEpoch = 0
  }

  private static let resumes = "the same command goes on after the last finished epoch"

  private let shards: ShardSet
  private let recipe: EvaluationRecipe
  private let directory: RunDirectory
  private let split: LabelledSplit
  /// Test records that the encoder has seen.
  private let seen: Int?
  /// Training targets by record, [classes].
  private let targets: [Int: [Float]]
  private let fingerprints: [String]
  private let frames: Int
  /// In Hz.
  private let rate: Double
  private let classifier: Classifier
  private var optimizer: Optimizer
  /// Whether the encoder is left alone at present.
  private var isFrozen: Bool
  private let configuration: StreamConfiguration
  private var progress = Progress()
  private var best: [NamedValues] = []
  /// Features of the windows of the validation records, kept while the encoder is frozen.
  private var validationFeatures: [Tensor]?
  /// Features by training record, kept while the encoder is frozen, if each record is one crop.
  private var trainingFeatures: [Int: [Float]]?
  /// The most bytes that ``trainingFeatures`` may take.
  var mostFeatureBytes = 2 << 30

  /// Opens or makes the run.
  ///
  /// - Parameters:
  ///   - shards: The records to train on, and those to choose the epoch by.
  ///   - recipe: How.
  ///   - tested: The records to test on, if not those of `shards`; normalised as those trained on.
  ///   - output: The run's folder.
  ///   - restart: Whether an earlier run there is forgotten.
  /// - Throws: `ECGError` for a recipe that makes no sense, an encoder of another rate, shards of two rates, or a
  ///   directory of another recipe.
  public init(
    _ shards: ShardSet, _ recipe: EvaluationRecipe, testedOn tested: ShardSet? = nil, output: String,
    restart: Bool = false
  ) throws {
    try recipe.check(isTestedApart: tested != nil)
    self.shards = shards
    self.recipe = recipe
    fingerprints = ([shards] + (tested.map { [$0] } ?? [])).map(\.manifest.fingerprint)
    split = try LabelledSplit(shards, tested: tested ?? shards, recipe)
    seen = try split.countSeen(directoryOf: recipe.encoder)
    if let seen, seen > 0, !recipe.allowsSeen {
      throw ECGError(
        .invalidArgument,
        "\(seen) of \(split.test.records.count) test records were in the encoder's pretraining, by key or by samples",
        file: recipe.encoder,
        advice: "test on folds that were excluded, or say that they may be there: --allow-seen")
    }
    let outcomes = split.test.targets
    guard
      split.task.classes.indices.contains(where: { column in
        outcomes.contains { $0[column] > 0.5 } && outcomes.contains { $0[column] <= 0.5 }
      })
    else {
      throw ECGError(
        .invalidArgument, "no class of \(recipe.task) has both outcomes in the test folds",
        file: split.test.shards.directory, advice: "test on other folds")
    }
    targets = Dictionary(
      zip(split.train.records, split.train.targets), uniquingKeysWith: { first, _ in first })
    let rate = try shards.commonRate(of: split.train.records + split.validation.records)
    self.rate = rate
    let testRate = try split.test.shards.commonRate(of: split.test.records)
    guard testRate == rate else {
      throw ECGError(
        .invalidArgument, "the test records are at \(testRate) Hz, those trained on at \(rate) Hz",
        file: split.test.shards.directory, advice: "convert with --rate \(rate)")
    }
    var configuration = StreamConfiguration(batch: recipe.batch, crop: recipe.crop, seed: recipe.seed)
    configuration.normalization = recipe.normalization
    // A test on other shards is of what those trained on are normalised by.
    configuration.statistics = shards.manifest.statistics
    frames = try configuration.check(records: split.train.records.count, rate: rate)
    var generator = SplitMix64("parameters", recipe.seed)
    let encoder = try recipe.network.network(frames: frames, generator: &generator)
    if recipe.encoder != "none" {
      let path = recipe.encoder + "/" + RunDirectory.encoder
      let (values, metadata) = try Checkpoint.read(path)
      if let stated = metadata["rate_hz"].flatMap(Double.init), stated != rate {
        throw ECGError(
          .invalidArgument, "was pretrained at \(stated) Hz, the shards are at \(rate) Hz", file: path,
          advice: "convert with --rate \(stated)")
      }
      if let text = metadata[EncoderFile.statistics] {
        let statistics = try TextFile.decode(Manifest.Statistics.self, text, file: path)
        try statistics.check(file: path)
        configuration.statistics = statistics
      }
      do { try encoder.load(values) } catch let error as ECGError { throw error.located(file: path) }
    }
    self.configuration = configuration
    classifier = try Classifier(
      encoder, classes: split.task.classes.count, isDeep: recipe.isHeadDeep, precision: recipe.precision,
      generator: &generator)
    isFrozen = recipe.isEncoderFrozen(in: 0)
    encoder.setFrozen(isFrozen)
    optimizer = try Evaluation.optimizer(of: classifier, isFrozen: isFrozen, recipe)
    // Last, so that a run that cannot begin leaves nothing behind.
    directory = try RunDirectory(
      output, recipe: recipe, defaults: EvaluationRecipe(), shards: [shards] + (tested.map { [$0] } ?? []),
      free: ["allow_seen"], restart: restart)
  }

  /// The optimiser of a phase.
  private static func optimizer(
    of classifier: Classifier, isFrozen: Bool, _ recipe: EvaluationRecipe
  ) throws -> Optimizer {
    guard !isFrozen, recipe.protocol == .finetune else {
      return try Optimizer(
        [Optimizer.Group(isFrozen ? classifier.headParameters : classifier.parameters)], recipe.optimizer)
    }
    var settings = recipe.optimizer
    settings.learningRate = Float(recipe.finetuning.learningRate)
    let head = Set(classifier.headParameters.map(\.name))
    let parts = Dictionary(grouping: classifier.parameters) { name, _ in
      head.contains(name) ? "head" : name.hasPrefix("lstm.") ? "lstm" : "encoder"
    }
    let factors = [
      ("head", 1), ("lstm", recipe.finetuning.context), ("encoder", recipe.finetuning.encoder),
    ]
    return try Optimizer(
      factors.compactMap { part, factor in
        parts[part].map { Optimizer.Group($0, learningRateFactor: Float(factor)) }
      }, settings)
  }

  /// Enters the phase of an epoch.
  private func begin(_ epoch: Int) throws {
    guard isFrozen != recipe.isEncoderFrozen(in: epoch) else { return }
    isFrozen.toggle()
    classifier.encoder.setFrozen(isFrozen)
    (validationFeatures, trainingFeatures) = (nil, nil)
    optimizer = try Evaluation.optimizer(of: classifier, isFrozen: isFrozen, recipe)
  }

  /// Trains, chooses the best epoch and tests it.
  ///
  /// - Parameters:
  ///   - interruption: asks for an end after the step at work; the last finished epoch is what the next run
  ///     goes on from.
  ///   - report: called with each event.
  /// - Returns: what the run ends with.
  /// - Throws: `ECGError` when interrupted, for corrupt samples, or if the loss or a gradient is no longer a number.
  public func run(
    interruption: Interruption = Interruption(), report: (Event) -> Void = { _ in }
  ) throws -> Result {
    if let result = try directory.finished(Result.self) { return result }
    defer { ComputeActor.releaseMemory() }
    var saved: StreamState?
    var position: MetricsFile.Position?
    if let state = try TrainingState<Progress>(directory) {
      position = state.metrics
      guard (1...recipe.allEpochs).contains(state.stream.epoch) else {
        throw ECGError(
          .malformed, "the checkpoint is of epoch \(state.stream.epoch)", file: directory.path)
      }
      try begin(min(state.stream.epoch, recipe.allEpochs - 1))
      try classifier.load(state.model)
      // Saved at the end of a phase, it is of no use to the next, whose optimiser is new.
      if recipe.isEncoderFrozen(in: state.stream.epoch - 1) == isFrozen {
        try optimizer.load(state.optimizer)
      }
      best = state.best
      progress = state.progress
      guard (0..<(1 << 46)).contains(progress.step), progress.seconds >= 0 else {
        throw ECGError(.malformed, "the checkpoint's progress makes no sense", file: directory.path)
      }
      saved = state.stream
    }
    let metrics = try MetricsFile(directory, after: position, seconds: progress.seconds)
    let stream = try BatchStream(
      shards, configuration, records: split.train.records, epochs: recipe.allEpochs, state: saved)
    report(
      .began(
        train: split.train.records.count, validation: split.validation.records.count,
        test: split.test.records.count, seenInPretraining: seen))
    let clock = Stopwatch(from: progress.seconds)
    try keepTrainingFeatures(interruption)
    var loss = (sum: 0.0, steps: 0)
    while let batch = try stream.next() {
      try interruption.check(Evaluation.resumes)
      try begin(batch.epoch)
      loss.sum += Double(try step(batch, stepsPerEpoch: stream.stepsPerEpoch))
      loss.steps += 1
      progress.step += 1
      guard stream.state.epoch > batch.epoch else { continue }
      let mean = loss.sum / Double(loss.steps)
      loss = (0, 0)
      let auc = try chooseBest(after: batch.epoch, of: recipe.allEpochs, interruption)
      progress.seconds = clock.seconds
      try metrics.append(
        Metrics(
          step: progress.step, epoch: batch.epoch, seconds: progress.seconds,
          records: progress.step * recipe.batch,
          values: ["loss": mean, "learning_rate": Double(optimizer.learningRate)]
            .merging(auc.map { ["validation_macro_auc": $0] } ?? [:]) { $1 }))
      try TrainingState(
        model: classifier.state(), optimizer: optimizer.state(), best: best, stream: stream.state,
        metrics: metrics.save(), progress: progress
      ).write(to: directory)
      report(.epoch(epoch: batch.epoch, loss: mean, validationAUC: auc))
    }
    return try test(clock, interruption)
  }

  private func step(_ batch: Batch, stepsPerEpoch: Int) throws -> Float {
    let phase = recipe.phase(of: batch.epoch)
    optimizer.learningRate =
      phase.learningRate
      * recipe.schedule.factor(
        step: progress.step - phase.start * stepsPerEpoch, of: phase.epochs * stepsPerEpoch,
        stepsPerEpoch: stepsPerEpoch)
    return try optimizer.step(
      progress.step + 1, of: classifier, input: batch.values, file: directory.path
    ) { tape in
      var generator = SplitMix64("dropout", recipe.seed, UInt64(progress.step))
      classifier.reseed(&generator)
      let targets = try Tensor(
        batch.records.flatMap { self.targets[$0] ?? [] }, shape: [batch.count, split.task.classes.count])
      return try classifier.logits(features: features(of: batch, tape), tape: tape).binaryCrossEntropy(
        targets: targets, tape: tape)
    }
  }

  private func features(of batch: Batch, _ tape: Tape) throws -> Tensor {
    if let kept = trainingFeatures {
      return try Tensor(
        batch.records.flatMap { kept[$0] ?? [] }, shape: [batch.count, classifier.encoder.featureCount])
    }
    let signals = try Tensor(batch.values, shape: [batch.count, Lead.count, frames])
    return try classifier.features(signals, valid: batch.validFrames, tape: isFrozen ? nil : tape)
  }

  /// Computes the training records' features once, if the encoder is frozen and no crop is drawn: each record fits into one.
  private func keepTrainingFeatures(_ interruption: Interruption) throws {
    let records = split.train.records
    let bytes = records.count.multipliedReportingOverflow(by: 4 * classifier.encoder.featureCount)
    guard isFrozen, !bytes.overflow, bytes.partialValue <= mostFeatureBytes,
      records.allSatisfy({ shards.frameCount($0) <= frames })
    else { return }
    trainingFeatures = Dictionary(
      zip(records, try scoring(split.train).meanFeatures(of: records, interruption)),
      uniquingKeysWith: { first, _ in first })
  }

  /// Keeps the classifier if it is the best so far on the validation folds, or the last without any.
  private func chooseBest(after epoch: Int, of epochs: Int, _ interruption: Interruption) throws -> Double? {
    guard !split.validation.records.isEmpty else {
      if epoch + 1 == epochs {
        progress.bestEpoch = epoch + 1
        best = try classifier.state()
      }
      return nil
    }
    let (part, scoring) = (split.validation, scoring(split.validation))
    // A frozen encoder's features are computed once.
    if isFrozen, validationFeatures == nil {
      validationFeatures = try scoring.features(of: part.records, interruption)
    }
    let scores =
      try validationFeatures.map { try scoring.scores(of: part.records, features: $0) }
      ?? scoring.scores(of: part.records, interruption)
    let auc = try scored(scores, split.validation).areas.mean
    // Where no validation AUC is ever defined, the last epoch is taken, as without validation folds.
    if auc.map({ $0 > progress.bestAUC ?? -1 }) ?? (progress.bestAUC == nil && epoch + 1 == epochs) {
      progress.bestAUC = auc
      progress.bestEpoch = epoch + 1
      best = try classifier.state()
    }
    return auc
  }

  /// Scores of a part by its windows, normalised as those trained on.
  private func scoring(_ part: LabelledSplit.Part) -> WindowScoring {
    WindowScoring(
      classifier,
      CropReader(part.shards, normalization: recipe.normalization, statistics: configuration.statistics),
      frames: frames, crop: recipe.crop, stride: recipe.stride, batch: recipe.batch, recipe.aggregation,
      interruptionAdvice: Evaluation.resumes)
  }

  private func test(_ clock: Stopwatch, _ interruption: Interruption) throws -> Result {
    try classifier.load(best)
    let scores = try scoring(split.test).scores(of: split.test.records, interruption)
    let tested = try scored(scores, split.test)
    let trained = try scored(
      scoring(split.train).scores(of: split.train.records, interruption), split.train)
    let auc = tested.areas
    guard let mean = auc.mean else {
      throw ECGError(.unsupported, "no class of \(recipe.task) has both outcomes", file: directory.path)
    }
    let area = tested.resampledArea()
    func interval(_ patients: [UInt64]?) throws -> [Double]? {
      let bootstrap = try Bootstrap(
        records: tested.count, patients: patients, resamples: recipe.bootstrap, seed: recipe.seed)
      return try bootstrap.interval {
        try interruption.check(Evaluation.resumes)
        return area($0)
      }.map { [$0.low, $0.high] }
    }
    let names = split.task.classes
    let patients = split.test.records.map { split.test.shards.patientKey($0) }
    func thresholds(_ figure: BetaScores.Figure) -> ClassThresholds {
      ClassThresholds(maximizing: figure, on: trained)
    }
    let thresholdsOfF = thresholds(.f)
    let embedding = try embedding(interruption)
    let cpsc = recipe.task == "cpsc2018" ? try CPSCScore(tested) : nil
    let result = Result(
      task: recipe.task, protocol: recipe.protocol.rawValue, encoder: recipe.encoder,
      seed: Nullable(recipe.seed), trainFolds: Nullable(recipe.trainFolds),
      validationFolds: Nullable(recipe.validationFolds), testFolds: Nullable(recipe.testFolds),
      shards: Nullable(fingerprints), version: Nullable(Release.version),
      records: split.test.records.count,
      trainRecords: split.train.records.count, validationRecords: split.validation.records.count,
      withoutLabel: [split.train, split.validation, split.test].reduce(0) { $0 + $1.withoutLabel },
      macroAUC: mean, macroAUCOfOriginal: Nullable(auc.meanWithHalves), ci95: try interval(nil) ?? [],
      ci95ByPatient: Nullable(patients.contains(0) ? nil : try interval(patients)),
      macroAveragePrecision: Nullable(tested.averagePrecisions.mean), fmax: Nullable(tested.fmax),
      f2: Nullable(try BetaScores(tested, thresholdsOfF).f.mean),
      g2: Nullable(try BetaScores(tested, thresholds(.g)).g.mean), cpscF1: Nullable(cpsc?.f1.mean),
      thresholds: Nullable(
        Dictionary(zip(names, thresholdsOfF.values).filter { $0.1.isFinite }, uniquingKeysWith: { $1 })),
      cpscGroups: cpsc?.groups ?? [:],
      classes: Dictionary(
        zip(names, auc.classes).compactMap { name, area in area.map { (name, $0) } }, uniquingKeysWith: { $1 }
      ),
      undefinedClasses: zip(names, auc.classes).filter { $0.1 == nil }.map(\.0),
      validationMacroAUC: Nullable(progress.bestAUC),
      bestEpoch: progress.bestEpoch, testRecordsSeenInPretraining: Nullable(seen),
      embeddingVariance: Nullable(embedding.shares), seconds: clock.seconds)
    try writePredictions(scores, split.test.targets)
    try writeClassifier()
    try TextFile.write(TextFile.json(result) + "\n", to: directory.file(RunDirectory.result))
    return result
  }

  /// Writes where test records lie along the principal components of their features; of many those with the least hashes.
  private func embedding(_ interruption: Interruption) throws -> PrincipalComponents {
    let shards = split.test.shards
    let drawn = split.test.records.map { (SplitMix64("embedding", recipe.seed, shards.key($0)).state, $0) }
    let chosen = drawn.sorted { $0 < $1 }.prefix(PrincipalComponents.mostRows).map(\.1).sorted()
    let components = PrincipalComponents(
      of: try scoring(split.test).meanFeatures(of: chosen, interruption))
    let lines = zip(chosen, components.coordinates).map { record, place in
      TextFile.csv([shards.id(record)] + place.map { "\($0)" })
    }
    try TextFile.write(
      (["record,pc1,pc2"] + lines).joined(separator: "\n") + "\n", to: directory.file(RunDirectory.embedding))
    return components
  }

  /// The best epoch's, with all that it takes to use it.
  private func writeClassifier() throws {
    let statistics = configuration.statistics ?? shards.manifest.statistics
    let settings = Predictor.Settings(
      task: recipe.task, classes: split.task.classes, head: recipe.isHeadDeep ? .mlp : .linear,
      crop: recipe.crop, stride: recipe.stride, aggregation: recipe.aggregation,
      conversion: shards.manifest.recipe)
    let metadata = try [
      "rate_hz": "\(rate)", EncoderFile.normalization: recipe.normalization.rawValue,
      EncoderFile.statistics: TextFile.json(statistics), Predictor.Settings.key: TextFile.json(settings),
    ].merging(classifier.encoder.described()) { $1 }
    try Checkpoint.write(best, metadata: metadata, to: directory.file(RunDirectory.best))
  }

  private func scored(_ scores: [[Float]], _ part: LabelledSplit.Part) throws -> ScoredRecords {
    try ScoredRecords(classes: split.task.classes, scores: scores, targets: part.targets)
  }

  /// `record,fold,<class>…,target <class>…` for each test record.
  private func writePredictions(_ scores: [[Float]], _ targets: [[Float]]) throws {
    let names = split.task.classes
    var lines = [TextFile.csv(["record", "fold"] + names + names.map { "target \($0)" })]
    for (index, record) in split.test.records.enumerated() {
      let tested = split.test.shards
      let fields =
        [tested.id(record), "\(tested.fold(record))"] + scores[index].map { "\($0)" }
        + targets[index].map { "\(Int($0))" }
      lines.append(TextFile.csv(fields))
    }
    try TextFile.write(lines.joined(separator: "\n") + "\n", to: directory.file(RunDirectory.predictions))
  }
}
