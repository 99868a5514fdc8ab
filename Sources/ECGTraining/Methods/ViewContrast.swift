internal import ECGData

/// SimCLR: an encoder with a head, and ``NTXent`` between two views.
@ComputeActor final class ViewContrast: SelfSupervision {
  let encoder: any SignalEncoder
  let network: any Module
  let views = 2
  private let branch: EmbeddingBranch
  private let objective: NTXent

  init(_ encoder: any SignalEncoder, _ recipe: PretrainingRecipe, _ generator: inout SplitMix64) throws {
    self.encoder = encoder
    let head = try recipe.head.network(inputs: encoder.featureCount, generator: &generator)
    branch = try EmbeddingBranch(encoder, head, recipe)
    network = branch.network
    objective = NTXent(
      temperature: Float(recipe.objective.temperature),
      candidates: recipe.objective.originalNegatives ? .original : .others)
  }

  func loss(of batch: MethodBatch, tape: Tape?) throws -> MethodLoss {
    let embeddings = try branch.embeddings(of: batch.signals, batch.valid, tape: tape)
    let loss = try objective(embeddings, tape: tape)
    return MethodLoss(
      loss: loss, value: Double(try loss.scalar), count: batch.count, embeddings: embeddings.unrecorded())
  }
}
