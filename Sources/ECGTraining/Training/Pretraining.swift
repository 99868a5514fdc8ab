public import ECGData
internal import Foundation

/// Self-supervised pretraining of an encoder on a shard set.
///
///     let result = try await ComputeActor.run {
///       try Pretraining(shards, recipe, output: "runs/cpc").run()
///     }
///
/// A run that was stopped goes on from its last checkpoint with the same batches, negatives, masks and optimiser state; one
/// that is finished is not done again, unless its time was up and now there is more. The same seed, threads and machine give the same losses.
@ComputeActor public final class Pretraining {
  private struct Progress: Codable {
    var step = 0
    var seconds = 0.0
    var waited = 0.0
    var epochLoss = 0.0
    var epochSteps = 0
    var lastLoss = 0.0
    var bestLoss: Double?
    var bestEpoch: Int?
    var health: EmbeddingHealth?
    var probe: LinearProbe.Figures?
    var findings: [String] = []
  }

  private let shards: ShardSet
  private let recipe: PretrainingRecipe
  /// Records left out: those of excluded folds, and others with the same samples.
  private let excluded: Excluded
  private let directory: RunDirectory
  private let training: [Int]
  private let validation: [Int]
  private let method: any SelfSupervision
  private let optimizer: Optimizer
  private let probe: LinearProbe?
  private let configuration: StreamConfiguration
  private let stepsPerEpoch: Int
  private var progress = Progress()
  private var best: [NamedValues] = []
  /// Of the last step.
  private var embeddings: Tensor?

  /// Opens or makes the run.
  ///
  /// - Throws: `ECGError` for a recipe that makes no sense, or a directory of another recipe.
  public init(_ shards: ShardSet, _ recipe: PretrainingRecipe, output: String, restart: Bool = false) throws {
    try recipe.check()
    self.shards = shards
    self.recipe = recipe
    let (pool, excluded) = try Pretraining.pool(of: shards, recipe)
    self.excluded = excluded
    guard !pool.isEmpty else {
      throw ECGError(
        .invalidArgument, "no records are left after excluding folds, sources and flags",
        file: shards.directory)
    }
    let held = pool.filter { Pretraining.isHeldOut($0, of: shards, recipe) }
    validation = held.count < pool.count ? held : []
    let kept = Set(validation)
    training = pool.filter { !kept.contains($0) }
    var configuration = StreamConfiguration(batch: recipe.batch, crop: recipe.crop, seed: recipe.seed)
    configuration.normalization = recipe.normalization
    configuration.augmentations = recipe.augmentations
    configuration.views = recipe.views
    configuration.areViewsAtOnePlace = recipe.samePlace
    configuration.weights = recipe.pool.weights
    // Completion is judged where something was measured.
    if recipe.method == .masked { configuration.missing = .masked }
    self.configuration = configuration
    let rate = try shards.commonRate(of: pool)
    guard recipe.rate == 0 || recipe.rate == rate else {
      throw ECGError(
        .invalidArgument, "has \(rate) Hz, and the recipe is for \(recipe.rate)", file: shards.directory,
        advice: "convert with --rate \(recipe.rate), or change the recipe's rate and lengths")
    }
    let frames: Int
    (frames, stepsPerEpoch) = try BatchStream.outline(shards, configuration, records: training)
    method = try recipe.selfSupervision(frames: frames)
    optimizer = try Optimizer(method.network, recipe.optimizer)
    probe = recipe.probe.task.isEmpty ? nil : try LinearProbe(shards, recipe, frames: frames, rate: rate)
    // Runs of recipes without this key are of views with places of their own.
    var defaults = PretrainingRecipe()
    defaults.samePlace = false
    // Last, so that a run that cannot begin leaves nothing behind.
    directory = try RunDirectory(
      output, recipe: recipe, defaults: defaults, shards: [shards], free: ["budget.seconds"],
      restart: restart)
  }

  /// Records left out.
  private struct Excluded {
    /// Those of excluded folds.
    var byFold: Int
    /// Others with the same samples as one of an excluded fold or source.
    var copies: Int
    /// Those that the recipe's pool leaves out.
    var byPool: Int
  }

