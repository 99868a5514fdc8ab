internal import ECGData

/// The score of the China Physiological Signal Challenge of 2018: one answer a record, F1 of each class and of four groups.
///
///     F1 of class i = 2 Nᵢᵢ / (Nᵢ. + N.ᵢ)        of a group of classes: 2 Σ Nᵢᵢ / Σ (Nᵢ. + N.ᵢ)
///
/// where Nᵢⱼ counts records of class i that are answered with j. The answer is the class of the highest score. For a record with
/// several labels any of them is right; a wrong answer counts for the first of its labels in the order of the classes, where the
/// Challenge has the first that is stated.
public struct CPSCScore: Sendable, Equatable {
  /// By class; nil for one that is neither stated nor answered.
  public let f1: ClassFigures
  /// Atrial fibrillation; blocks; premature contractions; ST changes.
  public let groups: [String: Double]

  static let members = [
    "af": ["AF"], "block": ["I-AVB", "LBBB", "RBBB"], "premature": ["PAC", "PVC"], "st": ["STD", "STE"],
  ]

  /// - Throws: `ECGError.Code.invalidArgument` for records without a label.
  public init(_ records: ScoredRecords) throws {
    let width = records.classes.count
    var right = [Double](repeating: 0, count: width)
    var stated = right
    var answered = right
    for record in 0..<records.count {
      let places = record * width..<(record + 1) * width
      guard let first = records.targets[places].firstIndex(of: true).map({ $0 - places.lowerBound }) else {
        throw ECGError(.invalidArgument, "record \(record) has no label of the Challenge of 2018")
      }
      var answer = 0
      for column in 0..<width
      where records.scores[places.lowerBound + column] > records.scores[places.lowerBound + answer] {
        answer = column
      }
      let isRight = records.targets[places.lowerBound + answer]
      answered[answer] += 1
      stated[isRight ? answer : first] += 1
      if isRight { right[answer] += 1 }
    }
    func figure(_ columns: [Int]) -> Double? {
      let all = columns.reduce(0) { $0 + stated[$1] + answered[$1] }
      return all > 0 ? 2 * columns.reduce(0) { $0 + right[$1] } / all : nil
    }
    f1 = ClassFigures(classes: (0..<width).map { figure([$0]) })
    groups = CPSCScore.members.compactMapValues { names in
      figure(names.compactMap { records.classes.firstIndex(of: $0) })
    }
  }
}
