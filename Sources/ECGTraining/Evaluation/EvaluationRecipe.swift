public import ECGData

/// How an encoder is evaluated; `recipe.yaml` of a run.
///
/// The defaults are the paper's for ``CPCNetwork`` (Mehari and Strodthoff 2022, section 2.4): folds 1–8 train, 9 validation, 10
/// test; random crops of 2.5 s; AdamW 1e-3 with weight decay 1e-3, batch 128, 50 epochs; test windows of 2.5
/// s every 1.25 s.
public struct EvaluationRecipe: Codable, Sendable, Equatable {
  /// What is trained.
  public enum Procedure: String, Codable, Sendable, CaseIterable {
    /// A linear layer on the frozen encoder, batch normalisation's statistics frozen too.
    case linear
    /// First the head on the frozen encoder, then both together at smaller rates.
    case finetune
    /// Encoder and head together.
    case supervised
  }

  /// The second phase of fine-tuning, in which all is trained; see ``EvaluationRecipe/usePaperRates()`` for other networks than
  /// ``CPCNetwork``.
  public struct FineTuning: Codable, Sendable, Equatable {
    /// Its epochs.
    public var epochs = 20
    /// Its learning rate, which is the head's.
    public var learningRate = 1e-4
    /// The LSTM's, as a factor of that.
    public var context = 0.1
    /// The convolutions', as a factor of that.
    public var encoder = 0.01

    private enum CodingKeys: String, CodingKey {
      case epochs, context, encoder
      case learningRate = "learning_rate"
    }
  }

  /// The task, such as `ptbxl.all`.
  public var task = "ptbxl.all"
  /// What is trained.
  public var `protocol` = Procedure.linear
  /// A pretraining run, or `none` for random weights.
  public var encoder = "none"
  /// SHA-256 of the encoder's file; empty for `none`.
  public var encoderSHA256 = ""
  /// The network; that of the pretraining run, if there is one.
  public var network = EncoderRecipe()
  /// How counts become numbers; as in pretraining, if there was one, by the means and deviations that its encoder tells.
  public var normalization = Normalization.perLead
  /// The numbers in which the encoder computes.
  public var precision = Precision.float32
  /// Folds trained on.
  public var trainFolds = Folds(Set(1...8))
  /// Folds by which the best epoch is chosen; none: the last epoch.
  public var validationFolds = Folds([9])
  /// Folds tested on, once.
  public var testFolds = Folds([10])
  /// What is trained on the encoder's features.
  public var head = ClassifierHead.auto
  /// Epochs; of fine-tuning, those of the head alone.
  public var epochs = 50
  /// How fine-tuning goes on then.
  public var finetuning = FineTuning()
  /// Crops a step.
  public var batch = 128
  /// Length of crops and windows in seconds.
  public var crop = 2.5
  /// From one test window to the next, in seconds.
  public var stride = 1.25
  /// What becomes of the scores of a record's windows.
  public var aggregation = WindowAggregation.mean
  /// The optimiser.
  public var optimizer = OptimizerRecipe(.adamw, learningRate: 1e-3, weightDecay: 1e-3)
  /// The course of its learning rate, over all epochs; over those of each phase in fine-tuning.
  public var schedule = Schedule()
  /// Whether records may be tested that the encoder has seen in pretraining, as those of the papers have.
  public var allowsSeen = false
  /// Resamples for the interval.
  public var bootstrap = 10_000
  /// Seed of parameters, order, crops and resamples.
  public var seed: UInt64 = 0

  private enum CodingKeys: String, CodingKey {
    case task, `protocol`, encoder, network, normalization, precision, head, epochs, finetuning, batch, crop,
      stride, aggregation,
      optimizer, schedule, bootstrap
    case seed
    case encoderSHA256 = "encoder_sha256"
    case allowsSeen = "allow_seen"
    case trainFolds = "train_folds"
    case validationFolds = "validation_folds"
    case testFolds = "test_folds"
  }

  /// The paper's recipe with random weights.
  public init() {}

  /// The recipes that are built in.
  ///
  /// `cpsc2018-uresnet` is the fine-tuning of Gedon et al. (2021).
  public static let names = ["cpsc2018-uresnet"]

  /// The recipe of a name, or of a YAML file, over the defaults.
  ///
  /// - Throws: `ECGError` if it is neither, or for a key or value that makes no sense.
  public init(_ nameOrPath: String) throws {
    if nameOrPath == Self.names[0] {
      let text = String(decoding: PackageResources.cpsc2018_uresnet_yaml, as: UTF8.self)
      self = try YAML.decode(text, over: EvaluationRecipe(), file: nameOrPath)
    } else if TextFile.exists(nameOrPath) {
      self = try YAML.decode(TextFile.read(nameOrPath), over: EvaluationRecipe(), file: nameOrPath)
    } else {
      throw ECGError(
        .notFound, "is neither a recipe nor a file", file: nameOrPath,
        advice: "recipes are \(Self.names.joined(separator: ", "))")
    }
  }