  /// The recipe's records: not those of excluded folds and sources, nor copies of these, which may stand under another name
  /// in no fold at all.
  private static func pool(
    of shards: ShardSet, _ recipe: PretrainingRecipe
  ) throws -> (pool: [Int], excluded: Excluded) {
    let folds = recipe.excludeFolds.values
    var filter = RecordFilter()
    filter.sources = Set(recipe.pool.sources)
    try filter.exclude(flags: recipe.pool.without)
    let except = Set(recipe.pool.except)
    let all = shards.records(inFolds: nil)
    let chosen = try shards.records(filter).filter { !except.contains(shards.source($0)) }
    let left = chosen.filter { !folds.contains(shards.fold($0)) }
    func samples(_ record: Int) -> [Int] { [Int(shards.crc32(record)), shards.frameCount(record)] }
    let hidden = Set(
      all.filter { folds.contains(shards.fold($0)) || except.contains(shards.source($0)) }.map(samples))
    let pool = left.filter { !hidden.contains(samples($0)) }
    return (
      pool,
      Excluded(
        byFold: chosen.count - left.count, copies: left.count - pool.count,
        byPool: all.count - chosen.count)
    )
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
    if let result = try directory.finished(Result.self), !hasMore(after: result) { return result }
    let (saved, position) = try restore()
    let metrics = try MetricsFile(directory, after: position, seconds: progress.seconds)
    // What led to an error is told as well.
    defer { _ = try? metrics.save() }
    let stream = try BatchStream(
      shards, configuration, records: training, epochs: recipe.budget.epochs > 0 ? recipe.budget.epochs : nil,
      state: saved, reading: reading)
    let parameters = method.network.parameters.reduce(0) { $0 + $1.parameter.tensor.count }
    report(
      .began(
        records: training.count, validationRecords: validation.count, parameters: parameters,
        stepsPerEpoch: stream.stepsPerEpoch, step: progress.step, seconds: progress.seconds))
    try writePretrainedOn()
    let clock = Stopwatch(from: progress.seconds)
    let waitedBefore = progress.waited
    var savedAt = clock.seconds
    // An epoch whose end was interrupted.
    if progress.epochSteps > 0, stream.state.next == 0 {
      try endEpoch(stream.state.epoch - 1, stream, metrics, clock, interruption, report)
      savedAt = clock.seconds
    }
    while !isSpent(clock), !interruption.isRequested, let batch = try stream.next() {
      let outcome = try step(batch, stepsPerEpoch: stream.stepsPerEpoch)
      progress.seconds = clock.seconds
      progress.waited = waitedBefore + stream.statistics.waitedSeconds
      try metrics.append(line(epoch: batch.epoch, outcome.values))
      report(
        .step(
          step: progress.step, epoch: batch.epoch, loss: outcome.loss,
          waitShare: progress.waited / max(progress.seconds, 1e-9)))
      if stream.state.epoch > batch.epoch {
        try endEpoch(batch.epoch, stream, metrics, clock, interruption, report)
        savedAt = clock.seconds
      } else if clock.seconds - savedAt > recipe.checkpointMinutes * 60 {
        try save(stream, metrics)
        savedAt = clock.seconds
      }
    }
    if interruption.isRequested {
      try save(stream, metrics)
      try interruption.check(Interruption.resumes)
    }
    if progress.epochSteps > 0 {
      try endEpoch(stream.state.epoch, stream, metrics, clock, interruption, report)
    }
    progress.seconds = clock.seconds
    return try finish(stream, parameters: parameters)
  }

  /// Whether a run that ended for want of time has more of it now.
  private func hasMore(after result: Result) -> Bool {
    result.seconds < (recipe.budget.seconds > 0 ? recipe.budget.seconds : .infinity)
      && result.steps < recipe.horizon(stepsPerEpoch: stepsPerEpoch)
  }

  /// Where the run stands in its data, if it was begun.
  private func restore() throws -> (StreamState?, MetricsFile.Position?) {
    guard let state = try TrainingState<Progress>(directory) else { return (nil, nil) }
    try method.network.load(state.model)
    try method.load(memory: state.memory)
    try optimizer.load(state.optimizer)
    best = state.best
    progress = state.progress
    // So that the records of all steps can be counted.
    let counts = 0..<(1 << 46)
    guard counts.contains(progress.step), counts.contains(progress.epochSteps), progress.seconds >= 0 else {
      throw ECGError(.malformed, "the checkpoint's progress makes no sense", file: directory.path)
    }
    return (state.stream, state.metrics)
  }

  /// As many batches ahead as half a gigabyte holds.
  private var reading: StreamReading {
    var reading = StreamReading()
    let bytes = recipe.crop * 1000 * Double(Lead.count * 4 * recipe.batch * configuration.views)
    reading.lookAhead = max(1, min(reading.lookAhead, Int(min(0x1p29 / bytes, 1e6))))
    return reading
  }

