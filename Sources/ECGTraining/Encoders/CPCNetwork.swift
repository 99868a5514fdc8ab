public import ECGData

/// The encoder of contrastive predictive coding for ECGs: four 1×1 convolutions, an LSTM, a linear predictor.
///
/// One token a sample (10 ms at 100 Hz): four layers of convolution without bias, batch normalisation and
/// ReLU, 12 → W → W → W → W; then LSTM layers of H units as context; and a bias-free map H → W that predicts
/// tokens (Mehari and Strodthoff, "Self-supervised representation learning from 12-lead ECG data", 2022,
/// after van den Oord et al., 2018). With the default sizes it has 5.26 million parameters, named
/// `encoder.0.0.weight`, `encoder.0.1.*`, …, `lstm.*` and `predictor.weight`.
@ComputeActor public final class CPCEncoder: Module {
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

    /// The paper's sizes, unless told otherwise.
    public init(leads: Int = 12, width: Int = 512, hidden: Int = 512, layers: Int = 2) {
      self.leads = leads
      self.width = width
      self.hidden = hidden
      self.layers = layers
    }
  }

  /// What the network makes of a batch.
  public struct Output {
    /// The tokens z, [B, T, W].
    public let tokens: Tensor
    /// The context c, [B, T, H]; a step sees no later token.
    public let context: Tensor
  }

  /// One convolution with its normalisation.
  private final class Block: Module {
    let convolution: Conv1d
    let normalization: BatchNorm1d

    init(inputs: Int, outputs: Int, generator: inout SplitMix64) throws {
      convolution = try Conv1d(
        inputChannels: inputs, outputChannels: outputs, kernelSize: 1, bias: false, generator: &generator)
      normalization = try BatchNorm1d(channels: outputs)
    }

    var children: [(name: String, module: any Module)] {
      [(name: "0", module: convolution), (name: "1", module: normalization)]
    }

    func callAsFunction(_ x: Tensor, tape: Tape?) throws -> Tensor {
      try normalization(convolution(x, tape: tape), relu: true, tape: tape)
    }
  }

  /// The sizes it was made with.
  public let configuration: Configuration
  private let blocks: [Block]
  private let lstm: LSTM
  private let predictor: Linear

  /// Draws all parameters as PyTorch's layers do by default.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no network.
  public init(_ configuration: Configuration = Configuration(), generator: inout SplitMix64) throws {
    self.configuration = configuration
    let width = configuration.width
    var blocks: [Block] = []
    for inputs in [configuration.leads, width, width, width] {
      blocks.append(try Block(inputs: inputs, outputs: width, generator: &generator))
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
  ///
  /// `lengths` are the valid samples of every signal, each in 1 … T; all if left out.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if shapes or lengths do not fit.
  public func features(_ signals: Tensor, lengths: [Int]? = nil, tape: Tape? = nil) throws -> Tensor {
    let context = try self(signals, tape: tape).context
    return try Tensor.concatenated(
      [
        context.timeMean(lengths: lengths, tape: tape), context.timeMax(lengths: lengths, tape: tape),
        context.timeLast(lengths: lengths, tape: tape),
      ], axis: 1, tape: tape)
  }
}
