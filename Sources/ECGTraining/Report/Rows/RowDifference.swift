internal import ECGData

/// How far a row is from another on the same test records.
struct RowDifference: Sendable {
  let row: ReportRow
  let reference: ReportPanel.Reference
  /// Seeds that both have.
  let seeds: [String]
  /// Mean over these of the row's macro AUC less the reference's.
  let difference: Double
  /// Of the mean, over the same resamples of the records for both.
  let interval: Bootstrap.Interval?
  /// See ``PairedComparison/probability``.
  let probability: Double

  /// Nil without a seed in common.
  init?(_ row: ReportRow, _ reference: ReportPanel.Reference, _ interruption: Interruption) throws {
    let pairs = row.pairs(with: reference.row)
    guard !pairs.isEmpty else { return nil }
    self.row = row
    self.reference = reference
    let own = pairs.map { "\($0.0.evaluation.recipe.seed)" }
    seeds = Set(own).count == own.count ? own : pairs.map(\.0.seed)
    difference = pairs.reduce(0) { $0 + $1.0.macroAUC - $1.1.macroAUC } / Double(pairs.count)
    interval = ResampledAreas.interval(
      ofMean: pairs.map { pair in zip(pair.0.resampled.means, pair.1.resampled.means).map { $0 - $1 } })
    probability = try PairedComparison.probability(
      of: pairs.map { ($0.0.evaluation.scored, $0.1.evaluation.scored) }, permutations: Report.permutations,
      seed: Report.seed
    ) { try interruption.check(Report.interrupted) }
  }

  /// The shown rows of panels against their references, and against the best row.
  ///
  /// - Parameters:
  ///   - panels: The panels.
  ///   - interruption: Asks for an end.
  ///   - progress: Called with the differences that are done, and all of them.
  /// - Returns: Those of each panel.
  /// - Throws: `ECGError` when interrupted.
  static func all(
    of panels: [ReportPanel], _ interruption: Interruption, _ progress: (Int, Int) -> Void
  ) throws -> [[RowDifference]] {
    let wanted = panels.map { panel in
      let best = panel.best
      return panel.shown.flatMap { row -> [(row: ReportRow, reference: ReportPanel.Reference)] in
        var references = panel.references(for: row).compactMap { $0 }
        if let best, best.number != row.number,
          !references.contains(where: { $0.row.number == best.number })
        {
          references.append(
            ReportPanel.Reference(row: best, kind: .best, unlike: ReportPanel.unlike(best, row)))
        }
        return references.map { (row, $0) }
      }
    }
    let count = wanted.reduce(0) { $0 + $1.count }
    var done = 0
    return try wanted.map { pairs in
      try pairs.compactMap { row, reference in
        progress(done, count)
        done += 1
        defer { if done == count { progress(done, count) } }
        return try RowDifference(row, reference, interruption)
      }
    }
  }
}
