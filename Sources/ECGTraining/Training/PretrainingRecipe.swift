public import ECGData

/// How an encoder is pretrained; `recipe.yaml` of a run.
///
/// As YAML, every key optional. There is a recipe of each method with its paper's figures (`cpc`, `simclr`, `byol`, `swav`
/// after Mehari and Strodthoff 2022, section 2.3; `masked` after Gedon et al. 2021), over which a file is read that names the
/// method, and smaller ones; see ``names``.
public struct PretrainingRecipe: Codable, Sendable, Equatable {
  /// A self-supervised method.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Contrastive predictive coding (van den Oord et al., 2018).
    case cpc
    /// Contrast of two views (Chen et al., 2020).
    case simclr
    /// Prediction of a moving average's view (Grill et al., 2020).
    case byol
    /// Views that predict each other's prototypes (Caron et al., 2020).
    case swav
    /// Completion of masked blocks (Gedon et al., 2021).
    case masked
  }

  /// The loss; a key that the method does not use has no effect.
  public struct Objective: Codable, Sendable, Equatable {
    /// Tokens from a prediction to what it predicts, for `cpc`.
    public var stepsAhead = 12
    /// Whether `cpc` predicts each of the tokens up to that, by a map of its own each, as its authors do; else only the last.
    public var allSteps = false
    /// Negatives a position, for `cpc`.
    public var negatives = 128
    /// The temperature of `simclr` and `swav`.
    public var temperature = 0.5
    /// Whether `simclr` has the candidates of the original code; see ``NTXent/Candidates/original``.
    public var originalNegatives = false
    /// The rate τ of `byol`'s target at the beginning.
    public var decay = 0.996
    /// Whether `byol` predicts; without, it collapses.
    public var predictor = true
    /// Prototypes of `swav`.
    public var prototypes = 3000
    /// ε of `swav`'s codes.
    public var epsilon = 0.05
    /// Rounds by which `swav` balances codes; without, it collapses.
    public var rounds = 3
    /// Views of a signal of `swav`.
    public var views = 6
    /// Views of `swav` that have codes.
    public var codeViews = 2
    /// Batches in the queue of `swav`; 0 is no queue.
    public var queue = 8
    /// The epoch, from 0, from which on `swav` fills its queue.
    public var queueEpoch = 15
    /// Epochs in which `swav` does not train its prototypes.
    public var frozenEpochs = 1
    /// Whether `swav` divides by one term too many, as the original code does.
    public var originalDivisor = false
    /// Samples of a block of `masked`.
    public var block = 64
    /// The share of blocks that `masked` zeroes.
    public var share = 0.25

    private enum CodingKeys: String, CodingKey {
      case negatives, temperature, decay, predictor, prototypes, epsilon, rounds, views, queue, block, share
      case stepsAhead = "steps_ahead"
      case allSteps = "all_steps"
      case originalNegatives = "original_negatives"
      case codeViews = "code_views"
      case queueEpoch = "queue_epoch"
      case frozenEpochs = "frozen_epochs"
      case originalDivisor = "original_divisor"
    }
  }

  /// Which records are trained on, beside those of folds that are excluded.
  public struct Pool: Codable, Sendable, Equatable {
    /// The adapters' names of the sources; empty is all.
    public var sources: [String] = []
    /// Sources that are left out, with all copies of their records; they need not be there.
    public var except: [String] = []
    /// Flags that keep a record out if it has them, or one of its leads, such as `missing_samples`.
    public var without: [String] = []
    /// How often an epoch has a source's records, by the source's name; 1 where there is none.
    public var weights: [String: Double] = [:]

    /// All records, each once.
    public init() {}

    private struct Source: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    /// Encodes weights in the order of their sources, so that the same pool is the same text.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(sources, forKey: .sources)
      try container.encode(except, forKey: .except)
      try container.encode(without, forKey: .without)
      var weighted = container.nestedContainer(keyedBy: Source.self, forKey: .weights)
      for (source, weight) in weights.sorted(by: { $0.key < $1.key }) {
        try weighted.encode(weight, forKey: Source(stringValue: source))
      }
    }

    private enum CodingKeys: String, CodingKey { case sources, except, without, weights }
  }

  /// A ``LinearProbe`` now and then.
  public struct Probe: Codable, Sendable, Equatable {
    /// The task whose labels it learns, such as `ptbxl.superclass`; empty is no probe.
    public var task = ""
    /// Epochs from one to the next.
    public var every = 5
    /// Folds that test it.
    ///
    /// All others but excluded ones train it. It has no effect on the encoder.
    public var folds = Folds([8])
  }

  /// When to end, whichever comes first; 0 is no limit.
  public struct Budget: Codable, Sendable, Equatable {
    /// Epochs.
    public var epochs = 1000
    /// Optimiser steps.
    public var steps = 0
    /// Seconds of training, over all sessions of the run; they do not change the schedule.
    public var seconds = 0.0
  }

  /// The method.
  public var method = Method.cpc
  /// The encoder.
  public var encoder = EncoderRecipe()
  /// The projection head of `simclr`, `byol` and `swav`.
  public var head = ProjectionHead.simCLR
  /// The loss.
  public var objective = Objective()
  /// What is done to each view, in order.
  public var augmentations: [Augmentation] = []
  /// Whether the views of a record are of one crop, as the papers have it; else each has a place of its own in the record.
  public var samePlace = true
  /// The optimiser.
  public var optimizer = OptimizerRecipe(.adamw, learningRate: 1e-4, weightDecay: 1e-3)
  /// How the learning rate changes.
  public var schedule = Schedule()
  /// The sampling rate in Hz that the lengths in frames are meant for; 0 is any.
  public var rate = 100.0
  /// How counts become numbers.
  public var normalization = Normalization.perLead
  /// The numbers in which the encoder computes.
  public var precision = Precision.float32
  /// Records a step.
  public var batch = 32
  /// Crops that are computed at once, for batches larger than the memory; 0 is all of them.
  ///
  /// For `simclr`, `byol` and `swav`: embeddings are computed part by part, then their gradients in a second pass (Gao et al.,
  /// 2021). Batch normalisation is over each part.
  public var microBatch = 0
  /// Length of a crop in seconds.
  public var crop = 10.0
  /// When to end.
  public var budget = Budget()
  /// The epoch whose encoder the run ends with.
  public enum Kept: String, Codable, Sendable, CaseIterable {
    /// That of the least validation loss.
    case best
    /// The last, for losses that cannot be compared from epoch to epoch, as their targets change.
    case last
  }

  /// The epoch whose encoder the run ends with.
  public var keep = Kept.best
  /// Folds that are never shown to the encoder: those by which evaluation chooses and tests.
  ///
  /// The papers leave none out.
  public var excludeFolds = Folds([9, 10])
  /// Which other records are left out, and how often the rest comes.
  public var pool = Pool()
  /// Whether labels tell now and then what the encoder is good for.
  public var probe = Probe()
  /// Share of the patients kept aside for the validation loss.
  public var validationShare = 0.05
  /// Minutes from one checkpoint to the next within an epoch.
  public var checkpointMinutes = 10.0
  /// Seed of parameters, order, crops, augmentations, masks and negatives.
  public var seed: UInt64 = 0

  private enum CodingKeys: String, CodingKey {
    case method, encoder, head, objective, augmentations
    case samePlace = "same_place"
    case optimizer, schedule, rate, normalization, precision, batch, keep
    case microBatch = "micro_batch"
    case crop, budget
    case excludeFolds = "exclude_folds"
    case pool, probe
    case validationShare = "validation_share"
    case checkpointMinutes = "checkpoint_minutes"
    case seed
  }

  /// The paper's recipe of contrastive predictive coding.
  public init() {}

  /// The recipes that are built in: `METHOD` with the paper's figures; `METHOD-small`, for thousands of records and a few
  /// minutes of two cores; `cpc-tiny`, to see that everything works; `cpc-30m`; and pools of the papers.
  public static var names: [String] { resources.map(\.name) }

  private static let resources: [(name: String, bytes: [UInt8])] = [
    ("byol", PackageResources.byol_yaml), ("byol-small", PackageResources.byol_small_yaml),
    ("cpc", PackageResources.cpc_yaml), ("cpc-30m", PackageResources.cpc_30m_yaml),
    ("cpc-all", PackageResources.cpc_all_yaml), ("cpc-small", PackageResources.cpc_small_yaml),
    ("cpc-tiny", PackageResources.cpc_tiny_yaml),
    ("cpc-without-ptbxl", PackageResources.cpc_without_ptbxl_yaml),
    ("masked", PackageResources.masked_yaml), ("masked-small", PackageResources.masked_small_yaml),
    ("simclr", PackageResources.simclr_yaml), ("simclr-small", PackageResources.simclr_small_yaml),
    ("swav", PackageResources.swav_yaml), ("swav-small", PackageResources.swav_small_yaml),
  ]

  /// A text over the paper's recipe of its method.
  private init(yaml text: String, method known: Method = .cpc, file: String) throws {
    var defaults = PretrainingRecipe()
    defaults.method = known
    let method = try YAML.decode(text, over: defaults, file: file).method
    guard file != method.rawValue, let paper = Self.resources.first(where: { $0.name == method.rawValue })
    else {
      self = try YAML.decode(text, over: PretrainingRecipe(), file: file)
      return
    }
    let base = try YAML.decode(
      String(decoding: paper.bytes, as: UTF8.self), over: PretrainingRecipe(), file: paper.name)
    self = try YAML.decode(text, over: base, file: file)
  }

  /// The recipe of a name, or of a YAML file over the paper's of its method.
  ///
  /// - Parameters:
  ///   - nameOrPath: one of ``names``; `paper` or what follows a method's name in one, such as `small`; or a path.
  ///   - method: the method, if it is known; a recipe of another is refused.
  /// - Throws: `ECGError` for a key or value that makes no sense.
  public init(_ nameOrPath: String, method: Method? = nil) throws {
    let names =
      [nameOrPath]
      + (method.map { [nameOrPath == "paper" ? $0.rawValue : "\($0.rawValue)-\(nameOrPath)"] } ?? [])
    if let known = names.lazy.compactMap({ name in Self.resources.first { $0.name == name } }).first {
      self = try PretrainingRecipe(yaml: String(decoding: known.bytes, as: UTF8.self), file: known.name)
    } else if TextFile.exists(nameOrPath) {
      self = try PretrainingRecipe(
        yaml: TextFile.read(nameOrPath), method: method ?? .cpc, file: nameOrPath)
    } else {
      let isOfAMethod = method == nil && Self.names.contains { $0.hasSuffix("-\(nameOrPath)") }
      throw ECGError(
        .notFound, "is neither a recipe\(method.map { " of \($0.rawValue)" } ?? "") nor a file",
        file: nameOrPath,
        advice: nameOrPath == "paper" || isOfAMethod
          ? "name the method too: \(Method.allCases.map(\.rawValue).joined(separator: ", "))"
          : "recipes are \(Self.names.joined(separator: ", "))")
    }
    guard method == nil || method == self.method else {
      throw ECGError(
        .invalidArgument, "recipe \(nameOrPath) is of the method \(self.method.rawValue)",
        advice: "name a recipe of \(method?.rawValue ?? "")")
    }
    try check()
  }

  /// Refuses values that make no training.
  ///
  /// - Throws: `ECGError.Code.invalidArgument` naming the key.
  public func check() throws {
    func require(_ condition: Bool, _ message: String) throws {
      guard condition else { throw ECGError(.invalidArgument, "recipe: \(message)") }
    }
    try encoder.check()
    try require(
      (encoder.architecture == .cpc || method != .cpc)
        && (encoder.architecture == .uresnet) == (method == .masked),
      "the method \(method.rawValue) does not train encoder.architecture \(encoder.architecture.rawValue)")
    try require(
      (1...65_536).contains(head.hidden) && (1...65_536).contains(head.outputs),
      "head.hidden and head.outputs are 1 to 65536")
    try objective.check(require)
    for augmentation in augmentations { try augmentation.check() }
    try optimizer.check(require)
    try schedule.check(require)
    var filter = RecordFilter()
    try filter.exclude(flags: pool.without)
    let known = Datasets.all.map { $0.name }
    for source in pool.except where !known.contains(source) {
      try require(false, "pool.except names \(source), but sources are \(known.joined(separator: ", "))")
    }
    for (source, weight) in pool.weights {
      try require(
        weight > 0 && weight <= 1e6, "pool.weights has \(weight) for \(source), not above 0 up to 1e6")
    }
    try require(
      method != .masked || !augmentations.contains(where: \.changesTime),
      "masked is judged sample by sample, and an augmentation moves them in time")
    try require(
      probe.task.isEmpty || (1...1_000_000).contains(probe.every), "probe.every is 1 to 1000000 epochs")
    if !probe.task.isEmpty { _ = try LabelTask.named(probe.task) }
    try require((1...65_536).contains(batch), "batch is 1 to 65536")
    try require((0...65_536).contains(microBatch), "micro_batch is 0 to 65536")
    try require(
      microBatch != 1 || !head.isNormalized || method == .cpc || method == .masked,
      "micro_batch is 2 or more with a head that normalises")
    try require(rate >= 0 && rate <= 1e6, "rate is 0 to 1000000")
    try require(crop > 0 && crop <= 3600, "crop is up to 3600 seconds")
    try require(
      (0...1_000_000_000).contains(budget.epochs) && budget.steps >= 0 && budget.seconds >= 0,
      "the budget is not negative")
    try require(budget.epochs > 0 || budget.steps > 0 || budget.seconds > 0, "the budget has no limit")
    try require(
      schedule.shape == .constant || budget.epochs > 0 || budget.steps > 0,
      "schedule.shape \(schedule.shape.rawValue) needs budget.epochs or budget.steps")
    try require(
      method != .byol || budget.epochs > 0 || budget.steps > 0,
      "byol needs budget.epochs or budget.steps, over which its target slows down")
    try require(validationShare >= 0 && validationShare < 1, "validation_share is 0 up to 1")
    try require(
      checkpointMinutes > 0 && checkpointMinutes <= 1e6, "checkpoint_minutes are positive")
  }

  /// Crops of each record.
  var views: Int {
    switch method {
    case .cpc, .masked: 1
    case .simclr, .byol: 2
    case .swav: objective.views
    }
  }

  /// The steps over which schedules run: those of the budget's epochs or steps, whatever its seconds are.
  func horizon(stepsPerEpoch: Int) -> Int {
    let (product, overflow) = budget.epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    let limits = [overflow ? Int.max : product, budget.steps].filter { $0 > 0 }
    return limits.min() ?? Int.max
  }
}

