internal import ECGData

/// Figures class by class.
extension ReportPage {
  // MARK: - Areas

  var classes: ReportSection {
    var section = ReportSection(id: "classes", title: "Classes", content: "")
    let panels = report.panels.map { panel -> Markup in
      let best = panel.bestOfProtocols
      let areas = best.map(\.areas)
      let defined = panel.test.classes.indices.filter { areas.first?[$0] != nil }.sorted {
        ((areas[0][$1]?.value ?? 0), $0) < ((areas[0][$0]?.value ?? 0), $1)
      }
      let rows = defined.map { column in
        (
          name: "\(panel.test.classes[column]) (\(panel.test.positives(column)))",
          dots: areas.map { areas -> DotPlot.Dot? in
            areas[column].map { DotPlot.Dot(value: $0.value, interval: $0.interval?.range) }
          }
        )
      }
      let ends = rows.flatMap(\.dots).compactMap { $0 }.flatMap { dot in
        [dot.value] + (dot.interval.map { [$0.lowerBound, $0.upperBound] } ?? [])
      }
      let title = "Area under the ROC curve by class: \(panel.title)"
      let plot = DotPlot(
        title: title,
        description: "\(defined.count) classes, the best first, with 95 % intervals by test record.",
        rows: rows, series: best.map(\.label),
        axis: PlotAxis("area under the ROC curve, chance is 0.5", covering: [0.5] + ends, within: 0...1),
        threshold: 0.5)
      let cells = defined.map { column -> [Markup] in
        ["\(panel.test.classes[column])", "\(panel.test.positives(column))"]
          + areas.flatMap { areas -> [Markup] in
            ["\(Figures.fixed(areas[column]?.value))", "\(Figures.interval(areas[column]?.interval))"]
          }
      }
      let undefined = panel.test.classes.indices.filter { areas.first?[$0] == nil }.map { column in
        "\(panel.test.classes[column]) (\(panel.test.positives(column)))"
      }
      let missing: Markup =
        undefined.isEmpty
        ? ""
        : "<p class=\"faint\">Without both outcomes, and so without an area: \(undefined.joined(separator: ", ")).</p>"
      let one: Markup = best.count == 1 ? " It is of \(name(best[0]))." : ""
      return """
        <h3>\(panel.title)</h3>
        <p class="faint">In parentheses the records that a class is stated of.\(one)</p>
        \(choiceNote(panel))
        \(figure("classes-\(slug(panel))", title, in: &section) { plot.svg($0) })
        \(missing)
        <details><summary>\(Markup.counted(defined.count, "area")) as a table</summary>
        \(Markup.table(
          title, [.init("Class"), .init("Records", .number)]
            + best.flatMap { row -> [Markup.Column] in
              [.init("\(number(row))", .number), .init("95 % interval", .number)]
            }, cells))
        </details>
        """
    }
    section.content = """
      <p>Areas of the best row of each protocol by validation macro AUC: means over its seeds, with 95 % intervals by \
      \(Report.resamples) resamples of the test records. That of a class with a handful of records knows of no others, and is too narrow. All rows: \(link("classes.csv")).</p>
      \(panels)
      """
    section.addTable(
      "classes", "Areas by class",
      ["row", "name", "task", "class", "positives", "records", "auc", "low", "high"],
      report.panels.flatMap { panel in
        panel.rows.flatMap { row in
          panel.test.classes.indices.map { column -> [String] in
            let area = row.areas[column]
            return [
              row.id, row.name, panel.test.task, panel.test.classes[column],
              "\(panel.test.positives(column))",
              "\(panel.test.records.count)", Figures.exact(area?.value),
            ] + Figures.exact(area?.interval)
          }
        }
      })
    return section
  }

  // MARK: - Calibration

