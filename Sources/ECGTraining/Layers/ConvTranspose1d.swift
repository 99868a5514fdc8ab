public import ECGData

/// A transposed 1-D convolution, [B, I, T] → [B, O, T′]: PyTorch's `ConvTranspose1d`, parameters `weight`
/// [I, O / groups, K] and `bias` [O].
@ComputeActor public final class ConvTranspose1d: Layer {
  /// The weight, [I, O / groups, K].
  public let weight: Parameter
  /// The bias, [O], if there is one.
  public let bias: Parameter?
  /// Samples of the result for each of the signal.
  public let stride: Int
  /// Samples that the result loses at either end.
  public let padding: Int
  /// Samples that it gains at its end.
  public let outputPadding: Int
  /// Parts of the channels that do not see each other.
  public let groups: Int

  /// Draws weight and bias uniformly from ±1/√(O / groups · K), as PyTorch does, or the weight as `weights` says.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(
    inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, bias: Bool = true, weights: WeightDistribution = .uniform,
    generator: inout SplitMix64
  ) throws {
    guard groups > 0, inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw ECGError(
        .invalidArgument, "\(inputChannels) and \(outputChannels) channels do not make \(groups) groups")
    }
    let inputs = outputChannels / groups * kernelSize
    weight = try Parameter(
      weights, inputs: inputs, shape: [inputChannels, outputChannels / groups, kernelSize],
      generator: &generator)
    self.bias =
      bias
      ? try Parameter(
        .uniform, inputs: inputs, shape: [outputChannels], isDecayable: false, generator: &generator)
      : nil
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.groups = groups
  }

  /// The parameters, as PyTorch names them.
  public var ownParameters: [(name: String, parameter: Parameter)] {
    [(name: "weight", parameter: weight)] + (bias.map { [(name: "bias", parameter: $0)] } ?? [])
  }

  /// Applies the convolution; T′ = (T − 1)·stride − 2·padding + K + outputPadding.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try delivered(
      x.convTranspose1d(
        weight: weight.tensor, bias: bias?.tensor, stride: stride, padding: padding,
        outputPadding: outputPadding, groups: groups, tape: tape))
  }

  /// Adds the layer to a summary.
  public func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    let kernel = weight.tensor.shape
    let result = [kernel[1] * groups, (shape[1] - 1) * stride - 2 * padding + kernel[2] + outputPadding]
    summary.add(
      "ConvTranspose1d", self, result, multiplications: kernel[0] * kernel[1] * kernel[2] * shape[1])
    return result
  }
}
