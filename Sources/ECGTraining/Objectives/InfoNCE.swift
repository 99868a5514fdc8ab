internal import COneDNN
public import ECGData

/// The contrastive loss of predictive coding, at one distance ahead.
///
/// After van den Oord et al. (2018), equation 4: a prediction p_t is to pick the token z_{t+k} among N tokens
/// of the same sequence. Its logit with a token is
/// their dot product; the negatives are drawn uniformly, with replacement, from the sequence's valid tokens
/// other than z_{t+k}. The loss is the cross-entropy, summed over the positions t with t + k inside the valid
/// length and averaged over the sequences of the batch. Sequences of at most k tokens contribute nothing.
///
/// All scores p_t · z_j of a sequence are computed, as one matrix product is faster than N gathered dot
/// products.
///
/// - Complexity: O(B · T² · W) operations, and B · (T − k) · T numbers of memory.
public struct InfoNCE: Codable, Sendable, Equatable {
  /// Tokens from a prediction to what it predicts, k; 12 tokens are 120 ms at 100 Hz.
  public var stepsAhead: Int
  /// Negatives a position, N.
  public var negatives: Int

  /// The paper's distance and number of negatives, unless told otherwise.
  public init(stepsAhead: Int = 12, negatives: Int = 128) {
    self.stepsAhead = stepsAhead
    self.negatives = negatives
  }

  /// A loss with its metrics.
  @ComputeActor public struct Result {
    /// Summed over positions, averaged over sequences; a scalar of shape [1] to go back from.
    public let loss: Tensor
    /// The mean over positions, to compare batches by; log(N + 1) is chance.
    public let meanLoss: Float
    /// The share of positions whose positive scores above all negatives.
    public let accuracy: Float
    /// Positions that counted.
    public let positions: Int
  }

  /// Compares predictions [B, T, W] with tokens [B, T, W].
  ///
  /// `lengths` are the valid tokens of every sequence, each in 1 … T; all if left out. The generator draws
  /// the negatives sequence by sequence, position by position.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if shapes or lengths do not fit, or if T ≤ k.
  @ComputeActor public func callAsFunction(
    predictions: Tensor, tokens: Tensor, lengths: [Int]? = nil, generator: inout SplitMix64, tape: Tape? = nil
  ) throws -> Result {
    let valid = try checkedLengths(lengths, predictions: predictions, tokens: tokens)
    let rows = tokens.shape[1] - stepsAhead
    let indices = try Storage(
      bytes: tokens.shape[0] * rows * negatives * MemoryLayout<Int32>.size)
    withContrast(tokens.shape, valid) { ein_contrast_draw($0, &generator.state, indices.indices) }
    return try compare(predictions: predictions, tokens: tokens, lengths: valid, indices: indices, tape: tape)
  }

  /// The same with given negatives, [B, T − k, N] indices of tokens.
  @ComputeActor func callAsFunction(
    predictions: Tensor, tokens: Tensor, lengths: [Int]? = nil, indices: [Int32], tape: Tape? = nil
  ) throws -> Result {
    let valid = try checkedLengths(lengths, predictions: predictions, tokens: tokens)
    let steps = tokens.shape[1]
    guard indices.count == tokens.shape[0] * (steps - stepsAhead) * negatives,
      indices.allSatisfy({ (0..<Int32(steps)).contains($0) })
    else {
      throw ECGError(
        .invalidArgument, "\(indices.count) negatives do not fit tokens of shape \(tokens.shape)")
    }
    let storage = try Storage(bytes: indices.count * MemoryLayout<Int32>.size)
    indices.withUnsafeBufferPointer {
      if let base = $0.baseAddress { storage.indices.update(from: base, count: $0.count) }
    }
    return try compare(predictions: predictions, tokens: tokens, lengths: valid, indices: storage, tape: tape)
  }

  @ComputeActor private func checkedLengths(
    _ lengths: [Int]?, predictions: Tensor, tokens: Tensor
  ) throws -> [Int32] {
    guard tokens.shape.count == 3, predictions.shape == tokens.shape else {
      throw ECGError(
        .invalidArgument, "predictions of shape \(predictions.shape) for tokens of shape \(tokens.shape)")
    }
    guard stepsAhead > 0, negatives > 0, tokens.shape[1] > stepsAhead else {
      throw ECGError(
        .invalidArgument,
        "\(negatives) negatives at \(stepsAhead) steps ahead make no loss of \(tokens.shape[1]) tokens")
    }
    return try Tensor.checkedLengths(lengths, batch: tokens.shape[0], steps: tokens.shape[1])
  }

  @ComputeActor private func compare(
    predictions: Tensor, tokens: Tensor, lengths: [Int32], indices: Storage, tape: Tape?
  ) throws -> Result {
    let (batch, steps, width) = (tokens.shape[0], tokens.shape[1], tokens.shape[2])
    let rows = steps - stepsAhead
    // p and z batch by batch, p without the last k positions.
    let type = try tokens.layout.type
    let p = try predictions.converted(to: type).dense()
    let z = try tokens.dense()
    let pRows = Tensor(
      shape: [batch, rows, width],
      layout: try Layout([batch, rows, width], strides: [steps * width, width, 1], type: type),
      storage: p.storage)
    let scores = try pRows.plainProduct(z.transposed())
    var outcome = ein_contrast_result()
    withContrast(tokens.shape, lengths) {
      ein_contrast_loss($0, scores.storage.floats, indices.indices, 1 / Float(batch), &outcome)
    }
    withExtendedLifetime(indices) {}
    // The scores have become the gradient with respect to them.
    let ofScores = scores
    let loss = try Tensor([Float(outcome.loss / Double(batch))], shape: [1])
    let recorded = loss.recorded(on: tape, from: [predictions, tokens]) {
      [slot = predictions.slot, tokenSlot = tokens.slot, stepsAhead] gradient in
      let factor = try gradient.scalar
      let ofScores = try (factor == 1 ? ofScores : ofScores.scaled(by: factor)).converted(to: type)
      if let slot {
        let ofPredictions = try p.like()
        for sequence in 0..<batch {
          let behind = (sequence * steps + rows) * width * type.size
          ein_clear(ofPredictions.storage.data + behind, stepsAhead * width * type.size)
        }
        try product(
          (ofScores.storage, ofScores.layout), (z.storage, z.layout), into: ofPredictions.storage,
          pRows.layout)
        try slot.add(ofPredictions)
      }
      if let tokenSlot {
        let ofTokens = try z.like()
        let transposed = try ofScores.transposed()
        try product(
          (transposed.storage, transposed.layout), (pRows.storage, pRows.layout), into: ofTokens.storage,
          ofTokens.layout)
        try tokenSlot.add(ofTokens)
      }
    }
    let positions = max(Int(outcome.positions), 1)
    return Result(
      loss: recorded, meanLoss: Float(outcome.loss / Double(positions)),
      accuracy: Float(outcome.correct) / Float(positions), positions: Int(outcome.positions))
  }

  private func withContrast(
    _ shape: [Int], _ lengths: [Int32], _ body: (UnsafePointer<ein_contrast>) -> Void
  ) {
    lengths.withUnsafeBufferPointer { lengths in
      var contrast = ein_contrast()
      contrast.batch = Int64(shape[0])
      contrast.rows = Int64(shape[1] - stepsAhead)
      contrast.tokens = Int64(shape[1])
      contrast.ahead = Int64(stepsAhead)
      contrast.negatives = Int64(negatives)
      contrast.lengths = lengths.baseAddress
      body(&contrast)
    }
  }
}
