import ArgumentParser
import ECGData
import ECGTraining
import Foundation

struct Pretrain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pretrain an encoder without labels.",
    discussion: """
      Example: einthoven pretrain shards --method cpc --recipe small --exclude-folds 9-10 --output runs/cpc

      Several shard directories of one recipe are one collection; --weight says how often a source's records come.

      Recipes by name: \(PretrainingRecipe.names.joined(separator: ", ")); small is that of the method. \
      Folds 9 and 10, on which evaluation tests, are left out unless --exclude-folds says otherwise. A run that was \
      stopped goes on; a finished one is not done again.
      """)

  @Argument(help: "Shard directories.", completion: .directory)
  var shards: [String]

  @Option(help: "The method: \(PretrainingRecipe.Method.names).")
  var method: String?

  @Option(help: "A recipe's name, or a YAML file; the method's paper unless told.")
  var recipe = "paper"

  @Option(help: "Folds that the encoder must not see, such as 9-10, or none.")
  var excludeFolds: String?

  @OptionGroup var records: RecordArguments

  @Option(help: "A source that the encoder must not see, nor copies of its records; may be repeated.")
  var excludeSource: [String] = []

  @Option(
    help:
      "A task whose labels tell now and then what a linear layer makes of the features, such as ptbxl.superclass."
  )
  var probe: String?

  @Option(help: "Epochs from one probe to the next.")
  var probeEvery: Int?

  @Option(help: "Folds that test the probe; all others but excluded ones train it.")
  var probeFolds: String?

  @Option(help: "End after this many optimiser steps, over which the schedule then runs.")
  var steps: Int?

  @Option(
    name: .customLong("for"),
    help: "End after this long, such as 45m, 2h or 90s; the schedule stays as it is.")
  var duration: Duration?

  @Option(help: "Length of a crop in seconds.")
  var crop: Double?

  @Option(
    help: "simclr, byol, swav: crops computed at once, where a batch is larger than the memory; 0 is all.")
  var microBatch: Int?

  @Flag(
    inversion: .prefixedNo,
    help: "simclr, byol, swav: whether the views of a record are of one place in it, augmented apart.")
  var samePlace: Bool?

  @Flag(help: "simclr: the candidates of the original code, for comparison.")
  var originalNegatives = false

  @Flag(help: "swav: the divisor of the original code, for comparison.")
  var originalDivisor = false

  @Flag(help: "Print the whole recipe and train nothing.")
  var dryRun = false

  @OptionGroup var target: RunOptions

  @OptionGroup var options: OutputOptions

  func run() async throws {
    try await Console.run {
      let recipe = try resolved()
      if dryRun { return try Console.output(YAML.encode(recipe).trimmingCharacters(in: .newlines)) }
      let set = try ShardSet(shards)
      let interruption = Signals.interruption()
      let progress = Progress("steps", quiet: options.quiet)
      let (output, restart, threads) = (target.output, target.restart, target.threads)
      let isQuiet = options.quiet
      let result = try await ComputeActor.run {
        try ComputeActor.setThreads(threads)
        let run = try Pretraining(set, recipe, output: output, restart: restart)
        // The step at which this session begins.
        var first = 0
        return try run.run(interruption: interruption) { event in
          switch event {
          case .began(let records, let held, let parameters, let stepsPerEpoch, let step, let seconds):
            let limit = recipe.budget.seconds
            progress.begin(
              total: Pretrain.total(recipe, stepsPerEpoch), done: step,
              seconds: limit > 0 ? max(0, limit - seconds) : nil)
            first = step
            if !isQuiet {
              Console.line(
                "\(records) records, \(held) kept aside, \(parameters) parameters, \(stepsPerEpoch) steps an epoch"
              )
            }
          case .step(let step, _, let loss, let waitShare):
            progress.advance { seconds in
              let pace = Double((step - first) * recipe.batch) / max(seconds, 1e-9)
              return "\(Pretrain.whole(pace)) records/s, loss \(Pretrain.rounded(loss)), "
                + "waited for data \(Pretrain.rounded(100 * waitShare)) %"
            }
          case .epoch(let epoch, let loss, let held, let health, let probe):
            progress.end()
            if !isQuiet {
              let validation = held.map { ", validation \(Pretrain.rounded($0))" } ?? ""
              let spread = health.map { ", spread \(Pretrain.rounded($0.standardDeviation))" } ?? ""
              let probed = probe.map { ", probe's macro AUC \(Pretrain.rounded($0))" } ?? ""
              Console.line(
                "epoch \(epoch + 1): loss \(Pretrain.rounded(loss))\(validation)\(spread)\(probed)")
            }
          case .finding(let text):
            progress.end()
            Console.line("einthoven: warning: \(text)")
          }
        }
      }
      progress.end()
      if !options.quiet {
        Console.line(
          "\(target.output): \(result.steps) steps in \(Pretrain.whole(result.seconds)) s, \(Pretrain.whole(result.recordsPerSecond)) records/s"
        )
      }
      if options.json { try Console.json(result) }
    }
  }

  private func resolved() throws -> PretrainingRecipe {
    var recipe = try PretrainingRecipe(recipe, method: method.map { try .named($0) })
    if let excludeFolds { recipe.excludeFolds = excludeFolds == "none" ? Folds([]) : try Folds(excludeFolds) }
    if !records.source.isEmpty { recipe.pool.sources = records.source }
    if !excludeSource.isEmpty { recipe.pool.except = excludeSource }
    if !records.without.isEmpty { recipe.pool.without = records.without }
    if !records.weight.isEmpty { recipe.pool.weights = try records.weights() }
    if let probe { recipe.probe.task = probe == "none" ? "" : probe }
    if let probeEvery { recipe.probe.every = probeEvery }
    if let probeFolds { recipe.probe.folds = try Folds(probeFolds) }
    if let epochs = target.epochs { recipe.budget.epochs = epochs }
    if let steps { recipe.budget.steps = steps }
    if let duration { recipe.budget.seconds = duration.seconds }
    if let batch = target.batch { recipe.batch = batch }
    if let precision = target.precision { recipe.precision = try .named(precision) }
    if let crop { recipe.crop = crop }
    if let microBatch { recipe.microBatch = microBatch }
    if let samePlace { recipe.samePlace = samePlace }
    if originalNegatives { recipe.objective.originalNegatives = true }
    if originalDivisor { recipe.objective.originalDivisor = true }
    if let seed = target.seed { recipe.seed = seed }
    try recipe.check()
    return recipe
  }

  private static func total(_ recipe: PretrainingRecipe, _ stepsPerEpoch: Int) -> Int {
    let (product, overflow) = recipe.budget.epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    let limits = [overflow ? 0 : product, recipe.budget.steps].filter { $0 > 0 }
    return limits.min() ?? 0
  }

  private static func whole(_ value: Double) -> Int { Int(min(max(value, 0), 1e15)) }

  static func rounded(_ value: Double) -> String { "\((value * 10_000).rounded() / 10_000)" }
}

/// A length of time such as `45m`, `2h`, `90s` or plain seconds.
struct Duration: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let factors: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let factor = argument.last.flatMap { factors[$0] }
    guard let number = Double(factor == nil ? argument[...] : argument.dropLast()), number.isFinite,
      number > 0
    else {
      return nil
    }
    seconds = number * (factor ?? 1)
  }
}
