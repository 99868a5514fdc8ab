internal import ECGData

/// Area under the ROC curve, averaged over classes.
///
/// A class without positives or without negatives has no area: it is left out of the mean and named, where
/// the original counts it as 0.5.
public struct MacroAUC: Sendable {
  /// Area of each class; nil where it is undefined.
  public let classes: [Double?]

  /// The mean over the classes that have an area; nil if none has.
  public var mean: Double? {
    let defined = classes.compactMap { $0 }
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
  }

  /// Areas from scores and targets, both [records, classes]; ties count half.
  ///
  /// - Complexity: O(classes · records · log records).
  public init(scores: [[Float]], targets: [[Float]]) {
    let width = targets.first?.count ?? 0
    classes = (0..<width).map { RankedClass(scores: scores, targets: targets, column: $0).area(weights: nil) }
  }
}

/// A percentile bootstrap by record (Efron and Tibshirani 1993, chapter 13) of the macro AUC.
public enum Bootstrap {
  /// The 95 % interval from resamples of the records with replacement; nil if no resample has an area.
  ///
  /// In a resample, a class that lacks positives or negatives is left out, as in the point estimate.
  ///
  /// - Complexity: O(resamples · classes · records).
  public static func interval(
    scores: [[Float]], targets: [[Float]], resamples: Int, seed: UInt64
  ) -> (low: Double, high: Double)? {
    let width = targets.first?.count ?? 0
    let ranked = (0..<width).map { RankedClass(scores: scores, targets: targets, column: $0) }
    var generator = SplitMix64("bootstrap", seed)
    var means: [Double] = []
    for _ in 0..<resamples {
      var weights = [Int](repeating: 0, count: scores.count)
      for _ in scores { weights[generator.index(below: scores.count)] += 1 }
      let areas = ranked.compactMap { $0.area(weights: weights) }
      if !areas.isEmpty { means.append(areas.reduce(0, +) / Double(areas.count)) }
    }
    guard !means.isEmpty else { return nil }
    means.sort()
    return (quantile(means, 0.025), quantile(means, 0.975))
  }

  /// Linear interpolation between order statistics, NumPy's default.
  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let low = Int(place)
    let high = min(low + 1, sorted.count - 1)
    return sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low))
  }
}

/// One class's records in the order of their scores, so that any weighting of them is a single pass.
private struct RankedClass {
  private let order: [Int]
  private let isPositive: [Bool]
  /// Whether the record at a place of `order` has the score of the one before.
  private let isTied: [Bool]

  init(scores: [[Float]], targets: [[Float]], column: Int) {
    let order = scores.indices.sorted { scores[$0][column] < scores[$1][column] }
    self.order = order
    isPositive = targets.map { $0[column] > 0.5 }
    isTied = order.indices.map { $0 > 0 && scores[order[$0]][column] == scores[order[$0 - 1]][column] }
  }

  /// Σ over positives of the negatives below, plus half of those level, by the number of pairs.
  func area(weights: [Int]?) -> Double? {
    var below = 0.0
    var level = (positives: 0.0, negatives: 0.0)
    var pairs = 0.0
    var positives = 0.0
    func closeLevel() {
      pairs += level.positives * (below + level.negatives / 2)
      positives += level.positives
      below += level.negatives
      level = (0, 0)
    }
    for (place, record) in order.enumerated() {
      if !isTied[place] { closeLevel() }
      let weight = Double(weights?[record] ?? 1)
      if isPositive[record] { level.positives += weight } else { level.negatives += weight }
    }
    closeLevel()
    return positives > 0 && below > 0 ? pairs / (positives * below) : nil
  }
}
