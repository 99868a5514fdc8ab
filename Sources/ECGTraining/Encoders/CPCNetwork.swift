public import ECGData

/// The encoder of contrastive predictive coding for ECGs: four 1×1 convolutions, an LSTM, a linear predictor.
///
/// One token a sample (10 ms at 100 Hz) unless the convolutions have strides: four layers of convolution without bias, batch normalisation and
/// ReLU, 12 → W → W → W → W; then LSTM layers of H units as context; and a bias-free map H → W that predicts
/// tokens (Mehari and Strodthoff, "Self-supervised representation learning from 12-lead ECG data", 2022,
/// after van den Oord et al., 2018). With the default sizes it has 5.26 million parameters, named
/// `encoder.0.0.weight`, `encoder.0.1.*`, …, `lstm.*` and `predictor.weight`.
@ComputeActor public final class CPCNetwork: SignalEncoder {
  /// The sizes of the network.
  public struct Configuration: Codable, Sendable, Equatable {
    /// Leads of the signal.
    public var leads = 12
    /// Channels W of a token.
    public var width = 512
    /// Units H of an LSTM layer.
    public var hidden = 512
    /// LSTM layers.
    public var layers = 2
    /// Samples of the convolutions' kernels.
    public var kernels = [1, 1, 1, 1]
    /// Their strides.
    public var strides = [1, 1, 1, 1]

    /// The paper's sizes, unless told otherwise.
    public init(leads: Int = 12, width: Int = 512, hidden: Int = 512, layers: Int = 2) {
      self.leads = leads
      self.width = width
      self.hidden = hidden
      self.layers = layers
    }

    /// The paper's other encoder, whose tokens are 16 samples apart: kernels of 10, 4, 4 and 4 samples, strides of 2.
    public static func strided() -> Configuration {
      var configuration = Configuration()
      configuration.kernels = [10, 4, 4, 4]
      configuration.strides = [2, 2, 2, 2]
      return configuration
    }
  }

  /// What the network makes of a batch.
  public struct Output {
    /// The tokens z, [B, T, W].
    public let tokens: Tensor
    /// The context c, [B, T, H]; a step sees no later token.
    public let context: Tensor
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  private let blocks: [ConvNorm]
  private let lstm: LSTM
  private let predictor: Linear

  /// Draws all parameters as PyTorch's layers do by default.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no network.
  public init(_ configuration: Configuration = Configuration(), generator: inout SplitMix64) throws {
    self.configuration = configuration
    let width = configuration.width
    guard configuration.kernels.count == configuration.strides.count, !configuration.kernels.isEmpty,
      zip(configuration.kernels, configuration.strides).allSatisfy({ $0 >= $1 && $1 > 0 }),
      configuration.strides.reduce(1, { $0.isSize && $1.isSize ? $0 * $1 : 0 }).isSize
    else {
      throw ECGError(
        .invalidArgument,
        "convolutions with kernels \(configuration.kernels) and strides \(configuration.strides)",
        advice: "choose as many strides as kernels, none longer than its kernel")
    }
    var blocks: [ConvNorm] = []
    var inputs = configuration.leads
    for (kernel, stride) in zip(configuration.kernels, configuration.strides) {
      blocks.append(
        try ConvNorm(inputs, width, kernel: kernel, stride: stride, weights: .uniform, generator: &generator))
      inputs = width
    }
    self.blocks = blocks
    lstm = try LSTM(
      inputSize: width, hiddenSize: configuration.hidden, layers: configuration.layers, generator: &generator)
    predictor = try Linear(
      inputs: configuration.hidden, outputs: width, bias: false, generator: &generator)
  }

  /// The convolutions, the LSTM and the predictor.
  public var children: [(name: String, module: any Module)] {
    blocks.enumerated().map { (name: "encoder.\($0)", module: $1) }
      + [(name: "lstm", module: lstm), (name: "predictor", module: predictor)]
  }

  /// The parameters of the convolutions with their normalisations, for a group of their own in an optimiser.
  public var encoderParameters: [(name: String, parameter: Parameter)] {
    parameters.filter { $0.name.hasPrefix("encoder.") }
  }

  /// The parameters of the LSTM, for a group of their own in an optimiser.
  public var contextParameters: [(name: String, parameter: Parameter)] {
    parameters.filter { $0.name.hasPrefix("lstm.") }
  }

  /// `cpc`.
  public var architecture: String { "cpc" }

  /// Mean, maximum and last step of the context.
  public var featureCount: Int { 3 * configuration.hidden }

  /// Samples from one token to the next.
  public var stride: Int { configuration.strides.reduce(1, *) }

  /// Tokens and context of signals [B, leads, T].
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the shape does not fit.
  public func callAsFunction(_ signals: Tensor, tape: Tape? = nil) throws -> Output {
    var x = try signals.inTimeOrder()
    for block in blocks { x = try block(x, tape: tape) }
    let tokens = try x.transposed(tape: tape)
    return Output(tokens: tokens, context: try lstm(tokens, tape: tape))
  }

  /// Predicted tokens [B, T, W] from a context [B, T, H].
  public func predictions(from context: Tensor, tape: Tape? = nil) throws -> Tensor {
    try predictor(context, tape: tape)
  }

  /// The features for a classifier: [mean ‖ max ‖ last] of the context over the valid steps, [B, 3·H].
  public func features(_ signals: Tensor, lengths: [Int]? = nil, tape: Tape? = nil) throws -> Tensor {
    let context = try self(signals, tape: tape).context
    let valid = try validSteps(of: signals, lengths, every: stride, upTo: context.shape[1])
    return try Tensor.concatenated(
      [
        context.timeMean(lengths: valid, tape: tape), context.timeMax(lengths: valid, tape: tape),
        context.timeLast(lengths: valid, tape: tape),
      ], axis: 1, tape: tape)
  }

  /// The layers with shapes, parameters and work for signals of `frames` samples.
  public func summary(frames: Int) throws -> NetworkSummary {
    var summary = NetworkSummary()
    var shape = [configuration.leads, frames]
    for (index, block) in blocks.enumerated() {
      shape = try summary.within("encoder.\(index)") { try block.summarize(shape, into: &$0) }
    }
    shape = try summary.within("lstm") { try lstm.summarize([shape[1], shape[0]], into: &$0) }
    _ = try summary.within("predictor") { try predictor.summarize(shape, into: &$0) }
    return summary
  }
}
