import ECGData
import ECGTraining
import Foundation
import Testing

/// The trainer on a simulated collection, from shards to a result.
@Suite struct PretrainingTests {
  private func recipe(_ method: PretrainingRecipe.Method = .cpc) throws -> PretrainingRecipe {
    var recipe = try PretrainingRecipe(method.rawValue)
    if method != .cpc {
      recipe.batch = 4
      recipe.microBatch = 0
      recipe.encoder.width = 4
      recipe.encoder.channels = [4, 6]
      recipe.encoder.dropout = 0.2
      if method != .masked { recipe.encoder.architecture = .xresnet1d18 }
      recipe.head.hidden = 16
      recipe.head.outputs = 8
      recipe.objective.prototypes = 10
      recipe.objective.queue = 1
      recipe.objective.queueEpoch = 0
      recipe.objective.views = method == .swav ? 3 : 2
      recipe.crop = method == .masked ? 2.56 : 2.5
      recipe.rate = 100
      recipe.schedule.warmup = 1
      recipe.budget.epochs = 3
      recipe.validationShare = 0.2
      recipe.excludeFolds = Folds([])
      return recipe
    }
    recipe.encoder.width = 16
    recipe.encoder.hidden = 16
    recipe.encoder.layers = 1
    recipe.objective.negatives = 8
    recipe.batch = 4
    recipe.crop = 2.5
    recipe.budget.epochs = 0
    recipe.budget.steps = 6
    return recipe
  }

  private func withShards(_ body: (ShardSet, String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pretraining-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Simulation(layout: "ptb-xl", records: 16, seed: 3).write(to: "\(folder)/raw", jobs: 2)
    var conversion = Recipe()
    conversion.rate = .hertz(100)
    _ = try Converter(
      sources: [Datasets.open("\(folder)/raw")], output: "\(folder)/shards", recipe: conversion
    ).run()
    try await body(ShardSet("\(folder)/shards"), folder)
  }

  private func result(
    _ shards: ShardSet, _ recipe: PretrainingRecipe, _ output: String
  ) async throws -> Pretraining.Result {
    try await ComputeActor.run { try Pretraining(shards, recipe, output: output).run() }
  }

  private func train(
    _ shards: ShardSet, _ recipe: PretrainingRecipe, _ output: String, stopAfter stop: Int? = nil
  ) async throws -> Double {
    let interruption = Interruption()
    return try await ComputeActor.run {
      try Pretraining(shards, recipe, output: output).run(interruption: interruption) { event in
        if case .step(let step, _, _, _) = event, step == stop { interruption.request() }
      }.loss
    }
  }

  /// The training crops, not only the validation's, are normalised as the recipe says.
  @Test func normalisesTrainingCropsAsTheRecipeSays() async throws {
    try await withShards { shards, folder in
      var plain = try recipe()
      plain.normalization = .none
      let perLead = try await train(shards, try recipe(), "\(folder)/per-lead")
      let millivolts = try await train(shards, plain, "\(folder)/none")
      #expect(perLead != millivolts)
    }
  }

  @Test func goesOnExactlyWhereItWasStopped() async throws {
    try await withShards { shards, folder in
      let whole = try await train(shards, try recipe(), "\(folder)/whole")
      await #expect(throws: ECGError.self) {
        _ = try await train(shards, try recipe(), "\(folder)/stopped", stopAfter: 2)
      }
      #expect(try await train(shards, try recipe(), "\(folder)/stopped") == whole)
    }
  }

