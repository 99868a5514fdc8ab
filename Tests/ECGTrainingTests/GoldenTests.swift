import ECGData
import Testing

@testable import ECGTraining

/// Layers against PyTorch, forward and backward.
@Suite @ComputeActor struct GoldenTests {
  private func back(_ y: Tensor, _ golden: Golden, on tape: Tape, inputs: [String: Tensor]) throws {
    try tape.backward(from: y, gradient: golden.tensor("gradient"))
    for (name, tensor) in inputs { try golden.expect(tensor.gradient, equals: "gradient.\(name)") }
  }

  @Test(arguments: ["conv.strided", "conv.pointwise", "conv.wide", "conv.unpadded"], [false, true])
  func convolution(name: String, isInTimeOrder: Bool) throws {
    let golden = try Golden(name)
    let weight = try golden.values("state.weight").shape
    var generator = SplitMix64(state: 0)
    let layer = try Conv1d(
      inputChannels: weight[1], outputChannels: weight[0], kernelSize: golden.number("kernel"),
      stride: golden.number("stride"), padding: golden.number("padding"),
      bias: golden.arrays["state.bias"] != nil,
      generator: &generator)
    try layer.load(golden.state())
    let x = try golden.tensor("x").requiringGradient()
    let tape = Tape()
    let y = try layer(isInTimeOrder ? x.inTimeOrder() : x, tape: tape)
    try golden.expect(y, equals: "y")
    try back(y, golden, on: tape, inputs: ["x": x])
    try golden.expectGradients(of: layer)
  }

  @Test(arguments: ["norm.signal", "norm.wide", "norm.matrix"], [false, true])
  func normalization(name: String, isInTimeOrder: Bool) throws {
    let golden = try Golden(name)
    let layer = try BatchNorm1d(channels: golden.values("x").shape[1])
    try layer.load(golden.state())
    _ = try layer(golden.tensor("other"), tape: Tape())
    let x = try golden.tensor("x").requiringGradient()
    let tape = Tape()
    let y = try layer(isInTimeOrder && x.shape.count == 3 ? x.inTimeOrder() : x, tape: tape)
    try golden.expect(y, equals: "y")
    try back(y, golden, on: tape, inputs: ["x": x])
    try golden.expectGradients(of: layer)
    for after in try layer.state() {
      expectClose(after.values, try golden.values("after.\(after.name)").values, tolerance: 1e-6, after.name)
    }
    try golden.expect(layer(x), equals: "inference")
  }

