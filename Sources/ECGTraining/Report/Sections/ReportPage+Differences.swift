internal import ECGData

/// Rows against what they are measured by.
extension ReportPage {
  var differences: ReportSection {
    var section = ReportSection(id: "differences", title: "Differences", content: "")
    let all = report.differences.flatMap { $0 }
    let tables = zip(report.panels, report.differences).map { panel, differences -> Markup in
      guard !differences.isEmpty else {
        return
          "<h3>\(panel.title)</h3>\n<p>No row has a reference with a seed in common.</p>\n\(choiceNote(panel))"
      }
      let rows = differences.map { one -> [Markup] in
        [
          name(one.row), name(one.reference.row), "\(told(one.reference))",
          "\(one.seeds.joined(separator: ", "))", "\(Figures.signed(one.difference))",
          "\(Figures.interval(one.interval, isSigned: true))", "\(Figures.fixed(one.probability))",
        ]
      }
      return """
        <h3>\(panel.title)</h3>
        \(Markup.table(
          "Macro AUC of a row less that of its reference",
          [.init("Row"), .init("Reference"), .init("Which is"), .init("Common seeds"),
            .init("Difference", .number), .init("95 % interval", .number), .init("p", .number)], rows))
        \(choiceNote(panel))
        \(openReferences(panel))
        \(unpaired(panel, differences))
        """
    }
    section.content = """
      <p>A row's macro AUC less that of a reference on the same test records: supervised training of the same architecture from random \
      weights, the same protocol on random weights, and the best row by validation macro AUC. References are of the same sizes, training \
      folds and shards, unless it is told. Means over the seeds that both have; intervals \
      by \(Report.resamples) resamples of the records, the same for both. p is two-sided, by \(Report.permutations) exchanges of the two \
      record by record at random, in all seeds together; the least that it can be is 1/\(Report.permutations + 1). It is not corrected for the \
      number of comparisons, which are \(all.count) here. As a table: \(link("differences.csv")).</p>
      \(all.isEmpty ? "<p>There are no two rows to compare.</p>" : "" as Markup)\(tables)
      """
    section.addTable(
      "differences", "Differences of rows",
      [
        "task", "test_records", "row", "reference", "kind", "unlike", "seeds", "difference", "low", "high",
        "p",
      ],
      zip(report.panels, report.differences).flatMap { panel, differences in
        differences.map { one -> [String] in
          [
            panel.test.task, "\(panel.test.records.count)", one.row.id, one.reference.row.id,
            one.reference.kind.rawValue, one.reference.unlike.joined(separator: ", "),
            one.seeds.joined(separator: " "), Figures.exact(one.difference),
          ] + Figures.exact(one.interval) + [Figures.exact(one.probability)]
        }
      })
    return section
  }

  private func told(_ reference: ReportPanel.Reference) -> String {
    let kind =
      switch reference.kind {
      case .supervised: "supervised from random weights"
      case .random: "same protocol on random weights"
      case .best: "best row"
      }
    return reference.unlike.isEmpty
      ? kind : "\(kind), of other \(reference.unlike.joined(separator: " and "))"
  }

  /// Rows that have references, but no seed in common with any.
  private func unpaired(_ panel: ReportPanel, _ differences: [RowDifference]) -> Markup {
    let paired = Set(differences.map(\.row.number))
    let rows = panel.shown.filter { row in
      !paired.contains(row.number) && panel.references(for: row).contains { $0 != nil }
    }
    return rows.isEmpty
      ? "" : "<p class=\"faint\">\(rows.map(number).joined): no seed in common with a reference.</p>"
  }

  /// Rows with several references of a kind, of which none could be chosen.
  private func openReferences(_ panel: ReportPanel) -> Markup {
    let rows = panel.shown.filter { row in panel.references(for: row).contains { $0 == nil } }
    guard !rows.isEmpty else { return "" }
    return """
      <p class="faint">\(rows.map(number).joined): of several references that tell no validation macro AUC none was chosen.</p>
      """
  }
}
