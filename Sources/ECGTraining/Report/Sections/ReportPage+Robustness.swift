internal import ECGData

/// Macro AUC over noise.
extension ReportPage {
  var robustness: ReportSection {
    var section = ReportSection(id: "robustness", title: "Robustness", content: "")
    var lines: [[String]] = []
    var panels: [Markup] = []
    for panel in report.panels {
      let kinds = NoiseKind.all(of: panel.rows)
      let figures = kinds.flatMap { kind -> [Markup] in
        let curves = panel.rows.compactMap { row in NoiseCurve(row, kind).map { (row: row, curve: $0) } }
        let noise = kind.title(among: kinds)
        for (row, curve) in curves { lines += noiseLines(row, curve, kind, panel) }
        return curves.filter(\.row.isShown).chunked(8).map { curves in
          // A legend has two rows or more.
          let one: Markup = curves.count == 1 ? "<p class=\"faint\">It is of \(name(curves[0].row)).</p>" : ""
          return "<div>\(noisy(kind, noise, curves, panel, in: &section))\(one)\(left(curves))</div>"
        }
      }
      if figures.isEmpty { continue }
      panels.append("<h3>\(panel.title)</h3>\n<div class=\"blocks\">\(figures)</div>")
    }
    let words: Markup =
      panels.isEmpty
      ? "<p>No row that tables show tells its macro AUC under noise.</p>"
      : """
      <p>Noise is added to test records only. Levels are those of Mehari and Strodthoff (2022), 0 is none; recorded noise is told by its ratio \
      of signal to noise. Points are means over the seeds that were tested so, the same for all points of a row; their bars, where there are \
      no more than \(LinePlot.mostIntervals) rows, are means of the seeds' 95 % intervals by test record. As a table: \
      \(link("robustness.csv")).</p>
      """
    section.content = "\(words)\(panels)"
    section.addTable(
      "robustness", "Macro AUC under noise",
      [
        "row", "name", "detail", "task", "noise", "noise_sha256", "level", "snr_db", "seeds", "macro_auc",
        "low", "high",
      ], lines)
    return section
  }

  private func noiseLines(
    _ row: ReportRow, _ curve: NoiseCurve, _ kind: NoiseKind, _ panel: ReportPanel
  ) -> [[String]] {
    curve.points.map { point in
      [
        row.id, row.name, row.detail, panel.test.task, kind.name, kind.sha256 ?? "",
        kind.hasLevels ? "\(Int(point.step ?? 0))" : "", kind.hasLevels ? "" : Figures.exact(point.step),
        curve.seeds.joined(separator: ", "), Figures.exact(point.macroAUC),
        Figures.exact(point.interval?.lowerBound), Figures.exact(point.interval?.upperBound),
      ]
    }
  }

  private func noisy(
    _ kind: NoiseKind, _ noise: String, _ curves: [(row: ReportRow, curve: NoiseCurve)],
    _ panel: ReportPanel, in section: inout ReportSection
  ) -> Markup {
    let all = Set(curves.flatMap(\.curve.points).compactMap(\.step))
    let steps = kind.hasLevels ? all.sorted() : all.sorted(by: >)
    let series = curves.map { row, curve in
      LinePlot.Series(
        name: row.label,
        points: curve.points.map { point in
          let place = point.step.flatMap { steps.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
          return LinePlot.Point(x: Double(place), y: point.macroAUC, interval: point.interval)
        })
    }
    let short = PlotFrame.cut(noise, to: 200)
    let title = "Macro AUC under \(short) noise: \(panel.title)"
    let plot = LinePlot(
      title: title, description: "Means over seeds, from no noise to the strongest.",
      x: PlotAxis(
        kind.hasLevels ? "level of \(short) noise" : "signal to \(short) noise in dB",
        categories: [kind.hasLevels ? "0" : "clean"] + steps.map { SVG.decimal($0, digits: 2) }),
      y: ReportPage.areaAxis("macro AUC", of: series), series: series, width: 570)
    let name = "robustness-\(slug(panel))-\(Figures.slug(kind.name))-\(kind.hasLevels ? "level" : "snr")"
    return figure(name, title, in: &section) { plot.svg($0) }
  }

  /// Seeds that are in no point.
  private func left(_ curves: [(row: ReportRow, curve: NoiseCurve)]) -> Markup {
    let rows = curves.filter { !$0.curve.left.isEmpty }.map { row, curve -> Markup in
      "\(number(row)) of seed \(curve.left.joined(separator: ", "))"
    }
    return rows.isEmpty
      ? "" : "<p class=\"faint\">Left out, as they were tested at fewer steps: \(rows.joined).</p>"
  }
}
