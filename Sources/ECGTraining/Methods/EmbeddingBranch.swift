internal import ECGData

/// An encoder with a projection head, applied to as many crops at once as the recipe says.
@ComputeActor final class EmbeddingBranch {
  let network: ModuleGroup
  private let encoder: any SignalEncoder
  private let head: Sequential
  private let type: ElementType
  private let part: Int

  init(_ encoder: any SignalEncoder, _ head: Sequential, _ recipe: PretrainingRecipe) throws {
    self.encoder = encoder
    self.head = head
    type = try recipe.precision.elementType
    part = recipe.microBatch
    network = ModuleGroup([(name: "encoder", module: encoder), (name: "head", module: head)])
  }

  /// Embeddings [N, D], Float32, of signals [N, leads, T] with their valid samples.
  ///
  /// - Parameters:
  ///   - signals: [N, leads, T].
  ///   - valid: [N].
  ///   - further: what follows the head, such as a predictor.
  ///   - tape: what records.
  ///   - takesGradient: whether a gradient is wanted.
  /// - Returns: [N, D].
  /// - Throws: `ECGError` if the shapes do not fit.
  func embeddings(
    of signals: Tensor, _ valid: [Int], then further: Sequential? = nil, tape: Tape?,
    takesGradient: Bool = true
  ) throws -> Tensor {
    try signals.inParts(of: part, tape: tape, takesGradient: takesGradient) {
      [encoder, head, type] part, first, tape in
      let lengths = Array(valid[first..<(first + part.shape[0])])
      let features = try encoder.features(part.converted(to: type), lengths: lengths, tape: tape)
      let embedding = try head(features, tape: tape)
      return try further?(embedding, tape: tape) ?? embedding
    }
  }
}
