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
    probability = try PairedComparison.probability(of: [(one, other)], permutations: permutations, seed: seed)
  }

  /// How often the two runs of each pair are as far apart, in the mean over the pairs, when they are exchanged record by record at
  /// random; see ``probability``.
  ///
  /// Pairs are those of several seeds, say. A record is exchanged in all of them or in none: they tell of the same records, and of
  /// no more than there are.
  ///
  /// - Parameters:
  ///   - pairs: Runs of the same records and classes.
  ///   - permutations: How many.
  ///   - seed: Draws them.
  ///   - check: Called before each permutation, to end the work.
  /// - Returns: (1 + number as far) / (1 + permutations).
  /// - Throws: What `check` throws.
  /// - Complexity: O(pairs · C · N · (log N + permutations)).
  static func probability(
    of pairs: [(ScoredRecords, ScoredRecords)], permutations: Int, seed: UInt64,
    check: () throws -> Void = {}
  ) rethrows -> Double {
    let ranked = pairs.map { (RankedScores($0.0), RankedScores($0.1)) }
    let count = pairs.first?.0.count ?? 0
    var counts = RankedScores.Counts(records: count)
    var isSwapped = [Bool](repeating: false, count: count)
    func difference() -> Double {
      ranked.reduce(0) { $0 + RankedScores.difference($1.0, $1.1, isSwapped, &counts) }
    }
    let observed = difference()
    var generator = SplitMix64("permutation", seed)
    var far = 0
    for _ in 0..<permutations {
      try check()
      for record in 0..<count { isSwapped[record] = generator.next() & 1 == 1 }
      // Counts of pairs are exact, means of them nearly.
      if abs(difference()) >= abs(observed) - 1e-12 { far += 1 }
    }
    return Double(1 + far) / Double(1 + permutations)
  }
}

/// The ranks of a run's scores in each class, by which areas are counted without sorting.
private struct RankedScores {
  /// [classes][records]: twice the rank, so that the mean rank of equal scores is whole.
  let ranks: [[Int32]]
  /// [classes][records], of classes with both outcomes; empty for others.
  let targets: [[Bool]]

  init(_ records: ScoredRecords) {
    let width = records.classes.count
    var ranks: [[Int32]] = []
    var targets: [[Bool]] = []
    for column in 0..<width {
      let ranked = records.ranked(column)
      var ranksOfClass = [Int32](repeating: 0, count: records.count)
      var begin = 0
      while begin < records.count {
        var end = begin + 1
        while end < records.count, ranked.isTied[end] { end += 1 }
        for place in begin..<end { ranksOfClass[ranked.order[place]] = Int32(begin + end - 1) }
        begin = end
      }
      ranks.append(ranksOfClass)
      let outcomes = (0..<records.count).map { records.targets[$0 * width + column] }
      targets.append(outcomes.contains(true) && outcomes.contains(false) ? outcomes : [])
    }
    (self.ranks, self.targets) = (ranks, targets)
  }

  /// Negatives and positives of each rank of two runs in turn, all 0 between uses.
  struct Counts {
    fileprivate var first: [Int32]
    fileprivate var second: [Int32]

    init(records: Int) {
      first = [Int32](repeating: 0, count: 4 * records)
      second = first
    }
  }

  /// The mean area of one less that of the other, where the ranks of some records are exchanged.
  static func difference(
    _ one: RankedScores, _ other: RankedScores, _ isSwapped: [Bool], _ counts: inout Counts
  ) -> Double {
    var (sum, classes) = (0.0, 0)
    for column in one.ranks.indices where !one.targets[column].isEmpty {
      let (ranks, others, targets) = (one.ranks[column], other.ranks[column], one.targets[column])
      for record in isSwapped.indices {
        let outcome: Int32 = targets[record] ? 1 : 0
        let (near, far) =
          isSwapped[record] ? (others[record], ranks[record]) : (ranks[record], others[record])
        counts.first[Int(2 * near + outcome)] += 1
        counts.second[Int(2 * far + outcome)] += 1
      }
      sum += takeArea(&counts.first) - takeArea(&counts.second)
      classes += 1
    }
    return classes > 0 ? sum / Double(classes) : 0
  }

  /// The area of negatives and positives by rank, which are 0 afterwards.
  private static func takeArea(_ counts: inout [Int32]) -> Double {
    var (below, positives, pairs) = (0, 0, 0)
    for level in stride(from: 0, to: counts.count, by: 2) {
      let (negative, positive) = (Int(counts[level]), Int(counts[level + 1]))
      (counts[level], counts[level + 1]) = (0, 0)
      // Twice, so that ties count whole.
      pairs += positive * (2 * below + negative)
      below += negative
      positives += positive
    }
    return Double(pairs) / Double(2 * positives * below)
  }
}
