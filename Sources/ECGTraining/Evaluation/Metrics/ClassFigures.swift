/// A figure of each class, and their mean.
///
/// A class of which the figure is undefined, as it lacks positives or negatives among the records, is left out of the mean and
/// to be named.
public struct ClassFigures: Sendable, Equatable {
  /// The figure of each class; nil where it is undefined.
  public let classes: [Double?]

  /// The mean over the classes that have a figure; nil if none has.
  public var mean: Double? {
    let defined = classes.compactMap { $0 }
    return defined.isEmpty ? nil : defined.reduce(0, +) / Double(defined.count)
  }

  /// The mean over all classes, where those without a figure count as one half: as the code of Mehari and Strodthoff (2022) does
  /// with areas; nil without classes.
  public var meanWithHalves: Double? {
    classes.isEmpty ? nil : classes.reduce(0) { $0 + ($1 ?? 0.5) } / Double(classes.count)
  }
}

extension ScoredRecords {
  /// Area under the ROC curve of each class, ties counting half; undefined without both outcomes.
  ///
  /// - Complexity: O(C · N log N).
  public var areas: ClassFigures { ClassFigures(classes: classes.indices.map { ranked($0).area(nil) }) }

  /// Average precision of each class, Σ (Rₙ − Rₙ₋₁) Pₙ over thresholds; undefined without positives.
  ///
  /// - Complexity: O(C · N log N).
  public var averagePrecisions: ClassFigures {
    ClassFigures(classes: classes.indices.map { ranked($0).averagePrecision(nil) })
  }
}
