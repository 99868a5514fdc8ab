public import ECGData

/// A classifier that an evaluation has trained, for records that nobody has labelled.
///
///     let predictor = try Predictor(run: "runs/finetuned")
///     let scores = try predictor.scores(of: shards)          // [records, predictor.classes]
///
/// What it takes is in the run's `best.safetensors`: the network, how signals are normalised, their windows, and how the records
/// were converted that it was trained on.
@ComputeActor public final class Predictor {
  /// What a classifier's file tells of it, beside its encoder.
  struct Settings: Codable {
    var task: String
    var classes: [String]
    var head: ClassifierHead
    /// Seconds.
    var crop: Double
    /// Seconds.
    var stride: Double
    var aggregation: WindowAggregation
    /// Of the shards trained on.
    var conversion: Recipe

    static let key = "classifier"
  }

  /// The task.
  public var task: String { settings.task }
  /// C.
  public var classes: [String] { settings.classes }
  /// How records are to be converted for it.
  public let conversion: Recipe
  private let settings: Settings
  private let rate: Double
  private let frames: Int
  private let classifier: Classifier
  private let normalization: Normalization
  private let statistics: Manifest.Statistics

  /// Opens the classifier of an evaluation.
  ///
  /// - Parameters:
  ///   - run: The evaluation's folder.
  ///   - precision: The numbers in which the encoder computes.
  /// - Throws: `ECGError` naming the file: `notFound` for a run that is not finished, `malformed` or `mismatch` for one that is
  ///   not whole.
  public init(run: String, precision: Precision = .float32) throws {
    let path = run + "/" + RunDirectory.best
    guard TextFile.exists(path), TextFile.exists(run + "/" + RunDirectory.result) else {
      throw ECGError(
        .notFound, "holds no finished evaluation: it lacks \(RunDirectory.best) or \(RunDirectory.result)",
        file: run, advice: "run evaluate to its end")
    }
    let (values, metadata) = try Checkpoint.read(path)
    func text(_ key: String) throws -> String {
      guard let text = metadata[key] else {
        throw ECGError(
          .unsupported, "does not say its \(key)", file: path,
          advice: "evaluate again: earlier versions did not")
      }
      return text
    }
    settings = try TextFile.decode(Settings.self, text(Settings.key), file: path)
    statistics = try TextFile.decode(Manifest.Statistics.self, text(EncoderFile.statistics), file: path)
    try statistics.check(file: path)
    guard let rate = try Double(text("rate_hz")),
      let normalization = try Normalization(rawValue: text(EncoderFile.normalization)),
      !settings.classes.isEmpty, settings.classes.count <= 10_000
    else { throw ECGError(.malformed, "its settings make no classifier", file: path) }
    (self.rate, self.normalization, conversion) = (rate, normalization, settings.conversion)
    do {
      // As the crops it was trained on were checked.
      var configuration = StreamConfiguration(batch: 1, crop: settings.crop, seed: 0)
      configuration.stride = settings.stride
      frames = try configuration.check(records: 1, rate: rate)
      var generator = SplitMix64(state: 0)
      let encoder = try EncoderFile.network(metadata, file: path)
      classifier = try Classifier(
        encoder, classes: settings.classes.count, isDeep: settings.head == .mlp, precision: precision,
        generator: &generator)
      try classifier.load(values)
    } catch let error as ECGError {
      throw error.located(file: path)
    }
  }

  /// Scores of records, the mean or highest of their windows' sigmoids.
  ///
  /// - Parameters:
  ///   - shards: Where the records are.
  ///   - records: Their places; all if left out.
  ///   - noise: What is added to them.
  ///   - interruption: Asks for an end.
  ///   - advice: What is told then.
  ///   - progress: Called with the records that are done, after each part of them.
  /// - Returns: [records, classes], 0 to 1.
  /// - Throws: `ECGError` for records of another rate, corrupt samples, or when interrupted.
  public func scores(
    of shards: ShardSet, records: [Int]? = nil, noise: RecordNoise? = nil,
    interruption: Interruption = Interruption(),
    advice: String = "nothing is left", progress: (Int) -> Void = { _ in }
  ) throws -> [[Float]] {
    let records = records ?? Array(0..<shards.count)
    guard !records.isEmpty else { return [] }
    let found = try shards.commonRate(of: records)
    guard found == rate else {
      throw ECGError(
        .invalidArgument, "is at \(found) Hz, and the classifier was trained at \(rate)",
        file: shards.directory, advice: "convert with --rate \(rate)")
    }
    let scoring = WindowScoring(
      classifier,
      CropReader(shards, normalization: normalization, statistics: statistics, noise: noise),
      frames: frames, crop: settings.crop, stride: settings.stride, batch: 128, settings.aggregation,
      interruptionAdvice: advice)
    var scores: [[Float]] = []
    scores.reserveCapacity(records.count)
    for start in stride(from: 0, to: records.count, by: 256) {
      let part = Array(records[start..<min(start + 256, records.count)])
      scores += try scoring.scores(of: part, interruption)
      progress(scores.count)
    }
    return scores
  }
}
