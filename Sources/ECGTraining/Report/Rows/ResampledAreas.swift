internal import ECGData

/// The areas under a run's ROC curves in resamples of its test records, which are the same for all runs of these records.
struct ResampledAreas: Sendable {
  /// [classes][resamples]; NaN where undefined.
  let classes: [[Double]]
  /// [resamples], the mean over the classes that are defined in each; NaN if none is.
  let means: [Double]

  init(_ scored: ScoredRecords, _ bootstrap: Bootstrap, _ interruption: Interruption) throws {
    var classes = [[Double]](repeating: [], count: scored.classes.count)
    means = try ResampledAreas.means(scored, bootstrap, interruption) { areas in
      for (place, area) in areas.classes.enumerated() { classes[place].append(area ?? .nan) }
    }
    self.classes = classes
  }

  /// The mean areas alone.
  ///
  /// - Parameters:
  ///   - scored: A run's scores.
  ///   - bootstrap: The resamples.
  ///   - interruption: Asks for an end.
  ///   - each: Called with the classes' areas in each resample.
  /// - Returns: [resamples], as ``means``.
  /// - Throws: `ECGError` when interrupted.
  static func means(
    _ scored: ScoredRecords, _ bootstrap: Bootstrap, _ interruption: Interruption,
    each: (ClassFigures) -> Void = { _ in }
  ) throws -> [Double] {
    let ranked = scored.classes.indices.map { scored.ranked($0) }
    var means: [Double] = []
    means.reserveCapacity(bootstrap.resamples)
    _ = try bootstrap.interval { weights in
      try interruption.check(Report.interrupted)
      let areas = ClassFigures(classes: ranked.map { $0.area(weights) })
      each(areas)
      means.append(areas.mean ?? .nan)
      return nil
    }
    return means
  }

  /// The 95 % interval of a figure's mean over runs, from its values in the same resamples.
  ///
  /// - Parameter values: [runs][resamples]; a resample in which one is undefined is left out.
  /// - Returns: nil if all are left out.
  static func interval(ofMean values: [[Double]]) -> Bootstrap.Interval? {
    guard let first = values.first, values.allSatisfy({ $0.count == first.count }) else { return nil }
    return Bootstrap.Interval(
      of: first.indices.map { resample in
        values.reduce(0) { $0 + $1[resample] } / Double(values.count)
      }.filter { !$0.isNaN })
  }
}
