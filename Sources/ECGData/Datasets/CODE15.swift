/// CODE-15 %: 345,779 exams of 233,770 patients at 400 Hz.
///
/// Source: Ribeiro et al., Zenodo 4916206, 2021; Lima et al., Nat. Commun. 12, 5117, 2021.
///
/// `exams_part{k}.hdf5` with `tracings` [exams, 4096, 12] and `exam_id` [exams], and `exams.csv` in another order: the two
/// are joined by id. The last row of each part has the id 0 and is no exam. Unit, lead order and padding are those of
/// ``CODETracings``. There are no folds; those that are assigned are by patient.
public struct CODE15: Dataset {
  /// `code-15`.
  public static let name = "code-15"
  /// What its files leave open, and what is the same in all of them.
  public static let heededOptions: Set<SourceOptions.Key> = [.rate, .unit, .leads, .signal, .ids]
  /// The collection's root.
  public let root: String
  /// The table and the parts.
  public let recognition: String
  /// What the user told of the source.
  public let options: SourceOptions
  /// One record a row of the parts, then the lines of the table whose part is here but has no row of theirs.
  public let records: SourceRecords
  /// Parts that are not here or cannot be read, and lines of the table that are repeated.
  public let findings: [Finding]
  private let parts: [String: CODETracings]

  /// Opens a root with `exams.csv` and at least one part.
  public static func open(_ root: String, options: SourceOptions) throws -> CODE15? {
    let files = File.list(root).filter {
      $0.hasPrefix("exams_part") && ($0.hasSuffix(".hdf5") || $0.hasSuffix(".h5"))
    }
    guard File.exists(File.join(root, "exams.csv")), !files.isEmpty else { return nil }
    return try CODE15(root, files: files, options)
  }

  private init(_ root: String, files: [String], _ options: SourceOptions) throws {
    self.root = root
    self.options = options
    recognition = "exams.csv and \(files.count) exams_part*.hdf5"
    var exams = try CODE15Exams(File.join(root, "exams.csv"))
    var parts: [String: CODETracings] = [:]
    var failure: ECGError?
    for file in files {
      do {
        let tracings = try CODETracings(file, below: root, options: options)
        try exams.join(tracings, ids: CODE15.ids(file, tracings, below: root, options))
        parts[file] = tracings
      } catch let error as ECGError {
        // A part that was cut off in its download does not stop the others.
        failure = failure ?? error
        exams.leaveOut(file, error)
      }
    }
    if parts.isEmpty, let failure { throw failure }
    exams.addUnmatched(parts: Set(parts.keys))
    self.parts = parts
    records = exams.records
    findings = exams.findings
  }

  private static func ids(
    _ file: String, _ tracings: CODETracings, below root: String, _ options: SourceOptions
  )
    throws -> [Int64]
  {
    let path = File.join(root, file)
    let dataset = try HDF5File(path).dataset(options.ids ?? "exam_id")
    guard dataset.elementsPerRow == 1, dataset.rowCount == tracings.count else {
      throw ECGError(
        .mismatch, "\(dataset.rowCount) exam ids for \(tracings.count) tracings", file: path,
        advice: "fetch the part again")
    }
    try dataset.checkClaim()
    return try dataset.read(rows: 0..<dataset.rowCount, as: Int64.self)
  }

  /// 400 Hz; durations differ.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) {
    (options.rate ?? CODETracings.rate, nil)
  }

  /// The part's frames, padding included.
  public func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    let part = try part(of: record)
    return (part.frames, part.rate)
  }

  /// Reads a row, cut to what lies between its padding.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    try part(of: record).read(record)
  }

  /// The rows that are inflated together.
  public func block(of record: SourceRecord) -> String? {
    record.files.first.flatMap { parts[$0] }?.block(of: record)
  }

  /// That of the part.
  public func stamp(ofShared file: String) -> FileStamp? { parts[file]?.stamp }

  private func part(of record: SourceRecord) throws -> CODETracings {
    guard let part = record.files.first.flatMap({ parts[$0] }) else {
      throw ECGError(.notFound, "its part is not here", record: record.id, rule: .pairingMissingRow)
    }
    return part
  }
}

/// The lines of `exams.csv`, joined to the rows of the parts.
private struct CODE15Exams {
  var records = SourceRecords()
  var findings: [Finding] = []
  private let table: CSVTable
  private let labels: CODELabels
  private let id: Int
  private let age: Int
  private let isMale: Int
  private let patient: Int?
  private let part: Int?
  private let used: Set<Int>
  /// The first line of each exam.
  private var lines: [Int: UInt32] = [:]
  /// Exams with several lines.
  private var repeated: Set<Int> = []
  private var joined: [Bool]
  /// Exams of rows without a line.
  private var unlisted: Set<Int> = []

