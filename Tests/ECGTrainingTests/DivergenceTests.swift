import ECGData
import Testing

@testable import ECGTraining

@Suite @ComputeActor struct DivergenceTests {
  /// What a step says of a network or signals that were spoilt.
  private func message(
    _ spoil: (_ network: XResNet1d, _ signals: inout [Float]) throws -> Void
  ) throws -> String? {
    var generator = SplitMix64(state: 1)
    let network = try XResNet1d(.init(depth: 18, stem: [4, 4, 8], width: 8), generator: &generator)
    let optimizer = try Optimizer(network, OptimizerRecipe(.sgd, learningRate: 1e-3))
    var signals = (0..<(4 * 12 * 64)).map { _ in Float(generator.normal()) }
    func step() throws {
      _ = try optimizer.step(3, of: network, input: signals, file: "runs/a") { tape in
        let features = try network.features(Tensor(signals, shape: [4, 12, 64]), lengths: nil, tape: tape)
        return try features.meanSquaredError(
          targets: Tensor(repeating: 0, shape: features.shape), tape: tape)
      }
    }
    try step()
    try spoil(network, &signals)
    let before = try network.parameters.map { try $0.parameter.tensor.values }
    let error = #expect(throws: ECGError.self) { try step() }
    #expect(error?.file == "runs/a")
    for (was, now) in zip(before, network.parameters) {
      #expect(try was.elementsEqual(now.parameter.tensor.values) { $0.bitPattern == $1.bitPattern })
    }
    return error?.message
  }

  private func set(_ name: String, of network: XResNet1d, to value: Float) throws {
    let parameter = try #require(network.parameters.first { $0.name == name }).parameter
    try parameter.set([Float](repeating: value, count: parameter.tensor.count))
  }

  @Test func namesTheLayerThatOverflows() throws {
    let message = try message { network, _ in
      try set("stages.1.0.path.1.0.weight", of: network, to: 3e38)
    }
    #expect(
      message?.hasSuffix(" at step 3, beginning with stages.1.0.path.1.0 (Conv1d)") == true,
      "\(message ?? "")")
  }

  @Test func namesTheParameterThatIsNotFinite() throws {
    let message = try message { network, _ in try set("stages.0.0.path.0.1.bias", of: network, to: .infinity)
    }
    #expect(
      message?.hasSuffix(" at step 3, beginning with stages.0.0.path.0.1.bias") == true, "\(message ?? "")")
  }

  @Test func namesTheSignals() throws {
    let message = try message { _, signals in signals[100] = .nan }
    #expect(message?.hasSuffix(" at step 3, beginning with the signals") == true, "\(message ?? "")")
  }
}
