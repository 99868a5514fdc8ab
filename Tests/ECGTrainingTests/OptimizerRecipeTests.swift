import ECGData
import Testing

@testable import ECGTraining

/// Optimisers as recipes state them.
@Suite struct OptimizerRecipeTests {
  @Test(arguments: OptimizerRecipe.Algorithm.allCases) func yaml(algorithm: OptimizerRecipe.Algorithm) throws
  {
    let recipe = try YAML.decode(
      "{optimizer: {algorithm: \(algorithm), learning_rate: 0.003, beta2: 0.95, decays_biases: false}}",
      over: PretrainingRecipe(), file: "recipe.yaml")
    var expected = OptimizerRecipe(algorithm, learningRate: 0.003, weightDecay: 1e-3)
    expected.beta2 = 0.95
    expected.decaysBiases = false
    #expect(recipe.optimizer == expected)
    try recipe.check()
    let text = try YAML.encode(recipe)
    #expect(try YAML.decode(text, over: PretrainingRecipe(), file: "recipe.yaml") == recipe)
    #expect(text.contains("beta2: 0.95\n") && text.contains("learning_rate: 0.003\n"), "\(text)")
  }

  @Test(arguments: [
    "learning_rate: 0", "learning_rate: .nan", "learning_rate: .inf", "weight_decay: -0.1", "beta1: 1",
    "beta2: -0.5", "epsilon: 0", "momentum: 1", "nesterov: true", "trust: 0", "maximum_gradient_norm: -1",
    "algorithm: sgd, momentum: 0, nesterov: true", "algorithm: lars, nesterov: true",
  ])
  func makesNoSense(settings: String) async throws {
    let text = "{optimizer: {\(settings)}}"
    let pretraining = try YAML.decode(text, over: PretrainingRecipe(), file: "recipe.yaml")
    let evaluation = try YAML.decode(text, over: EvaluationRecipe(), file: "recipe.yaml")
    for attempt in [{ try pretraining.check() }, { try evaluation.check() }] {
      let error = #expect(throws: ECGError.self) { try attempt() }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains("optimizer.") == true)
    }
    await ComputeActor.run {
      _ = #expect(throws: ECGError.self) { try Optimizer([], pretraining.optimizer) }
    }
  }
}
