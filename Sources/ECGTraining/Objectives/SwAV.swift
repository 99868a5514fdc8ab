internal import COneDNN
internal import ECGData

/// The loss of SwAV: views of a signal predict each other's assignment to prototypes.
///
/// After Caron et al. (2020), sections 3.1 and 3.2. Scores are the products of embeddings of length 1 with ``Prototypes``. The
/// first `codeViews` views have codes q: the optimal transport of the batch onto all prototypes alike, with entropy, by
/// rounds of Sinkhorn's and Knopp's balancing of e^(score/ε), prototypes first, signals last; kept soft, and without gradient.
/// Each view v predicts the codes of each code view a ≠ v:
///
///     loss = mean over signals, code views a and views v ≠ a of − Σ_k q_a(k) · log softmax(scores_v / temperature)(k)
///
/// Earlier embeddings of an ``EmbeddingQueue``, once that is full, are assigned along with the batch, so that small batches
/// have balanced codes as well (section 3.1 there).
///
/// A step of a trainer: `prototypes.setFrozen(epoch < 1)`, as the paper does not train them in the first epoch; the loss and
/// its gradients; the optimiser's step; ``Prototypes/normalize()``; and, from the epoch on that a queue starts,
/// ``EmbeddingQueue/push(_:of:)``, after the loss.
///
/// - Complexity: O((V · B + Q) · K · D) operations; (V + A) · B · K numbers of memory, and (B + Q) · K for the time of
///   assigning a view, for a batch B of V views, A of which have codes, a queue of Q, and K prototypes.
public struct SwAV: Codable, Sendable, Equatable {
  /// The temperature of the predictions.
  public var temperature: Float = 0.1
  /// The ε of the codes; the less, the harder they are.
  public var epsilon: Float = 0.05
  /// Rounds of balancing; 0 leaves a softmax of the scores, and with it the way to a collapse open.
  public var rounds = 3
  /// Views of a signal, V.
  public var views = 6
  /// Views that have codes, the first A.
  public var codeViews = 2
  /// Whether the sum over the V − 1 predictions of a code is divided by V, as an earlier implementation does; for
  /// comparison only.
  public var dividesByAllViews = false

  private enum CodingKeys: String, CodingKey {
    case temperature, epsilon, rounds, views
    case codeViews = "code_views"
    case dividesByAllViews = "divides_by_all_views"
  }

  /// Six equal views, two with codes, and the paper's other settings.
  public init() {}

  /// The loss of embeddings [V · B, D], view by view; a scalar of shape [1].
  ///
  /// - Parameters:
  ///   - embeddings: of any length.
  ///   - prototypes: K of them; they take their part of the gradient unless they are frozen.
  ///   - queue: Earlier embeddings of the code views; not used before it is full, and not changed.
  ///   - tape: What records it.
  /// - Returns: The loss; log K is chance.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if shapes do not fit or for settings that make no loss.
  @ComputeActor public func callAsFunction(
    _ embeddings: Tensor, prototypes: Prototypes, queue: EmbeddingQueue? = nil, tape: Tape? = nil
  ) throws -> Tensor {
    let unit = try embeddings.normalizedRows(tape: tape)
    return try loss(
      of: unit, predicting: codes(of: unit, prototypes: prototypes, queue: queue), prototypes: prototypes,
      tape: tape)
  }

  /// The loss of embeddings [V · B, D] of length 1 that predict codes [A, B, K].
  @ComputeActor func loss(
    of embeddings: Tensor, predicting codes: Tensor, prototypes: Prototypes, tape: Tape?
  ) throws -> Tensor {
    try embeddings.loss(ofProductsWith: prototypes.weight.tensor, tape: tape) { scores in
      var shape = ein_swap()
      shape.views = views
      shape.code_views = codeViews
      shape.batch = codes.shape[1]
      shape.prototypes = codes.shape[2]
      shape.temperature = temperature
      shape.weight = 1 / Float(codeViews * (dividesByAllViews ? views : views - 1) * shape.batch)
      shape.codes = UnsafePointer(codes.storage.floats)
      var loss = 0.0
      try check(ein_swapped_loss(&shape, scores, &loss))
      withExtendedLifetime(codes) {}
      return loss
    }
  }

  /// The codes of embeddings [V · B, D] of length 1: [A, B, K].
  @ComputeActor func codes(
    of embeddings: Tensor, prototypes: Prototypes, queue: EmbeddingQueue? = nil
  ) throws -> Tensor {
    let width = prototypes.weight.tensor.shape[1]
    guard temperature > 0, temperature.isFinite, epsilon >= 0.01, epsilon.isFinite,
      (0...1000).contains(rounds),
      views > 1, (1...views).contains(codeViews)
    else {
      throw ECGError(
        .invalidArgument,
        "temperature \(temperature), epsilon \(epsilon), \(rounds) rounds and \(codeViews) of \(views) views make no codes",
        advice:
          "choose a positive temperature, an epsilon from 0.01, and codes of 1 up to all of at least two views"
      )
    }
    guard embeddings.shape.count == 2, embeddings.shape[0] % views == 0, embeddings.shape[1] == width else {
      throw ECGError(
        .invalidArgument,
        "embeddings of shape \(embeddings.shape) are not \(views) views for prototypes of width \(width)")
    }
    guard queue == nil || queue?.width == width && queue?.views == codeViews else {
      throw ECGError(.invalidArgument, "the queue is not of \(codeViews) views of width \(width)")
    }
    let (batch, count) = (embeddings.shape[0] / views, prototypes.weight.tensor.shape[0])
    let plain = try embeddings.rowMajor()
    let codes = try Tensor(shape: [codeViews, batch, count])
    for view in 0..<codeViews {
      let earlier = queue.flatMap { $0.isFull ? $0 : nil }
      let rows = try Tensor(shape: [batch + (earlier?.capacity ?? 0), width])
      rows.storage.floats.update(from: plain.storage.floats + view * batch * width, count: batch * width)
      earlier?.copy(view: view, to: rows.storage.floats + batch * width)
      let scores = try rows.linear(weight: prototypes.weight.tensor)
      try check(
        ein_balanced_codes(
          scores.storage.floats, rows.shape[0], count, epsilon, Int32(rounds), batch,
          codes.storage.floats + view * batch * count))
      withExtendedLifetime((plain, scores)) {}
    }
    return codes
  }
}
