internal import ECGData

/// What a self-supervised method trains, and its loss.
///
/// The trainer calls ``loss(of:tape:)``, goes back from it, changes ``network`` and then calls ``stepped(_:)``.
@ComputeActor protocol SelfSupervision: AnyObject {
  /// Everything that the optimiser changes, the encoder included.
  var network: any Module { get }
  /// What the run is for.
  var encoder: any SignalEncoder { get }
  /// Crops of each record.
  var views: Int { get }
  /// The loss of a batch; the same if it is called again.
  ///
  /// - Throws: `ECGError` for a batch that makes none.
  func loss(of batch: MethodBatch, tape: Tape?) throws -> MethodLoss
  /// Prepares for a step.
  func willStep(_ step: MethodStep)
  /// What follows the optimiser's step, on the same batch.
  func stepped(_ step: MethodStep) throws
  /// What is neither trained nor computed from what is: averages, queues.
  func memory() throws -> [NamedValues]
  /// Goes on with a stored ``memory()``.
  func load(memory: [NamedValues]) throws
}

extension SelfSupervision {
  var views: Int { 1 }
  func willStep(_ step: MethodStep) {}
  func stepped(_ step: MethodStep) throws {}
  func memory() throws -> [NamedValues] { [] }
  func load(memory: [NamedValues]) throws {
    if let surplus = memory.first {
      throw ECGError(.mismatch, "\(surplus.name) is stored, but this method has no such state")
    }
  }
}

/// Where a training is.
struct MethodStep {
  /// The step, from 0.
  var number: Int
  /// How many there are until the schedule ends.
  var total: Int
  /// The epoch, from 0.
  var epoch: Int
}

/// Crops with what a method may want to know of them.
struct MethodBatch {
  /// [V · B, 12, T], a view after the other.
  var signals: Tensor
  /// Row-major over the signals, 1 where something was measured; `nil` where that is not asked.
  var measured: [UInt8]?
  /// Frames of each crop that are the record's; [V · B].
  var valid: [Int]
  /// V.
  var views: Int
  /// Draws negatives, masks and dropout.
  var generator: SplitMix64

  /// B.
  var count: Int { valid.count / views }
}

/// A loss with what is told of it.
struct MethodLoss {
  /// A scalar to go back from.
  var loss: Tensor
  /// The loss for reading.
  var value: Double
  /// What the value is the mean over.
  var count: Int
  /// Share of right choices, where there are choices.
  var accuracy: Double?
  /// [V · B, D], by which a collapse is seen; `nil` where the method has none.
  var embeddings: Tensor?
}

/// Modules side by side under names, which are joined to theirs by a dot.
@ComputeActor final class ModuleGroup: Module {
  let children: [(name: String, module: any Module)]

  init(_ children: [(name: String, module: any Module)]) { self.children = children }
}

extension PretrainingRecipe {
  /// The method with fresh weights.
  ///
  /// - Throws: `ECGError` for sizes that make no network.
  @ComputeActor func selfSupervision(frames: Int) throws -> any SelfSupervision {
    var generator = SplitMix64("parameters", seed)
    let encoder = try encoder.network(frames: frames, generator: &generator)
    switch method {
    case .cpc:
      guard let network = encoder as? CPCNetwork else { break }
      let tokens = (frames - 1) / network.stride + 1
      guard objective.stepsAhead < tokens else {
        throw ECGError(
          .invalidArgument,
          "recipe: objective.steps_ahead is \(objective.stepsAhead), but a crop has \(tokens) tokens",
          advice: "choose a longer crop, or predict fewer steps ahead")
      }
      return try PredictiveCoding(network, self, &generator)
    case .simclr: return try ViewContrast(encoder, self, &generator)
    case .byol: return try TargetPrediction(encoder, self, frames: frames, &generator)
    case .swav: return try PrototypeSwap(encoder, self, &generator)
    case .masked:
      guard let network = encoder as? UResNet else { break }
      return try BlockCompletion(network, self)
    }
    throw ECGError(
      .invalidArgument, "\(method.rawValue) does not train \(self.encoder.architecture.rawValue)")
  }
}