  private static let repetition = "has several lines in exams.csv; the first is taken"

  init(_ path: String) throws {
    let table = try CSVTable(contentsOf: path)
    self.table = table
    labels = try CODELabels(table)
    id = try table.index(of: "exam_id")
    age = try table.index(of: "age")
    isMale = try table.index(of: "is_male")
    patient = table.columns.firstIndex(of: "patient_id")
    part = table.columns.firstIndex(of: "trace_file")
    used = Set([id, age, isMale] + [patient, part].compactMap(\.self) + labels.indices)
    joined = [Bool](repeating: false, count: table.rowCount)
    lines.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      guard let exam = CODELabels.identifier(table[row, id]) else {
        throw ECGError(
          .malformed, "exam_id \"\(table[row, id])\" is no whole number", file: path,
          line: table.line(ofRow: row))
      }
      if lines[exam] != nil {
        repeated.insert(exam)
        joined[row] = true
      } else {
        lines[exam] = UInt32(row)
      }
    }
  }

  /// Makes a record of each row of a part.
  mutating func join(_ tracings: CODETracings, ids: [Int64]) {
    for (row, exam) in ids.enumerated() {
      let exam = Int(exam)
      var record = SourceRecord(id: "\(exam)", files: [tracings.file], row: row)
      if exam == 0 {
        record.id = "0 in row \(row + 1) of \(tracings.file)"
        record.exclusion = Finding(
          record: record.id, rule: .recordPlaceholder,
          "exam_id 0 is no exam: every part of the release ends in such a row")
      } else {
        let line = lines[exam].map { Int($0) }
        let isFirst = line.map { !joined[$0] } ?? unlisted.insert(exam).inserted
        if !isFirst {
          record.id = "\(exam) in row \(row + 1) of \(tracings.file)"
          record.find(.recordRepeatedID, "exam \(exam) has a row before this one")
        }
        if let line {
          complete(&record, line, exam)
          joined[line] = true
        } else {
          record.find(.pairingUnlisted, "has a row in \(tracings.file), but no line in exams.csv")
        }
      }
      records.append(record)
    }
  }

  /// Tells of a part that cannot be read.
  mutating func leaveOut(_ file: String, _ error: ECGError) {
    var error = error
    error.file = nil
    findings.append(Finding(record: file, rule: .recordUnreadable, "\(error)"))
  }

  /// Adds the lines without a row; those whose part is not here are told part by part.
  mutating func addUnmatched(parts: Set<String>) {
    var absent: [String: Int] = [:]
    for line in 0..<table.rowCount where !joined[line] {
      let file = part.map { table[line, $0] } ?? ""
      let exam = CODELabels.identifier(table[line, id]) ?? 0
      if !file.isEmpty, !parts.contains(file) {
        absent[file, default: 0] += 1
        if repeated.contains(exam) {
          findings.append(Finding(record: "\(exam)", rule: .recordRepeatedID, CODE15Exams.repetition))
        }
        continue
      }
      var record = SourceRecord(id: "\(exam)")
      complete(&record, line, exam)
      record.exclusion = Finding(
        record: record.id, rule: .pairingMissingRow,
        "has a line in exams.csv, but no row in \(file.isEmpty ? "any part" : file)")
      records.append(record)
    }
    findings += absent.sorted { $0.key < $1.key }.map {
      Finding(
        record: $0.key, rule: .pairingMissingFile, "is not here: \($0.value) exams of the table are left out")
    }
  }

  private func complete(_ record: inout SourceRecord, _ line: Int, _ exam: Int) {
    if repeated.contains(exam) { record.find(.recordRepeatedID, CODE15Exams.repetition) }
    record.setAge(table[line, age])
    switch table[line, isMale].lowercased() {
    case "true", "1", "1.0": record.sex = .male
    case "false", "0", "0.0": record.sex = .female
    case "", "nan": break
    default: record.find(.patientSex, "is_male is \"\(table[line, isMale])\", neither true nor false")
    }
    if let patient { record.setPatient(table[line, patient]) }
    record.statements = labels.statements(table, row: line, record: &record)
    if record.statements.isEmpty { Vocabulary.check(&record) }
    record.attributes = table.fields(ofRow: line, except: used)
  }
}
