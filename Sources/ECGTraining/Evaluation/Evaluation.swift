public import ECGData

/// Trains and tests a classifier on an encoder's features.
///
///     let result = try await ComputeActor.run {
///       try Evaluation(shards, recipe, output: "runs/linear").run()
///     }
///
/// The best epoch is chosen on the validation folds alone, and the test folds are touched once, at the end. They may be
/// those of other shards: a classifier of one collection, tested on another.
/// Scores of a record are the mean of its windows' sigmoids. A run that was stopped goes on; a finished one
/// is not done again.
@ComputeActor public final class Evaluation {
  /// What a run ends with; `result.json`.
  public struct Result: Codable, Sendable {
    /// The task.
    public var task: String
    /// `linear` or `supervised`.
    public var `protocol`: String
    /// The pretraining run, or `none`.
    public var encoder: String
    /// Test records.
    public var records: Int
    /// Training records.
    public var trainRecords: Int
    /// Validation records.
    public var validationRecords: Int
    /// Records of the folds without any class of the task, which are left out.
    public var withoutLabel: Int
    /// Macro AUC on the test folds.
    public var macroAUC: Double
    /// Its 95 % interval by bootstrap.
    public var ci95: [Double]
    /// AUC of each class.
    public var classes: [String: Double]
    /// Classes without positives or negatives among the test records, left out of the mean.
    public var undefinedClasses: [String]
    /// Macro AUC on the validation folds at the best epoch; nil without validation folds.
    public var validationMacroAUC: Nullable<Double>
    /// The epoch that was tested, from 1.
    public var bestEpoch: Int
    /// Test records that the encoder has seen in pretraining, without their labels; nil if its run does not tell.
    public var testRecordsSeenInPretraining: Nullable<Int>
    /// Seconds of training and testing.
    public var seconds: Double

    private enum CodingKeys: String, CodingKey {
      case task, `protocol`, encoder, records, ci95, classes, seconds
      case trainRecords = "train_records"
      case validationRecords = "validation_records"
      case withoutLabel = "without_label"
      case macroAUC = "macro_auc"
      case undefinedClasses = "undefined_classes"
      case validationMacroAUC = "validation_macro_auc"
      case bestEpoch = "best_epoch"
      case testRecordsSeenInPretraining = "test_records_seen_in_pretraining"
    }
  }

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