  private func curve(_ run: String) throws -> [String] {
    try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8).split(separator: "\n").map { line in
      // All but the time.
      line.split(separator: ",").filter { !$0.contains("\"seconds\"") }.joined(separator: ",")
    }
  }

  /// Stopped anywhere, with whatever a method remembers, the losses and the encoder are those of a run that was not.
  @Test(arguments: PretrainingRecipe.Method.allCases, [1, 4])
  func everyMethodGoesOnExactly(method: PretrainingRecipe.Method, stop: Int) async throws {
    try await withShards { shards, folder in
      let recipe = try recipe(method)
      _ = try await train(shards, recipe, "\(folder)/whole")
      await #expect(throws: ECGError.self) {
        _ = try await train(shards, recipe, "\(folder)/stopped", stopAfter: stop)
      }
      _ = try await train(shards, recipe, "\(folder)/stopped")
      #expect(try curve("\(folder)/whole") == curve("\(folder)/stopped"))
      #expect(try curve("\(folder)/whole").count > stop)
      let whole = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/whole/encoder.safetensors"))
      #expect(try whole == Data(contentsOf: URL(fileURLWithPath: "\(folder)/stopped/encoder.safetensors")))
    }
  }

  /// A run that ends for want of time goes on when there is more, to the losses and the encoder that it would have had.
  @Test func goesOnWhenThereIsMoreTime() async throws {
    try await withShards { shards, folder in
      let recipe = try recipe(.simclr)
      _ = try await train(shards, recipe, "\(folder)/whole")
      var short = recipe
      short.budget.seconds = 0.05
      _ = try await train(shards, short, "\(folder)/parts")
      let begun = try curve("\(folder)/parts").count
      _ = try await train(shards, short, "\(folder)/parts")
      #expect(try curve("\(folder)/parts").count == begun)
      _ = try await train(shards, recipe, "\(folder)/parts")
      func losses(_ run: String) throws -> [String] { try curve(run).filter { $0.contains("\"loss\"") } }
      #expect(try losses("\(folder)/parts") == losses("\(folder)/whole"))
      let whole = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/whole/encoder.safetensors"))
      #expect(try whole == Data(contentsOf: URL(fileURLWithPath: "\(folder)/parts/encoder.safetensors")))
    }
  }

  /// Codes that are not balanced let all embeddings become one, and this is told.
  @Test(arguments: [0, 3]) func namesACollapse(rounds: Int) async throws {
    try await withShards { shards, folder in
      var recipe = try recipe(.swav)
      recipe.objective.rounds = rounds
      recipe.objective.views = 2
      recipe.objective.queue = 0
      recipe.augmentations = []
      recipe.optimizer.learningRate = 3e-3
      recipe.schedule.shape = .constant
      recipe.budget.epochs = 40
      let result = try await result(shards, recipe, "\(folder)/run")
      #expect(result.findings.contains { $0.hasPrefix("collapse") } == (rounds == 0), "\(result.health)")
    }
  }

  @Test func tellsWhatIsLeftOut() async throws {
    try await withShards { shards, folder in
      let folds = shards.records(inFolds: nil).map { shards.fold($0) }
      var recipe = try recipe()
      recipe.excludeFolds = Folds([try #require(folds.first)])
      let result = try await result(shards, recipe, "\(folder)/run")
      #expect(result.excludedFolds == recipe.excludeFolds.description)
      #expect(result.excludedRecords == folds.count { $0 == folds[0] } && result.excludedCopies == 0)
      #expect(result.records + result.validationRecords + result.excludedRecords == shards.count)
    }
  }

  /// Predicting all distances trains a map for each.
  @Test func predictsAllDistances() async throws {
    try await withShards { shards, folder in
      var recipe = try recipe()
      recipe.objective.stepsAhead = 4
      let one = try await result(shards, recipe, "\(folder)/one")
      recipe.objective.allSteps = true
      let all = try await result(shards, recipe, "\(folder)/all")
      #expect(all.parameters == one.parameters + 3 * 16 * 16)
      #expect(all.loss.isFinite && all.loss != one.loss)
    }
  }

  /// Batches that are computed in parts train as well; of a method whose parts are the views, they are the same.
  @Test(arguments: [PretrainingRecipe.Method.simclr, .byol, .swav])
  func largeBatchesAreComputedInParts(method: PretrainingRecipe.Method) async throws {
    try await withShards { shards, folder in
      var parts = try recipe(method)
      parts.microBatch = method == .byol ? 4 : 3
      let whole = try await train(shards, recipe(method), "\(folder)/whole")
      let inParts = try await train(shards, parts, "\(folder)/parts")
      #expect(inParts.isFinite && whole.isFinite)
      #expect((inParts == whole) == (method == .byol))
    }
  }

  /// The encoder that a run leaves says what it is.
  @Test func leavesAnEncoderThatOpens() async throws {
    try await withShards { shards, folder in
      _ = try await train(shards, recipe(), "\(folder)/run")
      try await ComputeActor.run {
        let file = try EncoderFile(contentsOf: "\(folder)/run/encoder.safetensors")
        #expect(file.encoder.featureCount == 3 * 16)
        #expect(file.metadata["architecture"] == "cpc" && file.metadata["rate_hz"] == "100.0")
      }
    }
  }

  /// A run of a version whose recipes had fewer keys, and numbers of more digits, goes on; of another rate it does not.
  @Test func goesOnFromARecipeOfFewerKeys() async throws {
    try await withShards { shards, folder in
      let whole = try await train(shards, try recipe(), "\(folder)/whole")
      await #expect(throws: ECGError.self) {
        _ = try await train(shards, try recipe(), "\(folder)/stopped", stopAfter: 2)
      }
      let file = "\(folder)/stopped/recipe.yaml"
      let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
      let begin = try #require(lines.firstIndex(of: "optimizer:")) + 1
      let end = try #require(lines[begin...].firstIndex { !$0.hasPrefix(" ") })
      func store(rate: String) throws {
        let settings = ["  learning_rate: \(rate)", "  weight_decay: 0.00100000004749745"]
        try (lines[..<begin] + settings + lines[end...]).map { $0 + "\n" }.joined()
          .write(toFile: file, atomically: true, encoding: .utf8)
      }
      try store(rate: "0.002")
      let error = await #expect(throws: ECGError.self) {
        _ = try await train(shards, try recipe(), "\(folder)/stopped")
      }
      #expect(error?.message.contains("learning_rate: 0.002 is now   learning_rate: 0.0001") == true)
      try store(rate: "9.99999974737875e-05")
      #expect(try await train(shards, try recipe(), "\(folder)/stopped") == whole)
    }
  }
}

