import ArgumentParser
import ECGData
import ECGTraining
import Foundation

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a classifier on an encoder and test it, on held-out folds or on another collection.",
    discussion: """
      Example: einthoven evaluate shards --encoder runs/cpc --protocol linear --task ptbxl.all --output runs/linear

      Tasks: \(LabelTask.all.map(\.name).joined(separator: ", ")). The best epoch is chosen on the validation folds, the \
      test folds are touched once. --encoder none takes random weights and needs --architecture; its sizes are the \
      paper's, or those of the pretraining recipe named by --size.

      With --seeds and --first-folds one command makes the runs of a mean and of a curve over labels. --noise and \
      --noise-record test the finished classifier on noisy records too; asked for later, they are added to the run.
      """)

  @Argument(help: "A shard directory.", completion: .directory)
  var shards: String

  @Option(help: "A pretraining run, or none for random weights.", completion: .directory)
  var encoder: String

  @Option(
    name: .customLong("protocol"),
    help:
      "linear, unless told: the encoder is frozen; finetune: so for --epochs, then trained at small rates; supervised: all is trained."
  )
  var protocolName: String?

  @Option(help: "The task.")
  var task: String?

  @Option(
    help: """
      The network, with --encoder none: \
      \(EncoderRecipe.Architecture.names).
      """)
  var architecture: String?

  @Option(help: "The pretraining recipe whose encoder is taken with --encoder none, such as cpc-small.")
  var size: String?

  @Option(
    help: "A recipe: \(EvaluationRecipe.names.joined(separator: ", ")), or a file in YAML.",
    completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String?

  @Option(help: "Folds trained on.")
  var trainFolds: String?

  @Option(help: "Folds by which the best epoch is chosen, or none.")
  var validationFolds: String?

  @Option(help: "Folds tested on.")
  var testFolds: String?

  @Option(
    help: "A shard directory whose folds are tested on, in place of the one trained on.",
    completion: .directory)
  var testShards: String?

  @Flag(help: "Test records that the encoder has seen in pretraining, without labels; else that is refused.")
  var allowSeen = false

  @OptionGroup var target: RunOptions

  @OptionGroup var options: OutputOptions

  @Option(help: "Several seeds, such as 0-2: a run each below the output, and their mean in series.json.")
  var seeds: String?

  @Option(help: "Train on the first of the training folds, such as 1,2,4: a run each below the output.")
  var firstFolds: String?

  @OptionGroup(title: "Noise on test records") var noise: NoiseArguments

  func validate() throws {
    try noise.check()
    if seeds != nil, target.seed != nil { throw ValidationError("Give either --seed or --seeds.") }
  }

  func run() async throws {
    try await Console.run {
      let recipe = try resolved()
      let kinds = try noise.kinds()
      let set = try ShardSet(shards)
      let tested = try testShards.map { try ShardSet($0) }
      try Robustness.check(kinds, of: recipe, tested ?? set)
      let interruption = Signals.interruption()
      guard seeds != nil || firstFolds != nil else {
        let result = try await evaluate(set, recipe, testedOn: tested, in: target.output, interruption)
        let curve = try await robustness(kinds, of: tested ?? set, in: target.output, interruption)
        if options.json { try Console.json(Outcome(result: result, robustness: curve)) }
        return
      }
      let series = try EvaluationSeries(
        recipe, seeds: try seeds.map { try list($0) } ?? [recipe.seed],
        firstFolds: try firstFolds.map { try list($0).map { Int(clamping: $0) } })
      try Evaluation.checkSeries(target.output)
      // It is of the runs that are asked for now.
      try TextFile.remove("\(target.output)/series.json")
      var runs: [EvaluationSeries.Summary.Run] = []
      for member in series.members {
        let place = "\(target.output)/\(member.name)"
        let result = try await evaluate(set, member.recipe, testedOn: tested, in: place, interruption)
        let curve = try await robustness(kinds, of: tested ?? set, in: place, interruption)
        runs.append(EvaluationSeries.Summary.Run(member, result, curve))
      }
      let summary = EvaluationSeries.Summary(runs)
      try TextFile.write(TextFile.json(summary) + "\n", to: "\(target.output)/series.json")
      if !options.quiet {
        for group in summary.groups {
          let deviation = group.deviation.value.map { ", standard deviation \(Pretrain.rounded($0))" } ?? ""
          Console.line(
            "\(target.output): folds \(group.trainFolds), macro AUC \(Pretrain.rounded(group.mean)), mean of "
              + "\(group.seeds)\(deviation)")
        }
      }
      if options.json { try Console.json(summary) }
    }
  }

  /// What `--json` prints of a single run.
  private struct Outcome: Encodable {
    let result: Evaluation.Result
    let robustness: Robustness?

    private enum Key: String, CodingKey {
      case robustness
    }

    func encode(to encoder: any Encoder) throws {
      try result.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encodeIfPresent(robustness, forKey: .robustness)
    }
  }

  /// The numbers of `0-2` or `1,2,4`, as they are given.
  private func list(_ text: String) throws -> [UInt64] {
    try text.split(separator: ",", omittingEmptySubsequences: false).flatMap { part -> [UInt64] in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
      guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high,
        high - low < 1000
      else { throw ECGError(.invalidArgument, "\"\(text)\" is not of the form 0-2 or 1,2,4") }
      return Array(low...high)
    }
  }

  private func robustness(
    _ kinds: [RecordNoise.Kind], of tested: ShardSet, in run: String, _ interruption: Interruption
  ) async throws -> Robustness? {
    guard !kinds.isEmpty else { return nil }
    let isQuiet = options.quiet
    return try await ComputeActor.run {
      try Robustness.measure(kinds, run: run, tested, interruption: interruption) { point in
        guard !isQuiet else { return }
        let size = point.level.value.map { "level \($0)" } ?? point.decibels.value.map { "\($0) dB" } ?? ""
        Console.line("\(run): noise \(point.noise), \(size): macro AUC \(Pretrain.rounded(point.macroAUC))")
      }
    }
  }

  private func evaluate(
    _ set: ShardSet, _ recipe: EvaluationRecipe, testedOn tested: ShardSet?, in output: String,
    _ interruption: Interruption
  ) async throws -> Evaluation.Result {
    let (restart, threads, isQuiet) = (target.restart, target.threads, options.quiet)
    let result = try await ComputeActor.run {
      try ComputeActor.setThreads(threads)
      let run = try Evaluation(set, recipe, testedOn: tested, output: output, restart: restart)
      return try run.run(interruption: interruption) { event in
        guard !isQuiet else { return }
        switch event {
        case .began(let train, let validation, let test, let seen):
          Console.line("\(train) records to train, \(validation) to choose the epoch, \(test) to test")
          if seen == nil {
            Console.line("the encoder's run does not tell what it was pretrained on")
          } else if let seen, seen > 0 {
            Console.line("\(seen) test records were in the encoder's pretraining, without labels")
          }
        case .epoch(let epoch, let loss, let auc):
          let validation = auc.map { ", validation macro AUC \(Pretrain.rounded($0))" } ?? ""
          Console.line("epoch \(epoch + 1): loss \(Pretrain.rounded(loss))\(validation)")
        }
      }
    }
    if !isQuiet {
      Console.line(
        "\(output): \(result.task), \(result.protocol), macro AUC \(Pretrain.rounded(result.macroAUC)) "
          + "(95 % \(result.ci95.map(Pretrain.rounded).joined(separator: " to "))) on \(result.records) records, "
          + "\(result.undefinedClasses.count) classes undefined")
    }
    return result
  }

  private func resolved() throws -> EvaluationRecipe {
    var settings = try recipe.map { try EvaluationRecipe($0) } ?? EvaluationRecipe()
    if let protocolName { settings.protocol = try .named(protocolName) }
    if let task { settings.task = task }
    if encoder == "none" {
      guard let architecture else {
        throw ECGError(
          .invalidArgument, "--encoder none needs --architecture", advice: "add --architecture cpc")
      }
      (settings.encoder, settings.encoderSHA256) = ("none", "")
      let network = EncoderRecipe(try .named(architecture))
      // A U-network is made for signals of one length, which its pretraining's recipe tells.
      if let size = size ?? (recipe == nil && network.architecture == .uresnet ? "masked" : nil) {
        let pretraining = try PretrainingRecipe(size, method: network.architecture == .cpc ? .cpc : nil)
        guard pretraining.encoder.architecture == network.architecture else {
          throw ECGError(
            .invalidArgument, "recipe \(size) has the encoder \(pretraining.encoder.architecture.rawValue)",
            advice: "choose a recipe of \(architecture)")
        }
        settings.use(network: pretraining)
      } else if recipe == nil || settings.network.architecture != network.architecture {
        settings.network = network
      }
    } else {
      try settings.use(encoder: encoder)
    }
    if allowSeen { settings.allowsSeen = true }
    if let trainFolds { settings.trainFolds = try Folds(trainFolds) }
    if let validationFolds {
      settings.validationFolds = validationFolds == "none" ? Folds([]) : try Folds(validationFolds)
    }
    if let testFolds { settings.testFolds = try Folds(testFolds) }
    if let epochs = target.epochs { settings.epochs = epochs }
    if let batch = target.batch { settings.batch = batch }
    if recipe == nil { settings.usePaperRates() }
    if let precision = target.precision { settings.precision = try .named(precision) }
    if let seed = target.seed { settings.seed = seed }
    try settings.check(isTestedApart: testShards != nil)
    return settings
  }
}
