internal import ECGData

/// The main tables, and the papers' beneath.
extension ReportPage {
  var results: ReportSection {
    var section = ReportSection(id: "results", title: "Results", content: "")
    let panels = report.panels.map { panel -> Markup in
      let others = panel.rows.count - panel.shown.count
      let left: Markup =
        others > 0
        ? "<li>\(Markup.counted(others, "more row")), of fewer training folds or of settings that others were preferred to, are in \(link("results.csv")).</li>"
        : ""
      return """
        <h3>\(panel.title)</h3>
        \(table(panel))
        <ul class="faint">\(settingsNotes(panel))\(left)\(undefined(panel))</ul>
        """
    }
    let tasks = Set(report.panels.map(\.test.task))
    let published = PublishedResults.tables.filter { tasks.contains($0.task) }.map(table)
    let beneath: Markup =
      published.isEmpty
      ? ""
      : """
      <h3>What the papers report</h3>
      <p>These are of other training and test records than the rows above, unless those were trained and tested on the folds of the \
      whole collection: they are what to aim at, not what to be compared with digit by digit.</p>
      \(published)
      """
    let none: Markup = report.panels.isEmpty ? "<p>No evaluation is among the runs.</p>" : ""
    section.content = """
      <p>Figures are means over the seeds of a row, of the best epoch by validation macro AUC, or the last of runs without validation folds; \
      each run scored its test records once, after training. \
      Macro AUC is the mean area under the ROC curve over classes with both outcomes, beside it the standard deviation over seeds. \
      Intervals hold 95 % of \(Report.resamples) bootstrap resamples of the test records, or of their patients where all are known; \
      resamples are the same for all seeds and rows. They tell what other records would give, not what other trainings would; and a class of \
      which a resample has no record is left out of its mean, so that rare classes with small areas move an interval up. F2 and G2 take \
      thresholds from training records. All rows: \(link("results.csv")).</p>
      \(none)\(panels)
      \(beneath)
      """
    addResults(&section)
    return section
  }

  private func table(_ panel: ReportPanel) -> Markup {
    let rows = panel.shown
    let hasPatients = panel.test.patients != nil
    let hasCPSC = rows.contains { $0.mean { $0.evaluation.outcome.cpscF1 } != nil }
    var columns: [Markup.Column] = [
      .init("Row"), .init("Training folds"), .init("Validation"), .init("Seeds"),
      .init("Macro AUC (sd)", .number), .init("95 % interval", .number),
    ]
    if hasPatients { columns.append(.init("by patient", .number)) }
    // Earlier versions did not tell all of them.
    let known = [0, 1, 2, 3].filter { place in rows.contains { figures($0)[place] != nil } }
    columns += known.map { place -> Markup.Column in
      .init("\(["Macro AP", "Fmax", "F2", "G2"][place])", .number)
    }
    if hasCPSC { columns.append(.init("CPSC F1", .number)) }
    let cells = rows.map { row -> [Markup] in
      let deviation = row.standardDeviation.map { " (\(Figures.fixed($0)))" } ?? ""
      var cells: [Markup] = [
        name(row), "\(ReportPage.folds(row.recipe.trainFolds))",
        "\(ReportPage.folds(row.recipe.validationFolds))",
        "\(row.seeds)", "\(Figures.fixed(row.macroAUC))\(deviation)", "\(Figures.interval(row.interval))",
      ]
      if hasPatients { cells.append("\(Figures.interval(row.intervalByPatient))") }
      let told = figures(row)
      cells += known.map { place -> Markup in "\(Figures.fixed(told[place]))" }
      if hasCPSC { cells.append("\(Figures.fixed(row.mean { $0.evaluation.outcome.cpscF1 }))") }
      return cells
    }
    return Markup.table("\(panel.title): means over seeds", columns, cells)
  }

  /// Macro AP, Fmax, F2 and G2.
  private func figures(_ row: ReportRow) -> [Double?] {
    [
      row.mean { $0.evaluation.scored.averagePrecisions.mean }, row.mean { $0.evaluation.scored.fmax },
      row.mean { $0.evaluation.outcome.f2 }, row.mean { $0.evaluation.outcome.g2 },
    ]
  }

  private func undefined(_ panel: ReportPanel) -> Markup {
    let areas = panel.rows.first?.members.first?.areas.classes ?? []
    let names = zip(panel.test.classes, areas).filter { $0.1 == nil }.map(\.0)
    guard !names.isEmpty else { return "" }
    return """
      <li>\(names.count) of \(panel.test.classes.count) classes are not of both outcomes among the test records, and left out of all \
      means: \(names.joined(separator: ", ")).</li>
      """
  }

  private func table(_ published: PublishedResults.Table) -> Markup {
    Markup.table(
      published.caption,
      [.init("Network"), .init("Pretraining")]
        + published.columns.map { title -> Markup.Column in .init("\(title)", .number) },
      published.rows.map { row -> [Markup] in
        ["\(row.network)", "\(row.pretraining)"]
          + row.figures.map { figure -> Markup in
            "\(Figures.fixed(figure.mean)) (\(Figures.fixed(figure.deviation)))"
          }
      })
  }

  /// Folds as people write them; `none` if there are none.
  static func folds(_ folds: Folds) -> String {
    folds.values.isEmpty ? "none" : TestRecords.ranges(Set(folds.values.map(Int.init)))
  }

  private func addResults(_ section: inout ReportSection) {
    let rows = report.panels.flatMap { panel in
      panel.rows.map { row -> [String] in
        let undefined = row.members[0].areas.classes.count { $0 == nil }
        let start = [
          row.id, row.name, row.detail, panel.test.task, row.recipe.protocol.rawValue,
          row.recipe.network.architecture.rawValue,
          row.members[0].pretraining.map { report.pretrainings[$0].recipe.method.rawValue }
            ?? (row.recipe.encoder == "none" ? "none" : "unknown"),
          row.recipe.trainFolds.description, row.recipe.validationFolds.description,
          row.recipe.testFolds.description,
        ]
        return start + [
          "\(panel.test.records.count)", "\(undefined)", row.seeds, Figures.exact(row.macroAUC),
          Figures.exact(row.standardDeviation),
        ] + Figures.exact(row.interval) + Figures.exact(row.intervalByPatient)
          + figures(row).map { Figures.exact($0) }
          + [
            Figures.exact(row.mean { $0.evaluation.outcome.cpscF1 }), Figures.exact(row.validationMacroAUC),
            row.isShown ? "yes" : "no", row.choice,
          ]
      }
    }
    section.addTable(
      "results", "All rows",
      [
        "row", "name", "detail", "task", "protocol", "architecture", "pretraining", "train_folds",
        "validation_folds", "test_folds", "test_records", "undefined_classes", "seeds", "macro_auc",
        "macro_auc_sd", "low", "high", "low_by_patient", "high_by_patient", "macro_average_precision", "fmax",
        "f2", "g2", "cpsc_f1", "validation_macro_auc", "shown", "choice",
      ], rows)
  }
}
