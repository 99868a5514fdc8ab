public import ECGData

/// A 1-D convolution, [B, I, T] → [B, O, T′]: PyTorch's `Conv1d`, parameters `weight` [O, I / groups, K] and `bias`
/// [O].
@ComputeActor public final class Conv1d: Layer {
  /// The weight, [O, I / groups, K].
  public var weight: Parameter { convolution.weight }
  /// The bias, [O], if there is one.
  public var bias: Parameter? { convolution.bias }
  /// Samples from one application of the kernel to the next.
  public var stride: Int { convolution.window.stride }
  /// Zeros on either side of the signal.
  public var padding: Int { convolution.window.padding }
  /// Parts of the channels that do not see each other.
  public let groups: Int
  private let convolution: ConvolutionParameters

  /// Draws weight and bias uniformly from ±1/√(I / groups · K), or the weight as `weights` says.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(
    inputChannels: Int, outputChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0,
    groups: Int = 1, bias: Bool = true, weights: WeightDistribution = .uniform,
    generator: inout SplitMix64
  ) throws {
    convolution = try ConvolutionParameters(
      channels: outputChannels, others: inputChannels, outputs: outputChannels, groups: groups,
      window: SlidingWindow(size: kernelSize, stride: stride, padding: padding), hasBias: bias,
      weights: weights,
      generator: &generator)
    self.groups = groups
  }

  /// The parameters, as PyTorch names them.
  public var ownParameters: [(name: String, parameter: Parameter)] {
    convolution.named
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
    let steps = try steps(over: shape, channels: kernel[1] * groups) { convolution.window.places(in: $0) }
    return try summary.add(
      "Conv1d", self, [kernel[0], steps], multiplications: weight.tensor.count, each: steps)
  }
}
