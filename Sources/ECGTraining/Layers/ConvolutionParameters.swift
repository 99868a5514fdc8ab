internal import ECGData

/// Weight, bias and window of a convolution or a transposed one.
@ComputeActor struct ConvolutionParameters {
  let weight: Parameter
  let bias: Parameter?
  let window: SlidingWindow

  /// Draws weight [channels, others / groups, K] and bias [outputs] uniformly from ±1/√(others / groups · K), or the weight
  /// as `weights` says.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  init(
    channels: Int, others: Int, outputs: Int, groups: Int, window: SlidingWindow, hasBias: Bool,
    weights: WeightDistribution, generator: inout SplitMix64
  ) throws {
    guard groups > 0, channels % groups == 0, others % groups == 0 else {
      throw ECGError(.invalidArgument, "\(channels) and \(others) channels do not make \(groups) groups")
    }
    let shape = [channels, others / groups, window.size]
    _ = try Tensor.count(of: shape)
    let inputs = shape[1] * shape[2]
    weight = try Parameter(weights, inputs: inputs, shape: shape, generator: &generator)
    bias =
      hasBias
      ? try Parameter(.uniform, inputs: inputs, shape: [outputs], isDecayable: false, generator: &generator)
      : nil
    self.window = window
  }

  /// The parameters, as PyTorch names them.
  var named: [(name: String, parameter: Parameter)] {
    [(name: "weight", parameter: weight)] + (bias.map { [(name: "bias", parameter: $0)] } ?? [])
  }
}
