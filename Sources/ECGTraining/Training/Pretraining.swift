public import ECGData
internal import Foundation

/// Self-supervised pretraining of an encoder on a shard set.
///
///     let result = try await ComputeActor.run {
///       try Pretraining(shards, recipe, output: "runs/cpc").run()
///     }
///
/// A run that was stopped goes on from its last checkpoint with the same batches, negatives and optimiser
/// state; one that is finished is not done again. The same seed, threads and machine give the same losses.
@ComputeActor public final class Pretraining {
  /// What a run ends with; `result.json`.
  public struct Result: Codable, Sendable {
    /// Optimiser steps.
    public var steps: Int
    /// Seconds of training, over all sessions.
    public var seconds: Double
    /// Crops a second.
    public var recordsPerSecond: Double
    /// Share of the time spent waiting for data.
    public var waitShare: Double
    /// Mean loss a position over the last epoch.
    public var loss: Double
    /// Least validation loss a position; nil without validation records.
    public var validationLoss: Nullable<Double>
    /// The epoch of ``validationLoss``, from 1; nil without validation records.
    public var bestEpoch: Nullable<Int>
    /// Records trained on.
    public var records: Int
    /// Records kept aside for the validation loss.
    public var validationRecords: Int
    /// Records shorter than a crop, which were padded and masked.
    public var paddedRecords: Int
    /// Sampling rate of the crops in Hz.
    public var rate: Double
    /// Trainable numbers.
    public var parameters: Int

    private enum CodingKeys: String, CodingKey {
      case steps, seconds, loss, records, parameters
      case recordsPerSecond = "records_per_second"
      case waitShare = "wait_share"
      case validationLoss = "validation_loss"
      case bestEpoch = "best_epoch"
      case validationRecords = "validation_records"
      case paddedRecords = "padded_records"
      case rate = "rate_hz"
    }
  }

  /// What a run tells while it works.
  public enum Event: Sendable {
    /// Data and network are ready.
    case began(records: Int, validationRecords: Int, parameters: Int, stepsPerEpoch: Int, step: Int)
    /// A step is done.
    case step(step: Int, epoch: Int, loss: Float)
    /// An epoch is done; validation loss is nil without validation records.
    case epoch(epoch: Int, loss: Double, validationLoss: Double?)
  }