/// Recipes that would trap or fail later than need be.
@Suite struct TrainingRecipeTests {
  private static let sizes = [
    "hidden: 4611686018427387904", "width: 2000000", "layers: 1000000000", "width: 0",
  ]

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "recipes-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try await body(folder)
  }

  @Test(arguments: sizes) func sizesOfAnEvaluationAreChecked(size: String) async throws {
    try await withFolder { folder in
      let file = "\(folder)/evaluation.yaml"
      try "network: {\(size)}\n".write(toFile: file, atomically: true, encoding: .utf8)
      let recipe = try EvaluationRecipe(contentsOf: file)
      let error = #expect(throws: ECGError.self) { try recipe.check() }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test(arguments: sizes) func aRunsRecipeIsChecked(size: String) async throws {
    try await withFolder { folder in
      let files = ["recipe.yaml": "encoder: {\(size)}\n", "encoder.safetensors": ""]
      for (name, text) in files {
        try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      }
      var recipe = EvaluationRecipe()
      let error = #expect(throws: ECGError.self) { try recipe.use(encoder: folder) }
      #expect(error?.code == .invalidArgument && error?.file == "\(folder)/recipe.yaml")
    }
  }

  private func begin(_ shards: ShardSet, _ recipe: PretrainingRecipe, _ output: String) async throws {
    try await ComputeActor.run { _ = try Pretraining(shards, recipe, output: output) }
  }

  @Test func stepsBeyondTheCropLeaveNothingBehind() async throws {
    try await withFolder { folder in
      try Simulation(layout: "ptb-xl", records: 8, seed: 3).write(to: "\(folder)/raw", jobs: 2)
      var conversion = Recipe()
      conversion.rate = .hertz(100)
      _ = try Converter(
        sources: [Datasets.open("\(folder)/raw")], output: "\(folder)/shards", recipe: conversion
      ).run()
      var recipe = PretrainingRecipe()
      recipe.encoder.width = 8
      recipe.encoder.hidden = 8
      recipe.batch = 4
      recipe.crop = 2.5
      recipe.objective.stepsAhead = 250
      let shards = try ShardSet("\(folder)/shards")
      let error = await #expect(throws: ECGError.self) {
        try await begin(shards, recipe, "\(folder)/run")
      }
      #expect(error?.code == .invalidArgument && error?.message.contains("250 tokens") == true)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/run"))
    }
  }
}
