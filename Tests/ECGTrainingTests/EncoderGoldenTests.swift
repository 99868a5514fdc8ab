import ECGData
import Testing

@testable import ECGTraining

/// Whole encoders of full size against PyTorch's in Float64, as `tools/golden/encoders.py` stored them.
@Suite(.serialized) @ComputeActor struct EncoderGoldenTests {
  private static let cases = Result { try Golden.read("encoders") }

  /// The first numbers of a name's generator.
  private func uniform(_ name: String, _ count: Int) -> [Double] {
    var generator = SplitMix64("golden: \(name)")
    return (0..<count).map { _ in generator.uniform() }
  }

  private func fill(_ network: any Module) throws {
    for (name, parameter) in network.parameters {
      let shape = parameter.tensor.shape
      let bound = (6 / Double(shape.dropFirst().reduce(1, *))).squareRoot()
      let values = uniform(name, parameter.tensor.count).map {
        Float(shape.count > 1 ? (2 * $0 - 1) * bound : name.contains(".bias") ? (2 * $0 - 1) * 0.1 : 0.5 + $0)
      }
      try parameter.set(values)
    }
  }

  private func evenly(_ values: [Float], _ count: Int) -> [Float] {
    values.count <= count ? values : (0..<count).map { values[$0 * values.count / count] }
  }

  private func network(_ name: String, _ golden: Golden) throws -> any SignalEncoder {
    var generator = SplitMix64(state: 0)
    switch name {
    case "cpc": return try CPCNetwork(generator: &generator)
    case "cpc.strided": return try CPCNetwork(.strided(), generator: &generator)
    case "uresnet": return try UResNet(.init(dropout: 0), generator: &generator)
    default: return try XResNet1d(.init(depth: golden.number("depth")), generator: &generator)
    }
  }

  /// The mean square of a tensor, halved, with its gradient.
  private func loss(_ x: Tensor, _ tape: Tape) throws -> Tensor {
    try x.meanSquaredError(targets: Tensor(repeating: 0, shape: x.shape), tape: tape).scaled(
      by: 0.5, tape: tape)
  }

  /// Errors of features and gradients against Float64.
  private func errors(
    of network: any SignalEncoder, _ golden: Golden, _ type: ElementType
  ) throws -> (features: Double, gradients: Double, loss: Double) {
    try fill(network)
    let shape = [try golden.number("batch"), 12, try golden.number("samples")]
    let x = try Tensor(uniform("x", shape.reduce(1, *)).map { Float(2 * $0 - 1) }, shape: shape)
    let tape = Tape()
    let features: Tensor
    let result: Tensor
    if let network = network as? UResNet {
      // Features are taken apart from the gradient's pass, which completes the signal.
      features = try network.features(x.converted(to: type), lengths: nil, tape: Tape())
      result = try network(x.converted(to: type), tape: tape)
    } else {
      features = try network.features(x.converted(to: type), lengths: nil, tape: tape)
      result = features
    }
    let loss = try loss(result, tape)
    try tape.backward(from: loss)
    let stored = try golden.values("features").values
    let featureError = relativeError(evenly(try features.values, stored.count), stored)
    var ours: [Float] = []
    var theirs: [Float] = []
    for (name, parameter) in network.parameters where golden.arrays["gradient.\(name)"] != nil {
      let norm = try golden.values("norm.\(name)").values[0]
      let gradient = try #require(parameter.gradient, "\(name)")
      ours += evenly(try gradient.values, 24).map { $0 / norm }
      theirs += try golden.values("gradient.\(name)").values.map { $0 / norm }
    }
    let expected = try golden.values("loss").values[0]
    return (featureError, relativeError(ours, theirs), Double(abs(try loss.scalar - expected) / expected))
  }

  nonisolated static let names = [
    "cpc", "cpc.strided", "xresnet18", "xresnet34", "xresnet50", "xresnet101", "uresnet",
  ]

  /// No further from Float64 than twice what PyTorch is in Float32.
  @Test(arguments: names) func equalsPyTorch(name: String) throws {
    let golden = try #require(try Self.cases.get()[name])
    let errors = try errors(of: network(name, golden), golden, .float32)
    let peer = try (
      golden.values("error.features").values.max(), golden.values("error.gradient").values.max()
    )
    let features = Double(try #require(peer.0))
    let gradients = Double(try #require(peer.1))
    #expect(errors.features <= 2 * features, "features of \(name)")
    #expect(errors.gradients <= 2 * gradients, "gradients of \(name)")
    #expect(errors.loss <= 1e-5)
  }

  /// Close in bfloat16 too, whose rounding adds up from layer to layer.
  @Test(arguments: names) func isCloseInBfloat16(name: String) throws {
    let golden = try #require(try Self.cases.get()[name])
    let errors = try errors(of: network(name, golden), golden, .bfloat16)
    #expect(errors.features <= (name.hasPrefix("xresnet") ? 0.25 : 0.1), "features of \(name)")
    #expect(errors.loss <= 0.1)
  }

  /// Parameters and operations as PyTorch counts them, see `tools/golden/encoder_work.py`.
  @Test(arguments: ["cpc", "xresnet1d18", "xresnet1d34", "xresnet1d50", "xresnet1d101", "uresnet"])
  func work(name: String) throws {
    let counted = try #require(try Golden.read("encoder_work")[name])
    var generator = SplitMix64(state: 0)
    let network: any SignalEncoder =
      switch name {
      case "cpc": try CPCNetwork(generator: &generator)
      case "uresnet": try UResNet(generator: &generator)
      default: try XResNet1d(.init(depth: #require(Int(name.dropFirst(9)))), generator: &generator)
      }
    #expect(network.architecture == name)
    let summary = try network.summary(frames: counted.number("samples"))
    #expect(try summary.parameters == counted.number("parameters"))
    #expect(try summary.operations == counted.number("operations"))
  }

  /// Parameters as the papers' tables give them; the U-ResNet's follow from its shapes.
  @Test func summaries() throws {
    var generator = SplitMix64(state: 0)
    let narrow = try XResNet1d(generator: &generator).summary(frames: 250)
    #expect(narrow.parameters == 886_400)
    #expect(narrow.rows.last?.shape == [256, 8])
    let predictive = try CPCNetwork(generator: &generator).summary(frames: 1000)
    #expect(predictive.parameters == 5_261_312)
    let completing = try UResNet(generator: &generator).summary(frames: 4096)
    #expect(completing.parameters == 18_486_848)
    #expect(completing.rows.last?.shape == [12, 4096])
    #expect(completing.rows.contains { $0.shape == [320, 16] })
  }
}
