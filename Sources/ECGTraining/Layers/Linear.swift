public import ECGData

/// A linear map of the last axis, [… , I] → [… , O]: PyTorch's `Linear`, parameters `weight` [O, I] and
/// `bias` [O].
@ComputeActor public final class Linear: Layer {
  /// The weight, [O, I].
  public let weight: Parameter
  /// The bias, [O], if there is one.
  public let bias: Parameter?

  /// Draws weight and bias uniformly from ±1/√I.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(inputs: Int, outputs: Int, bias: Bool = true, generator: inout SplitMix64) throws {
    let bound = 1 / Double(inputs).squareRoot()
    weight = try Parameter(uniform: bound, shape: [outputs, inputs], generator: &generator)
    self.bias =
      bias
      ? try Parameter(uniform: bound, shape: [outputs], isDecayable: false, generator: &generator) : nil
  }

  /// The parameters, as PyTorch names them.
  public var ownParameters: [(name: String, parameter: Parameter)] {
    [(name: "weight", parameter: weight)] + (bias.map { [(name: "bias", parameter: $0)] } ?? [])
  }

  /// Applies the map.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the last axis is not I.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try delivered(x.linear(weight: weight.tensor, bias: bias?.tensor, tape: tape))
  }

  /// Adds the layer to a summary.
  ///
  /// Sequences are [T, C] here, as they are when it is applied.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    guard shape.last == weight.tensor.shape[1] else {
      throw ECGError(
        .invalidArgument, "a linear map of weight \(weight.tensor.shape) does not apply to shape \(shape)")
    }
    let rows = Array(shape.dropLast())
    return try summary.add(
      "Linear", self, rows + [weight.tensor.shape[0]], multiplications: weight.tensor.count,
      each: rows.isEmpty ? 1 : Tensor.count(of: rows))
  }
}