  private func isSpent(_ clock: Stopwatch) -> Bool {
    let budget = recipe.budget
    return budget.steps > 0 && progress.step >= budget.steps
      || budget.seconds > 0 && clock.seconds >= budget.seconds
  }

  private func line(epoch: Int, _ values: [String: Double]) -> Metrics {
    Metrics(
      step: progress.step, epoch: epoch, seconds: progress.seconds, records: progress.step * recipe.batch,
      values: values)
  }

  private func step(_ batch: Batch, stepsPerEpoch: Int) throws -> (loss: Double, values: [String: Double]) {
    let place = MethodStep(
      number: progress.step, total: recipe.horizon(stepsPerEpoch: stepsPerEpoch), epoch: batch.epoch)
    optimizer.learningRate =
      recipe.optimizer.learningRate
      * recipe.schedule.factor(step: place.number, of: place.total, stepsPerEpoch: stepsPerEpoch)
    method.willStep(place)
    let input = batch.values
    var outcome: MethodLoss?
    let loss = try optimizer.step(
      place.number + 1, of: method.network, input: input, file: directory.path
    ) { tape in
      let result = try method.loss(
        of: MethodBatch(
          signals: Tensor(input, shape: [batch.views * batch.count, Lead.count, batch.frames]),
          measured: batch.mask, valid: batch.validFrames, views: batch.views,
          generator: SplitMix64("objective", recipe.seed, UInt64(place.number))), tape: tape)
      outcome = result
      return result.loss
    }
    try method.stepped(place)
    let value = outcome?.value ?? Double(loss)
    embeddings = outcome?.embeddings
    progress.step += 1
    progress.epochLoss += value
    progress.epochSteps += 1
    var values = ["loss": value, "learning_rate": Double(optimizer.learningRate)]
    values["accuracy"] = outcome?.accuracy
    return (value, values)
  }

  /// Mean loss over the validation records, of the same crops, views, masks and negatives each time; and embeddings of some.
  private func validate(_ interruption: Interruption) throws -> (loss: Double?, embeddings: Tensor?) {
    guard validation.count > (configuration.views == 1 ? 0 : 1) else { return (nil, nil) }
    var configuration = configuration
    configuration.batch = min(recipe.batch, validation.count)
    configuration.seed = SplitMix64("validation crops", recipe.seed).state
    configuration.tail = .masked
    // Each of them once, whatever the weights are.
    configuration.weights = [:]
    let stream = try BatchStream(shards, configuration, records: validation, epochs: 1, reading: reading)
    var (total, count) = (0.0, 0)
    var embeddings: Tensor?
    // A contrast needs two signals.
    while let batch = try stream.next(), batch.count > 1 || batch.views == 1 {
      try interruption.check(Interruption.resumes)
      let signals = try batch.signals()
      let result = try method.loss(
        of: MethodBatch(
          signals: signals, measured: batch.mask.map { batch.filled($0) }, valid: batch.validFrames,
          views: batch.views,
          generator: SplitMix64("validation objective", recipe.seed, UInt64(count))), tape: nil)
      total += result.value * Double(result.count)
      count += result.count
      guard embeddings == nil, batch.count > 1 else { continue }
      // What evaluation takes of an encoder that is not trained by embeddings.
      embeddings =
        try result.embeddings
        ?? method.encoder.features(signals, lengths: batch.validFrames.map { max(1, $0) }, tape: nil)
    }
    return (count > 0 ? total / Double(count) : nil, embeddings)
  }

