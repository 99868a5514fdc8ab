import ECGData

/// A validation's report for people, on stdout.
enum ValidationText {
  /// Records that the summary names.
  private static let mostRecords = 20
  /// Findings of records beside each other that the summary has.
  private static let mostComparisons = 20
  /// Characters of a record's rules.
  private static let mostText = 120

  /// Every finding, a line each.
  static func list(_ report: Validation.Report) throws {
    for part in report.parts {
      try part.findings.forEach(show)
      try output(total(part))
    }
    guard !report.comparison.isEmpty else { return }
    try report.comparison.forEach(show)
    try Console.output("records beside each other: \(counts(report.comparison))")
  }

  /// The broken rules, the worst records, what they show beside each other, and a line for each path.
  static func summarize(_ report: Validation.Report) throws {
    let rules = report.ruleCounts
    if !rules.isEmpty {
      let rows = rules.map { [$0.severity.rawValue, $0.rule.rawValue, "\($0.findings)", "\($0.records)"] }
      try table([["severity", "rule", "findings", "records"]] + rows)
      try Console.output("")
    }
    let subjects = report.subjects
    if !subjects.isEmpty {
      try Console.output("worst records first:")
      for subject in subjects.prefix(mostRecords) {
        let path = report.parts.count > 1 ? " of \(report.parts[subject.part].path)" : ""
        try output(
          "\(subject.record)\(path): \(subject.severity.rawValue): \(cut(subject.rules))")
      }
      try tellRest(subjects.count - mostRecords)
    }
    if !report.comparison.isEmpty {
      try Console.output("records beside each other:")
      for severity in Severity.allCases.reversed() {
        try report.comparison.filter { $0.severity == severity }.prefix(mostComparisons).forEach(show)
      }
      let left = Severity.allCases.map { severity in
        max(0, report.comparison.count { $0.severity == severity } - mostComparisons)
      }
      try tellRest(left.reduce(0, +))
    }
    for part in report.parts { try output(total(part)) }
    guard !report.comparison.isEmpty else { return }
    try Console.output("records beside each other: \(counts(report.comparison))")
  }

  private static func tellRest(_ count: Int) throws {
    try Console.output(count > 0 ? "and \(count) more, which --all lists\n" : "")
  }

  /// A line as it is, but for control characters that a name or label may have.
  private static func output(_ line: String) throws {
    try Console.output(
      line.unicodeScalars.contains { $0.properties.generalCategory == .control }
        ? String(
          String.UnicodeScalarView(
            line.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 })) : line)
  }

  private static func show(_ finding: Finding) throws {
    try output(
      "\(finding.severity.rawValue): \(finding.record): \(finding.rule.rawValue): \(finding.message)")
  }

  private static func total(_ part: Validation.Report.Part) -> String {
    "\(part.path): \(part.records) records, \(counts(part.findings))"
  }

  private static func counts(_ findings: [Finding]) -> String {
    Severity.allCases.reversed().map { severity in
      "\(findings.count { $0.severity == severity }) \(severity.rawValue)s"
    }.joined(separator: ", ")
  }

  private static func cut(_ text: String) -> String {
    text.count > mostText ? text.prefix(mostText - 1) + "…" : text
  }

  /// Rows of two texts and two numbers, aligned.
  private static func table(_ rows: [[String]]) throws {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
        return column < 2 ? cell.0 + blanks : blanks + cell.0
      }
      try Console.output(cells.joined(separator: "  "))
    }
  }
}
