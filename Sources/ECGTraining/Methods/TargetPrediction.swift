internal import ECGData

/// BYOL: an encoder with a head and a predictor, and the moving average of encoder and head that it predicts.
@ComputeActor final class TargetPrediction: SelfSupervision {
  let encoder: any SignalEncoder
  let network: any Module
  let views = 2
  private let online: EmbeddingBranch
  private let target: EmbeddingBranch
  private let predictor: Sequential?
  private let average: MovingAverage
  private let objective: BYOL

  init(
    _ encoder: any SignalEncoder, _ recipe: PretrainingRecipe, frames: Int, _ generator: inout SplitMix64
  ) throws {
    self.encoder = encoder
    func head(_ inputs: Int, _ generator: inout SplitMix64) throws -> Sequential {
      try recipe.head.network(inputs: inputs, generator: &generator)
    }
    online = try EmbeddingBranch(encoder, head(encoder.featureCount, &generator), recipe)
    predictor = recipe.objective.predictor ? try head(recipe.head.outputs, &generator) : nil
    let copy = try recipe.encoder.network(frames: frames, generator: &generator)
    target = try EmbeddingBranch(copy, head(encoder.featureCount, &generator), recipe)
    network = ModuleGroup(
      online.network.children + (predictor.map { [(name: "predictor", module: $0)] } ?? []))
    average = try MovingAverage(of: online.network, in: target.network)
    objective = BYOL(initialDecay: recipe.objective.decay)
  }

  func loss(of batch: MethodBatch, tape: Tape?) throws -> MethodLoss {
    // View by view, as each is normalised on its own; the target's batches too, on a tape that nobody goes back from.
    let source = try batch.signals.rowMajor()
    var predictions: [Tensor] = []
    var targets: [Tensor] = []
    for view in 0..<views {
      let signals = try source.rows(view * batch.count, batch.count)
      let valid = Array(batch.valid[view * batch.count..<(view + 1) * batch.count])
      predictions.append(try online.embeddings(of: signals, valid, then: predictor, tape: tape))
      targets.append(
        try target.embeddings(
          of: signals, valid, tape: tape.map { Tape(isRehearsal: $0.isRehearsal) }, takesGradient: false))
    }
    let embeddings = try Tensor.concatenated(predictions, axis: 0, tape: tape)
    let loss = try objective(
      predictions: embeddings, targets: Tensor.concatenated(targets, axis: 0), tape: tape)
    return MethodLoss(
      loss: loss, value: Double(try loss.scalar), count: batch.count, embeddings: embeddings.unrecorded())
  }

  func stepped(_ step: MethodStep) throws {
    try average.update(decay: objective.decay(step: step.number + 1, of: step.total))
  }

  func memory() throws -> [NamedValues] {
    try target.network.state().map {
      NamedValues(name: "target.\($0.name)", shape: $0.shape, values: $0.values)
    }
  }

  func load(memory: [NamedValues]) throws {
    try target.network.load(
      memory.map { entry in
        NamedValues(
          name: entry.name.hasPrefix("target.") ? String(entry.name.dropFirst(7)) : entry.name,
          shape: entry.shape, values: entry.values)
      })
  }
}