  private let shards: ShardSet
  private let recipe: EvaluationRecipe
  private let directory: RunDirectory
  private let split: LabelledSplit
  /// Training targets by record, [classes].
  private let targets: [Int: [Float]]
  private let frames: Int
  private let classifier: Classifier
  private let optimizer: Optimizer
  private let configuration: StreamConfiguration
  private var progress = Progress()
  private var best: [NamedValues] = []
  /// Features of the windows of a set of records, kept while the encoder is frozen.
  private var validationFeatures: [Tensor]?

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
    split = try LabelledSplit(shards, tested: tested ?? shards, recipe)
    targets = Dictionary(
      zip(split.train.records, split.train.targets), uniquingKeysWith: { first, _ in first })
    let rate = try shards.commonRate(of: split.train.records + split.validation.records)
    let testRate = try split.test.shards.commonRate(of: split.test.records)
    guard testRate == rate else {
      throw ECGError(
        .invalidArgument, "the test records are at \(testRate) Hz, those trained on at \(rate) Hz",
        file: split.test.shards.directory, advice: "convert with --rate \(rate)")
    }
    var configuration = StreamConfiguration(batch: recipe.batch, crop: recipe.crop, seed: recipe.seed)
    configuration.normalization = recipe.normalization
    frames = try configuration.check(records: split.train.records.count, rate: rate)
    self.configuration = configuration
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
      do { try encoder.load(values) } catch let error as ECGError { throw error.located(file: path) }
    }
    classifier = try Classifier(
      encoder, classes: split.task.classes.count, precision: recipe.precision, generator: &generator)
    if recipe.protocol == .linear { encoder.setFrozen(true) }
    let trained = recipe.protocol == .linear ? classifier.headParameters : classifier.parameters
    optimizer = try Optimizer([Optimizer.Group(trained)], recipe.optimizer)
    // Last, so that a run that cannot begin leaves nothing behind.
    directory = try RunDirectory(
      output, recipe: recipe, defaults: EvaluationRecipe(), shards: [shards] + (tested.map { [$0] } ?? []),
      restart: restart)
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
      try classifier.load(state.model)
      try optimizer.load(state.optimizer)
      best = state.best
      progress = state.progress
      guard (0..<(1 << 46)).contains(progress.step), progress.seconds >= 0 else {
        throw ECGError(.malformed, "the checkpoint's progress makes no sense", file: directory.path)
      }
      saved = state.stream
    }
    let metrics = try MetricsFile(directory, after: position, seconds: progress.seconds)
    let stream = try BatchStream(
      shards, configuration, records: split.train.records, epochs: recipe.epochs, state: saved)
    let seen = try split.countSeen(directoryOf: recipe.encoder)
    report(
      .began(
        train: split.train.records.count, validation: split.validation.records.count,
        test: split.test.records.count, seenInPretraining: seen))
    let clock = Stopwatch(from: progress.seconds)
    var loss = (sum: 0.0, steps: 0)
    while let batch = try stream.next() {
      try interruption.check("the same command goes on after the last finished epoch")
      loss.sum += Double(try step(batch))
      loss.steps += 1
      progress.step += 1
      guard stream.state.epoch > batch.epoch else { continue }
      let mean = loss.sum / Double(loss.steps)
      loss = (0, 0)
      let auc = try chooseBest(after: batch.epoch, of: recipe.epochs, interruption)
      progress.seconds = clock.seconds
      try metrics.append(
        Metrics(
          step: progress.step, epoch: batch.epoch, seconds: progress.seconds,
          records: progress.step * recipe.batch,
          values: ["loss": mean, "learning_rate": Double(recipe.optimizer.learningRate)]
            .merging(auc.map { ["validation_macro_auc": $0] } ?? [:]) { $1 }))
      try TrainingState(
        model: classifier.state(), optimizer: optimizer.state(), best: best, stream: stream.state,
        metrics: metrics.save(), progress: progress
      ).write(to: directory)
      report(.epoch(epoch: batch.epoch, loss: mean, validationAUC: auc))
    }
    return try test(clock, seen: seen, interruption)
  }

  private func step(_ batch: Batch) throws -> Float {
    try optimizer.step(
      progress.step + 1, of: classifier, input: batch.values, file: directory.path
    ) { tape in
      var generator = SplitMix64("dropout", recipe.seed, UInt64(progress.step))
      classifier.reseed(&generator)
      let signals = try Tensor(batch.values, shape: [batch.count, Lead.count, frames])
      let targets = try Tensor(
        batch.records.flatMap { self.targets[$0] ?? [] }, shape: [batch.count, split.task.classes.count])
      let features = try classifier.features(
        signals, valid: batch.validFrames, tape: recipe.protocol == .linear ? nil : tape)
      return try classifier.logits(features: features, tape: tape).binaryCrossEntropy(
        targets: targets, tape: tape)
    }
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
    let (scores, features) = try scores(of: split.validation, known: validationFeatures, interruption)
    // A frozen encoder's features are computed once.
    if recipe.protocol == .linear { validationFeatures = features }
    let auc = MacroAUC(scores: scores, targets: split.validation.targets).mean
    // Where no validation AUC is ever defined, the last epoch is taken, as without validation folds.
    if auc.map({ $0 > progress.bestAUC ?? -1 }) ?? (progress.bestAUC == nil && epoch + 1 == epochs) {
      progress.bestAUC = auc
      progress.bestEpoch = epoch + 1
      best = try classifier.state()
    }
    return auc
  }

  /// Mean of the windows' sigmoids, [records, classes], and the features that they are of, batch by batch.
  private func scores(of part: LabelledSplit.Part, known: [Tensor]? = nil, _ interruption: Interruption)
    throws
    -> (scores: [[Float]], features: [Tensor])
  {
    let stride = max(1, Int((recipe.stride * Double(frames) / recipe.crop).rounded()))
    let windows = RecordWindows(
      records: part.records, frameCount: part.shards.frameCount, frames: frames, stride: stride)
    let width = split.task.classes.count
    var probabilities: [Float] = []
    let batches = try known ?? features(of: windows, in: part.shards, interruption)
    for batch in batches {
      probabilities += try classifier.logits(features: batch).sigmoid().values
    }
    let scores = windows.records.indices.map { index in
      let range = windows.windows(of: index)
      var mean = [Float](repeating: 0, count: width)
      for window in range {
        for column in 0..<width { mean[column] += probabilities[window * width + column] }
      }
      return mean.map { $0 / Float(range.count) }
    }
    return (scores, batches)
  }

  private func features(of windows: RecordWindows, in shards: ShardSet, _ interruption: Interruption) throws
    -> [Tensor]
  {
    let reader = CropReader(shards, normalization: recipe.normalization, trained: self.shards)
    var batches: [Tensor] = []
    for start in Swift.stride(from: 0, to: windows.count, by: recipe.batch) {
      try interruption.check("the same command goes on after the last finished epoch")
      let items = (start..<min(start + recipe.batch, windows.count)).map { windows[$0] }
      let crops = try items.map { try reader.crop(record: $0.record, start: $0.start, frames: frames) }
      let signals = try Tensor(crops.flatMap(\.values), shape: [items.count, Lead.count, frames])
      batches.append(try classifier.features(signals, valid: crops.map(\.valid)))
    }
    return batches
  }

  private func test(_ clock: Stopwatch, seen: Int?, _ interruption: Interruption) throws -> Result {
    try classifier.load(best)
    let scores = try scores(of: split.test, interruption).scores
    let targets = split.test.targets
    let auc = MacroAUC(scores: scores, targets: targets)
    guard let mean = auc.mean,
      let interval = Bootstrap.interval(
        scores: scores, targets: targets, resamples: max(1, recipe.bootstrap), seed: recipe.seed)
    else {
      throw ECGError(
        .unsupported, "no class of \(recipe.task) has both outcomes in the test folds",
        file: split.test.shards.directory)
    }
    let names = split.task.classes
    let result = Result(
      task: recipe.task, protocol: recipe.protocol.rawValue, encoder: recipe.encoder,
      records: split.test.records.count,
      trainRecords: split.train.records.count, validationRecords: split.validation.records.count,
      withoutLabel: [split.train, split.validation, split.test].reduce(0) { $0 + $1.withoutLabel },
      macroAUC: mean, ci95: [interval.low, interval.high],
      classes: Dictionary(
        zip(names, auc.classes).compactMap { name, area in area.map { (name, $0) } }, uniquingKeysWith: { $1 }
      ),
      undefinedClasses: zip(names, auc.classes).filter { $0.1 == nil }.map(\.0),
      validationMacroAUC: Nullable(progress.bestAUC),
      bestEpoch: progress.bestEpoch, testRecordsSeenInPretraining: Nullable(seen), seconds: clock.seconds)
    try writePredictions(scores, targets)
    try Checkpoint.write(best, metadata: ["task": recipe.task], to: directory.file(RunDirectory.best))
    try TextFile.write(TextFile.json(result) + "\n", to: directory.file(RunDirectory.result))
    return result
  }

  /// `record,fold,<class>…,target <class>…` for each test record.
  private func writePredictions(_ scores: [[Float]], _ targets: [[Float]]) throws {
    let names = split.task.classes
    var lines = [(["record", "fold"] + names + names.map { "target \($0)" }).joined(separator: ",")]
    for (index, record) in split.test.records.enumerated() {
      let tested = split.test.shards
      let fields =
        [tested.id(record), "\(tested.fold(record))"] + scores[index].map { "\($0)" }
        + targets[index].map { "\(Int($0))" }
      lines.append(fields.joined(separator: ","))
    }
    try TextFile.write(lines.joined(separator: "\n") + "\n", to: directory.file(RunDirectory.predictions))
  }
}
