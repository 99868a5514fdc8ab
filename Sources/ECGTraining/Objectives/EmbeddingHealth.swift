internal import COneDNN
internal import ECGData
internal import Foundation

/// Figures of embeddings, brought to length 1, by which a collapse shows while a network learns.
///
/// | embeddings | standard deviation | uniformity |
/// | --- | --- | --- |
/// | spread evenly over the sphere of a large D | 1 | −4 |
/// | all the same | 0 | 0 |
public struct EmbeddingHealth: Codable, Sendable, Equatable {
  /// √D times the standard deviation of a coordinate, averaged over the D coordinates: 1 where embeddings spread over all
  /// directions, 0 where they have collapsed to one (Chen and He, 2021, section 4.1).
  public var standardDeviation: Double
  /// log of the mean of e^(−2 ‖a − b‖²) over all pairs of different embeddings, from −8 to 0, the less the more uniform (Wang
  /// and Isola, 2020, section 4.1, t = 2).
  public var uniformity: Double
  /// The mean of ‖a − b‖² over the two views of a signal, from 0 to 4, the less the better aligned (the same, α = 2); `nil`
  /// without second views.
  public var alignment: Double?

  private enum CodingKeys: String, CodingKey {
    case uniformity, alignment
    case standardDeviation = "standard_deviation"
  }

  /// Figures of embeddings [N, D], and of those of second views of the same signals.
  ///
  /// What is not finite makes figures that are not.
  ///
  /// - Complexity: O(N² · D) operations and N² numbers of memory: 64 MiB for N = 4096.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for less than two embeddings, or if the shapes differ.
  @ComputeActor public init(_ embeddings: Tensor, secondViews: Tensor? = nil) throws {
    guard embeddings.shape.count == 2, embeddings.shape[0] > 1,
      secondViews == nil || secondViews?.shape == embeddings.shape
    else {
      throw ECGError(
        .invalidArgument,
        "embeddings of shape \(embeddings.shape)"
          + (secondViews.map { " and \($0.shape)" } ?? "") + " are not views of at least two signals")
    }
    let unit = try embeddings.unrecorded().normalizedRows()
    let (rows, width) = (unit.shape[0], unit.shape[1])
    let values = try unit.values
    var sum = 0.0
    for column in 0..<width {
      let coordinates = (0..<rows).map { Double(values[$0 * width + column]) }
      let mean = coordinates.reduce(0, +) / Double(rows)
      sum += (coordinates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(rows)).squareRoot()
    }
    standardDeviation = sum / Double(width).squareRoot()
    let scores = try unit.linear(weight: unit)
    var potential = 0.0
    try check(ein_mean_potential(scores.storage.floats, rows, 2, &potential))
    uniformity = log(potential)
    alignment = try secondViews.map {
      zip(values, try $0.unrecorded().normalizedRows().values).reduce(0) {
        let difference = Double($1.0) - Double($1.1)
        return $0 + difference * difference
      } / Double(rows)
    }
  }
}
