import ECGData
import Testing

@testable import ECGTraining

@Suite struct PretrainingRecipeTests {
  /// Every recipe that is compiled in can be read, makes sense, and is of the method that its name tells.
  @Test(arguments: [
    "cpc", "cpc-small", "cpc-tiny", "cpc-30m", "cpc-all", "cpc-without-ptbxl", "simclr", "simclr-small",
    "byol", "byol-small", "swav", "swav-small", "masked", "masked-small",
  ])
  func namedRecipesMakeSense(name: String) throws {
    let recipe = try PretrainingRecipe(name)
    #expect(name.hasPrefix(recipe.method.rawValue))
    #expect(PretrainingRecipe.names.count == 14 && PretrainingRecipe.names.contains(name))
    #expect(try YAML.decode(YAML.encode(recipe), over: PretrainingRecipe(), file: name) == recipe)
    let suffix = name.split(separator: "-").dropFirst().joined(separator: "-")
    #expect(try PretrainingRecipe(suffix.isEmpty ? "paper" : suffix, method: recipe.method) == recipe)
    let other: PretrainingRecipe.Method = recipe.method == .cpc ? .byol : .cpc
    let error = #expect(throws: ECGError.self) { try PretrainingRecipe(name, method: other) }
    #expect(error?.message.contains(recipe.method.rawValue) == true)
  }

  @Test(arguments: EvaluationRecipe.names) func evaluationsMakeSense(name: String) throws {
    let recipe = try EvaluationRecipe(name)
    try recipe.check()
    #expect(recipe != EvaluationRecipe() && recipe.network.architecture == .uresnet)
    #expect(throws: ECGError.self) { try EvaluationRecipe("no-such-recipe") }
  }

  /// The figures of Mehari and Strodthoff (2022).
  @Test func paperRecipesHaveThePapersFigures() throws {
    let simclr = try PretrainingRecipe("simclr")
    #expect(simclr.head == .simCLR && simclr.objective.temperature == 0.5)
    #expect(simclr.optimizer.learningRate == 2.29e-3 && simclr.optimizer.weightDecay == 1e-6)
    #expect(!simclr.optimizer.decaysBiases && simclr.batch == 4096 && simclr.budget.epochs == 2000)
    #expect(simclr.schedule == Schedule(.warmupCosine, warmup: 10) && simclr.crop == 2.5)
    #expect(
      simclr.augmentations == [
        Augmentation(.randomResizedCrop(low: 0.5, high: 1)), Augmentation(.timeOut(low: 0.2, high: 0.4)),
      ])
    let byol = try PretrainingRecipe("byol")
    #expect([simclr, byol].allSatisfy { $0.keep == .last && $0.rate == 100 })
    #expect(byol.head == .byol && byol.optimizer.weightDecay == 1e-5 && byol.objective.decay == 0.996)
    let swav = try PretrainingRecipe("swav")
    #expect(swav.head == .swAV && swav.optimizer.learningRate == 1e-3 && swav.objective.prototypes == 3000)
    #expect(swav.objective.temperature == 0.1 && swav.objective.queue == 8 && swav.objective.queueEpoch == 15)
    #expect(try PretrainingRecipe("cpc").encoder == PretrainingRecipe().encoder)
  }

  /// Keys of weights are the user's own; all others are known.
  @Test func weightsAreOfAnySource() throws {
    let text = "pool: {weights: {ptb-xl: 1, challenge: 4.5}}"
    let recipe = try YAML.decode(text, over: PretrainingRecipe(), file: "recipe")
    #expect(recipe.pool.weights == ["ptb-xl": 1, "challenge": 4.5])
    #expect(try YAML.decode(YAML.encode(recipe), over: PretrainingRecipe(), file: "recipe") == recipe)
    #expect(throws: ECGError.self) {
      try YAML.decode("pool: {weight: {x: 1}}", over: PretrainingRecipe(), file: "recipe")
    }
  }

  @Test func recipesThatMakeNoTrainingAreRefused() throws {
    let changes: [(String, (inout PretrainingRecipe) -> Void)] = [
      ("pool.weights", { $0.pool.weights = ["ptb-xl": .infinity] }),
      ("pool.weights", { $0.pool.weights = ["ptb-xl": 0] }),
      (
        "moves them in time",
        {
          $0.method = .masked
          $0.encoder.architecture = .uresnet
          $0.augmentations = [Augmentation(.randomResizedCrop(low: 0.5, high: 1))]
        }
      ),
      ("flag of a record", { $0.pool.without = ["missing"] }),
      ("pool.except names ptbxl", { $0.pool.except = ["ptbxl"] }),
      ("no task", { $0.probe.task = "ptbxl.none" }),
      (
        "probe.every",
        {
          $0.probe.task = "ptbxl.all"
          $0.probe.every = 0
        }
      ),
      ("encoder", { $0.encoder.architecture = .uresnet }),
      (
        "encoder",
        {
          $0.encoder.architecture = .cpc
          $0.method = .masked
        }
      ),
      ("encoder.hidden", { $0.encoder.hidden = .max }),
      ("encoder.channels", { $0.encoder.channels = [1] }),
      ("head", { $0.head.outputs = 0 }),
      ("temperature", { $0.objective.temperature = -1 }),
      (
        "original_negatives",
        {
          $0.objective.originalNegatives = true
          $0.objective.temperature = 2
        }
      ),
      ("views", { $0.objective.codeViews = 7 }),
      ("epsilon", { $0.objective.epsilon = 0 }),
      ("micro_batch", { $0.microBatch = -1 }),
      (
        "micro_batch",
        {
          $0.microBatch = 1
          $0.head.isNormalized = true
        }
      ),
      ("rate", { $0.rate = -1 }),
      (
        "schedule",
        {
          $0.budget.epochs = 0
          $0.budget.seconds = 9
        }
      ),
      ("checkpoint_minutes", { $0.checkpointMinutes = 0 }),
    ]
    for (part, change) in changes {
      var recipe = try PretrainingRecipe("simclr")
      change(&recipe)
      let error = #expect(throws: ECGError.self) { try recipe.check() }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "") should mention \(part)")
    }
  }

  /// `--for` ends a run, and leaves the schedule as it is.
  @Test func secondsDoNotChangeTheSchedule() throws {
    var recipe = try PretrainingRecipe("simclr")
    #expect(recipe.horizon(stepsPerEpoch: 10) == 20_000)
    recipe.budget.seconds = 5
    #expect(recipe.horizon(stepsPerEpoch: 10) == 20_000)
    recipe.budget.steps = 7
    #expect(recipe.horizon(stepsPerEpoch: 10) == 7)
    recipe.budget.epochs = 0
    #expect(recipe.horizon(stepsPerEpoch: 10) == 7)
  }
}