  /// Statistics that stay as they are, with ReLU fused, still pass gradients on.
  @Test(arguments: [false, true]) func frozenStatistics(isFused: Bool) throws {
    let golden = try Golden("norm.frozen")
    let layer = try BatchNorm1d(channels: 16)
    try layer.load(golden.state())
    layer.usesRunningStatistics = true
    let x = try golden.tensor("x").requiringGradient()
    let tape = Tape()
    let y = try isFused ? layer(x, relu: true, tape: tape) : layer(x, tape: tape).relu(tape: tape)
    try golden.expect(y, equals: "y")
    try back(y, golden, on: tape, inputs: ["x": x])
    try golden.expectGradients(of: layer)
    #expect(
      try layer.state().filter { $0.name.hasPrefix("running") }
        == golden.state().filter { $0.name.hasPrefix("running") }.sorted { $0.name < $1.name })
  }

  @Test func longShortTermMemory() throws {
    let golden = try Golden("lstm")
    var generator = SplitMix64(state: 0)
    let layer = try LSTM(inputSize: 3, hiddenSize: 5, layers: 2, generator: &generator)
    try layer.load(golden.state())
    let x = try golden.tensor("x").requiringGradient()
    let tape = Tape()
    let y = try layer(x, tape: tape)
    try golden.expect(y, equals: "y")
    try golden.expect(layer(x), equals: "y")
    try back(y, golden, on: tape, inputs: ["x": x])
    try golden.expectGradients(of: layer)
  }

  @Test func linear() throws {
    let golden = try Golden("linear")
    var generator = SplitMix64(state: 0)
    let layer = try Linear(inputs: 6, outputs: 3, generator: &generator)
    try layer.load(golden.state())
    let x = try golden.tensor("x").requiringGradient()
    let tape = Tape()
    let y = try layer(x, tape: tape)
    try golden.expect(y, equals: "y")
    try back(y, golden, on: tape, inputs: ["x": x])
    try golden.expectGradients(of: layer)
  }

  /// The whole of contrastive predictive coding, with sequences of different lengths, one of them too short.
  @Test func contrastivePredictiveCoding() throws {
    let golden = try Golden("cpc")
    var generator = SplitMix64(state: 0)
    let network = try CPCEncoder(.init(width: 8, hidden: 6, layers: 2), generator: &generator)
    // PyTorch's state was stored before the pass that follows, running statistics included.
    try network.load(golden.state())
    let lengths = try golden.values("lengths").values.map { Int($0) }
    let x = try golden.tensor("x").requiringGradient()
    let tape = Tape()
    let output = try network(x, tape: tape)
    try golden.expect(output.tokens, equals: "tokens")
    try golden.expect(output.context, equals: "context")
    let objective = try InfoNCE(stepsAhead: golden.number("ahead"), negatives: golden.number("negatives"))
    let result = try objective(
      predictions: network.predictions(from: output.context, tape: tape), tokens: output.tokens,
      lengths: lengths,
      indices: golden.values("indices").values.map { Int32($0) }, tape: tape)
    try golden.expect(result.loss, equals: "loss")
    #expect(result.positions == 11 + 6)
    #expect(abs(result.meanLoss * 17 / 3 - (try result.loss.scalar)) < 1e-4)
    try tape.backward(from: result.loss)
    // Float32 through two recurrent and four normalised layers: five digits, relative to each array's scale.
    try golden.expect(x.gradient, equals: "gradient.x", tolerance: 1e-4)
    try golden.expectGradients(of: network, tolerance: 1e-4)
    try golden.expect(network.features(x, lengths: lengths), equals: "features")
  }

  @Test func decoupledWeightDecay() throws {
    let golden = try Golden("adamw")
    let weight = try Parameter(golden.values("weight").values, shape: [4, 3])
    let bias = try Parameter(golden.values("bias").values, shape: [5])
    func optimizer() throws -> Optimizer {
      try Optimizer(
        [
          .init([(name: "weight", parameter: weight)]),
          .init([(name: "bias", parameter: bias)], learningRateFactor: 0.1),
        ], .init(.adamw, learningRate: 0.01, weightDecay: 0.1))
    }
    var current = try optimizer()
    for step in 0..<3 {
      // Every step goes on from a stored state, as a resumed run does.
      let state = try current.state()
      current = try optimizer()
      try current.load(state)
      current.clearGradients()
      try weight.tensor.slot?.add(golden.tensor("gradient.weight.\(step)"))
      try bias.tensor.slot?.add(golden.tensor("gradient.bias.\(step)"))
      try current.step()
      try golden.expect(weight.tensor, equals: "weight.\(step)", tolerance: 1e-6)
      try golden.expect(bias.tensor, equals: "bias.\(step)", tolerance: 1e-6)
    }
  }

  @Test func crossEntropies() throws {
    let golden = try Golden("losses")
    let tape = Tape()
    let logits = try golden.tensor("logits").requiringGradient()
    let loss = try logits.binaryCrossEntropy(targets: golden.tensor("targets"), tape: tape)
    try golden.expect(loss, equals: "binary", tolerance: 1e-6)
    try tape.backward(from: loss)
    try golden.expect(logits.gradient, equals: "gradient.binary", tolerance: 1e-6)

    let others = try golden.tensor("logits").requiringGradient()
    let classes = try golden.values("classes").values.map { Int($0) }
    let categorical = try others.crossEntropy(classes: classes, tape: tape)
    try golden.expect(categorical, equals: "categorical", tolerance: 1e-6)
    try tape.backward(from: categorical)
    try golden.expect(others.gradient, equals: "gradient.categorical", tolerance: 1e-6)
  }
}
