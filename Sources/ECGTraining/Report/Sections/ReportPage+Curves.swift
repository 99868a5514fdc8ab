internal import ECGData

/// Macro AUC over training folds, and over noise.
extension ReportPage {
  // MARK: - Label efficiency

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
      let table = Markup.table(
        "Rows of one name by their training folds",
        [
          .init("Row"), .init("Training folds"), .init("Records", .number), .init("Seeds"),
          .init("Macro AUC", .number), .init("sd", .number), .init("95 % interval", .number),
        ], families.joined().map { efficiencyCells($0) })
      panels.append("<h3>\(panel.title)</h3>\n\(figures)\n\(table)")
    }
    let none: Markup = panels.isEmpty ? "<p>No rows differ in their training folds alone.</p>" : ""
    section.content = """
      <p>The same training on fewer folds: mean macro AUC over seeds, with 95 % intervals by \(Report.resamples) resamples of the \
      test records. As a table: \(link("label-efficiency.csv")).</p>
      \(none)\(panels)
      """
    section.files.append(
      .table(
        "label-efficiency", "Macro AUC over training folds",
        ["row", "name", "task", "folds", "train_records", "macro_auc", "macro_auc_sd", "low", "high"], lines))
    return section
  }

  /// Rows of one name on several numbers of training folds, the fewest first.
  private func families(of panel: ReportPanel) -> [[ReportRow]] {
    let all = Dictionary(grouping: panel.rows.filter(\.isChosen)) { "\($0.name)\n\($0.detail)" }.values
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
    let start = [row.id, row.name, panel.test.task, "\(row.recipe.trainFolds.values.count)", records]
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

  // MARK: - Robustness

  /// Noise that a curve goes over, and how far it goes.
  private struct Noise: Hashable {
    var name: String
    /// Whether its steps are levels; else ratios of signal to noise.
    var hasLevels: Bool
  }

  var robustness: ReportSection {
    var section = ReportSection(id: "robustness", title: "Robustness", content: "")
    var lines: [[String]] = []
    var panels: [Markup] = []
    for panel in report.panels {
      let rows = panel.shown.filter { row in row.members.contains { $0.evaluation.robustness != nil } }
      guard !rows.isEmpty else { continue }
      let points = rows.flatMap(\.members).flatMap { $0.evaluation.robustness?.points ?? [] }
      let kinds = Set(points.map { Noise(name: $0.noise, hasLevels: $0.level.value != nil) }).sorted {
        ($0.hasLevels ? 0 : 1, $0.name) < ($1.hasLevels ? 0 : 1, $1.name)
      }
      var figures: [Markup] = []
      for kind in kinds {
        for (part, rows) in rows.chunked(8).enumerated() {
          let start =
            "robustness-\(slug(panel))-\(Figures.slug(kind.name))-\(kind.hasLevels ? "level" : "snr")"
          let name = part > 0 ? "\(start)-\(part + 1)" : start
          figures.append("<div>\(noisy(kind, rows, panel, name: name, &lines, in: &section))</div>")
        }
      }
      panels.append("<h3>\(panel.title)</h3>\n<div class=\"blocks\">\(figures)</div>")
    }
    let words: Markup =
      panels.isEmpty
      ? "<p>No run tells its macro AUC under noise.</p>"
      : """
      <p>Noise is added to test records only. Levels are those of Mehari and Strodthoff (2022), 0 is none; recorded noise is told by its ratio \
      of signal to noise. Points are means over the seeds that were tested so; their bars, where there are no more than \
      \(LinePlot.mostIntervals) rows, are means of the seeds' 95 % intervals by test record. As a table: \(link("robustness.csv")).</p>
      """
    section.content = "\(words)\(panels)"
    section.files.append(
      .table(
        "robustness", "Macro AUC under noise",
        ["row", "name", "task", "noise", "level", "snr_db", "seeds", "macro_auc", "low", "high"], lines))
    return section
  }

  private func noisy(
    _ kind: Noise, _ rows: [ReportRow], _ panel: ReportPanel, name: String, _ lines: inout [[String]],
    in section: inout ReportSection
  ) -> Markup {
    func step(_ point: Robustness.Point) -> Double? {
      point.noise == kind.name
        ? (kind.hasLevels ? point.level.value.map(Double.init) : point.decibels.value) : nil
    }
    let curves = rows.map { row in row.members.compactMap(\.evaluation.robustness) }
    let all = Set(curves.joined().flatMap(\.points).compactMap(step))
    // The noise grows to the right: the ratio falls.
    let steps = kind.hasLevels ? all.sorted() : all.sorted(by: >)
    let series = zip(rows, curves).map { row, curves -> LinePlot.Series in
      var points: [LinePlot.Point] = []
      func add(_ place: Int, _ values: [Double], _ intervals: [[Double]], _ step: Double?) {
        guard !values.isEmpty else { return }
        let mean = values.reduce(0, +) / Double(values.count)
        let ends = [0, 1].map { end in
          intervals.reduce(0) { $0 + $1[end] } / Double(max(1, intervals.count))
        }
        let isKnown = intervals.count == values.count
        points.append(
          LinePlot.Point(x: Double(place), y: mean, interval: isKnown ? ends[0]...max(ends[0], ends[1]) : nil)
        )
        lines.append([
          row.id, row.name, panel.test.task, kind.name, kind.hasLevels ? "\(Int(step ?? 0))" : "",
          kind.hasLevels ? "" : Figures.exact(step), "\(values.count)", Figures.exact(mean),
          isKnown ? Figures.exact(ends[0]) : "", isKnown ? Figures.exact(ends[1]) : "",
        ])
      }
      add(0, curves.map(\.clean), [], nil)
      for (place, wanted) in steps.enumerated() {
        let found = curves.flatMap(\.points).filter { step($0) == wanted }
        add(
          place + 1, found.map(\.macroAUC), found.map(\.ci95).filter { $0.count == 2 }, wanted)
      }
      return LinePlot.Series(name: row.label, points: points)
    }
    let title = "Macro AUC under \(kind.name) noise: \(panel.title)"
    let plot = LinePlot(
      title: title, description: "Means over seeds, from no noise to the strongest.",
      x: PlotAxis(
        kind.hasLevels ? "level of \(kind.name) noise" : "signal to \(kind.name) noise in dB",
        categories: [kind.hasLevels ? "0" : "clean"] + steps.map { SVG.decimal($0, digits: 2) }),
      y: ReportPage.areaAxis("macro AUC", of: series), series: series, width: 570)
    return figure(name, title, in: &section) { plot.svg($0) }
  }
}

extension Array {
  /// Parts of so many, the last as many as are left.
  func chunked(_ most: Int) -> [[Element]] {
    stride(from: 0, to: count, by: most).map { Array(self[$0..<Swift.min($0 + most, count)]) }
  }
}
