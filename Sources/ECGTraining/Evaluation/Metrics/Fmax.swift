extension ScoredRecords {
  /// The highest F over thresholds that are the same for all classes, of precision and recall record by record; nil if no record
  /// has a label, or none a score of 0 or more.
  ///
  /// Scores are probabilities. CAFA's and the PTB-XL benchmark's Fmax (Radivojac et al., 2013; Strodthoff et al., 2021):
  ///
  ///     P(t): the mean over records with a yes of the share of their yes that is right
  ///     R(t): the mean over records with a label of the share of their labels that is answered with yes
  ///     Fmax = max over t = 0, 0.01, …, 1 of 2 P R / (P + R)
  ///
  /// where yes is a score of at least t.
  ///
  /// - Complexity: O(101 · N · C).
  public var fmax: Double? {
    let width = classes.count
    let labels = (0..<count).map { labelCount($0) }
    let labelled = labels.count { $0 > 0 }
    guard labelled > 0 else { return nil }
    return (0...100).compactMap { step -> Double? in
      let threshold = Float(step) / 100
      var (precision, recall, answered) = (0.0, 0.0, 0)
      for record in 0..<count {
        var (chosen, right) = (0, 0)
        for place in record * width..<(record + 1) * width where scores[place] >= threshold {
          chosen += 1
          if targets[place] { right += 1 }
        }
        if chosen > 0 {
          answered += 1
          precision += Double(right) / Double(chosen)
        }
        if labels[record] > 0 { recall += Double(right) / Double(labels[record]) }
      }
      guard answered > 0 else { return nil }
      let (p, r) = (precision / Double(answered), recall / Double(labelled))
      return p + r > 0 ? 2 * p * r / (p + r) : 0
    }.max()
  }
}
