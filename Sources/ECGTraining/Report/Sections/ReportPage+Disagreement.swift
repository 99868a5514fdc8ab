internal import ECGData

/// Records on which the best row and its reference disagree, on ECG paper.
extension ReportPage {
  /// Records of a panel that are shown.
  private static let mostRecords = 6
  /// Of all pictures, so that a page can be opened.
  private static let mostBytes = 16 << 20

  var disagreement: ReportSection {
    var section = ReportSection(id: "records", title: "Records on which two rows disagree", content: "")
    var lines: [[String]] = []
    var bytes = 0
    let panels = report.panels.map { panel -> Markup in
      guard let row = panel.best ?? panel.shown.first, let reference = opponent(of: row, panel),
        let (one, other) = row.pairs(with: reference).first
      else {
        return
          "<h3>\(panel.title)</h3>\n<p>There are no two rows with a seed in common.</p>\n\(choiceNote(panel))"
      }
      let (first, second) = (one.evaluation, other.evaluation)
      let found = Disagreement.all(first.scored, first.thresholds, second.scored, second.thresholds)
      let cases = found.prefix(ReportPage.mostRecords).enumerated().map { index, found -> Markup in
        let id = panel.test.records[found.record]
        let labels = panel.test.labels(found.record)
        let width = panel.test.classes.count
        let cells = found.columns.map { column -> [Markup] in
          let place = found.record * width + column
          let (score, rival) = (first.scored.scores[place], second.scored.scores[place])
          let isStated = panel.test.targets[place]
          let isRight = (score >= first.thresholds[column]) == isStated
          lines.append([
            row.id, reference.id, one.seed, panel.test.task, id, labels.joined(separator: " "),
            panel.test.classes[column], isStated ? "1" : "0", "\(score)", "\(first.thresholds[column])",
            "\(rival)",
            "\(second.thresholds[column])", isRight ? row.id : reference.id,
          ])
          return [
            "\(panel.test.classes[column])", "\(isStated ? "yes" : "no")",
            "\(answer(score, first.thresholds[column]))", "\(answer(rival, second.thresholds[column]))",
            "\(isRight ? row.id : reference.id)",
          ]
        }
        return """
          <h4>\("\(index + 1)"). Record <code>\(id)</code>: \(labels.joined(separator: ", "))</h4>
          \(Markup.table(
            "Scores of classes of which exactly one row is right, and their thresholds",
            [.init("Class"), .init("Stated"), .init("\(row.id)", .number), .init("\(reference.id)", .number),
              .init("Right is")], cells))
          \(picture(found.record, number: index + 1, panel, &bytes, in: &section))
          """
      }
      return """
        <h3>\(panel.title)</h3>
        <p>\(name(row)) and \(name(reference)), their runs of seed \(one.seed): they disagree on \(found.count) of \
        \(panel.test.records.count) records.</p>
        \(choiceNote(panel))
        \(cases)
        """
    }
    let pictures: Markup =
      report.shards == nil
      ? "Pictures of the records need the shards: <code>einthoven report … --shards SHARDS</code>."
      : "Ten seconds of each at 25 mm/s and 10 mm/mV, for looking at data, not for diagnosis."
    section.content = """
      <p>The best row by validation macro AUC and its reference: the \("\(ReportPage.mostRecords)") test records of which exactly one of both \
      is right at its threshold in some class, and whose scores of these classes are farthest apart in the mean. \(pictures) \
      As a table: \(link("records.csv")).</p>
      \(panels)
      """
    section.addTable(
      "records", "Records on which two rows disagree",
      [
        "row", "reference", "seed", "task", "record", "labels", "class", "stated", "score", "threshold",
        "reference_score", "reference_threshold", "right",
      ], lines)
    return section
  }

  /// The row's reference; if it has none, the best other row, or the first where none tells a validation macro AUC.
  private func opponent(of row: ReportRow, _ panel: ReportPanel) -> ReportRow? {
    panel.references(for: row).compactMap { $0 }.first?.row
      ?? panel.choice(of: panel.shown.filter { $0.number != row.number })?.row
  }

  private func answer(_ score: Float, _ threshold: Float) -> String {
    let bound = threshold.isFinite ? Figures.fixed(Double(threshold), 2) : "∞"
    return "\(Figures.fixed(Double(score), 2)) \(score >= threshold ? "≥" : "<") \(bound)"
  }

  private func picture(
    _ record: Int, number: Int, _ panel: ReportPanel, _ bytes: inout Int, in section: inout ReportSection
  ) -> Markup {
    guard let shards = report.shards else { return "" }
    guard let place = panel.test.places?[record] else {
      return "<p>No picture: the shards given do not have all test records with the same labels.</p>"
    }
    let id = panel.test.records[record]
    do {
      let picture = try RecordPicture(
        shards.shards, record: id, source: shards.shards.source(place), isMarked: false)
      let file = section.add(
        "record-\(slug(panel))-\(number)", "svg", "Record \(id)", picture.svg(ids: ""))
      let text = picture.svg(ids: file.replacing(".svg", with: "-"))
      bytes += text.utf8.count
      guard bytes <= ReportPage.mostBytes else {
        return "<p>No picture here, the page would be too large: \(link(file)).</p>"
      }
      return """
        <div class="case"><div class="wide" role="group" tabindex="0" aria-label="Picture of record \(id)">\
        \(Markup(verbatim: text))</div></div>
        """
    } catch {
      return "<p>No picture, the record cannot be read: \("\(error)")</p>"
    }
  }
}
