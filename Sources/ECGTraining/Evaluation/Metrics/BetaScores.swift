internal import ECGData

/// What is answered with yes: scores of at least a threshold for each class.
///
/// They are to be chosen on records that are not tested.
public struct ClassThresholds: Sendable, Equatable {
  /// By class; infinite where yes is never better.
  public let values: [Float]

  /// Given thresholds.
  public init(_ values: [Float]) { self.values = values }

  /// For each class the score that gives the highest ``BetaScores`` G or F on these records; of several, the highest.
  ///
  /// A class without positives among them has an infinite one: it is never answered with yes.
  ///
  /// - Parameters:
  ///   - figure: What is made as high as possible.
  ///   - records: Those to choose on.
  ///   - beta: β.
  /// - Complexity: O(C · N log N).
  public init(maximizing figure: BetaScores.Figure, on records: ScoredRecords, beta: Double = 2) {
    let weights = BetaScores.weights(of: records)
    let width = records.classes.count
    values = (0..<width).map { column in
      let ranked = records.ranked(column)
      let positives = ranked.order.indices.reduce(0.0) {
        $0 + (ranked.isPositive[$1] ? weights[ranked.order[$1]] : 0)
      }
      var (right, wrong) = (0.0, 0.0)
      var best = (value: 0.0, threshold: Float.infinity)
      for place in ranked.order.indices.reversed() {
        let record = ranked.order[place]
        if ranked.isPositive[place] { right += weights[record] } else { wrong += weights[record] }
        guard !ranked.isTied[place] else { continue }
        let value = figure.value(right: right, wrong: wrong, missed: positives - right, beta: beta)
        if let value, value > best.value { best = (value, records.scores[record * width + column]) }
      }
      return best.threshold
    }
  }
}

/// F and G of answers with yes or no, where a record counts as much as any other however many labels it has.
///
///     F = (1 + β²) TP / ((1 + β²) TP + FP + β² FN)        G = TP / (TP + FP + β FN)
///
/// of each class, every record with the weight 1 / number of its labels, or 1 if it has none (Strodthoff et al., 2021, and the
/// PhysioNet Challenge of 2020, with β = 2).
public struct BetaScores: Sendable, Equatable {
  /// One of the two.
  public enum Figure: Sendable, CaseIterable {
    /// F.
    case f
    /// G.
    case g

    /// The figure of weighted counts; nil where all of them are 0.
    func value(right: Double, wrong: Double, missed: Double, beta: Double) -> Double? {
      let (numerator, denominator) =
        switch self {
        case .f: ((1 + beta * beta) * right, (1 + beta * beta) * right + wrong + beta * beta * missed)
        case .g: (right, right + wrong + beta * missed)
        }
      return denominator > 0 ? numerator / denominator : nil
    }
  }

  /// F; undefined for a class that is neither stated nor answered with yes.
  public let f: ClassFigures
  /// G; undefined likewise.
  public let g: ClassFigures

  /// - Parameters:
  ///   - records: Those to test.
  ///   - thresholds: From other records.
  ///   - beta: β.
  /// - Throws: `ECGError.Code.invalidArgument` for thresholds of other classes.
  public init(_ records: ScoredRecords, _ thresholds: ClassThresholds, beta: Double = 2) throws {
    let width = records.classes.count
    guard thresholds.values.count == width else {
      throw ECGError(
        .invalidArgument, "\(thresholds.values.count) thresholds are not those of \(width) classes")
    }
    let weights = BetaScores.weights(of: records)
    var counts = [(right: Double, wrong: Double, missed: Double)](repeating: (0, 0, 0), count: width)
    for record in 0..<records.count {
      for column in 0..<width {
        let isAnswered = records.scores[record * width + column] >= thresholds.values[column]
        switch (records.targets[record * width + column], isAnswered) {
        case (true, true): counts[column].right += weights[record]
        case (false, true): counts[column].wrong += weights[record]
        case (true, false): counts[column].missed += weights[record]
        case (false, false): break
        }
      }
    }
    func figures(_ figure: Figure) -> ClassFigures {
      ClassFigures(
        classes: counts.map {
          figure.value(right: $0.right, wrong: $0.wrong, missed: $0.missed, beta: beta)
        })
    }
    (f, g) = (figures(.f), figures(.g))
  }

  static func weights(of records: ScoredRecords) -> [Double] {
    (0..<records.count).map { 1 / Double(max(1, records.labelCount($0))) }
  }
}