  var calibration: ReportSection {
    var section = ReportSection(id: "calibration", title: "Calibration", content: "")
    var lines: [[String]] = []
    let panels = report.panels.map { panel -> Markup in
      let rows = panel.bestOfProtocols
      let found = rows.map { row in Calibration(row.members.map(\.evaluation.scored)) }
      for (row, calibration) in zip(rows, found) {
        lines += calibration.bins.enumerated().map { index, bin in
          [
            row.id, row.name, panel.test.task, "\(index + 1)", "\(bin.count)", Figures.exact(bin.score),
            Figures.exact(bin.share), Figures.exact(calibration.error), Figures.exact(calibration.brier),
          ]
        }
      }
      let title = "Reliability: \(panel.title)"
      let plot = LinePlot(
        title: title, description: "Share of what is stated over mean score, in ten bins of equal count.",
        x: .shares("mean score of a bin"), y: .shares("share that is stated"),
        series: zip(rows, found).map { row, calibration in
          LinePlot.Series(
            name: row.label, points: calibration.bins.map { LinePlot.Point(x: $0.score, y: $0.share) })
        }, width: 520, height: 400, hasDiagonal: true)
      return """
        <h3>\(panel.title)</h3>
        \(choiceNote(panel))
        \(figure("calibration-\(slug(panel))", title, in: &section) { plot.svg($0) })
        \(Markup.table(
          "Calibration of all classes together",
          [.init("Row"), .init("Seeds"), .init("Expected calibration error", .number), .init("Brier score", .number)],
          zip(rows, found).map { row, calibration -> [Markup] in
            [
              name(row), "\(row.seeds)", "\(Figures.fixed(calibration.error, 4))",
              "\(Figures.fixed(calibration.brier, 4))",
            ]
          }))
        """
    }
    section.content = """
      <p>Whether a score is a probability, of the best row of each protocol: all answers, one a test record, class and seed, in ten bins of \
      equal count from the lowest scores to the highest. On the dashed line a score is what it says; axes are square roots, as most scores are \
      small. The expected calibration error is the mean distance of a bin's share from its mean score, the Brier score the mean squared \
      distance of answers. As a table: \(link("calibration.csv")).</p>
      \(panels)
      """
    section.addTable(
      "calibration", "Calibration in bins",
      ["row", "name", "task", "bin", "answers", "mean_score", "share", "calibration_error", "brier"], lines)
    return section
  }

  // MARK: - Confusion

  var confusion: ReportSection {
    var section = ReportSection(id: "confusion", title: "Confusion of the worst classes", content: "")
    var lines: [[String]] = []
    let panels = report.panels.compactMap { panel -> Markup? in
      guard let row = panel.bestOfProtocols.first, let member = row.members.first else { return nil }
      let (scored, run) = (member.evaluation.scored, member.evaluation)
      let columns = scored.classes.indices.filter { column in
        member.areas.classes[column] != nil && panel.test.positives(column) >= 5
      }.sorted {
        ((member.areas.classes[$0] ?? 1), $0) < ((member.areas.classes[$1] ?? 1), $1)
      }.prefix(6)
      let cells = columns.map { column -> [Markup] in
        let found = Confusion(scored, class: column, threshold: run.thresholds[column])
        let counts = [found.found, found.missed, found.wrong, found.rejected]
        let threshold = run.thresholds[column]
        lines.append(
          [
            row.id, member.seed, panel.test.task, scored.classes[column],
            Figures.exact(member.areas.classes[column]), "\(threshold)",
          ] + counts.map { "\($0)" } + [told(found.besideMissed), told(found.ofWrong)])
        return [
          "\(scored.classes[column])", "\(Figures.fixed(member.areas.classes[column]))",
          "\(threshold.isFinite ? Figures.fixed(Double(threshold)) : "never")",
        ] + counts.map { count -> Markup in "\(count)" } + [
          "\(told(found.besideMissed))", "\(told(found.ofWrong))",
        ]
      }
      let thresholds: Markup =
        run.outcome.thresholds == nil
        ? "at a threshold of one half, as the run tells no other"
        : "at the thresholds that make F2 highest on the training records"
      guard !cells.isEmpty else {
        return """
          <h3>\(panel.title)</h3>
          <p>\(name(row)): no class is of both outcomes and stated of five records.</p>
          \(choiceNote(panel))
          """
      }
      return """
        <h3>\(panel.title)</h3>
        <p>\(name(row)), the run of seed \(member.seed), \(thresholds).</p>
        \(choiceNote(panel))
        \(Markup.table(
          "The classes of the least areas that are stated of five records or more",
          [.init("Class"), .init("Area", .number), .init("Threshold", .number), .init("Found", .number),
            .init("Missed", .number), .init("Wrongly found", .number), .init("Rejected", .number),
            .init("The missed also have", .sentence), .init("The wrongly found have", .sentence)], Array(cells)))
        """
    }
    section.content = """
      <p>Where the best row by validation macro AUC errs most: counts of test records by answer, and the three most frequent labels of those \
      answered wrongly. As a table: \(link("confusion.csv")).</p>
      \(panels)
      """
    section.addTable(
      "confusion", "Confusion of the worst classes",
      [
        "row", "seed", "task", "class", "auc", "threshold", "found", "missed", "wrongly_found", "rejected",
        "missed_also_have", "wrongly_found_have",
      ], lines)
    return section
  }

  private func told(_ labels: [(name: String, count: Int)]) -> String {
    labels.prefix(3).map { "\($0.name) \($0.count)" }.joined(separator: ", ")
  }
}
