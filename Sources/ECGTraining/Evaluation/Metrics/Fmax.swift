/// The highest F over thresholds that are the same for all classes, of precision and recall record by record: CAFA's and the
/// PTB-XL benchmark's Fmax (Radivojac et al., 2013; Strodthoff et al., 2021).
///
///     P(t): the mean over records with a yes of the share of their yes that is right
///     R(t): the mean over records with a label of the share of their labels that is answered with yes
///     Fmax = max over t = 0, 0.01, …, 1 of 2 P R / (P + R)
///
/// Yes is a score of at least t.
public struct Fmax: Sendable {
  static let thresholds = (0...100).map { Float($0) / 100 }

  /// [N, thresholds]; nan where a record has no yes.
  private let precision: [Double]
  /// [N, thresholds]; nan for records without labels.
  private let recall: [Double]
  private let count: Int

  /// Prepares records, so that resamples of them are quick.
  ///
  /// - Complexity: O(101 · N · C), and 16 · 101 · N bytes.
  public init(_ records: ScoredRecords) {
    count = records.count
    let width = records.classes.count
    var (precision, recall) = ([Double](), [Double]())
    for record in 0..<records.count {
      let scores = records.scores[record * width..<(record + 1) * width]
      let targets = records.targets[record * width..<(record + 1) * width]
      let labels = targets.count { $0 }
      for threshold in Fmax.thresholds {
        let (chosen, right) = zip(scores, targets).reduce((0, 0)) {
          $1.0 >= threshold ? ($0.0 + 1, $0.1 + ($1.1 ? 1 : 0)) : $0
        }
        precision.append(chosen > 0 ? Double(right) / Double(chosen) : .nan)
        recall.append(labels > 0 ? Double(right) / Double(labels) : .nan)
      }
    }
    (self.precision, self.recall) = (precision, recall)
  }

  /// Fmax of all records, or of a resample.
  ///
  /// - Parameter weights: How often each record counts; once unless told.
  /// - Returns: nil if no record has a label.
  public func value(_ weights: [Int]? = nil) -> Double? {
    let steps = Fmax.thresholds.count
    return (0..<steps).compactMap { step -> Double? in
      var (p, r) = ((sum: 0.0, count: 0.0), (sum: 0.0, count: 0.0))
      for record in 0..<count {
        let weight = Double(weights?[record] ?? 1)
        let (precise, recalled) = (precision[record * steps + step], recall[record * steps + step])
        if !precise.isNaN { p = (p.sum + weight * precise, p.count + weight) }
        if !recalled.isNaN { r = (r.sum + weight * recalled, r.count + weight) }
      }
      guard p.count > 0, r.count > 0 else { return nil }
      let (precise, recalled) = (p.sum / p.count, r.sum / r.count)
      return precise + recalled > 0 ? 2 * precise * recalled / (precise + recalled) : 0
    }.max()
  }
}
