/// A validation as one page: what was checked, what was found, what the records are like, and the worst of them on ECG paper.
///
///     let report = try validation.report(on: ["ptb-xl"])
///     try ValidationPage(report, of: validation, version: "1.0").write(to: "ptb-xl.html")
///
/// The page needs no other file, no script and no network, and is the same bytes whenever report and data are. Pictures are drawn from the records themselves, which are read once more.
public struct ValidationPage: Sendable {
  let report: Validation.Report
  let validation: Validation
  let version: String
  /// Records and files with findings, the worst first.
  let subjects: [Validation.Report.Subject]

  /// Records of the table of the worst.
  static let mostSubjects = 25
  /// Findings that are listed one by one.
  static let mostFindings = 2_000

  /// Makes a page of a report.
  ///
  /// - Parameters:
  ///   - report: what was checked and found.
  ///   - validation: what told it.
  ///   - version: of the tool, which the page names.
  public init(_ report: Validation.Report, of validation: Validation, version: String) {
    self.report = report
    self.validation = validation
    self.version = version
    subjects = report.subjects
  }

  /// Writes the page.
  ///
  /// - Parameter path: of the file, which is replaced.
  /// - Throws: ``ECGError`` (`inputOutput` or `notFound`) if it cannot be written.
  public func write(to path: String) throws {
    try File.write(html().utf8, to: path)
  }

  /// The page's text.
  ///
  /// - Returns: the whole file.
  public func html() -> String {
    let cases = cases()
    let sections = [
      Page.Section(id: "checked", title: "What was checked", content: checked),
      Page.Section(id: "rules", title: "Findings by rule", content: rules),
      Page.Section(id: "worst", title: "Worst records", content: worst(cases)),
      Page.Section(id: "pictures", title: "Pictures of the worst records", content: pictures(cases)),
      Page.Section(id: "figures", title: "What the records are like", content: figures),
      Page.Section(id: "comparison", title: "Records beside each other", content: comparison),
      Page.Section(id: "findings", title: "All findings", content: findings),
    ]
    return Page(
      title: "Validation of " + report.parts.map { File.name(of: $0.path) }.joined(separator: ", "),
      summary: "<p class=\"verdict\">\(verdict)</p>", sections: sections,
      version: version
    ).html
  }

  /// The report in one line.
  private var verdict: Markup {
    let records = Markup.counted(report.records, "record")
    let places = report.parts.count == 1 ? "" : " of \(Markup.counted(report.parts.count, "path"))"
    let counts = Severity.allCases.reversed().map { severity in
      Markup.counted(count(severity, report.findings), severity.rawValue)
    }
    guard !report.findings.isEmpty else { return "Nothing was found in \(records)\(places)." }
    let worst =
      report.count(of: .error) > 0 ? Severity.error : report.count(of: .warning) > 0 ? .warning : .note
    return
      "<span class=\"\(worst.rawValue)\">\(counts[0])</span>, \(counts[1]) and \(counts[2]) in \(records)\(places)."
  }

  /// Paths, how they were checked, and what each of them has.
  private var checked: Markup {
    let depth: Markup =
      validation.isDeep
      ? """
      A deep validation: beside headers, tables, pairing, samples and leads of raw collections, and manifest, columns and \
      checksums of shards, it checked SHA-256s, looked for equal signals, and measured heart rate and amplitude; of raw \
      collections it judged electrodes, mains, noise and quality too.
      """
      : """
      A shallow validation: headers, tables, pairing, samples and leads of raw collections; manifest, columns and checksums \
      of shards. SHA-256s, equal signals, electrodes, mains, noise, heart rate, amplitude and quality are looked at with \
      <code>--deep</code> only.
      """
    var rows = report.parts.enumerated().map { index, part -> [Markup] in
      ["\(number(index))<code>\(part.path)</code>", "\(part.collection)", "\(part.records)"]
        + counts(part.findings)
    }
    if !report.comparison.isEmpty {
      rows.append(["All records beside each other", "", "\(report.records)"] + counts(report.comparison))
    }
    return """
      <p>\(depth) Einthoven \(version).</p>
      \(Markup.table(
        "Paths, and how many records and findings each has",
        [.init("Path"), .init("Collection"), .init("Records", .number), .init("Errors", .number),
          .init("Warnings", .number), .init("Notes", .number)], rows))
      """
  }

  /// The number of a path, which heads its column where there are several.
  private func number(_ part: Int) -> Markup { namesPaths ? "\(part + 1). " : "" }

  /// Whether a record has to be told with its path.
  var namesPaths: Bool { report.parts.count > 1 }

  private func count(_ severity: Severity, _ findings: [Finding]) -> Int {
    findings.count { $0.severity == severity }
  }

  /// Errors, warnings and notes.
  private func counts(_ findings: [Finding]) -> [Markup] {
    Severity.allCases.reversed().map { "\(count($0, findings))" }
  }

  /// A severity as a word in its colour.
  func word(_ severity: Severity) -> Markup {
    "<span class=\"\(severity.rawValue)\">\(severity.rawValue)</span>"
  }
}
