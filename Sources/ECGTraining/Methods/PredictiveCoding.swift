internal import ECGData

/// Contrastive predictive coding: ``CPCNetwork`` with ``InfoNCE``.
@ComputeActor final class PredictiveCoding: SelfSupervision {
  private let cpc: CPCNetwork
  private let objective: InfoNCE
  private let type: ElementType

  init(_ network: CPCNetwork, _ recipe: PretrainingRecipe) throws {
    cpc = network
    objective = InfoNCE(
      stepsAhead: recipe.objective.stepsAhead, negatives: recipe.objective.negatives)
    type = try recipe.precision.elementType
  }

  var network: any Module { cpc }
  var encoder: any SignalEncoder { cpc }

  func loss(of batch: MethodBatch, tape: Tape?) throws -> MethodLoss {
    var generator = batch.generator
    let output = try cpc(batch.signals.converted(to: type), tape: tape)
    let tokens = output.tokens.shape[1]
    let result = try objective(
      predictions: cpc.predictions(from: output.context, tape: tape), tokens: output.tokens,
      lengths: batch.valid.map { min(tokens, max(1, ($0 + cpc.stride - 1) / cpc.stride)) },
      generator: &generator, tape: tape)
    return MethodLoss(
      loss: result.loss, value: Double(result.meanLoss), count: result.positions,
      accuracy: Double(result.accuracy))
  }
}
