internal import ECGData

/// Rows against what they are measured by.
extension ReportPage {
  var differences: ReportSection {
    var section = ReportSection(id: "differences", title: "Differences", content: "")
    let all = report.differences.flatMap { $0 }
    let tables = zip(report.panels, report.differences).map { panel, differences -> Markup in
      guard !differences.isEmpty else {
        return "<h3>\(panel.title)</h3>\n<p>No two rows have a seed in common.</p>"
      }
      let rows = differences.map { one -> [Markup] in
        [
          name(one.row), name(one.reference), "\(one.isOwn ? "its network, random weights" : "best row")",
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
        """
    }
    section.content = """
      <p>A row's macro AUC less that of a reference on the same test records: supervised training of the same network from random \
      weights, the same protocol on random weights, and the best row by validation macro AUC. Means over the seeds that both have; intervals \
      by \(Report.resamples) resamples of the records, the same for both. p is two-sided, by \(Report.permutations) exchanges of the two \
      record by record at random, in all seeds together; the least that it can be is 1/\(Report.permutations + 1). It is not corrected for the \
      number of comparisons, which are \(all.count) here. As a table: \(link("differences.csv")).</p>
      \(all.isEmpty ? "<p>There are no two rows to compare.</p>" : "" as Markup)\(tables)
      """
    section.files.append(
      .table(
        "differences", "Differences of rows",
        [
          "task", "test_records", "row", "reference", "kind", "seeds", "difference", "low", "high", "p",
        ],
        zip(report.panels, report.differences).flatMap { panel, differences in
          differences.map { one -> [String] in
            [
              panel.test.task, "\(panel.test.records.count)", one.row.id, one.reference.id,
              one.isOwn ? "random" : "best", one.seeds.joined(separator: " "), Figures.exact(one.difference),
            ] + Figures.exact(one.interval) + [Figures.exact(one.probability)]
          }
        }))
    return section
  }
}
