/// The findings as tables.
extension ValidationPage {
  /// How often each rule was broken, and what it asks.
  var rules: Markup {
    let counts = report.ruleCounts
    var columns: [Markup.Column] = [
      .init("Rule"), .init("Severity"), .init("What it asks", .sentence), .init("Findings", .number),
      .init("Records", .number),
    ]
    if namesPaths {
      columns += report.parts.indices.map { .init("in path \($0 + 1)", .number) }
      if !report.comparison.isEmpty { columns.append(.init("beside each other", .number)) }
    }
    columns.append(.init("What it rests on", .sentence))
    let rows = counts.map { count -> [Markup] in
      let row: [Markup] = [
        "<code>\(count.rule.rawValue)</code>", word(count.severity), "\(count.rule.summary)",
        "\(count.findings)", "\(count.records)",
      ]
      let byPart = count.byPart.prefix(
        report.comparison.isEmpty ? report.parts.count : report.parts.count + 1)
      return row + (namesPaths ? byPart.map { "\($0)" } : []) + ["\(count.rule.source)"]
    }
    let broken = Set(counts.map(\.rule))
    let others = Rule.allCases.filter { !broken.contains($0) }.map { rule -> Markup in
      "<li><code>\(rule.rawValue)</code> (\(rule.severity.rawValue)): \(rule.summary); rests on \(rule.source)</li>"
    }
    let table: Markup =
      counts.isEmpty
      ? "<p>No rule was found broken.</p>"
      : Markup.table(
        "Broken rules, errors first; a record is counted once for each rule, and files and collections are counted as records",
        columns, rows)
    return """
      \(table)
      <details><summary>\(others.count) rules of which no breach was found, or not looked for</summary><ul>
      \(others)
      </ul></details>
      """
  }

  /// The records with the worst findings, and where their pictures are.
  func worst(_ cases: [Case]) -> Markup {
    guard !subjects.isEmpty else { return "<p>No record has a finding by itself.</p>" }
    var columns: [Markup.Column] = [
      .init("Record or file"), .init("Worst"), .init("Findings", .number), .init("Rules", .sentence),
      .init("Picture"),
    ]
    if namesPaths { columns.insert(.init("Path"), at: 1) }
    let rows = subjects.prefix(ValidationPage.mostSubjects).enumerated().map { rank, subject -> [Markup] in
      let place = cases.firstIndex { $0.rank == rank }
      var row: [Markup] = [
        "<code>\(subject.record)</code>", word(subject.severity), "\(subject.findings.count)",
        "\(subject.rules)", place.map { "<a href=\"#case-\($0 + 1)\">picture \($0 + 1)</a>" } ?? "",
      ]
      if namesPaths { row.insert("<code>\(report.parts[subject.part].path)</code>", at: 1) }
      return row
    }
    let left = subjects.count - rows.count
    return """
      \(Markup.table("By their worst finding, then by how many they have", columns, rows))
      \(left > 0 ? "<p class=\"faint\">\(Markup.counted(left, "more record")) or files have findings.</p>" as Markup : "")
      """
  }

  /// What the records of all paths show beside each other: both records are named.
  var comparison: Markup {
    guard !report.comparison.isEmpty else {
      return validation.isDeep
        ? "<p>No patient is in two folds, and no two records have the same signal.</p>"
        : "<p>No patient is in two folds. Equal signals are looked for with <code>--deep</code> only.</p>"
    }
    return list(
      sorted(report.comparison, by: \.severity), "Copies, and what would leak from one fold into another",
      paths: nil)
  }

  /// All findings, for those who look for one.
  var findings: Markup {
    let all =
      report.parts.flatMap { part in part.findings.map { (part.path, $0) } }
      + report.comparison.map { ("", $0) }
    guard !all.isEmpty else { return "<p>There are none.</p>" }
    // The worst are not those that are left out.
    let listed = sorted(all) { $0.1.severity }
    return """
      <details><summary>\(Markup.counted(all.count, "finding")), line by line</summary>
      \(list(listed.map(\.1), "Findings, errors first", paths: namesPaths ? listed.map(\.0) : nil))
      </details>
      """
  }

  /// Errors first, else in the same order.
  private func sorted<Element>(_ all: [Element], by severity: (Element) -> Severity) -> [Element] {
    Severity.allCases.reversed().flatMap { wanted in all.filter { severity($0) == wanted } }
  }

  private func list(_ findings: [Finding], _ caption: String, paths: [String]?) -> Markup {
    var columns: [Markup.Column] = [
      .init("Record or file"), .init("Severity"), .init("Rule"), .init("What was found", .sentence),
    ]
    if paths != nil { columns.insert(.init("Path"), at: 1) }
    let shown = findings.prefix(ValidationPage.mostFindings)
    let rows = shown.enumerated().map { index, finding -> [Markup] in
      var row: [Markup] = [
        "<code>\(finding.record)</code>", word(finding.severity), "<code>\(finding.rule.rawValue)</code>",
        "\(finding.message)",
      ]
      if let paths { row.insert("<code>\(paths[index])</code>", at: 1) }
      return row
    }
    let left = findings.count - shown.count
    let rest: Markup =
      left > 0
      ? "<p class=\"faint\">\(left) more are left out; <code>einthoven validate --all</code> lists them.</p>"
      : ""
    return "\(Markup.table(caption, columns, rows))\n\(rest)"
  }
}
