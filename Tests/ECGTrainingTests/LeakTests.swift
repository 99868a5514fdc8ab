import ECGData
import ECGTraining
import Foundation
import Testing

/// Nothing of what is tested may be known before.
@Suite struct LeakTests {
  private static func recipe(seed: UInt64) -> EvaluationRecipe {
    var recipe = EvaluationRecipe()
    recipe.task = "ptbxl.superclass"
    recipe.protocol = .supervised
    recipe.network = EncoderRecipe(.cpc)
    (recipe.network.width, recipe.network.hidden, recipe.network.layers) = (32, 32, 1)
    recipe.network.strided = true
    recipe.epochs = 6
    recipe.batch = 16
    recipe.stride = 7.5
    recipe.bootstrap = 0
    recipe.optimizer.learningRate = 1e-2
    recipe.seed = seed
    (recipe.trainFolds, recipe.validationFolds, recipe.testFolds) = (
      Folds([1, 2]), Folds([3]), Folds(Set(4...10))
    )
    return recipe
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "leak-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private func convert(_ raw: String, to output: String) throws -> ShardSet {
    _ = try Converter(sources: [Datasets.open("\(raw)/records100")], output: output).run()
    return try ShardSet(output)
  }

  private func area(_ shards: ShardSet, _ recipe: EvaluationRecipe, _ run: String) async throws -> Double {
    try await ComputeActor.run { try Evaluation(shards, recipe, output: run).run().macroAUC }
  }

  /// Labels that say nothing of the signals are not predicted better than by chance, whatever the epoch is chosen by.
  ///
  /// Areas on the test records, some 350, have a standard deviation of 0.018 over shuffles, and the mean of twenty a standard
  /// error of 0.004: 0.015 is more than three of them.
  @Test func shuffledLabels() async throws {
    try await withFolder { folder in
      let raw = "\(folder)/raw"
      try Simulation(layout: "ptb-xl", records: 500, seed: 11).write(to: raw, jobs: 2)
      let stated = try await area(convert(raw, to: "\(folder)/stated"), Self.recipe(seed: 0), "\(folder)/run")
      #expect(stated > 0.6, "what labels tell is not learnt: \(stated)")
      var areas: [Double] = []
      for seed in 0..<UInt64(20) {
        var generator = SplitMix64("shuffle", seed)
        try SimulatedTable.change(raw, "scp_codes") { $0.shuffle(using: &generator) }
        areas.append(
          try await area(
            convert(raw, to: "\(folder)/\(seed)"), Self.recipe(seed: seed), "\(folder)/run-\(seed)"))
      }
      let mean = areas.reduce(0, +) / Double(areas.count)
      #expect(abs(mean - 0.5) <= 0.015, "\(areas)")
    }
  }

  /// A patient with records on two sides is refused, whichever they are.
  @Test(arguments: [(1, 8), (3, 8), (2, 3)]) func aPatientOnTwoSides(one: Int, other: Int) async throws {
    try await withFolder { folder in
      let raw = "\(folder)/raw"
      try Simulation(layout: "ptb-xl", records: 160, seed: 11).write(to: raw, jobs: 2)
      var folds: [String] = []
      try SimulatedTable.change(raw, "strat_fold") { folds = $0 }
      let whole = try convert(raw, to: "\(folder)/whole")
      _ = try await area(whole, Self.recipe(seed: 0), "\(folder)/run")
      let places = try [one, other].map { fold in
        try #require(folds.firstIndex { Int(Double($0) ?? 0) == fold })
      }
      try SimulatedTable.change(raw, "patient_id") { $0[places[1]] = $0[places[0]] }
      let shards = try convert(raw, to: "\(folder)/moved")
      do {
        _ = try await area(shards, Self.recipe(seed: 0), "\(folder)/leak")
        Issue.record("nothing was thrown")
      } catch let error as ECGError {
        #expect(error.code == .invalidArgument && error.record != nil, "\(error)")
        #expect(error.message.contains("patient"))
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/leak"))
      }
    }
  }
}
