internal import ECGData

/// Where every number is from.
extension ReportPage {
  var provenance: ReportSection {
    var section = ReportSection(id: "provenance", title: "Provenance", content: "")
    let panels = report.panels.map { panel -> Markup in
      let rows = panel.rows.map { row -> Markup in
        """
        <h4 id="\(row.id)">\(row.id) \(row.title)</h4>
        \(runs(of: row))
        """
      }
      return "<h3>\(panel.title)</h3>\n\(rows)"
    }
    let pretrained = report.pretrainings.enumerated().map { index, run in pretraining(index, run) }
    let beneath: Markup =
      pretrained.isEmpty ? "" : "<h3>Pretraining</h3>\n\(pretrained)"
    let problems = report.problems.map { problem -> Markup in
      "<li><code>\(problem.path)</code>: \(problem.message)</li>"
    }
    let missing: Markup =
      problems.isEmpty
      ? "<p>All that was found is in this page.</p>" : "<ul id=\"problems\">\(problems)</ul>"
    let shards = report.shards.map { given($0.shards.directory, $0.shards.manifest.fingerprint) } ?? ""
    section.content = """
      <p>The runs of each row, with their recipes as they were written down. Macro AUC is computed from the scores of a run's test \
      records and agrees with its result. As a table: \(link("runs.csv")).</p>
      \(shards)
      \(panels)
      \(beneath)
      <h3>What is not in this page</h3>
      \(missing)
      """
    addRuns(&section)
    return section
  }

  /// What is from the shards that were given.
  private func given(_ directory: String, _ fingerprint: String) -> Markup {
    let found = report.panels.filter { $0.test.places != nil }
    let isTested = report.evaluations.contains { $0.fingerprints.contains(fingerprint) }
    let whose: Markup =
      if found.isEmpty {
        "There are no patients and no pictures, as no run's test records are in"
      } else if found.count < report.panels.count {
        "Patients and pictures of \(found.map(\.title).joined(separator: "; ")) alone are from"
      } else {
        "Patients and pictures are from"
      }
    let how: Markup =
      found.isEmpty || isTested
      ? "" : " No run is of these: their records are known by ids, folds and labels."
    return "<p>\(whose) shards <code>\(directory)</code>, fingerprint <code>\(fingerprint)</code>.\(how)</p>"
  }

  private func runs(of row: ReportRow) -> Markup {
    let cells = row.members.map { member -> [Markup] in
      let (run, outcome) = (member.evaluation, member.evaluation.outcome)
      let source: Markup =
        if let place = member.pretraining {
          "<a href=\"#P\("\(place + 1)")\">P\("\(place + 1)")</a> <code>\(String(run.recipe.encoderSHA256.prefix(12)))</code>"
        } else if run.recipe.encoder == "none" {
          "random weights"
        } else {
          "<code>\(run.recipe.encoder)</code> <code>\(String(run.recipe.encoderSHA256.prefix(12)))</code>, not among the runs"
        }
      return [
        "<code>\(run.path)</code>", "\(member.seed)", "\(Figures.fixed(member.macroAUC, 4))",
        "\(Figures.fixed(outcome.validationMacroAUC, 4))", "\(outcome.bestEpoch.map { "\($0)" } ?? "")",
        source,
        "\(outcome.seen.map { "\($0)" } ?? "not told")", shards(run.fingerprints),
        "\(outcome.version ?? "not told")", "\(Figures.fixed(outcome.seconds, 0))",
      ]
    }
    let table = Markup.table(
      "Runs of \(row.id), its test folds \(ReportPage.folds(row.recipe.testFolds))",
      [
        .init("Run"), .init("Seed"), .init("Macro AUC", .number), .init("Validation", .number),
        .init("Epoch", .number), .init("Encoder"), .init("Seen", .number), .init("Shards"), .init("Version"),
        .init("Seconds", .number),
      ], cells)
    return """
      \(table)
      \(recipes(row.members.map { ($0.evaluation.path, $0.evaluation.recipeText) }))
      """
  }

  private func pretraining(_ index: Int, _ run: ReportedPretraining) -> Markup {
    let outcome = run.outcome
    let findings = (outcome.findings ?? []).map { finding -> Markup in
      "<p class=\"warning\">\(finding)</p>"
    }
    let id = "P\(index + 1)"
    return """
      <h4 id="\(id)">\(id) \(run.name), seed \("\(run.recipe.seed)")</h4>
      \(Markup.table(
        "Run of \(id)",
        [.init("Run"), .init("Records", .number), .init("Steps", .number), .init("Loss", .number),
          .init("Validation loss", .number), .init("Encoder"), .init("Shards"), .init("Version"),
          .init("Seconds", .number)],
        [[
          "<code>\(run.path)</code>", "\(outcome.records.map(Markup.grouped) ?? "")",
          "\(outcome.steps.map(Markup.grouped) ?? "")", "\(Figures.fixed(outcome.loss))",
          "\(Figures.fixed(outcome.validationLoss))", "<code>\(String(run.encoderSHA256.prefix(12)))</code>",
          shards(run.fingerprints), "\(outcome.version ?? "not told")", "\(Figures.fixed(outcome.seconds, 0))",
        ]]))
      \(recipes([(run.path, run.recipeText)]))
      \(findings)
      """
  }

  private func shards(_ fingerprints: [String]) -> Markup {
    guard !fingerprints.isEmpty else { return "not told" }
    return fingerprints.map { print -> Markup in "<code>\(String(print.prefix(12)))</code>" }.merged
  }

  private func recipes(_ runs: [(path: String, text: String)]) -> Markup {
    let texts = runs.map { run -> Markup in
      // Line by line: the end of a line in a text is a space elsewhere.
      let lines = run.text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> Markup in
        "\(String(line))"
      }
      return "<p class=\"faint\"><code>\(run.path)</code></p><pre>\(lines)</pre>"
    }
    return "<details><summary>\(Markup.counted(runs.count, "recipe"))</summary>\(texts)</details>"
  }

  private func addRuns(_ section: inout ReportSection) {
    let evaluations = report.panels.flatMap { panel in
      panel.rows.flatMap { row in
        row.members.map { member -> [String] in
          let (run, outcome) = (member.evaluation, member.evaluation.outcome)
          return [
            row.id, "evaluation", run.path, panel.test.task, run.recipe.protocol.rawValue, member.seed,
            Figures.exact(member.macroAUC), Figures.exact(outcome.validationMacroAUC),
            outcome.bestEpoch.map { "\($0)" } ?? "", run.recipe.encoder, run.recipe.encoderSHA256,
            run.fingerprints.joined(separator: " "), outcome.version ?? "", Figures.exact(outcome.seconds),
          ]
        }
      }
    }
    let pretrainings = report.pretrainings.enumerated().map { index, run -> [String] in
      [
        "P\(index + 1)", "pretraining", run.path, "", run.recipe.method.rawValue, "\(run.recipe.seed)", "",
        "",
        "", "", run.encoderSHA256, run.fingerprints.joined(separator: " "), run.outcome.version ?? "",
        Figures.exact(run.outcome.seconds),
      ]
    }
    section.addTable(
      "runs", "All runs",
      [
        "row", "kind", "run", "task", "method", "seed", "macro_auc", "validation_macro_auc", "best_epoch",
        "encoder", "encoder_sha256", "shards", "version", "seconds",
      ], evaluations + pretrainings)
  }
}
