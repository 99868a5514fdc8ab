internal import ECGData
internal import Foundation

/// A file beside the page.
struct ReportFile: Sendable {
  /// In the folder.
  let name: String
  /// What it has.
  let title: String
  let text: String
}

/// A section of the page, and the files beside it that have the same.
struct ReportSection: Sendable {
  let id: String
  let title: String
  var content: Markup
  private(set) var files: [ReportFile] = []

  init(id: String, title: String, content: Markup) {
    (self.id, self.title, self.content) = (id, title, content)
  }

  /// Adds a file.
  ///
  /// - Parameters:
  ///   - name: What it is to be called, without its ending.
  ///   - ending: `svg` or `csv`.
  ///   - title: What it has.
  ///   - text: The same.
  /// - Returns: Its name, with a number where another file of the section has that name.
  @discardableResult
  mutating func add(_ name: String, _ ending: String, _ title: String, _ text: String) -> String {
    func isTaken(_ name: String) -> Bool { files.contains { $0.name == name } }
    var (unique, number) = ("\(name).\(ending)", 1)
    while isTaken(unique) {
      number += 1
      unique = "\(name)-\(number).\(ending)"
    }
    files.append(ReportFile(name: unique, title: title, text: text))
    return unique
  }

  /// Adds a table, its first row the names of columns.
  mutating func addTable(_ name: String, _ title: String, _ columns: [String], _ rows: [[String]]) {
    add(name, "csv", title, ([columns] + rows).map { TextFile.csv($0) + "\n" }.joined())
  }
}

/// The page on its way: sections ask it for figures, tables and files.
struct ReportPage: Sendable {
  let report: Report
  /// The name of the folder beside the page.
  let folder: String

  /// A plot in the page's colours, and in its own as a file.
  ///
  /// - Parameters:
  ///   - name: Of the file, without `.svg` and the number of what is called alike.
  ///   - title: What it shows.
  ///   - section: To which the file is added.
  ///   - svg: The plot in some colours.
  /// - Returns: The figure.
  func figure(
    _ name: String, _ title: String, in section: inout ReportSection, _ svg: (PlotPalette) -> String
  ) -> Markup {
    let file = section.add(name, "svg", title, svg(.file))
    return """
      <figure><figcaption>\(title) (\(link(file)))</figcaption>\
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

  func page(_ folder: String) -> (html: String, files: [ReportFile]) {
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
