/// What a class is confused with: right and wrong answers at a threshold, and what else is true of those answered wrongly.
struct Confusion: Sendable {
  /// Stated and answered with yes.
  var found = 0
  /// Stated, but answered with no.
  var missed = 0
  /// Not stated, but answered with yes.
  var wrong = 0
  /// Neither.
  var rejected = 0
  /// Other classes of the missed records, the most frequent first, and of how many.
  let besideMissed: [(name: String, count: Int)]
  /// Classes of the records that were wrongly answered with yes, likewise.
  let ofWrong: [(name: String, count: Int)]

  /// - Parameters:
  ///   - records: Those tested.
  ///   - column: The class.
  ///   - threshold: The least score that is a yes.
  init(_ records: ScoredRecords, class column: Int, threshold: Float) {
    let width = records.classes.count
    var missedLabels = [Int](repeating: 0, count: width)
    var wrongLabels = missedLabels
    for record in 0..<records.count {
      let first = record * width
      let labels = (0..<width).filter { records.targets[first + $0] && $0 != column }
      switch (records.targets[first + column], records.scores[first + column] >= threshold) {
      case (true, true): found += 1
      case (false, false): rejected += 1
      case (true, false):
        missed += 1
        for label in labels { missedLabels[label] += 1 }
      case (false, true):
        wrong += 1
        for label in labels { wrongLabels[label] += 1 }
      }
    }
    func ranked(_ counts: [Int]) -> [(name: String, count: Int)] {
      counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
        .map { (records.classes[$0], counts[$0]) }
    }
    (besideMissed, ofWrong) = (ranked(missedLabels), ranked(wrongLabels))
  }
}