  /// Takes over what a pretraining run says of its encoder.
  ///
  /// - Throws: `ECGError` if the run is not there or not finished, or if its recipe makes no sense.
  public mutating func use(encoder path: String) throws {
    let run = path.hasSuffix("/") && path.count > 1 ? String(path.dropLast()) : path
    let recipePath = run + "/" + RunDirectory.recipe
    guard TextFile.exists(recipePath), TextFile.exists(run + "/" + RunDirectory.encoder) else {
      throw ECGError(
        .notFound,
        "holds no finished pretraining: it lacks \(RunDirectory.recipe) or \(RunDirectory.encoder)",
        file: run,
        advice: "run pretrain to its end, or evaluate --encoder none")
    }
    let pretraining = try YAML.decode(TextFile.read(recipePath), over: PretrainingRecipe(), file: recipePath)
    do { try pretraining.check() } catch let error as ECGError { throw error.located(file: recipePath) }
    encoder = run
    encoderSHA256 = try TextFile.sha256(run + "/" + RunDirectory.encoder)
    use(network: pretraining)
  }

  /// Takes over the encoder's sizes and normalisation, and for one of a fixed length the length of crops.
  public mutating func use(network pretraining: PretrainingRecipe) {
    network = pretraining.encoder
    normalization = pretraining.normalization
    if network.architecture == .uresnet { (crop, stride) = (pretraining.crop, pretraining.crop / 2) }
  }

  /// Refuses values that make no evaluation.
  ///
  /// - Parameter isTestedApart: Whether test records are of other shards, whose folds may be called as those trained on.
  /// - Throws: `ECGError.Code.invalidArgument` naming the key.
  public func check(isTestedApart: Bool = false) throws {
    func require(_ condition: Bool, _ message: String) throws {
      guard condition else { throw ECGError(.invalidArgument, message) }
    }
    _ = try LabelTask.named(task)
    try network.check()
    try require((1...100_000).contains(epochs), "epochs are 1 to 100000")
    try require((1...100_000).contains(finetuning.epochs), "finetuning.epochs are 1 to 100000")
    try require(
      Float(finetuning.learningRate) > 0, "finetuning.learning_rate is positive")
    try require(
      [finetuning.learningRate, finetuning.context, finetuning.encoder].allSatisfy { (0...100).contains($0) },
      "finetuning.learning_rate, context and encoder are 0 to 100")
    try require((1...65_536).contains(batch), "batch is 1 to 65536")
    try require(
      crop > 0 && crop <= 3600 && stride > 0 && stride <= 3600, "crop and stride are up to 3600 seconds")
    try optimizer.check(require)
    try schedule.check(require)
    try require((0...1_000_000).contains(bootstrap), "bootstrap is up to 1000000")
    let sets = [trainFolds, validationFolds] + (isTestedApart ? [] : [testFolds])
    try require(!trainFolds.values.isEmpty && !testFolds.values.isEmpty, "training and test folds are needed")
    try require(
      sets.reduce(0) { $0 + $1.values.count } == Set(sets.flatMap(\.values)).count,
      "a fold is in two of \(isTestedApart ? "training and validation" : "training, validation and test")")
  }
}

extension EvaluationRecipe {
  /// Takes the rates of Mehari and Strodthoff (2022) for the network, where they have others than for ``CPCNetwork``.
  ///
  /// For xresnets AdamW with weight decay 0.1: 8e-3 · batch / 256 for a linear layer, and for the head of fine-tuning; then, and
  /// from random weights, 50 epochs at 0.01 for all of it.
  public mutating func usePaperRates() {
    guard network.architecture.depth != nil else { return }
    optimizer = OptimizerRecipe(
      .adamw, learningRate: self.protocol == .supervised ? 0.01 : 8e-3 * Float(batch) / 256,
      weightDecay: 0.1)
    finetuning.epochs = 50
    finetuning.learningRate = 0.01
    (finetuning.context, finetuning.encoder) = (1, 1)
  }

  /// Whether the head is ``ClassifierHead/mlp``.
  var isHeadDeep: Bool { head == .mlp || head == .auto && self.protocol == .finetune }

  /// Epochs of all phases.
  var allEpochs: Int { epochs + (self.protocol == .finetune ? finetuning.epochs : 0) }

  /// The phase that an epoch, counted from 0, belongs to: its first epoch, how many it has, and its highest learning rate.
  func phase(of epoch: Int) -> (start: Int, epochs: Int, learningRate: Float) {
    self.protocol == .finetune && epoch >= epochs
      ? (epochs, finetuning.epochs, Float(finetuning.learningRate))
      : (0, epochs, optimizer.learningRate)
  }

  /// Whether the encoder is left alone in an epoch, counted from 0.
  func isEncoderFrozen(in epoch: Int) -> Bool {
    switch self.protocol {
    case .linear: true
    case .finetune: epoch < epochs
    case .supervised: false
    }
  }
}
