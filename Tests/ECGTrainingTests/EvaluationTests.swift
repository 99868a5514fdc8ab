import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// A classifier tested on the records of another conversion.
@Suite struct EvaluationTests {
  private static func recipe(folds: (train: Set<UInt8>, validation: Set<UInt8>, test: Set<UInt8>))
    -> EvaluationRecipe
  {
    var recipe = EvaluationRecipe()
    recipe.task = "ptbxl.superclass"
    recipe.protocol = .supervised
    recipe.network.width = 16
    recipe.network.hidden = 16
    recipe.network.layers = 1
    recipe.epochs = 2
    recipe.batch = 16
    recipe.bootstrap = 20
    (recipe.trainFolds, recipe.validationFolds, recipe.testFolds) = (
      Folds(folds.train), Folds(folds.validation), Folds(folds.test)
    )
    return recipe
  }

  /// Shards of a simulated collection, made below `folder`.
  ///
  /// Simulated patients have the same numbers whatever the seed is; `firstPatient` makes them others.
  private static func shards(_ folder: String, seed: UInt64, rate: Double, firstPatient: Int = 0) throws
    -> ShardSet
  {
    let place = "\(folder)/\(seed)-\(Int(rate))"
    try Simulation(layout: "ptb-xl", records: 60, seed: seed).write(to: "\(place)/raw", jobs: 2)
    try SimulatedTable.change("\(place)/raw", "patient_id") { column in
      column = column.map { "\(firstPatient + Int(Double($0) ?? 0))" }
    }
    var conversion = Recipe()
    conversion.rate = .hertz(rate)
    _ = try Converter(
      sources: [Datasets.open("\(place)/raw")], output: "\(place)/shards", recipe: conversion
    ).run()
    return try ShardSet("\(place)/shards")
  }

