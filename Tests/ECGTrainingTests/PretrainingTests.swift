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
        // The third step is meant to be the last of an epoch, so that its validation is interrupted.
        if case .began(_, _, _, let steps, _, _) = event, stop == 3 { #expect(steps == 3) }
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
  ///
  /// After the third step validation, and without validation records the probe, is interrupted.
  @Test(
    arguments: PretrainingRecipe.Method.allCases, [(stop: 1, share: 0.2), (3, 0.2), (3, 0.0), (4, 0.2)])
  func everyMethodGoesOnExactly(
    method: PretrainingRecipe.Method, moment: (stop: Int, share: Double)
  ) async throws {
    let stop = moment.stop
    try await withShards { shards, folder in
      var recipe = try recipe(method)
      recipe.validationShare = moment.share
      if stop == 3 {
        recipe.excludeFolds = Folds([])
        if moment.share == 0 { recipe.batch = 5 }
        recipe.probe.task = "ptbxl.superclass"
        recipe.probe.every = 1
        recipe.probe.folds = Folds(Set(1...4))
      }
      _ = try await train(shards, recipe, "\(folder)/whole")
      await #expect(throws: ECGError.self) {
        _ = try await train(shards, recipe, "\(folder)/stopped", stopAfter: stop)
      }
      #expect(try curve("\(folder)/stopped").count == stop + (stop > 3 ? 1 : 0))
      _ = try await train(shards, recipe, "\(folder)/stopped")
      #expect(try curve("\(folder)/whole") == curve("\(folder)/stopped"))
      #expect(try curve("\(folder)/whole").count > stop)
      #expect(
        try curve("\(folder)/whole").contains { $0.contains("\"probe_macro_auc\"") } == (stop == 3))
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
      recipe.samePlace = false
      recipe.optimizer.learningRate = 3e-3
      recipe.schedule.shape = .constant
      recipe.budget.epochs = 40
      let result = try await result(shards, recipe, "\(folder)/run")
      #expect(result.findings.contains { $0.hasPrefix("collapse") } == (rounds == 0), "\(result.health)")
    }
  }

  /// Copies of what an encoder must not see stand under other names, in no fold: they are left out as well.
  @Test func copiesAreLeftOutToo() async throws {
    try await withShards { shards, folder in
      let other = "\(folder)/copies"
      try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
      // The same samples as a folder of WFDB records, without tables.
      for name in try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/raw")
      where name.hasPrefix("records500") && (name.hasSuffix(".dat") || name.hasSuffix(".hea")) {
        try FileManager.default.copyItem(
          atPath: "\(folder)/raw/\(name)", toPath: "\(other)/\(name.split(separator: "/").last ?? "")")
      }
      var conversion = Recipe()
      conversion.rate = .hertz(100)
      _ = try Converter(
        sources: [Datasets.open(other, as: "wfdb")], output: "\(folder)/copied", recipe: conversion
      ).run()
      let both = try ShardSet(["\(folder)/shards", "\(folder)/copied"])
      #expect(both.count == 32)
      let fold = try #require(shards.records(inFolds: nil).map { shards.fold($0) }.first)
      var recipe = try recipe()
      recipe.excludeFolds = Folds([fold])
      let byFold = try await result(both, recipe, "\(folder)/fold")
      let held = shards.records(inFolds: [fold]).count
      #expect(byFold.excludedRecords == held && byFold.excludedCopies == held)
      recipe.excludeFolds = Folds([])
      recipe.pool.except = ["wfdb"]
      // All are copies of what is left out.
      let error = await #expect(throws: ECGError.self) {
        _ = try await result(both, recipe, "\(folder)/except")
      }
      #expect(error?.message.contains("no records are left") == true)
    }
  }

  /// A probe of the records' own labels is better than one of labels that a feature cannot tell, and always the same.
  @Test func aProbeTellsWhatFeaturesKnow() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Simulation(layout: "ptb-xl", records: 400, seed: 3).write(to: "\(folder)/raw", jobs: 2)
    var conversion = Recipe()
    conversion.rate = .hertz(100)
    _ = try Converter(
      sources: [Datasets.open("\(folder)/raw")], output: "\(folder)/shards", recipe: conversion
    ).run()
    let shards = try ShardSet("\(folder)/shards")
    var recipe = try recipe(.simclr)
    recipe.encoder.width = 8
    recipe.batch = 32
    recipe.budget.epochs = 3
    recipe.excludeFolds = Folds([10])
    recipe.probe.task = "ptbxl.superclass"
    recipe.probe.folds = Folds([8, 9])
    let one = try await result(shards, recipe, "\(folder)/one")
    let again = try await result(shards, recipe, "\(folder)/again")
    let figure = try #require(one.probeMacroAUC.value)
    #expect(figure > 0.6 && figure < 1, "\(figure)")
    #expect(again.probeMacroAUC.value == figure)
    recipe.probe.folds = Folds([])
    let error = await #expect(throws: ECGError.self) {
      _ = try await result(shards, recipe, "\(folder)/none")
    }
    #expect(error?.message.contains("probe") == true)
    // Pretraining has told the evaluation which records it has seen.
    try await ComputeActor.run {
      var evaluation = EvaluationRecipe()
      try evaluation.use(encoder: "\(folder)/one")
      evaluation.task = "ptbxl.superclass"
      evaluation.epochs = 1
      evaluation.bootstrap = 10
      evaluation.testFolds = Folds([10])
      let unseen = try Evaluation(shards, evaluation, output: "\(folder)/unseen").run()
      #expect(unseen.testRecordsSeenInPretraining.value == 0)
      evaluation.trainFolds = Folds(Set(1...7))
      evaluation.validationFolds = Folds([10])
      evaluation.testFolds = Folds([8])
      let error = #expect(throws: ECGError.self) {
        try Evaluation(shards, evaluation, output: "\(folder)/seen")
      }
      #expect(error?.message.contains("test records were in the encoder's pretraining") == true)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/seen"))
      evaluation.allowsSeen = true
      let seen = try Evaluation(shards, evaluation, output: "\(folder)/seen").run()
      #expect(seen.testRecordsSeenInPretraining.value == seen.records)
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

  /// Several directories are one pool, of which sources and flags choose, and weights say how often they come.
  @Test func choosesFromSeveralDirectories() async throws {
    try await withShards { _, folder in
      try Simulation(layout: "chapman-wfdb", records: 12, seed: 4).write(to: "\(folder)/other", jobs: 2)
      var conversion = Recipe()
      conversion.rate = .hertz(100)
      _ = try Converter(
        sources: [Datasets.open("\(folder)/other")], output: "\(folder)/others", recipe: conversion
      ).run()
      let shards = try ShardSet(["\(folder)/shards", "\(folder)/others"])
      #expect(shards.count == 28)
      var recipe = try recipe()
      recipe.excludeFolds = Folds([])
      recipe.validationShare = 0
      let all = try await result(shards, recipe, "\(folder)/all")
      #expect(all.records == 28 && all.excludedByPool == 0)
      recipe.budget.steps = 0
      recipe.budget.epochs = 1
      recipe.pool.weights = ["chapman-wfdb": 3, "ptb-xl": 0.5]
      let weighted = try await result(shards, recipe, "\(folder)/weighted")
      #expect(weighted.records == 28 && weighted.steps == (8 + 3 * 12) / 4)
      // The same recipe, whatever order its sources have in memory, is the same run.
      for _ in 0..<4 {
        recipe.pool.weights = [:]
        recipe.pool.weights["ptb-xl"] = 0.5
        recipe.pool.weights["chapman-wfdb"] = 3
        let again = try await result(shards, recipe, "\(folder)/weighted")
        #expect(again.seconds == weighted.seconds)
      }
      recipe.pool.weights = ["chapman": 3]
      let unknown = await #expect(throws: ECGError.self) {
        _ = try await result(shards, recipe, "\(folder)/unknown")
      }
      #expect(unknown?.code == .notFound)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/unknown"))
      recipe.pool.weights = [:]
      recipe.pool.sources = ["chapman-wfdb"]
      let one = try await result(shards, recipe, "\(folder)/one")
      recipe.pool.sources = []
      recipe.pool.except = ["ptb-xl"]
      let rest = try await result(shards, recipe, "\(folder)/rest")
      #expect(one.records == 12 && rest.records == 12 && rest.excludedByPool == 16)
      #expect(one.loss == rest.loss)
      recipe.pool.except = []
      recipe.pool.without = ["derived", "resampled"]
      let error = await #expect(throws: ECGError.self) {
        _ = try await result(shards, recipe, "\(folder)/none")
      }
      #expect(error?.message.contains("no records are left") == true)
      // Another method's crops of two views have a place of their own each, if they are to.
      var views = try self.recipe(.simclr)
      views.augmentations = []
      let same = try await result(shards, views, "\(folder)/same")
      views.samePlace = false
      let apart = try await result(shards, views, "\(folder)/apart")
      #expect(same.health.value?.alignment == 0 && apart.health.value?.alignment ?? 0 > 0.001)
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
        #expect(file.metadata["normalization"] == "per-lead")
        let statistics = try JSONDecoder().decode(
          Manifest.Statistics.self, from: Data((file.metadata["statistics"] ?? "").utf8))
        #expect(statistics == shards.manifest.statistics)
      }
    }
  }

  /// Signals are brought before an encoder as in its pretraining, whatever shards they are from.
  @Test func anEncoderIsEvaluatedByItsOwnMeans() async throws {
    try await withShards { shards, folder in
      var settings = try recipe()
      settings.excludeFolds = Folds([])
      _ = try await train(shards, settings, "\(folder)/run")
      let path = "\(folder)/run/encoder.safetensors"
      func evaluate(_ name: String, _ change: @Sendable (inout [String: String]) throws -> Void) async throws
        -> String
      {
        try await ComputeActor.run {
          let file = try EncoderFile(contentsOf: path)
          var metadata = file.metadata
          try change(&metadata)
          try file.encoder.write(to: path, metadata: metadata)
          var recipe = EvaluationRecipe()
          try recipe.use(encoder: "\(folder)/run")
          recipe.task = "ptbxl.superclass"
          (recipe.epochs, recipe.batch, recipe.bootstrap) = (1, 2, 1)
          recipe.trainFolds = Folds(Set(1...6))
          recipe.validationFolds = Folds([])
          recipe.testFolds = Folds(Set(7...10))
          recipe.allowsSeen = true
          _ = try Evaluation(shards, recipe, output: "\(folder)/\(name)").run()
        }
        return try String(contentsOfFile: "\(folder)/\(name)/predictions.csv", encoding: .utf8)
      }
      let told = try await evaluate("told") { _ in }
      let untold = try await evaluate("untold") { $0["statistics"] = nil }
      var statistics = shards.manifest.statistics
      statistics.standardDeviation[1] *= 3
      let text = String(decoding: try JSONEncoder().encode(statistics), as: UTF8.self)
      let other = try await evaluate("other") { $0["statistics"] = text }
      #expect(told == untold && told != other)
      await #expect(throws: ECGError.self) {
        _ = try await evaluate("wrong") { $0["statistics"] = text.replacing("[", with: "[1,") }
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
      #expect(error?.message.contains("optimizer.learning_rate: 0.002 is now 0.0001") == true)
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
      let recipe = try EvaluationRecipe(file)
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
