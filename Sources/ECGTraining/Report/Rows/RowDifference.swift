internal import ECGData

/// How far a row is from another on the same test records.
struct RowDifference: Sendable {
  let row: ReportRow
  let reference: ReportRow
  /// Whether the reference is one of the same network from random weights; else it is the best row.
  let isOwn: Bool
  /// Seeds that both have.
  let seeds: [String]
  /// Mean over these of the row's macro AUC less the reference's.
  let difference: Double
  /// Of the mean, over the same resamples of the records for both.
  let interval: Bootstrap.Interval?
  /// See ``PairedComparison/probability``.
  let probability: Double

  /// Nil without a seed in common.
  init?(_ row: ReportRow, _ reference: ReportRow, isOwn: Bool, _ interruption: Interruption) throws {
    let pairs = row.pairs(with: reference)
    guard !pairs.isEmpty else { return nil }
    self.row = row
    self.reference = reference
    self.isOwn = isOwn
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

  /// The shown rows of a panel against their references, and against the best row.
  static func all(of panel: ReportPanel, _ interruption: Interruption) throws -> [RowDifference] {
    let best = ReportPanel.best(of: panel.shown)
    return try panel.shown.flatMap { row in
      let own = panel.references(for: row)
      let isBestNew = best?.number != row.number && !own.contains { $0.number == best?.number }
      return try own.compactMap { try RowDifference(row, $0, isOwn: true, interruption) }
        + [isBestNew ? best : nil].compactMap { $0 }.compactMap {
          try RowDifference(row, $0, isOwn: false, interruption)
        }
    }
  }
}
