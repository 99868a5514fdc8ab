internal import ECGData

/// SwAV: an encoder with a head, prototypes, and a queue of earlier embeddings.
@ComputeActor final class PrototypeSwap: SelfSupervision {
  let encoder: any SignalEncoder
  let network: any Module
  private let branch: EmbeddingBranch
  private let prototypes: Prototypes
  private let queue: EmbeddingQueue?
  private let objective: SwAV
  private let settings: PretrainingRecipe.Objective
  /// Of the last recorded loss, for the queue.
  private var latest: Tensor?

  init(_ encoder: any SignalEncoder, _ recipe: PretrainingRecipe, _ generator: inout SplitMix64) throws {
    self.encoder = encoder
    settings = recipe.objective
    let width = recipe.head.outputs
    branch = try EmbeddingBranch(
      encoder, recipe.head.network(inputs: encoder.featureCount, generator: &generator), recipe)
    prototypes = try Prototypes(settings.prototypes, width: width, generator: &generator)
    queue =
      settings.queue > 0
      ? try EmbeddingQueue(
        views: settings.codeViews, capacity: settings.queue * recipe.batch, width: width) : nil
    network = ModuleGroup(branch.network.children + [(name: "prototypes", module: prototypes)])
    var objective = SwAV()
    objective.temperature = Float(settings.temperature)
    objective.epsilon = Float(settings.epsilon)
    objective.rounds = settings.rounds
    objective.views = settings.views
    objective.codeViews = settings.codeViews
    objective.dividesByAllViews = settings.originalDivisor
    self.objective = objective
  }

  var views: Int { settings.views }

  func loss(of batch: MethodBatch, tape: Tape?) throws -> MethodLoss {
    let embeddings = try branch.embeddings(of: batch.signals, batch.valid, tape: tape)
    let loss = try objective(embeddings, prototypes: prototypes, queue: queue, tape: tape)
    if tape != nil { latest = embeddings.unrecorded() }
    return MethodLoss(
      loss: loss, value: Double(try loss.scalar), count: batch.count, embeddings: embeddings.unrecorded())
  }

  func willStep(_ step: MethodStep) { prototypes.setFrozen(step.epoch < settings.frozenEpochs) }

  func stepped(_ step: MethodStep) throws {
    try prototypes.normalize()
    if step.epoch >= settings.queueEpoch, let latest { try queue?.push(latest, of: views) }
    latest = nil
  }

  func memory() throws -> [NamedValues] { try queue?.state() ?? [] }

  func load(memory: [NamedValues]) throws { try queue?.load(memory) }
}
