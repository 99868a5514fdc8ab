/// Defects of the lines that a record has in the collection's tables.
extension SimulatedDefect {
  /// Plants the defect in a record's lines; a kind that is not of the tables leaves them as they are.
  ///
  /// - Parameters:
  ///   - lines: the record's, of all tables.
  ///   - tables: what stands before the lines of each; its last line names the columns.
  /// - Throws: ``ECGError`` if a line is none of its table.
  func alter(_ lines: inout [SimulatedContent.Line], tables: [SimulatedTable]) throws {
    if kind == .recordWithoutRow || kind == .zeroID {
      // The line of a folder is not the record's alone.
      lines.removeAll { !$0.text.hasSuffix("/\n") }
      return
    }
    for index in lines.indices {
      guard let header = tables.first(where: { $0.path == lines[index].table })?.header, !header.isEmpty
      else { continue }
      let table = try CSVTable(bytes: Array((header + lines[index].text).utf8), file: lines[index].table)
      guard table.rowCount == 1 else { continue }
      let row = table.columns.indices.map { table[0, $0] }
      var fields = Dictionary(zip(table.columns, row), uniquingKeysWith: { first, _ in first })
      alter(&fields, isTruth: isTruth(lines[index].table))
      let changed = table.columns.map { fields[$0] ?? "" }
      guard changed != row else { continue }
      let end = lines[index].text.hasSuffix("\r\n") ? "\r\n" : "\n"
      lines[index].text = changed.map(CSVTable.quoted).joined(separator: ",") + end
    }
    if kind == .repeatedID { lines += lines.filter { ["exams.csv", "annotations.csv"].contains($0.table) } }
  }

  /// Whether a table has the labels that count, not those of one of several readers.
  private func isTruth(_ table: String) -> Bool {
    !table.hasPrefix("annotations/") || table == "annotations/gold_standard.csv"
  }

  private func alter(_ fields: inout [String: String], isTruth: Bool) {
    func change(_ columns: [String], _ body: (String) -> String) {
      for column in columns {
        if let field = fields[column] {
          fields[column] = body(field)
          return
        }
      }
    }
    switch kind {
    // PTB-XL has 0 and 1, the others words.
    case .oddSex: change(["sex", "is_male"]) { ["0", "1"].contains($0) ? "2" : "X" }
    // Where nobody labelled, as opposed to no label that is true.
    case .noCodes where isTruth:
      for column in Vocabulary.code { change([column]) { _ in "" } }
    case .unknownCode where isTruth:
      change(["scp_codes"]) { "{'ABCDE': 100.0, " + $0.dropFirst() }
      change(["First_label"]) { _ in "10" }
      change(["1dAVb"]) { _ in "2" }
    case .oddLikelihood:
      change(["scp_codes"]) { codes in
        let sides = codes.split(separator: ":", maxSplits: 1)
        guard sides.count == 2 else { return codes }
        return "\(sides[0]): 150.0\(sides[1].drop { $0 != "," && $0 != "}" })"
      }
    case .repeatedCode:
      if let first = fields["First_label"] { change(["Second_label"]) { _ in first } }
    case .patientInTwoFolds: change(["strat_fold"]) { Int($0).map { "\($0 % 10 + 1)" } ?? $0 }
    default: break
    }
  }

  /// Plants the defect in a record's row of a workbook.
  func alter(_ cells: inout [XLSXCell], columns: [String]) {
    func text(_ column: String) -> String? {
      guard let place = columns.firstIndex(of: column), cells.indices.contains(place),
        case .text(let text) = cells[place]
      else { return nil }
      return text
    }
    func set(_ column: String, _ text: String) {
      guard let place = columns.firstIndex(of: column), cells.indices.contains(place) else { return }
      cells[place] = .text(text)
    }
    let beats = text("Beat").map { $0 == "NONE" ? [] : $0.split(separator: " ").map(String.init) } ?? []
    switch kind {
    case .recordWithoutRow: cells = []
    case .oddSex: set("Gender", "X")
    case .noCodes:
      set("Rhythm", "")
      set("Beat", "NONE")
    case .unknownCode: set("Beat", (beats + ["ABCDE"]).joined(separator: " "))
    case .repeatedCode:
      set("Beat", (beats + [beats.first ?? text("Rhythm")].compactMap(\.self)).joined(separator: " "))
    default: break
    }
  }
}
