/// The full CODE set, as given on request: 2.3 million exams as WFDB records.
///
/// Source: Ribeiro et al., Nat. Commun. 11, 1760, 2020.
///
/// `wfdb/` with `RECORDS.txt` and `TNMG{id_exam}_N{k}.{hea,dat}`, leads named DI, DII, DIII, AVR …, and `annotations.csv`
/// keyed by `id_exam`: id_patient, date_exam, age, sex and the six labels, NaN where nobody labelled. A record's id is its
/// header's name; all tracings of an exam share its labels. Units are the headers' own. There are no folds; those that are
/// assigned are by patient.
public struct CODE: Dataset {
  /// `code`.
  public static let name = "code"
  /// The collection's root.
  public var root: String { tree.root }
  /// The table and the folder.
  public let recognition = "annotations.csv with id_exam, and WFDB headers named TNMG*"
  /// What the user told of the source.
  public let options: SourceOptions
  /// One record a header, then the lines of the table without one.
  public let records: SourceRecords
  /// Exams with several lines, and folders that are listed, but not there.
  public let findings: [Finding]
  let tree: WFDBTree

  /// Opens a root whose `annotations.csv` has a column `id_exam`.
  public static func open(_ root: String, options: SourceOptions) throws -> CODE? {
    let path = File.join(root, "annotations.csv")
    guard File.exists(path), let first = try? File.firstLine(of: path), first.contains("id_exam") else {
      return nil
    }
    return try CODE(root, path, options)
  }

  private init(_ root: String, _ path: String, _ options: SourceOptions) throws {
    self.options = options
    let exams = try CODEExams(path)
    tree = try WFDBTree(root, headers: WFDBTree.headers(below: root), errata: Errata.of(CODE.name)) {
      record in
      exams.complete(&record)
    }
    var records = tree.records
    let present = Set(records.ids.compactMap { CODEExams.exam(ofRecord: $0) })
    for record in exams.unmatched(except: present) { records.append(record) }
    self.records = records
    findings = exams.findings + tree.findings
  }

  /// 400 Hz is what the group's papers use, but the device's rate is the header's.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) { (nil, nil) }

  /// Reads header and signal.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    try tree.read(record)
  }

  /// Signal files that no header names.
  public func unlistedFiles() -> [String] { tree.unlistedFiles() }
}

/// The lines of `annotations.csv` by exam.
private struct CODEExams: Sendable {
  private let table: CSVTable
  private let labels: CODELabels
  private let id: Int
  private let patient: Int
  private let age: Int
  private let sex: Int
  private let used: Set<Int>
  private let lines: [Int: Int]
  /// Exams with several lines.
  private(set) var findings: [Finding] = []

  init(_ path: String) throws {
    let table = try CSVTable(contentsOf: path)
    self.table = table
    labels = try CODELabels(table)
    id = try table.index(of: "id_exam")
    patient = try table.index(of: "id_patient")
    age = try table.index(of: "age")
    sex = try table.index(of: "sex")
    used = Set([id, patient, age, sex] + labels.indices)
    var lines: [Int: Int] = [:]
    lines.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      guard let exam = CODELabels.identifier(table[row, id]) else {
        throw ECGError(
          .malformed, "id_exam \"\(table[row, id])\" is no whole number", file: path,
          line: table.line(ofRow: row))
      }
      if lines[exam] == nil {
        lines[exam] = row
      } else {
        findings.append(
          Finding(
            record: "exam \(exam)", rule: .recordRepeatedID,
            "has several lines in annotations.csv; the first is taken, not that of line \(table.line(ofRow: row))"
          ))
      }
    }
    self.lines = lines
  }

  /// The exam that a record's name tells: `TNMG1234_N1` is of exam 1234.
  static func exam(ofRecord id: String) -> Int? {
    let stem = File.name(of: id)
    guard stem.hasPrefix("TNMG") else { return nil }
    let digits = stem.dropFirst(4).prefix { $0.isASCII && $0.isNumber }
    return digits.isEmpty ? nil : CODELabels.identifier(String(digits))
  }

  func complete(_ record: inout SourceRecord) {
    guard let exam = CODEExams.exam(ofRecord: record.id), let line = lines[exam] else {
      return record.find(.pairingUnlisted, "its exam has no line in annotations.csv")
    }
    complete(&record, line)
  }

  private func complete(_ record: inout SourceRecord, _ line: Int) {
    record.setPatient(table[line, patient])
    record.setAge(table[line, age])
    record.setSex(table[line, sex])
    record.statements = labels.statements(table, row: line, record: &record)
    record.attributes.merge(table.fields(ofRow: line, except: used)) { $1 }
  }

  /// The exams of which no record is here, each as a record that is excluded, in the order of their lines.
  func unmatched(except present: Set<Int>) -> some Sequence<SourceRecord> {
    lines.filter { !present.contains($0.key) }.sorted { $0.value < $1.value }.lazy.map { exam, line in
      var record = SourceRecord(id: "exam \(exam)")
      complete(&record, line)
      record.exclusion = Finding(
        record: record.id, rule: .pairingMissingRow, "has a line in annotations.csv, but no record is here")
      return record
    }
  }
}
