public import ECGData

/// What is left of an evaluation's macro AUC when its test records get noise; `robustness.json` of its run.
///
///     let noises = (1...6).map { RecordNoise.Kind.physiological(level: $0) }
///     let curve = try await ComputeActor.run { try Robustness.measure(noises, run: "runs/linear", shards) }
///
/// Nothing is trained: the classifier has never seen noise unless its recipe added some. Mehari and Strodthoff (2022,
/// section 3.4) do so with their six levels.
public struct Robustness: Codable, Sendable {
  /// A noise and what it leaves.
  public struct Point: Codable, Sendable {
    /// `physiological`, `p1`, or the name of a recording of noise.
    public var noise: String
    /// 1 to 6; nil of a recording.
    public var level: Nullable<Int>
    /// Signal-to-noise ratio in decibels of a recording; nil of a level.
    public var decibels: Nullable<Double>
    /// Macro AUC on the test records.
    public var macroAUC: Double
    /// Its 95 % interval by bootstrap over records, with the run's resamples.
    public var ci95: [Double]
    /// SHA-256 of a recording's samples.
    public var sha256: Nullable<String>
    /// The ``Release`` that measured it.
    public var version: Nullable<String>

    private enum CodingKeys: String, CodingKey {
      case noise, level, ci95, sha256, version
      case decibels = "snr_db"
      case macroAUC = "macro_auc"
    }

    fileprivate func isOf(_ noise: RecordNoise) -> Bool {
      sha256.value == noise.recordingSHA256 && level.value == noise.kind.level
        && decibels.value == noise.kind.decibels
        && (noise.recordingSHA256 != nil || self.noise == noise.kind.name)
    }
  }

  /// Macro AUC without noise.
  public var clean: Double
  /// Test records.
  public var records: Int
  /// In the order in which they were asked for.
  public var points: [Point]

  /// Refuses noises that the test records cannot have, before the training that they are asked for with.
  ///
  /// - Throws: `ECGError` as ``measure(_:run:_:interruption:report:)`` for a noise that cannot be made.
  public static func check(_ kinds: [RecordNoise.Kind], of recipe: EvaluationRecipe, _ shards: ShardSet)
    throws
  {
    guard !kinds.isEmpty else { return }
    let part = try LabelledSplit.Part(shards, recipe.testFolds, "test", LabelTask.named(recipe.task))
    for kind in kinds {
      _ = try RecordNoise(kind, of: shards, records: part.records, seed: recipe.seed)
    }
  }

  /// Measures points that the run does not have yet.
  ///
  /// - Parameters:
  ///   - kinds: The noises; each is drawn by the run's seed.
  ///   - run: The folder of a finished evaluation, whose file gets the points one by one.
  ///   - shards: Where its test records are.
  ///   - interruption: Asks for an end; points that are measured stay.
  ///   - report: Called with each point that was asked for, measured now or before.
  /// - Returns: all points of the run.
  /// - Throws: `ECGError` for an unfinished run, other shards, a noise that cannot be made, or when interrupted.
  @ComputeActor @discardableResult public static func measure(
    _ kinds: [RecordNoise.Kind], run: String, _ shards: ShardSet,
    interruption: Interruption = Interruption(), report: (Point) -> Void = { _ in }
  ) throws -> Robustness {
    let recipePath = run + "/" + RunDirectory.recipe
    let recipe = try YAML.decode(TextFile.read(recipePath), over: EvaluationRecipe(), file: recipePath)
    let predictor = try Predictor(run: run, precision: recipe.precision)
    let resultPath = run + "/" + RunDirectory.result
    let result = try TextFile.decode(Evaluation.Result.self, TextFile.read(resultPath), file: resultPath)
    // The last of the two that there may be is that of the shards tested on.
    let fingerprint = try TextFile.read(recipePath).split(separator: "\n").last { $0.hasPrefix("# shards ") }
    guard fingerprint?.hasSuffix(" " + shards.manifest.fingerprint) == true else {
      throw ECGError(
        .mismatch, "was not tested on the records of \(shards.directory)", file: run,
        advice: "name the shards that it was tested on")
    }
    let part = try LabelledSplit.Part(shards, recipe.testFolds, "test", LabelTask.named(recipe.task))
    let path = run + "/" + RunDirectory.robustness
    var curve =
      TextFile.exists(path)
      ? try TextFile.decode(Robustness.self, TextFile.read(path), file: path)
      : Robustness(clean: result.macroAUC, records: part.records.count, points: [])
    let advice = "noises that were measured stay"
    let bootstrap = try Bootstrap(
      records: part.records.count, resamples: recipe.bootstrap, seed: recipe.seed)
    for kind in kinds {
      let noise = try RecordNoise(kind, of: shards, records: part.records, seed: recipe.seed)
      if let point = curve.points.first(where: { $0.isOf(noise) }) {
        report(point)
        continue
      }
      let scores = try predictor.scores(
        of: shards, records: part.records, noise: noise, interruption: interruption, advice: advice)
      let scored = try ScoredRecords(classes: predictor.classes, scores: scores, targets: part.targets)
      guard let auc = scored.areas.mean else {
        throw ECGError(.unsupported, "no class of \(recipe.task) has both outcomes", file: run)
      }
      let area = scored.resampledArea()
      let interval = try bootstrap.interval {
        try interruption.check(advice)
        return area($0)
      }
      let point = Point(
        noise: kind.name, level: Nullable(kind.level), decibels: Nullable(kind.decibels), macroAUC: auc,
        ci95: interval.map { [$0.low, $0.high] } ?? [], sha256: Nullable(noise.recordingSHA256),
        version: Nullable(Release.version))
      curve.points.append(point)
      try TextFile.write(TextFile.json(curve) + "\n", to: path)
      report(point)
    }
    return curve
  }
}

extension RecordNoise.Kind {
  fileprivate var name: String {
    switch self {
    case .physiological: "physiological"
    case .p1: "p1"
    case .recorded(let path, _):
      String((path.split(separator: "/").last ?? "").prefix { $0 != "." })
    }
  }

  fileprivate var decibels: Double? {
    if case .recorded(_, let decibels) = self { decibels } else { nil }
  }
}
