/// Whether scores are probabilities: how often what was given a score is so.
struct Calibration: Sendable {
  /// Answers of similar scores.
  struct Bin: Sendable {
    var count: Int
    /// Mean score.
    var score: Double
    /// Share that is stated.
    var share: Double
  }

  /// From the lowest scores to the highest, of equal counts but for one.
  let bins: [Bin]
  /// Mean over all answers of how far their bin's share is from its score.
  let error: Double
  /// Mean squared difference of scores and what is so, 0 or 1 (Brier, 1950).
  let brier: Double

  /// - Parameters:
  ///   - runs: Whose answers are taken together: one a record, class and run.
  ///   - count: Bins, or as many as there are answers.
  init(_ runs: [ScoredRecords], bins count: Int = 10) {
    var answers = zip(runs.flatMap(\.scores), runs.flatMap(\.targets)).map { (score: $0.0, isStated: $0.1) }
    answers.sort { ($0.score, $0.isStated ? 1 : 0) < ($1.score, $1.isStated ? 1 : 0) }
    let number = answers.count
    let parts = min(count, number)
    bins = (0..<parts).map { bin in
      let part = answers[bin * number / parts..<(bin + 1) * number / parts]
      return Bin(
        count: part.count, score: part.reduce(0) { $0 + Double($1.score) } / Double(part.count),
        share: Double(part.count { $0.isStated }) / Double(part.count))
    }
    let all = Double(max(1, number))
    error = bins.reduce(0) { $0 + Double($1.count) * abs($1.score - $1.share) } / all
    brier =
      answers.reduce(0) { sum, answer in
        let distance = Double(answer.score) - (answer.isStated ? 1 : 0)
        return sum + distance * distance
      } / all
  }
}
