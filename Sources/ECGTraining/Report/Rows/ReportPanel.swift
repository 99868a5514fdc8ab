internal import ECGData

/// The rows of one task and the same test records, which may be compared.
struct ReportPanel: Sendable {
  let test: TestRecords
  /// All rows, those shown first.
  let rows: [ReportRow]
  /// Rows that tables show.
  let shown: [ReportRow]
  /// The records by which most of them were validated, on which rows are compared; nil if none tells a validation macro AUC.
  private let validation: Validation?

  /// - Parameters:
  ///   - test: The records.
  ///   - rows: In the order of the page.
  init(_ test: TestRecords, _ rows: [ReportRow]) {
    (self.test, self.rows) = (test, rows)
    shown = rows.filter(\.isShown)
    validation = ReportPanel.validation(of: shown)
  }

  /// The task and its records: `ptbxl.all, 333 test records of fold 9`.
  var title: String {
    let folds = test.foldNames
    return "\(test.task), \(Markup.counted(test.records.count, "test record"))"
      + (folds == "none" ? "" : " of fold\(Set(test.folds).count > 1 ? "s" : "") \(folds)")
  }

  // MARK: - The best row

  /// A row that was taken from some.
  struct Choice {
    let row: ReportRow
    /// Whether it is the only one or the best by mean validation macro AUC; else it is the first of several that tell none.
    let isBest: Bool
    /// Those that it could not be compared with, as they tell no validation macro AUC or that of other records.
    let left: [ReportRow]
  }

  /// What a row was validated on: folds, and how many records of its shards these are, where the run tells it.
  private struct Validation: Equatable {
    let folds: Folds
    let records: Int?

    init(_ row: ReportRow) {
      (folds, records) = (row.recipe.validationFolds, row.members[0].evaluation.outcome.validationRecords)
    }
  }

  /// The best of some rows by their mean validation macro AUC, of those that tell it and were validated on the same records.
  ///
  /// Test records never choose. The validation records are those of most rows that are shown; if none of these was validated on
  /// them, of most of these.
  ///
  /// - Returns: nil without rows.
  func choice(of rows: [ReportRow]) -> Choice? {
    guard let first = rows.first else { return nil }
    guard rows.count > 1 else { return Choice(row: first, isBest: true, left: []) }
    func compared(on validation: Validation?) -> [ReportRow] {
      rows.filter { $0.validationMacroAUC != nil && Validation($0) == validation }
    }
    let usual = compared(on: validation)
    let told = usual.isEmpty ? compared(on: ReportPanel.validation(of: rows)) : usual
    guard var best = told.first else { return Choice(row: first, isBest: false, left: []) }
    // The first of equal ones.
    for row in told where (row.validationMacroAUC ?? 0) > (best.validationMacroAUC ?? 0) { best = row }
    let numbers = Set(told.map(\.number))
    return Choice(row: best, isBest: true, left: rows.filter { !numbers.contains($0.number) })
  }

  /// The best row that is shown; nil if there is none, or if several tell no validation macro AUC.
  var best: ReportRow? { choice(of: shown).flatMap { $0.isBest ? $0.row : nil } }

  /// A row of each protocol that is shown, the best of all first.
  var choicesOfProtocols: [Choice] {
    let choices = EvaluationRecipe.Procedure.allCases.compactMap { procedure in
      choice(of: shown.filter { $0.recipe.protocol == procedure })
    }
    let first = best?.number
    return choices.filter { $0.row.number == first } + choices.filter { $0.row.number != first }
  }

  /// The rows of these.
  var bestOfProtocols: [ReportRow] { choicesOfProtocols.map(\.row) }

  /// What most rows were validated on that tell a validation macro AUC, and the first row's of as many.
  private static func validation(of rows: [ReportRow]) -> Validation? {
    let told = rows.filter { $0.validationMacroAUC != nil }.map { Validation($0) }
    let most = told.map { one in told.count { $0 == one } }.max()
    return told.first { one in told.count { $0 == one } == most }
  }

  // MARK: - References

  /// A row that another is measured by.
  struct Reference {
    enum Kind: String {
      /// The same architecture from random weights, trained whole.
      case supervised
      /// The same architecture with random weights under the same protocol.
      case random
      /// The best row.
      case best
    }

    let row: ReportRow
    let kind: Kind
    /// What it has otherwise: `sizes`, `training folds`, `shards`.
    let unlike: [String]
  }

  /// What a row is measured by: supervised training of its network from random weights, and random weights under its own protocol.
  ///
  /// Of several those with a seed in common are preferred, then those of the same sizes, of the same training folds, and of the same
  /// shards.
  ///
  /// - Returns: nil for a kind of which several are left and tell no validation macro AUC.
  func references(for row: ReportRow) -> [Reference?] {
    let random = rows.filter {
      $0.recipe.encoder == "none" && $0.number != row.number
        && $0.recipe.network.architecture == row.recipe.network.architecture
        && ($0.isShown || $0.isChosen && $0.recipe.trainFolds == row.recipe.trainFolds)
    }
    let procedure = row.recipe.protocol
    let supervised = random.filter { $0.recipe.protocol == .supervised }
    let same =
      row.recipe.encoder == "none" || procedure == .supervised
      ? [] : random.filter { $0.recipe.protocol == procedure }
    return [(supervised, Reference.Kind.supervised), (same, .random)].filter { !$0.0.isEmpty }.map {
      candidates, kind in
      let alike = preferred(candidates, like: row)
      return choice(of: alike).flatMap { choice in
        choice.isBest
          ? Reference(row: choice.row, kind: kind, unlike: ReportPanel.unlike(choice.row, row)) : nil
      }
    }
  }

  private func preferred(_ rows: [ReportRow], like row: ReportRow) -> [ReportRow] {
    var rows = rows
    func prefer(_ isPreferred: (ReportRow) -> Bool) {
      if rows.contains(where: isPreferred) { rows = rows.filter(isPreferred) }
    }
    prefer { !$0.pairs(with: row).isEmpty }
    prefer { !ReportPanel.unlike($0, row).contains("sizes") }
    prefer { !ReportPanel.unlike($0, row).contains("training folds") }
    prefer { !ReportPanel.unlike($0, row).contains("shards") }
    prefer(\.isShown)
    return rows
  }

  /// What one row has otherwise than another: `sizes` of one architecture, `training folds`, `shards`.
  static func unlike(_ one: ReportRow, _ other: ReportRow) -> [String] {
    let (network, rival) = (one.recipe.network, other.recipe.network)
    return [
      network.architecture == rival.architecture && network.sizes != rival.sizes ? "sizes" : nil,
      one.recipe.trainFolds != other.recipe.trainFolds ? "training folds" : nil,
      one.members[0].evaluation.fingerprints != other.members[0].evaluation.fingerprints ? "shards" : nil,
    ].compactMap { $0 }
  }
}

extension EncoderRecipe {
  /// What the architecture uses of the sizes.
  fileprivate var sizes: [Double] {
    switch architecture {
    case .cpc: [Double(width), Double(hidden), Double(layers), strided ? 1 : 0]
    case .xresnet1d18, .xresnet1d34, .xresnet1d50, .xresnet1d101: [Double(width)]
    case .uresnet: channels.map(Double.init) + [dropout]
    }
  }
}
