internal import ECGData

/// Macro AUC over training folds.
extension ReportPage {
  var labelEfficiency: ReportSection {
    var section = ReportSection(id: "labels", title: "Label efficiency", content: "")
    var lines: [[String]] = []
    var panels: [Markup] = []
    for panel in report.panels {
      let families = families(of: panel)
      guard !families.isEmpty else { continue }
      for row in families.joined() { lines.append(efficiencyLine(row, panel)) }
      let title = "Macro AUC over training folds: \(panel.title)"
      var figures: [Markup] = []
      for (part, families) in families.chunked(8).enumerated() {
        let series = families.map { efficiencyCurve($0) }
        let plot = LinePlot(
          title: title, description: "Means over seeds with 95 % intervals by test record.",
          x: PlotAxis("training folds", covering: [0] + series.flatMap(\.points).map(\.x), ticks: 8),
          y: ReportPage.areaAxis("macro AUC", of: series), series: series)
        let name = "label-efficiency-\(slug(panel))\(part > 0 ? "-\(part + 1)" : "")"
        figures.append(figure(name, title, in: &section) { plot.svg($0) })
      }
      let hasChoices = families.joined().contains { !$0.choice.isEmpty }
      let table = Markup.table(
        "Rows that differ in their training folds, and in settings that were chosen for each",
        [
          .init("Row"), .init("Training folds"), .init("Records", .number), .init("Seeds"),
          .init("Macro AUC", .number), .init("sd", .number), .init("95 % interval", .number),
        ] + (hasChoices ? [.init("Chosen", .sentence)] : []),
        families.joined().map { efficiencyCells($0) + (hasChoices ? ["\($0.choice)"] : []) })
      panels.append("<h3>\(panel.title)</h3>\n\(figures)\n\(table)")
    }
    let none: Markup = panels.isEmpty ? "<p>No rows differ in their training folds alone.</p>" : ""
    section.content = """
      <p>The same training on fewer folds, in settings of the optimiser that are the same or were searched anew from the same \
      for each: mean macro AUC over seeds, with 95 % intervals by \(Report.resamples) resamples of the \
      test records. As a table: \(link("label-efficiency.csv")).</p>
      \(none)\(panels)
      """
    section.addTable(
      "label-efficiency", "Macro AUC over training folds",
      [
        "row", "name", "detail", "choice", "task", "folds", "train_folds", "train_records", "seeds",
        "macro_auc", "macro_auc_sd", "low", "high",
      ], lines)
    return section
  }

  /// Rows that differ in the number of their training folds, the fewest first.
  private func families(of panel: ReportPanel) -> [[ReportRow]] {
    let all = Dictionary(grouping: panel.rows.filter(\.isChosen)) { [$0.family, $0.curve] }.values
    return all.filter { Set($0.map(\.recipe.trainFolds.values.count)).count > 1 }.map { family in
      family.sorted { $0.recipe.trainFolds.values.count < $1.recipe.trainFolds.values.count }
    }.sorted { $0[0].number < $1[0].number }
  }

  private func efficiencyCurve(_ family: [ReportRow]) -> LinePlot.Series {
    let points = family.map { row -> LinePlot.Point in
      let folds = row.recipe.trainFolds.values.count
      return LinePlot.Point(x: Double(folds), y: row.macroAUC, interval: row.interval?.range)
    }
    return LinePlot.Series(name: family[family.count - 1].title, points: points)
  }

  private func efficiencyCells(_ row: ReportRow) -> [Markup] {
    let records = row.members[0].evaluation.outcome.trainRecords.map(Markup.grouped) ?? ""
    return [
      name(row), "\(ReportPage.folds(row.recipe.trainFolds))", "\(records)", "\(row.seeds)",
      "\(Figures.fixed(row.macroAUC))", "\(Figures.fixed(row.standardDeviation))",
      "\(Figures.interval(row.interval))",
    ]
  }

  private func efficiencyLine(_ row: ReportRow, _ panel: ReportPanel) -> [String] {
    let records = row.members[0].evaluation.outcome.trainRecords.map { "\($0)" } ?? ""
    let start = [
      row.id, row.name, row.detail, row.choice, panel.test.task, "\(row.recipe.trainFolds.values.count)",
      row.recipe.trainFolds.description, records, row.seeds,
    ]
    return start + [Figures.exact(row.macroAUC), Figures.exact(row.standardDeviation)]
      + Figures.exact(row.interval)
  }

  /// An axis for areas that curves and their intervals cover.
  static func areaAxis(_ title: String, of series: [LinePlot.Series]) -> PlotAxis {
    PlotAxis(
      title,
      covering: series.flatMap(\.points).flatMap { point in
        [point.y] + (point.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
      }, within: 0...1)
  }
}

extension Array {
  /// Parts of so many, the last as many as are left.
  func chunked(_ most: Int) -> [[Element]] {
    stride(from: 0, to: count, by: most).map { Array(self[$0..<Swift.min($0 + most, count)]) }
  }
}
