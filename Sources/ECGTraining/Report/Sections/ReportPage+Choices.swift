internal import ECGData

/// What a page tells of how rows were taken from others.
extension ReportPage {
  /// Rows that could not be compared when the best of a panel was chosen; empty if all could.
  func choiceNote(_ panel: ReportPanel) -> Markup {
    let choices = [panel.choice(of: panel.shown)].compactMap { $0 } + panel.choicesOfProtocols
    let left = Set(choices.flatMap(\.left).map(\.number))
    let rows = panel.shown.filter { left.contains($0.number) }
    let open = panel.choicesOfProtocols.filter { !$0.isBest }.map(\.row)
    let none: Markup =
      if panel.best == nil, panel.shown.count > 1 {
        "No row tells a validation macro AUC, so that none is the best: figures are of the first, here and of each protocol. "
      } else if !open.isEmpty {
        "No row of the protocol of \(open.map(number).joined) tells a validation macro AUC: figures are of the first. "
      } else {
        ""
      }
    let others: Markup =
      rows.isEmpty
      ? ""
      : """
      \(rows.map(number).joined) could not be compared with the best row: no validation macro AUC is told, or that of other records than \
      most rows have.
      """
    guard panel.best == nil && panel.shown.count > 1 || !open.isEmpty || !rows.isEmpty else { return "" }
    return "<p class=\"faint\">\(none)\(others)</p>"
  }

  /// Settings that were chosen, and those that could not be.
  func settingsNotes(_ panel: ReportPanel) -> [Markup] {
    let chosen = Dictionary(grouping: panel.shown.filter { !$0.choice.isEmpty }, by: \.choice)
    let open = Dictionary(grouping: panel.shown.filter { !$0.openChoice.isEmpty }) {
      $0.family + [$0.recipe.trainFolds.description, $0.openChoice]
    }
    func first(_ rows: [ReportRow]) -> Int { rows[0].number }
    return chosen.values.sorted { first($0) < first($1) }.map { rows -> Markup in
      "<li>\(rows.map(number).joined): \(rows[0].choice).</li>"
    }
      + open.values.sorted { first($0) < first($1) }.map { rows -> Markup in
        "<li>\(rows.map(number).joined) differ in settings of the optimiser; none was chosen, as they \(rows[0].openChoice).</li>"
      }
  }
}

extension [Markup] {
  /// All of them, with commas between.
  var joined: Markup {
    guard let first else { return "" }
    return dropFirst().reduce(first) { "\($0), \($1)" }
  }
}