  private static func evaluate(
    _ shards: ShardSet, _ recipe: EvaluationRecipe, testedOn tested: ShardSet?, _ output: String
  ) async throws -> (result: Evaluation.Result, predictions: String) {
    let result = try await ComputeActor.run {
      try Evaluation(shards, recipe, testedOn: tested, output: output).run()
    }
    return (result, try String(contentsOfFile: "\(output)/predictions.csv", encoding: .utf8))
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "evaluation-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  /// Fine-tuning is two phases with rates of their own; stopped in either, or between them, it goes on as it would have.
  ///
  /// Crops of 10 s are whole records, whose features are computed once while the encoder is frozen.
  @Test(arguments: [1, 2, 3, 4], [2.5, 10]) func fineTuningGoesOnExactly(stop: Int, crop: Double) async throws
  {
    try await withFolder { folder in
      let shards = try Self.shards(folder, seed: 3, rate: 100)
      var recipe = Self.recipe(folds: ([1, 2, 3, 4], [5, 6], [7, 8, 9, 10]))
      recipe.protocol = .finetune
      (recipe.crop, recipe.stride) = (crop, crop / 2)
      recipe.finetuning.epochs = 3
      recipe.optimizer.learningRate = 2e-3
      let whole = try await Self.evaluate(shards, recipe, testedOn: nil, "\(folder)/whole")
      let settings = recipe
      await #expect(throws: ECGError.self) {
        try await ComputeActor.run {
          let interruption = Interruption()
          _ = try Evaluation(shards, settings, output: "\(folder)/stopped").run(interruption: interruption) {
            if case .epoch(let epoch, _, _) = $0, epoch + 1 == stop { interruption.request() }
          }
        }
      }
      let stopped = try await Self.evaluate(shards, recipe, testedOn: nil, "\(folder)/stopped")
      #expect(stopped.predictions == whole.predictions)
      let lines = try String(contentsOfFile: "\(folder)/stopped/metrics.jsonl", encoding: .utf8)
        .split(separator: "\n")
      #expect(lines.count == 5)
      func aucs(_ run: String) throws -> [Substring] {
        try String(contentsOfFile: "\(folder)/\(run)/metrics.jsonl", encoding: .utf8).split(separator: "\n")
          .compactMap { $0.split(separator: ",").first { $0.contains("validation_macro_auc") } }
      }
      #expect(try aucs("stopped").count == 5 && aucs("stopped") == aucs("whole"))
      #expect(lines.prefix(2).allSatisfy { $0.contains("\"learning_rate\":0.002") })
      #expect(
        lines.suffix(3).allSatisfy {
          $0.contains("\"learning_rate\":9.99") || $0.contains("\"learning_rate\":0.0001")
        })
      // Without the encoder's share another classifier comes out.
      recipe.validationFolds = Folds([])
      let last = try await Self.evaluate(shards, recipe, testedOn: nil, "\(folder)/last")
      recipe.finetuning.encoder = 0
      recipe.finetuning.context = 0
      let head = try await Self.evaluate(shards, recipe, testedOn: nil, "\(folder)/head")
      #expect(head.predictions != last.predictions)
    }
  }

  /// Features that are computed once train the classifier that features of every batch train.
  @Test func keptFeaturesAreThoseOfEachBatch() async throws {
    try await withFolder { folder in
      let shards = try Self.shards(folder, seed: 3, rate: 100)
      var recipe = Self.recipe(folds: ([1, 2, 3, 4], [5, 6], [7, 8, 9, 10]))
      recipe.protocol = .linear
      (recipe.crop, recipe.stride) = (10, 5)
      recipe.optimizer.learningRate = 0.02
      let settings = recipe
      let scores = try await ComputeActor.run {
        try ["kept", "anew"].map { name in
          let evaluation = try Evaluation(shards, settings, output: "\(folder)/\(name)")
          if name == "anew" { evaluation.mostFeatureBytes = 0 }
          _ = try evaluation.run()
          return try String(contentsOfFile: "\(folder)/\(name)/predictions.csv", encoding: .utf8)
            .split(separator: "\n").dropFirst()
            .flatMap { $0.split(separator: ",").dropFirst(2).compactMap { Float($0) } }
        }
      }
      try #require(scores[0].count == scores[1].count && scores[0].count > 100)
      #expect(zip(scores[0], scores[1]).allSatisfy { abs($0 - $1) < 1e-5 })
      // What is compared has been trained.
      #expect(Set(scores[0]).count > scores[0].count / 4)
    }
  }

  /// The same records named twice give the same scores.
  @Test func theSameShardsTestedApart() async throws {
    try await withFolder { folder in
      let shards = try Self.shards(folder, seed: 3, rate: 100)
      let recipe = Self.recipe(folds: ([1, 2, 3, 4], [5, 6], [7, 8, 9, 10]))
      let together = try await Self.evaluate(shards, recipe, testedOn: nil, "\(folder)/together")
      let apart = try await Self.evaluate(shards, recipe, testedOn: shards, "\(folder)/apart")
      #expect(together.predictions == apart.predictions)
      #expect(together.result.macroAUC == apart.result.macroAUC)
    }
  }

  /// All folds of another collection may be tested on; their predictions are told by its ids.
  @Test func anotherCollection() async throws {
    try await withFolder { folder in
      let shards = try Self.shards(folder, seed: 3, rate: 100)
      let other = try Self.shards(folder, seed: 4, rate: 100, firstPatient: 1000)
      let recipe = Self.recipe(folds: ([1, 2, 3, 4, 5, 6, 7, 8], [9, 10], Set(1...10)))
      let (result, predictions) = try await Self.evaluate(shards, recipe, testedOn: other, "\(folder)/run")
      let lines = predictions.split(separator: "\n")
      #expect(lines.count == 1 + result.records)
      #expect(result.records > result.trainRecords)
      let ids = Set(lines.dropFirst().compactMap { $0.split(separator: ",").first.map(String.init) })
      #expect(ids.count == result.records)
      #expect(ids.isSubset(of: Set((1...60).map(String.init))))
      // Without another collection the same folds would leak.
      await #expect(throws: ECGError.self) {
        _ = try await Self.evaluate(shards, recipe, testedOn: nil, "\(folder)/leak")
      }
    }
  }

  /// The same records in another directory are the same records.
  @Test(
    arguments: [([1, 2, 3, 4], [5, 6], [4, 7]), ([1, 2, 3, 4], [5, 6], [6, 7])]
      as [([UInt8], [UInt8], [UInt8])])
  func aRecordIsNotTrainedAndTestedOn(train: [UInt8], validation: [UInt8], test: [UInt8]) async throws {
    try await withFolder { folder in
      let shards = try Self.shards(folder, seed: 3, rate: 100)
      let copy = "\(folder)/copy"
      _ = try Merge([shards.directory], output: copy).run()
      let recipe = Self.recipe(folds: (Set(train), Set(validation), Set(test)))
      do {
        _ = try await Self.evaluate(shards, recipe, testedOn: try ShardSet(copy), "\(folder)/run")
        Issue.record("nothing was thrown")
      } catch let error as ECGError {
        #expect(error.code == .invalidArgument && error.file == copy && error.record != nil, "\(error)")
        #expect(error.message.contains("trained on"))
      }
    }
  }

  @Test func anotherRateIsRefused() async throws {
    try await withFolder { folder in
      let shards = try Self.shards(folder, seed: 3, rate: 100)
      let other = try Self.shards(folder, seed: 4, rate: 50)
      let recipe = Self.recipe(folds: ([1, 2, 3, 4, 5, 6, 7, 8], [9, 10], Set(1...10)))
      await #expect(throws: ECGError.self) {
        _ = try await Self.evaluate(shards, recipe, testedOn: other, "\(folder)/run")
      }
    }
  }
}
