internal import ECGData

/// Contrastive predictive coding: ``CPCNetwork`` with ``InfoNCE``, at one distance or at all up to it.
@ComputeActor final class PredictiveCoding: SelfSupervision {
  let network: any Module
  private let cpc: CPCNetwork
  /// Maps for the distances before the last, where all are predicted; the last one's is the network's own.
  private let predictors: [Linear]
  private let settings: PretrainingRecipe.Objective
  private let type: ElementType

  init(_ network: CPCNetwork, _ recipe: PretrainingRecipe, _ generator: inout SplitMix64) throws {
    cpc = network
    settings = recipe.objective
    type = try recipe.precision.elementType
    let (inputs, outputs) = (network.configuration.hidden, network.configuration.width)
    var predictors: [Linear] = []
    for _ in 1..<(settings.allSteps ? settings.stepsAhead : 1) {
      predictors.append(try Linear(inputs: inputs, outputs: outputs, bias: false, generator: &generator))
    }
    self.predictors = predictors
    self.network = ModuleGroup(
      network.children + predictors.enumerated().map { (name: "predictors.\($0)", module: $1) })
  }

  var encoder: any SignalEncoder { cpc }

  func loss(of batch: MethodBatch, tape: Tape?) throws -> MethodLoss {
    var generator = batch.generator
    let output = try cpc(batch.signals.converted(to: type), tape: tape)
    let tokens = output.tokens.shape[1]
    let lengths = batch.valid.map { min(tokens, max(1, ($0 + cpc.stride - 1) / cpc.stride)) }
    func result(_ stepsAhead: Int, _ predictions: Tensor) throws -> InfoNCE.Result {
      try InfoNCE(stepsAhead: stepsAhead, negatives: settings.negatives)(
        predictions: predictions, tokens: output.tokens, lengths: lengths, generator: &generator, tape: tape)
    }
    let last = try result(settings.stepsAhead, cpc.predictions(from: output.context, tape: tape))
    guard !predictors.isEmpty else {
      return MethodLoss(
        loss: last.loss, value: Double(last.meanLoss), count: last.positions, accuracy: Double(last.accuracy))
    }
    var loss = last.loss
    var value = Double(last.meanLoss)
    for (index, predictor) in predictors.enumerated() {
      let nearer = try result(index + 1, predictor(output.context, tape: tape))
      loss = try loss.adding(nearer.loss, tape: tape)
      value += Double(nearer.meanLoss)
    }
    let distances = predictors.count + 1
    return MethodLoss(
      loss: try loss.scaled(by: 1 / Float(distances), tape: tape), value: value / Double(distances),
      count: last.positions, accuracy: Double(last.accuracy))
  }
}
