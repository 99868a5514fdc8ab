internal import ECGData

/// The contrastive loss of SimCLR: normalised temperature-scaled cross-entropy.
///
/// After Chen et al. (2020), equation 1: of 2 N embeddings z, two views of each of N signals, each is to pick the other view
/// of its signal among the 2 N − 1 others. A logit is the cosine of two embeddings divided by the temperature; the loss is
/// the mean cross-entropy over all 2 N.
///
/// - Complexity: O(N² · D) operations and O(N²) numbers of memory.
public struct NTXent: Codable, Sendable, Equatable {
  /// The temperature.
  public var temperature: Float

  /// The paper's temperature, unless told otherwise.
  public init(temperature: Float = 0.5) { self.temperature = temperature }

  /// The loss of embeddings [2 N, D], the second views of all signals behind the first; a scalar of shape [1].
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for an odd number of embeddings or less than four.
  @ComputeActor public func callAsFunction(_ embeddings: Tensor, tape: Tape? = nil) throws -> Tensor {
    let rows = embeddings.shape[0]
    guard embeddings.shape.count == 2, rows % 2 == 0, rows >= 4 else {
      throw ECGError(
        .invalidArgument, "embeddings of shape \(embeddings.shape) are not two views of at least two signals")
    }
    let unit = try embeddings.normalizedRows(tape: tape)
    // The diagonal is no candidate: its exponential vanishes.
    var mask = [Float](repeating: 0, count: rows * rows)
    for row in 0..<rows { mask[row * rows + row] = -1e9 }
    let logits = try unit.linear(weight: unit, tape: tape).scaled(by: 1 / temperature, tape: tape)
      .adding(Tensor(mask, shape: [rows, rows]), tape: tape)
    let others = (0..<rows).map { ($0 + rows / 2) % rows }
    return try logits.crossEntropy(classes: others, tape: tape)
  }
}
