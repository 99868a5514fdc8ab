internal import ECGData

/// Masked completion: ``UResNet`` with ``MaskedCompletion``.
@ComputeActor final class BlockCompletion: SelfSupervision {
  private let completing: UResNet
  private let objective: MaskedCompletion
  private let type: ElementType

  init(_ network: UResNet, _ recipe: PretrainingRecipe) throws {
    completing = network
    objective = MaskedCompletion(block: recipe.objective.block, share: recipe.objective.share)
    type = try recipe.precision.elementType
  }

  var network: any Module { completing }
  var encoder: any SignalEncoder { completing }

  func loss(of batch: MethodBatch, tape: Tape?) throws -> MethodLoss {
    var generator = batch.generator
    let signals = try completing.centred(batch.signals, lengths: batch.valid)
    let measured = try batch.measured.map {
      try completing.centred(Tensor($0.map { Float($0) }, shape: batch.signals.shape), lengths: batch.valid)
    }
    let masked = try objective.mask(
      signals, valid: completing.places(ofLengths: batch.valid), measured: measured, generator: &generator)
    completing.reseed(&generator)
    let completed = try completing(masked.signals.converted(to: type), tape: tape)
    let loss = try objective.loss(completed: completed, signals: signals, mask: masked.mask, tape: tape)
    return MethodLoss(loss: loss, value: Double(try loss.scalar), count: batch.count)
  }
}
