public import ECGData

/// A 1-D convolution, [B, I, T] → [B, O, T′]: PyTorch's `Conv1d`, parameters `weight` [O, I / groups, K] and `bias`
/// [O].
@ComputeActor public final class Conv1d: Layer {
  /// The weight, [O, I / groups, K].
  public let weight: Parameter
  /// The bias, [O], if there is one.
  public let bias: Parameter?
  /// Samples from one application of the kernel to the next.
  public let stride: Int
  /// Zeros on either side of the signal.
  public let padding: Int
  /// Parts of the channels that do not see each other.
  public let groups: Int

  /// Draws weight and bias uniformly from ±1/√(I / groups · K), or the weight as `weights` says.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(
    inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    groups: Int = 1, bias: Bool = true, weights: WeightDistribution = .uniform,
    generator: inout SplitMix64
  ) throws {
    guard groups > 0, inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw ECGError(
        .invalidArgument, "\(inputChannels) and \(outputChannels) channels do not make \(groups) groups")
    }
    let inputs = inputChannels / groups * kernelSize
    weight = try Parameter(
      weights, inputs: inputs, shape: [outputChannels, inputChannels / groups, kernelSize],
      generator: &generator)
    self.bias =
      bias
      ? try Parameter(
        .uniform, inputs: inputs, shape: [outputChannels], isDecayable: false, generator: &generator)
      : nil
    self.stride = stride
    self.padding = padding
    self.groups = groups
  }

  /// The parameters, as PyTorch names them.
  public var ownParameters: [(name: String, parameter: Parameter)] {
    [(name: "weight", parameter: weight)] + (bias.map { [(name: "bias", parameter: $0)] } ?? [])
  }

  /// Applies the convolution; T′ = (T + 2·padding − K) / stride + 1, rounded down.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try delivered(
      x.conv1d(
        weight: weight.tensor, bias: bias?.tensor, stride: stride, padding: padding, groups: groups,
        tape: tape))
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    let kernel = weight.tensor.shape
    let steps = (shape[1] + 2 * padding - kernel[2]) / stride + 1
    summary.add(
      "Conv1d", self, [kernel[0], steps], multiplications: kernel[0] * kernel[1] * kernel[2] * steps)
    return [kernel[0], steps]
  }
}
