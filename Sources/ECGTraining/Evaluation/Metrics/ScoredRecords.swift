internal import ECGData

/// Scores of records for the classes of a task, beside what is true of them: what all figures are computed from.
public struct ScoredRecords: Sendable, Equatable {
  /// C classes.
  public let classes: [String]
  /// N.
  public let count: Int
  /// Row-major [N, C].
  let scores: [Float]
  /// Row-major [N, C].
  let targets: [Bool]

  /// - Parameters:
  ///   - classes: Their names.
  ///   - scores: [N, C], the higher the likelier.
  ///   - targets: [N, C], above 0.5 where the class is stated.
  /// - Throws: `ECGError.Code.invalidArgument` if the shapes differ or a score is not finite.
  public init(classes: [String], scores: [[Float]], targets: [[Float]]) throws {
    guard scores.count == targets.count, scores.allSatisfy({ $0.count == classes.count }),
      targets.allSatisfy({ $0.count == classes.count })
    else {
      throw ECGError(
        .invalidArgument,
        "\(scores.count) rows of scores and \(targets.count) of targets are not of \(classes.count) classes each"
      )
    }
    guard scores.joined().allSatisfy(\.isFinite) else {
      throw ECGError(.invalidArgument, "a score is not a finite number")
    }
    self.classes = classes
    count = scores.count
    self.scores = Array(scores.joined())
    self.targets = targets.joined().map { $0 > 0.5 }
  }

  /// The records of a class in the order of their scores.
  func ranked(_ column: Int) -> RankedClass { RankedClass(self, column) }

  /// The labels of a record.
  func labelCount(_ record: Int) -> Int {
    targets[record * classes.count..<(record + 1) * classes.count].count { $0 }
  }
}

/// One class's records in the order of their scores, so that figures of any weighting of them are a single pass.
struct RankedClass: Sendable {
  /// Records, the least score first.
  let order: [Int]
  /// By place in the order.
  let isPositive: [Bool]
  /// Whether the record at a place has the score of the one before.
  let isTied: [Bool]

  init(_ records: ScoredRecords, _ column: Int) {
    let width = records.classes.count
    let order = (0..<records.count).sorted {
      records.scores[$0 * width + column] < records.scores[$1 * width + column]
    }
    self.order = order
    isPositive = order.map { records.targets[$0 * width + column] }
    isTied = order.indices.map {
      $0 > 0
        && records.scores[order[$0] * width + column] == records.scores[order[$0 - 1] * width + column]
    }
  }

  /// Area under the ROC curve: the share of pairs of a positive and a negative that are in the right order, ties counting
  /// half; `nil` without both.
  func area(_ weights: [Int]?) -> Double? {
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
      if isPositive[place] { level.positives += weight } else { level.negatives += weight }
    }
    closeLevel()
    return positives > 0 && below > 0 ? pairs / (positives * below) : nil
  }

  /// Average precision: Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds from the highest score down; `nil` without positives.
  func averagePrecision(_ weights: [Int]?) -> Double? {
    var (right, chosen, gained, sum) = (0.0, 0.0, 0.0, 0.0)
    for place in order.indices.reversed() {
      let weight = Double(weights?[order[place]] ?? 1)
      chosen += weight
      if isPositive[place] {
        right += weight
        gained += weight
      }
      // All of one score are chosen together.
      guard !isTied[place], chosen > 0 else { continue }
      sum += gained * right / chosen
      gained = 0
    }
    return right > 0 ? sum / right : nil
  }
}
