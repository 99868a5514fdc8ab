import ECGData
import Testing

@testable import ECGTraining

/// Optimisers against PyTorch in double precision, and what PyTorch does not say.
@Suite @ComputeActor struct OptimizerTests {
  /// A parameter of two axes and one of a single axis, with a gradient that depends on a step.
  private struct Pair {
    let weight: Parameter
    let bias: Parameter

    @ComputeActor init() throws {
      weight = try Parameter(normal(4, 3, seed: 1).values, shape: [4, 3])
      bias = try Parameter(normal(5, seed: 2).values, shape: [5], isDecayable: false)
    }

    var named: [(name: String, parameter: Parameter)] {
      [(name: "weight", parameter: weight), (name: "bias", parameter: bias)]
    }

    @ComputeActor func setGradients(step: UInt64) throws {
      try weight.tensor.slot?.add(normal(4, 3, seed: 10 + step))
      try bias.tensor.slot?.add(normal(5, seed: 20 + step))
    }

    @ComputeActor var values: [[Float]] {
      get throws { [try weight.tensor.values, try bias.tensor.values] }
    }
  }

  /// Ten steps on given gradients, a tenth of the learning rate and no decay for the second parameter.
  @Test(arguments: ["adam", "adam.warmup", "adamw", "sgd", "sgd.nesterov", "lars", "clip"])
  func golden(name: String) throws {
    let golden = try Golden(optimizer: name)
    func number(_ name: String) -> Float? { golden.numbers[name].map { Float($0) } }
    let word = name == "clip" ? "sgd" : String(name.prefix { $0 != "." })
    var recipe = OptimizerRecipe(
      try #require(OptimizerRecipe.Algorithm(rawValue: word)),
      learningRate: try #require(number("learningRate")),
      weightDecay: try #require(number("weightDecay")))
    recipe.momentum = number("momentum") ?? recipe.momentum
    recipe.nesterov = name.hasSuffix("nesterov")
    recipe.trust = number("trust") ?? recipe.trust
    recipe.maximumGradientNorm = number("maximumNorm") ?? 0
    let schedule = golden.numbers["warmUp"].map { Schedule(.warmupCosine, warmup: Int($0)) } ?? Schedule()

    let pair = try Pair()
    for (name, parameter) in pair.named { try parameter.set(golden.values(name).values) }
    let optimizer = try Optimizer(
      [
        .init([pair.named[0]]),
        .init([pair.named[1]], learningRateFactor: try #require(number("biasFactor")), weightDecay: 0),
      ], recipe)
    for step in 0..<(try golden.number("steps")) {
      // The cosine that follows the warm-up is as long as can be, and so as good as constant.
      optimizer.learningRate = recipe.learningRate * schedule.factor(step: step, of: 1 << 40)
      optimizer.clearGradients()
      for (name, parameter) in pair.named {
        try parameter.tensor.slot?.add(golden.tensor("gradient.\(name).\(step)"))
      }
      let norm = try optimizer.step()
      if recipe.maximumGradientNorm > 0 {
        #expect(relativeError([Float(norm)], try golden.values("norm.\(step)").values) < 1e-6)
      }
      for (name, parameter) in pair.named {
        let error = try relativeError(parameter.tensor.values, golden.values("\(name).\(step)").values)
        #expect(error < 1e-6, "\(name) after step \(step)")
      }
    }
  }

  private nonisolated static let recipes: [OptimizerRecipe] = {
    var recipes = OptimizerRecipe.Algorithm.allCases.map {
      OptimizerRecipe($0, learningRate: 0.05, weightDecay: 0.1)
    }
    var nesterov = OptimizerRecipe(.sgd, learningRate: 0.05, weightDecay: 0.1)
    nesterov.nesterov = true
    recipes.append(nesterov)
    return recipes
  }()

  private func step(_ optimizer: Optimizer, _ pair: Pair, _ number: UInt64) throws {
    optimizer.clearGradients()
    try pair.setGradients(step: number)
    try optimizer.step()
  }

  @Test(arguments: recipes) func goesOnFromAStoredState(recipe: OptimizerRecipe) throws {
    let whole = try Pair()
    let optimizer = try Optimizer([.init(whole.named)], recipe)
    for number in 0..<5 { try step(optimizer, whole, UInt64(number)) }

    let parts = try Pair()
    var current = try Optimizer([.init(parts.named)], recipe)
    for number in 0..<5 {
      let state = try current.state()
      current = try Optimizer([.init(parts.named)], recipe)
      try current.load(state)
      #expect(try current.state() == state)
      try step(current, parts, UInt64(number))
    }
    #expect(try parts.values == whole.values)
    #expect(try current.state() == optimizer.state())
  }

  @Test(arguments: recipes) func statesThatDoNotFitAreRefusedWhole(recipe: OptimizerRecipe) throws {
    let pair = try Pair()
    let optimizer = try Optimizer([.init(pair.named)], recipe)
    try step(optimizer, pair, 0)
    let state = try optimizer.state()
    var reshaped = state
    reshaped[0].shape = [3, 4]
    let other = try Pair()
    let another = try Optimizer(
      [.init(other.named)],
      recipe.algorithm == .sgd ? .init(learningRate: 0.1) : .init(.sgd, learningRate: 0.1))
    try step(another, other, 0)
    var wrong = [reshaped, state + [NamedValues(name: "more.first", shape: [], values: [1])]]
    // LARS and SGD remember the same.
    wrong += recipe.algorithm == .lars ? [] : [try another.state()]
    if state.count > 2 {
      var early = state
      early[2].values = [0]
      wrong += [Array(state.dropLast()), early]
    }
    for wrong in wrong {
      let error = #expect(throws: ECGError.self) { try optimizer.load(wrong) }
      #expect(error?.code == .mismatch)
      #expect(try optimizer.state() == state)
    }
  }

  @Test(arguments: recipes) func leavesFrozenParametersAlone(recipe: OptimizerRecipe) throws {
    let pair = try Pair()
    let optimizer = try Optimizer([.init(pair.named)], recipe)
    let before = try pair.values
    pair.weight.isFrozen = true
    try step(optimizer, pair, 0)
    #expect(try pair.weight.tensor.values == before[0])
    #expect(try pair.bias.tensor.values != before[1])
    #expect(try optimizer.state().allSatisfy { $0.name.hasPrefix("bias.") })
    // Without a gradient nothing decays either.
    pair.weight.isFrozen = false
    optimizer.clearGradients()
    let after = try pair.values
    #expect(try optimizer.step() == 0)
    #expect(try pair.values == after)
  }

  @Test(arguments: recipes) func threadsDoNotShow(recipe: OptimizerRecipe) throws {
    defer { try? ComputeActor.setThreads(1) }
    func values(threads: Int) throws -> ([Float], [NamedValues], Double) {
      try ComputeActor.setThreads(threads)
      var recipe = recipe
      recipe.maximumGradientNorm = 1
      let parameter = try Parameter(normal(301, 333).values, shape: [301, 333])
      let optimizer = try Optimizer([.init([(name: "large", parameter: parameter)])], recipe)
      var norm = 0.0
      for seed in 2..<5 {
        optimizer.clearGradients()
        try parameter.tensor.slot?.add(normal(301, 333, seed: UInt64(seed)))
        norm = try optimizer.step()
      }
      return (try parameter.tensor.values, try optimizer.state(), norm)
    }
    let one = try values(threads: 1)
    for threads in 2...3 { #expect(try values(threads: threads) == one) }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity], recipes)
  func aGradientThatIsNotFiniteIsNamed(value: Float, recipe: OptimizerRecipe) throws {
    let pair = try Pair()
    let optimizer = try Optimizer([.init(pair.named)], recipe)
    try step(optimizer, pair, 0)
    let before = (try pair.values, try optimizer.state())
    optimizer.clearGradients()
    try pair.weight.tensor.slot?.add(normal(4, 3))
    try pair.bias.tensor.slot?.add(Tensor([0, 1, value, 0, 0], shape: [5]))
    let error = #expect(throws: ECGError.self) { try optimizer.step() }
    #expect(error?.code == .unsupported)
    #expect(error?.message == "the gradient of bias is not finite")
    #expect(try (pair.values, optimizer.state()) == before)
    try pair.weight.tensor.slot?.add(Tensor(repeating: value, shape: [4, 3]))
    let both = #expect(throws: ECGError.self) { try optimizer.step() }
    #expect(both?.message == "the gradient of bias is not finite (and 1 more)")
  }

  /// Squares of the largest gradients overflow Float32, not the norm.
  @Test func hugeGradientsAreLimited() throws {
    let parameter = try Parameter([0, 0], shape: [2])
    var recipe = OptimizerRecipe(.sgd, learningRate: 1)
    recipe.maximumGradientNorm = 5
    let optimizer = try Optimizer([.init([(name: "p", parameter: parameter)])], recipe)
    try parameter.tensor.slot?.add(Tensor([3e38, 2.25e38], shape: [2]))
    #expect(abs(try optimizer.step() / 3.75e38 - 1) < 1e-6)
    expectClose(try parameter.tensor.values, [-4, -3], tolerance: 1e-6)
  }

  /// The first step of LARS has the length η · trust · ‖θ‖ whatever the gradient's; one axis is not adapted.
  @Test(arguments: [1, 1000]) func layersAreAdapted(scale: Float) throws {
    let pair = try Pair()
    let before = try pair.values
    var recipe = OptimizerRecipe(.lars, learningRate: 0.5)
    recipe.trust = 0.01
    let optimizer = try Optimizer([.init(pair.named)], recipe)
    let gradients = (weight: try normal(4, 3, seed: 7).values, bias: try normal(5, seed: 8).values)
    try pair.weight.tensor.slot?.add(Tensor(gradients.weight.map { $0 * scale }, shape: [4, 3]))
    try pair.bias.tensor.slot?.add(Tensor(gradients.bias.map { $0 * scale }, shape: [5]))
    try optimizer.step()
    func norm(_ values: [Float]) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let factor = 0.5 * 0.01 * norm(before[0]) / norm(gradients.weight)
    expectClose(
      try pair.weight.tensor.values, zip(before[0], gradients.weight).map { $0 - factor * $1 },
      tolerance: 1e-6)
    expectClose(
      try pair.bias.tensor.values, zip(before[1], gradients.bias).map { $0 - 0.5 * scale * $1 },
      tolerance: 1e-6)
  }

  /// A weight that begins at zero would else stay there.
  @Test func zeroWeightsAreNotAdapted() throws {
    let parameter = try Parameter([0, 0], shape: [1, 2])
    let optimizer = try Optimizer(
      [.init([(name: "p", parameter: parameter)])], .init(.lars, learningRate: 0.5, weightDecay: 0.1))
    try parameter.tensor.slot?.add(Tensor([1, -2], shape: [1, 2]))
    try optimizer.step()
    #expect(try parameter.tensor.values == [-0.5, 1])
  }

  @Test(arguments: recipes) func biasesMayBeSparedFromDecay(recipe: OptimizerRecipe) throws {
    func values(_ recipe: OptimizerRecipe) throws -> [[Float]] {
      let pair = try Pair()
      try step(Optimizer([.init(pair.named)], recipe), pair, 0)
      return try pair.values
    }
    var sparing = recipe
    sparing.decaysBiases = false
    var plain = recipe
    plain.weightDecay = 0
    let (decayed, spared, undecayed) = (try values(recipe), try values(sparing), try values(plain))
    #expect(spared[0] == decayed[0] && spared[1] == undecayed[1])
    // The first step of Adam is the gradient's sign, to which a little decay adds nothing.
    #expect(recipe.algorithm == .adam || decayed[1] != undecayed[1])
  }

  @Test func namesMustDiffer() throws {
    let pair = try Pair()
    #expect(throws: ECGError.self) {
      try Optimizer([.init(pair.named), .init([pair.named[0]])], .init(learningRate: 0.1))
    }
  }
}
