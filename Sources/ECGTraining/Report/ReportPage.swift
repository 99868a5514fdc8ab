internal import ECGData
internal import Foundation

/// A file beside the page.
struct ReportFile: Sendable {
  /// In the folder.
  let name: String
  /// What it has.
  let title: String
  let text: String

  /// A table, its first row the names of columns.
  static func table(_ name: String, _ title: String, _ columns: [String], _ rows: [[String]]) -> ReportFile {
    ReportFile(
      name: name + ".csv", title: title,
      text: ([columns] + rows).map { TextFile.csv($0) + "\n" }.joined())
  }
}

/// A section of the page, and the files beside it that have the same.
struct ReportSection: Sendable {
  let id: String
  let title: String
  var content: Markup
  var files: [ReportFile] = []
}

/// The page on its way: sections ask it for figures, tables and files.
struct ReportPage: Sendable {
  let report: Report
  /// The name of the folder beside the page.
  let folder: String

  /// A plot in the page's colours, and in its own as a file.
  ///
  /// - Parameters:
  ///   - name: Of the file, without `.svg`.
  ///   - title: What it shows.
  ///   - section: To which the file is added.
  ///   - svg: The plot in some colours.
  /// - Returns: The figure.
  func figure(
    _ name: String, _ title: String, in section: inout ReportSection, _ svg: (PlotPalette) -> String
  ) -> Markup {
    section.files.append(ReportFile(name: name + ".svg", title: title, text: svg(.file)))
    return """
      <figure><figcaption>\(title) (\(link(name + ".svg")))</figcaption>\
      <div class="wide" role="group" tabindex="0" aria-label="\(title)">\(Markup(verbatim: svg(.page)))</div></figure>
      """
  }

  /// A link to a file beside the page.
  func link(_ name: String) -> Markup {
    "<a href=\"\(Figures.reference(folder))/\(Figures.reference(name))\">\(name)</a>"
  }

  /// A row's number, which links to its runs, and its name.
  func name(_ row: ReportRow) -> Markup { "\(number(row)) \(row.title)" }

  /// A row's number, which links to its runs.
  func number(_ row: ReportRow) -> Markup { "<a href=\"#\(row.id)\">\(row.id)</a>" }

  /// Part of a file's name for a panel: its task, and its number if the task has several.
  func slug(_ panel: ReportPanel) -> String {
    let alike = report.panels.filter { $0.test.task == panel.test.task }
    let place = alike.firstIndex { $0.rows.first?.number == panel.rows.first?.number } ?? 0
    return Figures.slug(panel.test.task) + (alike.count > 1 ? "-\(place + 1)" : "")
  }

  /// All sections, in order.
  func sections() -> [ReportSection] {
    [
      results, differences, labelEfficiency, robustness, classes, calibration, confusion, training, embedding,
      disagreement, provenance,
    ]
  }
}

extension Report {
  /// The page's text.
  ///
  /// - Parameter folder: The name of the folder beside it that has its figures and tables as files.
  /// - Returns: the whole file.
  public func html(folder: String = "report") -> String { page(folder).html }

  /// Writes the page, and its tables and figures as files into a folder beside it, of the same name without its ending.
  ///
  /// Files that an earlier report left there, by its `index.csv`, and this one has not are removed; others are left alone.
  ///
  /// - Parameter path: Of the page, which is replaced.
  /// - Returns: the paths of the files beside it.
  /// - Throws: `ECGError` if a file cannot be written.
  @discardableResult
  public func write(to path: String) throws -> [String] {
    try TextFile.checkWritable(path)
    let folder = Report.folder(of: path)
    let (html, files) = page(URL(filePath: folder).lastPathComponent)
    let index = ReportFile.table(
      "index", "Files of this folder", ["file", "what"], files.map { [$0.name, $0.title] })
    try TextFile.makeFolder(folder)
    let all = files + [index]
    for name in Report.earlier(folder) where !all.contains(where: { $0.name == name }) {
      try TextFile.remove("\(folder)/\(name)")
    }
    for file in all { try TextFile.write(file.text, to: "\(folder)/\(file.name)") }
    try TextFile.write(html, to: path)
    return all.map { "\(folder)/\($0.name)" }
  }

  /// The folder beside a page.
  static func folder(of path: String) -> String {
    for ending in [".html", ".htm", ".xhtml"] where path.lowercased().hasSuffix(ending) {
      let stem = path.dropLast(ending.count)
      if !stem.isEmpty, !stem.hasSuffix("/") { return String(stem) }
    }
    return path + "-files"
  }

  /// What an earlier report wrote into a folder; only names of tables and figures that lie in it.
  private static func earlier(_ folder: String) -> [String] {
    guard let index = try? TextFile.table("\(folder)/index.csv"), index.columns == ["file", "what"] else {
      return []
    }
    return index.rows.map { $0[0] }.filter { name in
      !name.contains("/") && (name.hasSuffix(".csv") || name.hasSuffix(".svg"))
    }
  }

  private func page(_ folder: String) -> (html: String, files: [ReportFile]) {
    let sections = ReportPage(report: self, folder: folder).sections()
    let evaluated = Markup.counted(evaluations.count, "evaluation")
    let pretrained = Markup.counted(pretrainings.count, "pretraining")
    let missing: Markup =
      problems.isEmpty
      ? ""
      : """
       <a class="warning" href="#problems">\(Markup.counted(problems.count, "run")) or parts of runs are not in it.</a>
      """
    let page = Page(
      title: "Report of \(evaluated) and \(pretrained)",
      summary: """
        <p>\(Markup.counted(panels.reduce(0) { $0 + $1.rows.count }, "row")) of evaluations that differ in their seeds alone, by \
        Einthoven \(version). Each has a number, R1, R2, …, which links to its runs.\(missing)</p>
        """,
      sections: sections.map { Page.Section(id: $0.id, title: $0.title, content: $0.content) },
      version: version)
    return (page.html, sections.flatMap(\.files))
  }
}
