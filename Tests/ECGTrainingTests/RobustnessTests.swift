import ECGData
import Foundation
import Testing

@testable import ECGTraining

/// Noise on test records, series of runs, and what runs tell beside.
@Suite struct RobustnessTests {
  private static func recipe() -> EvaluationRecipe {
    var recipe = EvaluationRecipe()
    recipe.task = "ptbxl.superclass"
    recipe.network.width = 16
    recipe.network.hidden = 16
    recipe.network.layers = 1
    recipe.epochs = 4
    recipe.batch = 16
    recipe.bootstrap = 50
    recipe.optimizer.learningRate = 1e-2
    (recipe.trainFolds, recipe.validationFolds, recipe.testFolds) = (
      Folds([1, 2, 3, 4]), Folds([5, 6]), Folds([7, 8, 9, 10])
    )
    return recipe
  }

  private func withShards(_ body: (ShardSet, String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "robustness-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Simulation(layout: "ptb-xl", records: 120, seed: 3).write(to: "\(folder)/raw", jobs: 2)
    var conversion = Recipe()
    conversion.rate = .hertz(100)
    _ = try Converter(
      sources: [Datasets.open("\(folder)/raw")], output: "\(folder)/shards", recipe: conversion
    ).run()
    try await body(try ShardSet("\(folder)/shards"), folder)
  }

  /// Points are the same whether measured at once or one after the other, and stay.
  @Test func pointsAreAdded() async throws {
    try await withShards { shards, folder in
      var files: [String] = []
      for (index, parts) in [[[1, 6]], [[1], [1, 6]]].enumerated() {
        let run = "\(folder)/run-\(index)"
        let curve = try await ComputeActor.run {
          _ = try Evaluation(shards, Self.recipe(), output: run).run()
          var curve: Robustness?
          var reported = 0
          for levels in parts {
            let kinds = levels.map { RecordNoise.Kind.physiological(level: $0) } + [.p1(level: 6)]
            curve = try Robustness.measure(kinds, run: run, shards) { _ in reported += 1 }
          }
          #expect(reported == parts.reduce(0) { $0 + $1.count + 1 })
          return curve
        }
        let points = try #require(curve?.points)
        #expect(points.count == 3 && points.allSatisfy { $0.ci95.count == 2 })
        #expect(Set(points.map(\.macroAUC)).count == 3)
        files.append(
          points.sorted { ($0.noise, $0.level.value ?? 0) < ($1.noise, $1.level.value ?? 0) }
            .map { "\($0.noise) \($0.macroAUC) \($0.ci95)" }.joined())
      }
      #expect(files[0] == files[1])
    }
  }

  /// Noise changes scores, the same way each time.
  @Test func noiseIsDrawnBySeed() async throws {
    try await withShards { shards, folder in
      try await ComputeActor.run {
        _ = try Evaluation(shards, Self.recipe(), output: "\(folder)/run").run()
        let predictor = try Predictor(run: "\(folder)/run")
        let noise = try RecordNoise(.physiological(level: 3), of: shards, records: [4], seed: 0)
        let noisy = try predictor.scores(of: shards, records: [4], noise: noise)
        #expect(try noisy != predictor.scores(of: shards, records: [4]))
        #expect(try noisy == predictor.scores(of: shards, records: [4], noise: noise))
      }
    }
  }

  /// A rate at which test records were recorded, and which nothing tells, is missed before anything is trained.
  @Test func unknownRatesAreRefused() async throws {
    try await withShards { shards, folder in
      var recipe = Self.recipe()
      try Robustness.check([.physiological(level: 1), .p1(level: 2)], of: recipe, shards)
      for ledger in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/shards/ledger") {
        try "".write(toFile: "\(folder)/shards/ledger/\(ledger)", atomically: true, encoding: .utf8)
      }
      let opened = try ShardSet("\(folder)/shards")
      #expect(throws: ECGError.self) {
        try Robustness.check([.physiological(level: 1)], of: recipe, opened)
      }
      try Robustness.check([.p1(level: 2)], of: recipe, opened)
      recipe.testFolds = Folds([77])
      #expect(throws: ECGError.self) { try Robustness.check([.p1(level: 2)], of: recipe, opened) }
    }
  }

  @Test func otherShardsAreRefused() async throws {
    try await withShards { shards, folder in
      var conversion = Recipe()
      conversion.rate = .hertz(100)
      let other = "\(folder)/other"
      conversion.filters = [.notch(frequency: 30)]
      _ = try Converter(sources: [Datasets.open("\(folder)/raw")], output: other, recipe: conversion).run()
      await #expect(throws: ECGError.self) {
        try await ComputeActor.run {
          _ = try Evaluation(shards, Self.recipe(), output: "\(folder)/run").run()
          try Robustness.measure([.p1(level: 1)], run: "\(folder)/run", ShardSet(other))
        }
      }
      await #expect(throws: ECGError.self) {
        try await ComputeActor.run { try Robustness.measure([], run: "\(folder)/nothing", shards) }
      }
    }
  }

  /// What a run tells of itself, and where its test records lie.
  @Test func provenanceAndEmbedding() async throws {
    try await withShards { shards, folder in
      let result = try await ComputeActor.run {
        try Evaluation(shards, Self.recipe(), output: "\(folder)/run").run()
      }
      #expect(result.version.value == Release.version && result.seed.value == 0)
      #expect(result.shards.value == [shards.manifest.fingerprint])
      #expect(
        result.trainFolds.value == Folds([1, 2, 3, 4]) && result.testFolds.value == Folds([7, 8, 9, 10]))
      let thresholds = try #require(result.thresholds.value)
      #expect(!thresholds.isEmpty && thresholds.values.allSatisfy { (0...1).contains($0) })
      let (columns, rows) = try TextFile.table("\(folder)/run/embedding.csv")
      #expect(columns == ["record", "pc1", "pc2"] && rows.count == result.records)
      let places = rows.map { row in row.dropFirst().map { Double($0) ?? .nan } }
      for axis in 0..<2 { #expect(abs(places.reduce(0) { $0 + $1[axis] }) < 1e-3) }
      let shares = try #require(result.embeddingVariance.value)
      #expect(shares[0] >= shares[1] && shares[1] > 0 && shares[0] + shares[1] <= 1.0001)
    }
  }

  /// Rows that vary along known directions.
  @Test func principalComponents() throws {
    var generator = SplitMix64("planted")
    let width = 40
    let first = (0..<width).map { $0 < 20 ? 0.2 : -0.1 }
    // At a right angle to the first.
    let second = (0..<width).map { $0 < 20 ? ($0 % 2 == 0 ? 0.3 : -0.3) : 0 }
    func length(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let places = (0..<300).map { _ in (5 * generator.uniform(), 2 * generator.uniform()) }
    let rows = places.map { a, b in (0..<width).map { Float(7 + a * first[$0] + b * second[$0]) } }
    let found = PrincipalComponents(of: rows)
    #expect(abs(found.shares[0] + found.shares[1] - 1) < 1e-6)
    // Coordinates are turned by a small angle, as the planted ones are correlated by chance: distances are the same.
    let (one, two) = (length(first), length(second))
    for (left, right) in [(0, 1), (5, 200), (17, 80)] {
      let wanted = hypot((places[left].0 - places[right].0) * one, (places[left].1 - places[right].1) * two)
      let (a, b) = (found.coordinates[left], found.coordinates[right])
      #expect(abs(hypot(a[0] - b[0], a[1] - b[1]) - wanted) < 1e-4)
    }
    let mixed = zip(found.coordinates, found.coordinates).reduce(0) { $0 + $1.0[0] * $1.1[1] }
    #expect(abs(mixed) < 1e-6 * Double(rows.count))
    #expect(PrincipalComponents(of: []).coordinates.isEmpty)
    #expect(PrincipalComponents(of: [[1], [1]]).shares == [0, 0])
    #expect(PrincipalComponents(of: [[1], [3]]).coordinates.map { abs($0[0]) } == [1, 1])
  }

  @Test func seriesNamesItsRuns() throws {
    let series = try EvaluationSeries(Self.recipe(), seeds: [3, 5], firstFolds: [4, 1])
    #expect(
      series.members.map(\.name) == [
        "folds-1-seed-3", "folds-1-seed-5", "folds-4-seed-3", "folds-4-seed-5",
      ])
    #expect(series.members.map(\.recipe.seed) == [3, 5, 3, 5])
    #expect(series.members[0].recipe.trainFolds == Folds([1]))
    #expect(try EvaluationSeries(Self.recipe(), seeds: [9], firstFolds: nil).members[0].name == "seed-9")
    let wrong: [([UInt64], [Int]?)] = [
      ([], nil), ([1, 1], nil), ([1], []), ([1], [5]), ([1], [0]), ([1], [2, 2]),
    ]
    for (seeds, folds) in wrong {
      #expect(throws: ECGError.self) {
        try EvaluationSeries(Self.recipe(), seeds: seeds, firstFolds: folds)
      }
    }
  }

  /// A learning rate goes through its course in all epochs of a phase, also in a run that was stopped.
  @Test(arguments: [EvaluationRecipe.Procedure.supervised, .finetune]) func learningRatesFollowTheSchedule(
    _ procedure: EvaluationRecipe.Procedure
  ) async throws {
    try await withShards { shards, folder in
      var recipe = Self.recipe()
      recipe.protocol = procedure
      recipe.schedule = Schedule(.oneCycle)
      recipe.finetuning.epochs = 3
      let settings = recipe
      func rates(_ run: String) throws -> [Double] {
        try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8).split(separator: "\n").map {
          line in
          let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
          return try #require(object?["learning_rate"] as? Double)
        }
      }
      try await ComputeActor.run {
        _ = try Evaluation(shards, settings, output: "\(folder)/whole").run()
        let interruption = Interruption()
        _ = try? Evaluation(shards, settings, output: "\(folder)/stopped").run(interruption: interruption) {
          if case .epoch(1, _, _) = $0 { interruption.request() }
        }
        _ = try Evaluation(shards, settings, output: "\(folder)/stopped").run()
      }
      let found = try rates("\(folder)/whole")
      #expect(try found == rates("\(folder)/stopped"))
      let steps = (shards.records(inFolds: [1, 2, 3, 4]).count) / 16
      func wanted(_ epochs: Int, _ highest: Float) -> [Double] {
        (1...epochs).map {
          Double(highest * Schedule(.oneCycle).factor(step: $0 * steps - 1, of: epochs * steps))
        }
      }
      let phases = wanted(4, 1e-2) + (procedure == .finetune ? wanted(3, 1e-4) : [])
      #expect(found.count == phases.count)
      for (one, other) in zip(found, phases) { #expect(abs(one - other) <= 1e-6 * other) }
      let predictions = try ["whole", "stopped"].map {
        try String(contentsOfFile: "\(folder)/\($0)/predictions.csv", encoding: .utf8)
      }
      #expect(predictions[0] == predictions[1])
    }
  }
}