  /// Judges what an epoch has led to, and begins the next; where it is interrupted, it is done anew when the run goes on.
  private func endEpoch(
    _ epoch: Int, _ stream: BatchStream, _ metrics: MetricsFile, _ clock: Stopwatch,
    _ interruption: Interruption, _ report: (Event) -> Void
  ) throws {
    let loss = progress.epochLoss / Double(max(1, progress.epochSteps))
    let validated: Double?
    var figures: LinearProbe.Figures?
    do {
      let (validationLoss, embeddings) = try validate(interruption)
      validated = validationLoss
      // Kept for a run that is interrupted by now: it has no embeddings of a step when it goes on.
      if let embeddings = embeddings ?? self.embeddings {
        let health = try EmbeddingHealth(views: configuration.views, of: embeddings)
        progress.health = health.isFinite ? health : nil
        if !health.isFinite { tell("the embeddings are no longer numbers", report) }
      }
      if let probe, isProbed(epoch, clock) { figures = try probe(method.encoder, interruption) }
    } catch let error as ECGError where error.code == .interrupted {
      progress.seconds = clock.seconds
      try save(stream, metrics)
      throw error
    }
    let held = validated.flatMap { $0.isFinite ? $0 : nil }
    if held == nil, validated != nil { tell("the validation loss is no longer a number", report) }
    if let held, held < progress.bestLoss ?? .infinity {
      progress.bestLoss = held
      progress.bestEpoch = epoch + 1
      best = try method.encoder.state()
      try writeEncoder(best, rate: stream.rate, ["epoch": "\(epoch + 1)"], as: RunDirectory.best)
    }
    let health = progress.health
    // Features that no embedding is made of may lie in one direction and still tell apart.
    if configuration.views > 1, let finding = health?.finding { tell(finding, report) }
    progress.lastLoss = loss
    progress.epochLoss = 0
    progress.epochSteps = 0
    progress.seconds = clock.seconds
    var values = health?.values ?? [:]
    if let figures {
      progress.probe = figures
      values["probe_macro_auc"] = figures.macroAUC
      values["probe_accuracy"] = figures.accuracy
    }
    values["epoch_loss"] = loss
    values["validation_loss"] = held
    try metrics.append(line(epoch: epoch, values))
    try save(stream, metrics)
    report(
      .epoch(
        epoch: epoch, loss: loss, validationLoss: held, health: health, probe: figures?.macroAUC))
  }

  /// Every so many epochs, and when the budget is spent.
  private func isProbed(_ epoch: Int, _ clock: Stopwatch) -> Bool {
    (epoch + 1) % recipe.probe.every == 0 || epoch + 1 == recipe.budget.epochs || isSpent(clock)
  }

  /// Tells what is wrong, once.
  private func tell(_ finding: String, _ report: (Event) -> Void) {
    guard !progress.findings.contains(finding) else { return }
    progress.findings.append(finding)
    report(.finding(finding))
  }

  private func save(_ stream: BatchStream, _ metrics: MetricsFile) throws {
    try TrainingState(
      model: method.network.state(), memory: method.memory(), optimizer: optimizer.state(), best: best,
      stream: stream.state, metrics: metrics.save(), progress: progress
    ).write(to: directory)
  }

  private func finish(_ stream: BatchStream, parameters: Int) throws -> Result {
    let values = best.isEmpty || recipe.keep == .last ? try method.encoder.state() : best
    try writeEncoder(values, rate: stream.rate, ["method": recipe.method.rawValue], as: RunDirectory.encoder)
    let result = Result(
      method: recipe.method.rawValue, steps: progress.step, seconds: progress.seconds,
      recordsPerSecond: Double(progress.step * recipe.batch) / max(progress.seconds, 1e-9),
      waitShare: progress.waited / max(progress.seconds, 1e-9), loss: progress.lastLoss,
      validationLoss: Nullable(progress.bestLoss), bestEpoch: Nullable(progress.bestEpoch),
      records: training.count, validationRecords: validation.count,
      excludedFolds: recipe.excludeFolds.description, excludedRecords: excluded.byFold,
      excludedCopies: excluded.copies, excludedByPool: excluded.byPool,
      paddedRecords: training.count { shards.frameCount($0) < stream.frames }, rate: stream.rate,
      parameters: parameters, health: Nullable(progress.health),
      probeMacroAUC: Nullable(progress.probe?.macroAUC),
      findings: progress.findings)
    try TextFile.write(TextFile.json(result) + "\n", to: directory.file(RunDirectory.result))
    return result
  }

  /// With what it is, and how signals are brought before it.
  private func writeEncoder(
    _ values: [NamedValues], rate: Double, _ facts: [String: String], as name: String
  ) throws {
    let metadata = try [
      "rate_hz": "\(rate)", EncoderFile.normalization: recipe.normalization.rawValue,
      EncoderFile.statistics: TextFile.json(shards.manifest.statistics),
    ].merging(facts) { $1 }.merging(method.encoder.described()) { $1 }
    try Checkpoint.write(values, metadata: metadata, to: directory.file(name))
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

extension Batch {
  /// The crops of the rows that are a record's, [V · count, 12, T].
  @ComputeActor fileprivate func signals() throws -> Tensor {
    try withValues { try Tensor(filled($0), shape: [views * count, Lead.count, frames]) }
  }

  /// What all rows have, of the rows that are a record's.
  fileprivate func filled<Rows: RandomAccessCollection<Element>, Element>(_ all: Rows) -> [Element]
  where Rows.Index == Int {
    let size = Lead.count * frames
    let rows = all.count / (views * size)
    return (0..<views).flatMap { all[$0 * rows * size..<($0 * rows + count) * size] }
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
