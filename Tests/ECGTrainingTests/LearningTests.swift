import ECGData
import Foundation
import Testing

@testable import ECGTraining

@Suite @ComputeActor struct LearningTests {
  /// Sines of random frequency and phase on all leads: what comes 5 samples later follows from what was.
  private func sines(batch: Int, steps: Int, generator: inout SplitMix64) throws -> Tensor {
    var values: [Float] = []
    for _ in 0..<batch {
      let frequency = generator.uniform(0.1..<0.5)
      let start = generator.uniform(0..<6)
      for lead in 0..<12 {
        values += (0..<steps).map { Float(sin(frequency * Double($0) + start + Double(lead))) }
      }
    }
    return try Tensor(values, shape: [batch, 12, steps])
  }

  private func curve(seed: UInt64, in type: ElementType = .float32) throws -> [Float] {
    var generator = SplitMix64("learning", seed)
    let network = try CPCNetwork(.init(width: 24, hidden: 24, layers: 1), generator: &generator)
    var recipe = OptimizerRecipe(.adamw, learningRate: 5e-3, weightDecay: 1e-3)
    recipe.maximumGradientNorm = 100
    let optimizer = try Optimizer(network, recipe)
    let objective = InfoNCE(stepsAhead: 5, negatives: 16)
    return try (0..<60).map { _ in
      let x = try sines(batch: 8, steps: 64, generator: &generator)
      let tape = Tape()
      let output = try network(x.converted(to: type), tape: tape)
      let result = try objective(
        predictions: network.predictions(from: output.context, tape: tape), tokens: output.tokens,
        lengths: [64, 64, 64, 64, 64, 40, 20, 4], generator: &generator, tape: tape)
      optimizer.clearGradients()
      try tape.backward(from: result.loss)
      try optimizer.step()
      return result.meanLoss
    }
  }

  /// Chance is log 17 = 2.83.
  @Test func predictsPredictableSequences() throws {
    let losses = try curve(seed: 1)
    #expect(losses[0] > 2.5)
    #expect(losses.suffix(5).reduce(0, +) / 5 < 1.7, "\(losses)")
  }

  @Test(arguments: [ElementType.float32, .bfloat16]) func sameSeedGivesTheSameCurve(type: ElementType) throws
  {
    let first = try curve(seed: 2, in: type)
    #expect(try curve(seed: 2, in: type) == first)
    #expect(try curve(seed: 3, in: type) != first)
  }

  /// As far apart as curves of other seeds, at most.
  @Test func learnsInBfloat16AsInFloat32() throws {
    func mean(_ curve: [Float]) -> Float { curve.suffix(20).reduce(0, +) / 20 }
    let full = try (1...4).map { mean(try curve(seed: $0)) }
    let short = try (1...4).map { mean(try curve(seed: $0, in: .bfloat16)) }
    let spread = try #require(full.max()) - (try #require(full.min()))
    for (a, b) in zip(full, short) { #expect(abs(a - b) <= spread, "\(full) \(short)") }
  }

  @Test func gradientNormIsLimited() throws {
    let parameter = try Parameter([1, 1], shape: [2])
    var recipe = OptimizerRecipe(.adamw, learningRate: 0.1)
    recipe.maximumGradientNorm = 1
    let optimizer = try Optimizer([.init([(name: "p", parameter: parameter)])], recipe)
    try parameter.tensor.slot?.add(Tensor([30, 40], shape: [2]))
    #expect(try optimizer.step() == 50)
    let first = try #require(try optimizer.state().first)
    // (1 − β₁) of the gradient, scaled to norm 1.
    expectClose(first.values, [0.06, 0.08], tolerance: 1e-5)
  }

  /// What lies beyond the valid length changes neither features nor loss.
  @Test func paddingDoesNotCount() throws {
    var generator = SplitMix64("padding", 1)
    let network = try CPCNetwork(.init(width: 8, hidden: 8, layers: 1), generator: &generator)
    let whole = try normal(1, 12, 30)
    let padded = try Tensor.concatenated([whole, Tensor(repeating: 9, shape: [1, 12, 10])], axis: 2)
    expectClose(
      try network.features(padded, lengths: [30]).values, try network.features(whole).values, tolerance: 1e-6)
    let objective = InfoNCE(stepsAhead: 3, negatives: 7)
    var losses: [Float] = []
    for (x, lengths) in [(whole, nil), (padded, [30])] {
      var draws = SplitMix64("draws", 1)
      let output = try network(x)
      losses.append(
        try objective(
          predictions: network.predictions(from: output.context), tokens: output.tokens, lengths: lengths,
          generator: &draws
        ).loss.scalar)
    }
    expectClose([losses[1]], [losses[0]], tolerance: 1e-6)
  }
}