extension PretrainingRecipe.Objective {
  /// Refuses values that make no loss, through what the whole recipe refuses by.
  func check(_ require: (Bool, String) throws -> Void) rethrows {
    try require((1...10_000).contains(stepsAhead), "objective.steps_ahead is 1 to 10000")
    try require(!allSteps || stepsAhead <= 100, "objective.all_steps is for steps_ahead up to 100")
    try require((1...100_000).contains(negatives), "objective.negatives is 1 to 100000")
    try require(temperature > 0 && temperature <= 100, "objective.temperature is up to 100")
    try require(
      !originalNegatives || temperature <= 1, "objective.original_negatives needs a temperature up to 1")
    try require((0...1).contains(decay), "objective.decay is 0 to 1")
    try require((1...1_000_000).contains(prototypes), "objective.prototypes is 1 to 1000000")
    try require(epsilon >= 0.01 && epsilon <= 100, "objective.epsilon is 0.01 to 100")
    try require((0...1000).contains(rounds), "objective.rounds is 0 to 1000")
    try require(
      (2...64).contains(views) && (1...views).contains(codeViews),
      "objective.views is 2 to 64, and objective.code_views 1 up to that")
    try require((0...1000).contains(queue), "objective.queue is 0 to 1000")
    try require(queueEpoch >= 0 && frozenEpochs >= 0, "epochs are not negative")
    try require((1...65_536).contains(block), "objective.block is 1 to 65536")
    try require((0...1).contains(share), "objective.share is 0 to 1")
  }
}