  /// A line of `metrics.jsonl`.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Metrics: Encodable {
    var step: Int
    var epoch: Int
    var loss: Float?
    var accuracy: Float?
    var learning_rate: Float?
    var validation_loss: Double?
    var seconds: Double
    var records: Int
  }

  private struct Progress: Codable {
    var step = 0
    var seconds = 0.0
    var waited = 0.0
    var epochLoss = 0.0
    var epochSteps = 0
    var lastLoss = 0.0
    var bestLoss: Double?
    var bestEpoch: Int?
  }

  private let shards: ShardSet
  private let recipe: PretrainingRecipe
  private let directory: RunDirectory
  private let training: [Int]
  private let validation: [Int]
  private let encoder: CPCNetwork
  private let objective: InfoNCE
  private let optimizer: Optimizer
  private let configuration: StreamConfiguration
  private let elementType: ElementType
  private var progress = Progress()
  private var best: [NamedValues] = []

  /// Opens or makes the run.
  ///
  /// - Throws: `ECGError` for a recipe that makes no sense, or a directory of another recipe.
  public init(_ shards: ShardSet, _ recipe: PretrainingRecipe, output: String, restart: Bool = false) throws {
    try recipe.check()
    elementType = try recipe.precision.elementType
    self.shards = shards
    self.recipe = recipe
    let pool = shards.records(inFolds: nil).filter { !recipe.excludeFolds.values.contains(shards.fold($0)) }
    guard !pool.isEmpty else {
      throw ECGError(.invalidArgument, "no records are left after excluding folds", file: shards.directory)
    }
    let held = pool.filter { Pretraining.isHeldOut($0, of: shards, recipe) }
    validation = held.count < pool.count ? held : []
    let kept = Set(validation)
    training = pool.filter { !kept.contains($0) }
    var generator = SplitMix64("parameters", recipe.seed)
    encoder = try CPCNetwork(
      CPCNetwork.Configuration(
        width: recipe.encoder.width, hidden: recipe.encoder.hidden, layers: recipe.encoder.layers),
      generator: &generator)
    objective = InfoNCE(stepsAhead: recipe.objective.stepsAhead, negatives: recipe.objective.negatives)
    optimizer = try Optimizer(encoder, recipe.optimizer)
    var configuration = StreamConfiguration(batch: recipe.batch, crop: recipe.crop, seed: recipe.seed)
    configuration.normalization = recipe.normalization
    self.configuration = configuration
    let frames = try configuration.check(records: training.count, rate: shards.commonRate(of: training))
    let tokens = (frames - 1) / encoder.stride + 1
    guard objective.stepsAhead < tokens else {
      throw ECGError(
        .invalidArgument,
        "recipe: objective.steps_ahead is \(objective.stepsAhead), but a crop has \(tokens) tokens",
        advice: "choose a longer crop, or predict fewer steps ahead")
    }
    // Last, so that a run that cannot begin leaves nothing behind.
    directory = try RunDirectory(
      output, recipe: recipe, defaults: PretrainingRecipe(), shards: [shards], restart: restart)
  }

  /// Kept aside by patient, where there are patients, so that no patient is on both sides.
  private static func isHeldOut(_ record: Int, of shards: ShardSet, _ recipe: PretrainingRecipe) -> Bool {
    let patient = shards.patientKey(record)
    var generator = SplitMix64("validation", recipe.seed, patient == 0 ? shards.key(record) : patient)
    return generator.uniform() < recipe.validationShare
  }

  /// Trains until the budget is spent.
  ///
  /// - Parameters:
  ///   - interruption: asks for an end at the next step; a checkpoint is left to go on from.
  ///   - report: called with each event.
  /// - Returns: what the run ends with.
  /// - Throws: `ECGError` when interrupted, for corrupt samples, or if the loss or a gradient is no longer a number.
  public func run(
    interruption: Interruption = Interruption(), report: (Event) -> Void = { _ in }
  ) throws -> Result {
    if let result = try directory.finished(Result.self) { return result }
    defer { ComputeActor.releaseMemory() }
    var saved: StreamState?
    if let state = try TrainingState<Progress>(directory) {
      try encoder.load(state.model)
      try optimizer.load(state.optimizer)
      best = state.best
      progress = state.progress
      guard (0..<(1 << 46)).contains(progress.step), progress.seconds >= 0 else {
        throw ECGError(.malformed, "the checkpoint's progress makes no sense", file: directory.path)
      }
      saved = state.stream
    }
    var metrics = try MetricsFile(directory, upTo: progress.step)
    let stream = try BatchStream(
      shards, configuration, records: training, epochs: recipe.budget.epochs > 0 ? recipe.budget.epochs : nil,
      state: saved)
    let parameters = encoder.parameters.reduce(0) { $0 + $1.parameter.tensor.count }
    report(
      .began(
        records: training.count, validationRecords: validation.count, parameters: parameters,
        stepsPerEpoch: training.count / recipe.batch, step: progress.step))
    try writePretrainedOn()
    let clock = Stopwatch(from: progress.seconds)
    let waitedBefore = progress.waited
    var savedAt = clock.seconds
    while !isSpent(clock), !interruption.isRequested, let batch = try stream.next() {
      let loss = try step(batch)
      progress.step += 1
      progress.epochLoss += Double(loss.mean)
      progress.epochSteps += 1
      progress.seconds = clock.seconds
      progress.waited = waitedBefore + stream.statistics.waitedSeconds
      try metrics.append(
        Metrics(
          step: progress.step, epoch: batch.epoch, loss: loss.mean, accuracy: loss.accuracy,
          learning_rate: recipe.optimizer.learningRate, seconds: progress.seconds,
          records: progress.step * recipe.batch))
      report(.step(step: progress.step, epoch: batch.epoch, loss: loss.mean))
      if stream.state.epoch > batch.epoch {
        try endEpoch(batch.epoch, stream, &metrics, clock, report)
        savedAt = clock.seconds
      } else if clock.seconds - savedAt > 600 {
        try save(stream, metrics)
        savedAt = clock.seconds
      }
    }
    if interruption.isRequested {
      try save(stream, metrics)
      try interruption.check(Interruption.resumes)
    }
    if progress.epochSteps > 0 { try endEpoch(stream.state.epoch, stream, &metrics, clock, report) }
    return try finish(stream, parameters: parameters)
  }

  private func isSpent(_ clock: Stopwatch) -> Bool {
    let budget = recipe.budget
    return budget.steps > 0 && progress.step >= budget.steps
      || budget.seconds > 0 && clock.seconds >= budget.seconds
  }

  private func step(_ batch: Batch) throws -> (mean: Float, accuracy: Float) {
    var metrics: (mean: Float, accuracy: Float) = (0, 0)
    _ = try optimizer.step(
      progress.step + 1, of: encoder, input: batch.values, file: directory.path
    ) { tape in
      var generator = SplitMix64("negatives", recipe.seed, UInt64(progress.step))
      let result = try loss(of: batch.values, batch.validFrames, frames: batch.frames, &generator, tape)
      metrics = (result.meanLoss, result.accuracy)
      return result.loss
    }
    return metrics
  }

  private func loss(
    of values: [Float], _ valid: [Int], frames: Int, _ generator: inout SplitMix64, _ tape: Tape?
  ) throws -> InfoNCE.Result {
    let signals = try Tensor(values, shape: [valid.count, Lead.count, frames])
    let output = try encoder(signals.converted(to: elementType), tape: tape)
    return try objective(
      predictions: encoder.predictions(from: output.context, tape: tape), tokens: output.tokens,
      lengths: valid,
      generator: &generator, tape: tape)
  }

  /// Mean loss a position over the validation records: one crop each, from its beginning, with fixed
  /// negatives.
  private func validationLoss(frames: Int) throws -> Double? {
    guard !validation.isEmpty else { return nil }
    let reader = CropReader(shards, normalization: recipe.normalization)
    var total = 0.0
    var positions = 0
    for start in stride(from: 0, to: validation.count, by: recipe.batch) {
      let records = validation[start..<min(start + recipe.batch, validation.count)]
      let crops = try records.map { try reader.crop(record: $0, start: 0, frames: frames) }
      var generator = SplitMix64("validation negatives", recipe.seed, UInt64(start))
      let result = try loss(of: crops.flatMap(\.values), crops.map(\.valid), frames: frames, &generator, nil)
      total += Double(result.meanLoss) * Double(result.positions)
      positions += result.positions
    }
    return positions > 0 ? total / Double(positions) : nil
  }

  private func endEpoch(
    _ epoch: Int, _ stream: BatchStream, _ metrics: inout MetricsFile, _ clock: Stopwatch,
    _ report: (Event) -> Void
  ) throws {
    let loss = progress.epochLoss / Double(max(1, progress.epochSteps))
    let held = try validationLoss(frames: stream.frames)
    if let held, held < progress.bestLoss ?? .infinity {
      progress.bestLoss = held
      progress.bestEpoch = epoch + 1
      best = try encoder.state()
      try Checkpoint.write(best, metadata: ["epoch": "\(epoch + 1)"], to: directory.file(RunDirectory.best))
    }
    progress.lastLoss = loss
    progress.epochLoss = 0
    progress.epochSteps = 0
    progress.seconds = clock.seconds
    if let held {
      try metrics.append(
        Metrics(
          step: progress.step, epoch: epoch, validation_loss: held, seconds: progress.seconds,
          records: progress.step * recipe.batch))
    }
    try save(stream, metrics)
    report(.epoch(epoch: epoch, loss: loss, validationLoss: held))
  }

  private func save(_ stream: BatchStream, _ metrics: MetricsFile) throws {
    try metrics.save()
    try TrainingState(
      model: encoder.state(), optimizer: optimizer.state(), best: best, stream: stream.state,
      progress: progress
    ).write(to: directory)
  }

  private func finish(_ stream: BatchStream, parameters: Int) throws -> Result {
    let values = best.isEmpty ? try encoder.state() : best
    try Checkpoint.write(
      values,
      metadata: ["method": recipe.method.rawValue, "rate_hz": "\(stream.rate)"].merging(encoder.described()) {
        $1
      },
      to: directory.file(RunDirectory.encoder))
    let result = Result(
      steps: progress.step, seconds: progress.seconds,
      recordsPerSecond: Double(progress.step * recipe.batch) / max(progress.seconds, 1e-9),
      waitShare: progress.waited / max(progress.seconds, 1e-9), loss: progress.lastLoss,
      validationLoss: Nullable(progress.bestLoss), bestEpoch: Nullable(progress.bestEpoch),
      records: training.count,
      validationRecords: validation.count,
      paddedRecords: training.count { shards.frameCount($0) < stream.frames }, rate: stream.rate,
      parameters: parameters)
    try TextFile.write(TextFile.json(result) + "\n", to: directory.file(RunDirectory.result))
    return result
  }

  /// What the encoder has seen, validation records included: evaluation compares it with its test records.
  private func writePretrainedOn() throws {
    let records = (training + validation).sorted()
    try SafetensorsFile([
      SafetensorsFile.Tensor(
        name: "record_key", type: .uint64, shape: [records.count], values: records.map { shards.key($0) }),
      SafetensorsFile.Tensor(
        name: "signal_crc32", type: .uint32, shape: [records.count], values: records.map { shards.crc32($0) }),
    ]).write(to: directory.file(RunDirectory.pretrainedOn))
  }
}

/// Seconds since a beginning, which may lie in an earlier session.
struct Stopwatch: Sendable {
  private let start: UInt64
  private let offset: Double

  init(from offset: Double = 0) {
    start = DispatchTime.now().uptimeNanoseconds
    self.offset = offset
  }

  var seconds: Double { offset + Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9 }
}
