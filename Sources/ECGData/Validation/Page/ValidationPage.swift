import Foundation

/// A validation as one page: what was checked, what was found, what the records are like, and the worst of them on ECG paper.
///
///     let report = try validation.report(on: ["ptb-xl"])
///     try ValidationPage(report, of: validation, version: "1.0").write(to: "ptb-xl.html")
///
/// The page is HTML 5 that is well-formed XML too, needs no other file, no script and no network, and is the same bytes
/// whenever report and data are. Pictures are drawn from the records themselves, which are read once more.
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

  /// Whether a page could be written, before the long work that it tells of.
  ///
  /// - Parameter path: of the file; nothing is written yet.
  /// - Throws: ``ECGError`` if it is a directory or device, or cannot be written.
  public static func check(_ path: String) throws {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw ECGError(.invalidArgument, "is no regular file", file: path, advice: "name a file for the page")
    }
    // Given up again without a commit.
    _ = try AtomicFile(path)
  }

  /// The page's text.
  ///
  /// - Returns: the whole file.
  public func html() -> String {
    let cases = cases()
    let sections: [(id: String, title: Markup, content: Markup)] = [
      ("checked", "What was checked", checked),
      ("rules", "Findings by rule", rules),
      ("worst", "Worst records", worst(cases)),
      ("pictures", "Pictures of the worst records", pictures(cases)),
      ("figures", "What the records are like", figures),
      ("comparison", "Records beside each other", comparison),
      ("findings", "All findings", findings),
    ]
    let links = sections.map { section -> Markup in
      "<li><a href=\"#\(section.id)\">\(section.title)</a></li>"
    }
    let contents = sections.map { section -> Markup in
      """
      <section aria-labelledby="\(section.id)"><h2 id="\(section.id)">\(section.title)</h2>
      \(section.content)
      </section>
      """
    }
    let title = "Validation of " + report.parts.map { File.name(of: $0.path) }.joined(separator: ", ")
    let page: Markup = """
      <!DOCTYPE html>
      <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="generator" content="Einthoven \(version)"/>
      <link rel="icon" href="data:,"/>
      <title>\(title)</title>
      <style>
      \(ValidationPage.style)
      </style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the findings</a>
      <header>
      <h1>\(title)</h1>
      <p class="verdict">\(verdict)</p>
      </header>
      <nav aria-label="Sections"><ul>
      \(links)
      </ul></nav>
      <main id="main">
      \(contents)
      </main>
      </body>
      </html>

      """
    return page.text
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
