public import ECGData

/// A 1-D convolution, [B, I, T] → [B, O, T′]: PyTorch's `Conv1d`, parameters `weight` [O, I, K] and `bias`
/// [O].
@ComputeActor public final class Conv1d: Module {
  /// The weight, [O, I, K].
  public let weight: Parameter
  /// The bias, [O], if there is one.
  public let bias: Parameter?
  /// Samples from one application of the kernel to the next.
  public let stride: Int
  /// Zeros on either side of the signal.
  public let padding: Int

  /// Draws weight and bias uniformly from ±1/√(I·K).
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(
    inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    bias: Bool = true,
    generator: inout SplitMix64
  ) throws {
    let bound = 1 / Double(inputChannels * kernelSize).squareRoot()
    weight = try Parameter(
      uniform: bound, shape: [outputChannels, inputChannels, kernelSize], generator: &generator)
    self.bias =
      bias
      ? try Parameter(uniform: bound, shape: [outputChannels], isDecayable: false, generator: &generator)
      : nil
    self.stride = stride
    self.padding = padding
  }

  /// The parameters, as PyTorch names them.
  public var ownParameters: [(name: String, parameter: Parameter)] {
    [(name: "weight", parameter: weight)] + (bias.map { [(name: "bias", parameter: $0)] } ?? [])
  }

  /// Applies the convolution; T′ = (T + 2·padding − K) / stride + 1, rounded down.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try x.conv1d(weight: weight.tensor, bias: bias?.tensor, stride: stride, padding: padding, tape: tape)
  }
}
