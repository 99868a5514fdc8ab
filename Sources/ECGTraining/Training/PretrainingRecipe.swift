public import ECGData

/// How an encoder is pretrained; `recipe.yaml` of a run.
///
/// As YAML, every key optional. The defaults are the paper's (Mehari and Strodthoff 2022, section 2.3): 10 s
/// crops, batch 32, 1000 epochs, AdamW at a constant 1e-4 with weight decay 1e-3, per-lead normalisation, no
/// augmentation.
public struct PretrainingRecipe: Codable, Sendable, Equatable {
  /// A self-supervised method.
  public enum Method: String, Codable, Sendable, CaseIterable {
    /// Contrastive predictive coding.
    case cpc
  }

  /// Sizes of the encoder.
  public struct Encoder: Codable, Sendable, Equatable {
    /// Channels of a token.
    public var width = 512
    /// Units of an LSTM layer.
    public var hidden = 512
    /// LSTM layers.
    public var layers = 2

    /// Refuses sizes that make no network.
    ///
    /// - Throws: `ECGError.Code.invalidArgument` naming the key.
    public func check() throws {
      for (name, value, most) in [("width", width, 8192), ("hidden", hidden, 8192), ("layers", layers, 16)] {
        guard (1...most).contains(value) else {
          throw ECGError(.invalidArgument, "recipe: the encoder's \(name) is \(value), not 1 to \(most)")
        }
      }
    }
  }

  /// The contrastive loss.
  public struct Objective: Codable, Sendable, Equatable {
    /// Tokens from a prediction to what it predicts.
    public var stepsAhead = 12
    /// Negatives a position.
    public var negatives = 128

    private enum CodingKeys: String, CodingKey {
      case stepsAhead = "steps_ahead"
      case negatives
    }
  }

  /// When to end, whichever comes first; 0 is no limit.
  public struct Budget: Codable, Sendable, Equatable {
    /// Epochs.
    public var epochs = 1000
    /// Optimiser steps.
    public var steps = 0
    /// Seconds of training, over all sessions of the run.
    public var seconds = 0.0
  }

  /// The method.
  public var method = Method.cpc
  /// The encoder.
  public var encoder = Encoder()
  /// The loss.
  public var objective = Objective()
  /// The optimiser.
  public var optimizer = OptimizerRecipe(.adamw, learningRate: 1e-4, weightDecay: 1e-3)
  /// How counts become numbers.
  public var normalization = Normalization.perLead
  /// The numbers in which the encoder computes.
  public var precision = Precision.float32
  /// Crops a step.
  public var batch = 32
  /// Length of a crop in seconds.
  public var crop = 10.0
  /// When to end.
  public var budget = Budget()
  /// Folds that are never shown to the encoder.
  public var excludeFolds = Folds([])
  /// Share of the patients kept aside for the validation loss, by which the best epoch is chosen.
  public var validationShare = 0.05
  /// Seed of parameters, order, crops and negatives.
  public var seed: UInt64 = 0

  private enum CodingKeys: String, CodingKey {
    case method, encoder, objective, optimizer, normalization, precision, batch, crop, budget, seed
    case excludeFolds = "exclude_folds"
    case validationShare = "validation_share"
  }

  /// The paper's recipe.
  public init() {}

  /// Recipes by name: `paper`; `small`, for a data set of thousands of records and an hour of a few cores;
  /// `tiny`, to see that everything works.
  public static let named: [String: PretrainingRecipe] = {
    var small = PretrainingRecipe()
    small.encoder = Encoder(width: 256, hidden: 256, layers: 2)
    small.optimizer.learningRate = 5e-4
    small.crop = 2.5
    small.budget.epochs = 30
    var tiny = small
    tiny.encoder = Encoder(width: 64, hidden: 64, layers: 1)
    tiny.optimizer.learningRate = 1e-3
    tiny.batch = 16
    tiny.budget.epochs = 10
    return ["paper": PretrainingRecipe(), "small": small, "tiny": tiny]
  }()

  /// The recipe of a name, or of a YAML file over the paper's.
  ///
  /// - Throws: `ECGError` for a key or value that makes no sense.
  public init(_ nameOrPath: String) throws {
    if let known = PretrainingRecipe.named[nameOrPath] {
      self = known
    } else {
      self = try YAML.decode(TextFile.read(nameOrPath), over: PretrainingRecipe(), file: nameOrPath)
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
    try require((1...10_000).contains(objective.stepsAhead), "objective.steps_ahead is 1 to 10000")
    try require((1...100_000).contains(objective.negatives), "objective.negatives is 1 to 100000")
    try optimizer.check(require)
    try require((1...65_536).contains(batch), "batch is 1 to 65536")
    try require(crop > 0 && crop <= 3600, "crop is up to 3600 seconds")
    try require(budget.epochs >= 0 && budget.steps >= 0 && budget.seconds >= 0, "the budget is not negative")
    try require(budget.epochs > 0 || budget.steps > 0 || budget.seconds > 0, "the budget has no limit")
    try require(validationShare >= 0 && validationShare < 1, "validation_share is 0 up to 1")
  }
}
