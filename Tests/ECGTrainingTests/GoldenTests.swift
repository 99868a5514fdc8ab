import ECGData
import Testing

@testable import ECGTraining

/// Layers against PyTorch, forward and backward.
@Suite @ComputeActor struct GoldenTests {
  /// A type and an order of elements, and what an operation's error may be in it.
  enum Form: CaseIterable {
    case float32, float32InTimeOrder, bfloat16, bfloat16InTimeOrder

    var type: ElementType { self == .float32 || self == .float32InTimeOrder ? .float32 : .bfloat16 }
    var tolerance: Double { type == .float32 ? 1e-5 : 2e-2 }

    /// A tensor in this form.
    @ComputeActor func callAsFunction(_ x: Tensor, tape: Tape? = nil) throws -> Tensor {
      let typed = try x.converted(to: type, tape: tape)
      let isInTimeOrder = (self == .float32InTimeOrder || self == .bfloat16InTimeOrder) && x.shape.count == 3
      return isInTimeOrder ? try typed.inTimeOrder() : typed
    }
  }

  /// Runs a function of stored inputs forward and backward in a form.
  private func run(
    _ golden: Golden, _ form: Form, inputs names: [String] = ["x"],
    _ function: ([Tensor], Tape) throws -> Tensor
  ) throws {
    let inputs = try names.map { try golden.tensor($0).requiringGradient() }
    let tape = Tape()
    let y = try function(inputs.map { try form($0, tape: tape) }, tape)
    try golden.expect(y, equals: "y", tolerance: form.tolerance)
    if golden.arrays["gradient"] != nil {
      try tape.backward(from: y, gradient: golden.tensor("gradient"))
    } else {
      try tape.backward(from: y)
    }
    for (name, tensor) in zip(names, inputs) {
      try golden.expect(tensor.gradient, equals: "gradient.\(name)", tolerance: form.tolerance)
    }
  }

  @Test(
    arguments: [
      "conv.strided", "conv.pointwise", "conv.wide", "conv.unpadded", "conv.grouped", "conv.depthwise",
      "conv.even",
    ], Form.allCases)
  func convolution(name: String, form: Form) throws {
    let golden = try Golden(name)
    let weight = try golden.values("state.weight").shape
    let groups = try golden.number("groups")
    var generator = SplitMix64(state: 0)
    let layer = try Conv1d(
      inputChannels: weight[1] * groups, outputChannels: weight[0], kernelSize: golden.number("kernel"),
      stride: golden.number("stride"), padding: golden.number("padding"), groups: groups,
      bias: golden.arrays["state.bias"] != nil, generator: &generator)
    try layer.load(golden.state())
    try run(golden, form) { try layer($0[0], tape: $1) }
    try golden.expectGradients(of: layer, tolerance: form.tolerance)
  }

  @Test(
    arguments: ["transposed.u", "transposed.point", "transposed.grouped", "transposed.wide"], Form.allCases)
  func transposedConvolution(name: String, form: Form) throws {
    let golden = try Golden(name)
    let weight = try golden.values("state.weight").shape
    let groups = try golden.number("groups")
    var generator = SplitMix64(state: 0)
    let layer = try ConvTranspose1d(
      inputChannels: weight[0], outputChannels: weight[1] * groups, kernelSize: golden.number("kernel"),
      stride: golden.number("stride"), padding: golden.number("padding"),
      outputPadding: golden.number("outputPadding"), groups: groups, bias: golden.arrays["state.bias"] != nil,
      generator: &generator)
    try layer.load(golden.state())
    try run(golden, form) { try layer($0[0], tape: $1) }
    try golden.expectGradients(of: layer, tolerance: form.tolerance)
  }

  @Test(arguments: ["pool.max", "pool.max.ceil", "pool.average"], Form.allCases)
  func pooling(name: String, form: Form) throws {
    let golden = try Golden(name)
    let (size, stride) = try (golden.number("kernel"), golden.number("stride"))
    let ceil = try golden.number("ceil") == 1
    let layer: any Layer =
      name == "pool.average"
      ? try AveragePool1d(size: size, stride: stride, ceil: ceil)
      : try MaxPool1d(size: size, stride: stride, padding: golden.number("padding"), ceil: ceil)
    try run(golden, form) { try layer($0[0], tape: $1) }
  }

  @Test(arguments: Form.allCases) func globalPooling(form: Form) throws {
    try run(Golden("pool.global"), form) { inputs, tape in
      let steps = try inputs[0].transposed(tape: tape)
      return try Tensor.concatenated(
        [steps.timeMax(tape: tape), steps.timeMean(tape: tape)], axis: 1, tape: tape)
    }
  }

