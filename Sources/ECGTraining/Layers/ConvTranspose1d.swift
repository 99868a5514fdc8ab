public import ECGData

/// A transposed 1-D convolution, [B, I, T] → [B, O, T′]: PyTorch's `ConvTranspose1d`, parameters `weight`
/// [I, O / groups, K] and `bias` [O].
@ComputeActor public final class ConvTranspose1d: Layer {
  /// The weight, [I, O / groups, K].
  public var weight: Parameter { convolution.weight }
  /// The bias, [O], if there is one.
  public var bias: Parameter? { convolution.bias }
  /// Samples of the result for each of the signal.
  public var stride: Int { convolution.window.stride }
  /// Samples that the result loses at either end.
  public var padding: Int { convolution.window.padding }
  /// Samples that it gains at its end.
  public let outputPadding: Int
  /// Parts of the channels that do not see each other.
  public let groups: Int
  private let convolution: ConvolutionParameters

  /// Draws weight and bias uniformly from ±1/√(O / groups · K), as PyTorch does, or the weight as `weights` says.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(
    inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, bias: Bool = true, weights: WeightDistribution = .uniform,
    generator: inout SplitMix64
  ) throws {
    guard (0..<max(stride, 1)).contains(outputPadding) else {
      throw ECGError(
        .invalidArgument, "an output padding of \(outputPadding) with a stride of \(stride)",
        advice: "choose one from 0, below the stride")
    }
    convolution = try ConvolutionParameters(
      channels: inputChannels, others: outputChannels, outputs: outputChannels, groups: groups,
      window: SlidingWindow(size: kernelSize, stride: stride, padding: padding), hasBias: bias,
      weights: weights,
      generator: &generator)
    self.outputPadding = outputPadding
    self.groups = groups
  }

  /// The parameters, as PyTorch names them.
  public var ownParameters: [(name: String, parameter: Parameter)] {
    convolution.named
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
    let samples = try steps(over: shape, channels: kernel[0]) {
      convolution.window.samples(around: $0, more: outputPadding)
    }
    return try summary.add(
      "ConvTranspose1d", self, [kernel[1] * groups, samples], multiplications: weight.tensor.count,
      each: shape[1])
  }
}
