/// The worst records on ECG paper.
extension ValidationPage {
  /// A record that is shown.
  struct Case {
    /// Its place among the worst.
    var rank: Int
    /// The picture, or why there is none.
    var picture: Result<RecordPicture, ECGError>
  }

  /// Pictures on a page.
  private static let mostCases = 12
  /// Bytes of all pictures together: noisy signals take some 300 kB each.
  private static let mostBytes = 2_800_000
  /// Records that are considered for one rule.
  private static let mostCandidates = 50
  /// Findings beside a picture.
  private static let mostRemarks = 30

  /// Whether a picture can show a breach: tables and names are not to be seen on paper.
  private static func isSeen(_ rule: Rule) -> Bool {
    !["labels.", "patient.", "erratum."].contains { rule.rawValue.hasPrefix($0) }
  }

  /// Chooses records, the worst first, that show as many different faults as there are: one of each rule, then a second
  /// one, errors and warnings before notes.
  func cases() -> [Case] {
    var considered: [Rule: Int] = [:]
    let candidates = subjects.indices.filter { rank in
      let rules = Set(subjects[rank].findings.map(\.rule).filter(ValidationPage.isSeen))
      let isWanted = rules.contains { considered[$0, default: 0] < ValidationPage.mostCandidates }
      if isWanted { for rule in rules { considered[rule, default: 0] += 1 } }
      return isWanted
    }
    let opened = report.parts.indices.map { part -> PicturedRecords? in
      let ids = Set(candidates.filter { subjects[$0].part == part }.map { subjects[$0].record })
      return ids.isEmpty ? nil : try? PicturedRecords(report.parts[part].path, as: validation, ids: ids)
    }
    let records = candidates.filter { opened[subjects[$0].part]?.has(subjects[$0].record) ?? false }
    return chosen(among: records).compactMap { rank in
      let subject = subjects[rank]
      return opened[subject.part].map { opened in
        let picture = Result { try opened.picture(of: subject.record, subject.findings) }
        return Case(
          rank: rank, picture: picture.mapError { $0 as? ECGError ?? ECGError(.inputOutput, "\($0)") })
      }
    }
  }

  private func chosen(among records: [Int]) -> [Int] {
    var shown: [Rule: Int] = [:]
    var chosen: [Int] = []
    let rounds: [(most: Int, severities: [Severity])] = [
      (1, [.error, .warning]), (2, [.error, .warning]), (1, [.note]),
    ]
    for round in rounds {
      for severity in round.severities {
        for rank in records where chosen.count < ValidationPage.mostCases && !chosen.contains(rank) {
          let findings = subjects[rank].findings.filter { ValidationPage.isSeen($0.rule) }
          let rules = findings.filter { $0.severity == severity }.map(\.rule)
          guard rules.contains(where: { shown[$0, default: 0] < round.most }) else { continue }
          chosen.append(rank)
          for rule in Set(findings.map(\.rule)) { shown[rule, default: 0] += 1 }
        }
      }
    }
    return chosen.sorted()
  }

  /// The pictures, each with what was found in the record.
  func pictures(_ cases: [Case]) -> Markup {
    guard !cases.isEmpty else { return "<p>No finding is of a record that can be drawn.</p>" }
    var bytes = 0
    let figures = cases.enumerated().map { number, shown -> Markup in
      let subject = subjects[shown.rank]
      let place: Markup = namesPaths ? " of <code>\(report.parts[subject.part].path)</code>" : ""
      let remarks = subject.findings.prefix(ValidationPage.mostRemarks).map { finding -> Markup in
        "<li>\(word(finding.severity)) <code>\(finding.rule.rawValue)</code>: \(finding.message)</li>"
      }
      let left = subject.findings.count - remarks.count
      return """
        <div class="case"><h3 id="case-\(number + 1)">\(number + 1). Record <code>\(subject.record)</code>\(place)</h3>
        <figure><figcaption><ul>
        \(remarks)\(left > 0 ? "<li>and \(left) more</li>" as Markup : "")
        </ul></figcaption>
        \(drawing(shown, subject, number: number + 1, bytes: &bytes))
        </figure></div>
        """
    }
    return """
      <p>Ten seconds of each at 25 mm/s and 10 mm/mV, with hatched fields where a finding names a lead or a time. The records \
      are chosen to show different faults, at most two of each rule where others are left. They are for looking at data, not for diagnosis.</p>
      \(figures)
      """
  }

  private func drawing(
    _ shown: Case, _ subject: Validation.Report.Subject, number: Int, bytes: inout Int
  ) -> Markup {
    switch shown.picture {
    case .success(let picture):
      let text = picture.svg(ids: "case-\(number)-")
      guard bytes + text.utf8.count <= ValidationPage.mostBytes else {
        return "<p>No picture: the page would be too large. <code>einthoven plot</code> draws it.</p>"
      }
      bytes += text.utf8.count
      return """
        <div class="wide" role="group" tabindex="0" aria-label="Picture of record \(subject.record)">\(Markup(verbatim: text))</div>
        """
    case .failure(let error):
      return "<p>No picture, the record cannot be read: \(error.description)</p>"
    }
  }
}
