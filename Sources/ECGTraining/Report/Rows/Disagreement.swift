/// A record of which exactly one of two runs is right, in some classes.
struct Disagreement: Sendable {
  /// Its place among the test records.
  let record: Int
  /// The classes of which exactly one run is right at its threshold.
  let columns: [Int]
  /// Mean over these of the difference of scores.
  let distance: Double

  /// The records on which two runs of the same ones disagree, the farthest apart first.
  ///
  /// - Parameters:
  ///   - one: A run's scores.
  ///   - thresholds: Its thresholds, one a class.
  ///   - other: Another's.
  ///   - others: Its thresholds.
  /// - Returns: Those with a class of which exactly one is right.
  static func all(
    _ one: ScoredRecords, _ thresholds: [Float], _ other: ScoredRecords, _ others: [Float]
  ) -> [Disagreement] {
    let width = one.classes.count
    return (0..<one.count).compactMap { record -> Disagreement? in
      let first = record * width
      // Exactly one is right where the two do not answer the same.
      let columns = (0..<width).filter {
        (one.scores[first + $0] >= thresholds[$0]) != (other.scores[first + $0] >= others[$0])
      }
      guard !columns.isEmpty else { return nil }
      let sum = columns.reduce(0.0) {
        $0 + abs(Double(one.scores[first + $1]) - Double(other.scores[first + $1]))
      }
      return Disagreement(record: record, columns: columns, distance: sum / Double(columns.count))
    }.sorted { ($1.distance, $0.record) < ($0.distance, $1.record) }
  }
}
