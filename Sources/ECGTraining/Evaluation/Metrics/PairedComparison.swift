internal import ECGData

/// Two runs on the same records: how far apart they are, and whether that is more than chance.
public struct PairedComparison: Sendable, Equatable {
  /// The first run's mean area under the ROC curve less the second's.
  public let difference: Double
  /// Its 95 % interval over resamples of the records, the same for both runs.
  public let interval: Bootstrap.Interval
  /// Two-sided, by permutation: how often runs that are exchanged record by record at random are as far apart.
  ///
  /// (1 + number as far) / (1 + permutations). Scores are replaced by their ranks in their class and run first, so that runs of
  /// different scales can be exchanged.
  public let probability: Double

  /// - Parameters:
  ///   - one: A run's scores.
  ///   - other: Another's of the same records in the same order.
  ///   - bootstrap: The resamples.
  ///   - permutations: How many.
  ///   - seed: Draws them.
  /// - Throws: `ECGError.Code.invalidArgument` for other records or classes, or if no class has both outcomes.
  /// - Complexity: O((resamples + permutations · log N) · C · N).
  public init(
    _ one: ScoredRecords, _ other: ScoredRecords, _ bootstrap: Bootstrap, permutations: Int = 1000,
    seed: UInt64
  ) throws {
    guard one.classes == other.classes, one.targets == other.targets, bootstrap.count == one.count else {
      throw ECGError(
        .invalidArgument, "the two runs, or the bootstrap, are not of the same records and classes")
    }
    let (first, second) = (one.resampledArea(), other.resampledArea())
    guard let difference = one.areas.mean.flatMap({ mean in other.areas.mean.map { mean - $0 } }),
      let interval = bootstrap.interval({ weights in
        first(weights).flatMap { mean in second(weights).map { mean - $0 } }
      })
    else { throw ECGError(.invalidArgument, "no class has both outcomes") }
    self.difference = difference
    self.interval = interval
    let ranks = [one, other].map(\.ranks)
    var generator = SplitMix64("permutation", seed)
    let width = one.classes.count
    var far = 0
    for _ in 0..<permutations {
      var swapped = ranks
      for record in 0..<one.count where generator.next() & 1 == 1 {
        for place in record * width..<(record + 1) * width {
          (swapped[0][place], swapped[1][place]) = (swapped[1][place], swapped[0][place])
        }
      }
      let means = swapped.map { ScoredRecords(one, scores: $0).areas.mean ?? 0 }
      // Sums of ranks are exact, means of them nearly.
      if abs(means[0] - means[1]) >= abs(difference) - 1e-12 { far += 1 }
    }
    probability = Double(1 + far) / Double(1 + permutations)
  }
}

extension ScoredRecords {
  /// The same records with other scores, row-major.
  fileprivate init(_ records: ScoredRecords, scores: [Float]) {
    (classes, count, targets) = (records.classes, records.count, records.targets)
    self.scores = scores
  }

  /// The ranks of the scores within their class, those of one score having their mean rank; row-major.
  fileprivate var ranks: [Float] {
    var ranks = [Float](repeating: 0, count: scores.count)
    for column in classes.indices {
      let ranked = ranked(column)
      var begin = 0
      while begin < count {
        var end = begin + 1
        while end < count, ranked.isTied[end] { end += 1 }
        for place in begin..<end {
          ranks[ranked.order[place] * classes.count + column] = Float(begin + end - 1) / 2
        }
        begin = end
      }
    }
    return ranks
  }
}
