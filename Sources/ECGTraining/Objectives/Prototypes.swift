public import ECGData

/// The prototypes of ``SwAV``: K trainable vectors of length 1, parameter `weight` [K, D].
@ComputeActor public final class Prototypes: Module {
  /// The vectors, [K, D].
  public let weight: Parameter

  /// Draws the vectors uniformly from ±1 in each direction, then brings them to length 1; 3000 in the paper.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(_ count: Int = 3000, width: Int, generator: inout SplitMix64) throws {
    weight = try Parameter(uniform: 1, shape: [count, width], generator: &generator)
    try normalize()
  }

  /// The vectors, as PyTorch would name a linear layer's.
  public var ownParameters: [(name: String, parameter: Parameter)] { [(name: "weight", parameter: weight)] }

  /// Brings all vectors back to length 1, as after each step of the optimiser.
  public func normalize() throws { try weight.set(weight.tensor.normalizedRows().values) }
}
