public import ECGData

/// A stack of unidirectional LSTM layers from zero states, [B, T, I] → [B, T, H]: PyTorch's `LSTM` with
/// batches first.
///
/// Parameters `weight_ih_l0` [4·H, I], `weight_hh_l0` [4·H, H], `bias_ih_l0` and `bias_hh_l0` [4·H], and so
/// on for every layer; gates in the order input, forget, candidate, output (Hochreiter and Schmidhuber 1997;
/// Gers et al. 2000). The two biases of a layer act as their sum.
@ComputeActor public final class LSTM: Module {
  private struct Layer {
    var inputWeight: Parameter
    var recurrentWeight: Parameter
    var inputBias: Parameter
    var recurrentBias: Parameter
  }

  private let layers: [Layer]
  /// Inputs I of the first layer.
  public let inputSize: Int
  /// Units H of every layer.
  public let hiddenSize: Int

  /// Draws every parameter uniformly from ±1/√H.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` for sizes that make no tensor.
  public init(inputSize: Int, hiddenSize: Int, layers: Int, generator: inout SplitMix64) throws {
    guard (1...1024).contains(layers), inputSize.isSize, hiddenSize.isSize else {
      throw ECGError(
        .invalidArgument, "an LSTM of \(layers) layers from \(inputSize) inputs to \(hiddenSize) units")
    }
    let bound = 1 / Double(hiddenSize).squareRoot()
    var made: [Layer] = []
    for index in 0..<layers {
      let inputs = index == 0 ? inputSize : hiddenSize
      made.append(
        Layer(
          inputWeight: try Parameter(
            uniform: bound, shape: [4 * hiddenSize, inputs], generator: &generator),
          recurrentWeight: try Parameter(
            uniform: bound, shape: [4 * hiddenSize, hiddenSize], generator: &generator),
          inputBias: try Parameter(
            uniform: bound, shape: [4 * hiddenSize], isDecayable: false, generator: &generator),
          recurrentBias: try Parameter(
            uniform: bound, shape: [4 * hiddenSize], isDecayable: false, generator: &generator)))
    }
    self.layers = made
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
  }

  /// The parameters, as PyTorch names them.
  public var ownParameters: [(name: String, parameter: Parameter)] {
    layers.enumerated().flatMap { index, layer in
      [
        (name: "weight_ih_l\(index)", parameter: layer.inputWeight),
        (name: "weight_hh_l\(index)", parameter: layer.recurrentWeight),
        (name: "bias_ih_l\(index)", parameter: layer.inputBias),
        (name: "bias_hh_l\(index)", parameter: layer.recurrentBias),
      ]
    }
  }

  /// The last layer's hidden state at every step.
  ///
  /// As no step sees a later one, sequences padded at the end need no mask here.
  ///
  /// - Throws: ``ECGData/ECGError`` with code `invalidArgument` if the last axis is not I.
  public func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
    try layers.reduce(x) { x, layer in
      try delivered(
        x.lstm(
          LSTMWeights(
            input: layer.inputWeight.tensor, recurrent: layer.recurrentWeight.tensor,
            inputBias: layer.inputBias.tensor, recurrentBias: layer.recurrentBias.tensor), tape: tape))
    }
  }

  /// Adds the layers to a summary, for sequences [T, C].
  func summarize(_ shape: [Int], into summary: inout NetworkSummary) throws -> [Int] {
    guard shape.count == 2, shape[1] == inputSize else {
      throw ECGError(.invalidArgument, "an LSTM of \(inputSize) inputs does not apply to shape \(shape)")
    }
    let weights = layers.reduce(0) { $0 + $1.inputWeight.tensor.count + $1.recurrentWeight.tensor.count }
    return try summary.add("LSTM", self, [shape[0], hiddenSize], multiplications: weights, each: shape[0])
  }
}
