internal import COneDNN
internal import ECGData

/// The contrastive loss of SimCLR: normalised temperature-scaled cross-entropy.
///
/// After Chen et al. (2020), equation 1: of 2 N embeddings z, two views of each of N signals, each is to pick the other view
/// of its signal among the 2 N − 1 others. A logit is the cosine of two embeddings divided by the temperature; the loss is
/// the mean cross-entropy over all 2 N.
///
/// - Complexity: O(N² · D) operations and one matrix of 4 N² numbers: 256 MiB for N = 4096.
public struct NTXent: Codable, Sendable, Equatable {
  /// What an embedding picks its other view from.
  public enum Candidates: String, Codable, Sendable, CaseIterable {
    /// All embeddings but itself.
    case others
    /// Those and a constant e^(1/T) − e, T being the temperature: widespread code sums the exponentials over all embeddings,
    /// then takes away e for the embedding itself, whose cosine of 1 has added e^(1/T). For comparison only.
    case original
  }

  /// The temperature.
  public var temperature: Float
  /// What an embedding picks its other view from.
  public var candidates: Candidates

  /// The paper's loss at its temperature, unless told otherwise.
  public init(temperature: Float = 0.5, candidates: Candidates = .others) {
    self.temperature = temperature
    self.candidates = candidates
  }

  /// The loss of embeddings [2 N, D], the second views of all signals behind the first; a scalar of shape [1].
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for an odd number of embeddings or less than four, for a
  ///   temperature that is not positive, and for one above 1 with the original's candidates, whose sum may be negative then.
  @ComputeActor public func callAsFunction(_ embeddings: Tensor, tape: Tape? = nil) throws -> Tensor {
    let rows = embeddings.shape[0]
    guard embeddings.shape.count == 2, rows % 2 == 0, rows >= 4 else {
      throw ECGError(
        .invalidArgument, "embeddings of shape \(embeddings.shape) are not two views of at least two signals")
    }
    guard temperature > 0, temperature <= (candidates == .original ? 1 : .greatestFiniteMagnitude) else {
      throw ECGError(
        .invalidArgument, "a temperature of \(temperature) for \(candidates) candidates",
        advice: "choose a positive one, up to 1 for those of the original")
    }
    let unit = try embeddings.normalizedRows(tape: tape)
    return try unit.loss(ofProductsWith: unit, tape: tape) { scores in
      var loss = 0.0
      try check(ein_pair_loss(scores, rows, temperature, candidates == .original ? 1 : 0, &loss))
      return loss
    }
  }
}