  @Test(arguments: Form.allCases) func concatenation(form: Form) throws {
    try run(Golden("concat"), form, inputs: ["a", "b"]) { try Tensor.concatenated($0, axis: 1, tape: $1) }
  }

  @Test(arguments: Form.allCases) func sumWithReLU(form: Form) throws {
    try run(Golden("add.relu"), form, inputs: ["a", "b"]) { try $0[0].addingReLU($0[1], tape: $1) }
    try run(Golden("add.relu"), form, inputs: ["a", "b"]) { try $0[0].adding($0[1], tape: $1).relu(tape: $1) }
  }

  @Test func cosines() throws {
    try run(Golden("cosine"), .float32, inputs: ["a", "b"]) {
      try $0[0].cosineSimilarity(to: $0[1], tape: $1)
    }
    try run(Golden("normalize"), .float32) { try $0[0].normalizedRows(tape: $1) }
  }

  @Test func contrastOfViews() throws {
    let golden = try Golden("ntxent")
    let objective = NTXent(temperature: Float(try #require(golden.numbers["temperature"])))
    try run(golden, .float32) { try objective($0[0], tape: $1) }
  }

  @Test(arguments: [Form.float32, .bfloat16]) func maskedSquareError(form: Form) throws {
    let golden = try Golden("mse.masked")
    let mask = try golden.values("mask").values.map { UInt8($0) }
    try run(golden, form) {
      try $0[0].meanSquaredError(targets: golden.tensor("target"), mask: mask, tape: $1)
    }
  }

  @Test(arguments: ["norm.signal", "norm.wide", "norm.matrix"], Form.allCases)
  func normalization(name: String, form: Form) throws {
    let golden = try Golden(name)
    let layer = try BatchNorm1d(channels: golden.values("x").shape[1])
    try layer.load(golden.state())
    _ = try layer(form(golden.tensor("other")), tape: Tape())
    try run(golden, form) { try layer($0[0], tape: $1) }
    try golden.expectGradients(of: layer, tolerance: form.tolerance)
    for after in try layer.state() {
      let error = relativeError(after.values, try golden.values("after.\(after.name)").values)
      #expect(error <= form.tolerance, "\(after.name)")
    }
    try golden.expect(layer(form(golden.tensor("x"))), equals: "inference", tolerance: form.tolerance)
  }

  /// Statistics that stay as they are, with ReLU fused, still pass gradients on.
  @Test(arguments: [false, true], Form.allCases) func frozenStatistics(isFused: Bool, form: Form) throws {
    let golden = try Golden("norm.frozen")
    let layer = try BatchNorm1d(channels: 16)
    try layer.load(golden.state())
    layer.usesRunningStatistics = true
    try run(golden, form) {
      try isFused ? layer($0[0], relu: true, tape: $1) : layer($0[0], tape: $1).relu(tape: $1)
    }
    try golden.expectGradients(of: layer, tolerance: form.tolerance)
    #expect(
      try layer.state().filter { $0.name.hasPrefix("running") }
        == golden.state().filter { $0.name.hasPrefix("running") }.sorted { $0.name < $1.name })
  }

  @Test(arguments: ["lstm", "lstm.single"], [Form.float32, .bfloat16])
  func longShortTermMemory(name: String, form: Form) throws {
    let golden = try Golden(name)
    var generator = SplitMix64(state: 0)
    let layer = try LSTM(
      inputSize: 3, hiddenSize: 5, layers: name == "lstm" ? 2 : 1, generator: &generator)
    try layer.load(golden.state())
    try run(golden, form) { try layer($0[0], tape: $1) }
    try golden.expect(layer(form(golden.tensor("x"))), equals: "y", tolerance: form.tolerance)
    try golden.expectGradients(of: layer, tolerance: form.tolerance)
  }

  @Test(arguments: Form.allCases) func linear(form: Form) throws {
    let golden = try Golden("linear")
    var generator = SplitMix64(state: 0)
    let layer = try Linear(inputs: 6, outputs: 3, generator: &generator)
    try layer.load(golden.state())
    try run(golden, form) { try layer($0[0], tape: $1) }
    try golden.expectGradients(of: layer, tolerance: form.tolerance)
  }

  /// The whole of contrastive predictive coding, with sequences of different lengths, one of them too short.
  @Test func contrastivePredictiveCoding() throws {
    let golden = try Golden("cpc")
    var generator = SplitMix64(state: 0)
    let network = try CPCNetwork(.init(width: 8, hidden: 6, layers: 2), generator: &generator)
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
