public import ECGData

/// One evaluation with several seeds, and on more and more of the training folds: what a mean with its deviation, and a curve
/// of label efficiency, are made from.
///
///     for member in try EvaluationSeries(recipe, seeds: [0, 1, 2], firstFolds: [1, 2, 4, 8]).members { … }
public struct EvaluationSeries: Sendable {
  /// One of the evaluations.
  public struct Member: Sendable {
    /// `seed-0`, or `folds-4-seed-0` of the first four folds; the name of its folder.
    public let name: String
    /// How it is done.
    public let recipe: EvaluationRecipe
  }

  /// What several evaluations come to; `series.json`.
  public struct Summary: Codable, Sendable {
    /// One of them.
    public struct Run: Codable, Sendable {
      /// The name of its folder.
      public var name: String
      /// What it ended with.
      public var result: Evaluation.Result
      /// With noise; nil without.
      public var robustness: Nullable<Robustness>

      /// - Parameters:
      ///   - member: What was evaluated.
      ///   - result: What it ended with.
      ///   - robustness: With noise.
      public init(_ member: Member, _ result: Evaluation.Result, _ robustness: Robustness?) {
        (name, self.result, self.robustness) = (member.name, result, Nullable(robustness))
      }
    }

    /// Those with the same training folds.
    public struct Group: Codable, Sendable {
      /// The folds.
      public var trainFolds: Folds
      /// Records trained on.
      public var trainRecords: Int
      /// How many there are.
      public var seeds: Int
      /// Mean of their macro AUCs.
      public var mean: Double
      /// Standard deviation of these, with n − 1; nil of a single one.
      public var deviation: Nullable<Double>

      private enum CodingKeys: String, CodingKey {
        case seeds
        case trainFolds = "train_folds"
        case trainRecords = "train_records"
        case mean = "macro_auc_mean"
        case deviation = "macro_auc_sd"
      }
    }

    /// All of them.
    public var runs: [Run]
    /// By training folds, the fewest first.
    public var groups: [Group]

    /// - Parameter runs: In the order of the series.
    public init(_ runs: [Run]) {
      self.runs = runs
      let parts = Dictionary(grouping: runs) { $0.result.trainFolds.value?.values.sorted() ?? [] }
      groups = parts.sorted { ($0.key.count, "\($0.key)") < ($1.key.count, "\($1.key)") }.map { folds, runs in
        let areas = runs.map(\.result.macroAUC)
        let mean = areas.reduce(0, +) / Double(areas.count)
        let squares = areas.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return Group(
          trainFolds: Folds(Set(folds)), trainRecords: runs[0].result.trainRecords, seeds: areas.count,
          mean: mean,
          deviation: Nullable(areas.count > 1 ? (squares / Double(areas.count - 1)).squareRoot() : nil))
      }
    }
  }

  /// Those with fewer folds first, then by seed.
  public let members: [Member]

  /// - Parameters:
  ///   - recipe: Of all, but for seed and training folds.
  ///   - seeds: Of each number of folds.
  ///   - firstFolds: How many of the recipe's training folds, in their order, are trained on; nil is all of them.
  /// - Throws: `ECGError.Code.invalidArgument` for no seeds, one that occurs twice, or more folds than there are.
  public init(_ recipe: EvaluationRecipe, seeds: [UInt64], firstFolds: [Int]?) throws {
    let folds = recipe.trainFolds.values.sorted()
    guard !seeds.isEmpty, Set(seeds).count == seeds.count else {
      throw ECGError(.invalidArgument, "seeds are different numbers, at least one")
    }
    guard let firstFolds else {
      members = seeds.map { seed in
        Member(name: "seed-\(seed)", recipe: recipe.with(seed: seed, trainFolds: recipe.trainFolds))
      }
      return
    }
    guard !firstFolds.isEmpty, Set(firstFolds).count == firstFolds.count,
      firstFolds.allSatisfy({ (1...folds.count).contains($0) })
    else {
      throw ECGError(
        .invalidArgument, "the first folds are different numbers of 1 to \(folds.count), at least one",
        advice: "training folds are \(recipe.trainFolds)")
    }
    members = firstFolds.sorted().flatMap { count in
      seeds.map { seed in
        Member(
          name: "folds-\(count)-seed-\(seed)",
          recipe: recipe.with(seed: seed, trainFolds: Folds(Set(folds.prefix(count)))))
      }
    }
  }
}

extension Evaluation {
  /// Refuses a folder for a series that is itself a run's.
  ///
  /// - Throws: `ECGError.Code.invalidArgument`.
  public nonisolated static func checkSeries(_ folder: String) throws {
    guard TextFile.exists(folder + "/" + RunDirectory.recipe) else { return }
    throw ECGError(
      .invalidArgument, "holds a single run, and a series is to have several below it", file: folder,
      advice: "choose another directory")
  }
}

extension EvaluationRecipe {
  fileprivate func with(seed: UInt64, trainFolds: Folds) -> EvaluationRecipe {
    var recipe = self
    (recipe.seed, recipe.trainFolds) = (seed, trainFolds)
    return recipe
  }
}
