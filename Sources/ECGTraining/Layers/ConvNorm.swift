internal import ECGData

/// A convolution without bias, batch normalisation, and ReLU if asked for: the brick that the encoders are built of.
///
/// Of T samples it makes ⌈T / stride⌉ with an odd kernel; with an even one ⌊T / stride⌋ if the stride is even too, else
/// ⌊(T − 1) / stride⌋. Named `0` and `1`.
@ComputeActor final class ConvNorm: Layer {
  private let convolution: Conv1d
  private let normalization: BatchNorm1d
  private let hasReLU: Bool

  /// - Parameters:
  ///   - inputs: Channels of the signal.
  ///   - outputs: Channels of the result.
  ///   - kernel: Samples of the kernel.
  ///   - stride: Samples from one result to the next.
  ///   - relu: Whether ReLU follows.
  ///   - scale: What the normalisation's scale starts with.
  ///   - weights: What the kernel is drawn from.
  ///   - generator: What draws it.
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  init(
    _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, relu: Bool = true, scale: Float = 1,
    weights: WeightDistribution = .kaimingNormal, generator: inout SplitMix64
  ) throws {
    convolution = try Conv1d(
      inputChannels: inputs, outputChannels: outputs, kernelSize: kernel, stride: stride,
      padding: kernel % 2 == 1 ? kernel / 2 : (kernel - stride) / 2, bias: false, weights: weights,
      generator: &generator)
    normalization = try BatchNorm1d(channels: outputs, scale: scale)
    hasReLU = relu
  }

  var children: [(name: String, module: any Module)] {
    [(name: "0", module: convolution), (name: "1", module: normalization)]
  }

  func callAsFunction(_ x: Tensor, tape: Tape?) throws -> Tensor {
    try normalization(convolution(x, tape: tape), relu: hasReLU, tape: tape)
  }

  func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    let shape = try summary.within("0") { try convolution.summarize(shape, into: &$0) }
    return try summary.within("1") { try normalization.summarize(shape, into: &$0) }
  }
}
