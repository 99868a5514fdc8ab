/// CODE-test: 827 exams of as many patients at 400 Hz, read by several cardiologists.
///
/// Source: Ribeiro et al., Nat. Commun. 11, 1760, 2020; Zenodo 3765780.
///
/// `ecg_tracings.hdf5` with `tracings` [exams, 4096, 12], and `attributes.csv` and `annotations/*.csv` matched by row:
/// nothing carries an id, so a record's id is its row from 1 up. Labels are those of `gold_standard.csv`; what the others
/// say is kept as attributes. Unit, lead order and padding are those of ``CODETracings``. Patients are not named; the
/// authors say that each exam is of another.
public struct CODETest: Dataset {
  /// `code-test`.
  public static let name = "code-test"
  /// What its files leave open, and what is the same in all of them.
  public static let heededOptions: Set<SourceOptions.Key> = [.rate, .unit, .leads, .signal]
  /// The collection's root.
  public let root: String
  /// The file of tracings.
  public let recognition: String
  /// What the user told of the source.
  public let options: SourceOptions
  /// One record a row of the tracings.
  public let records: SourceRecords
  /// Tables that are not here, and those whose rows are not as many as the tracings.
  public let findings: [Finding]
  private let tracings: CODETracings

  /// Opens a root with `ecg_tracings.hdf5`.
  public static func open(_ root: String, options: SourceOptions) throws -> CODETest? {
    let file = "ecg_tracings.hdf5"
    guard File.exists(File.join(root, file)) else { return nil }
    return try CODETest(root, file, options)
  }

  private init(_ root: String, _ file: String, _ options: SourceOptions) throws {
    self.root = root
    self.options = options
    tracings = try CODETracings(file, below: root, options: options)
    let tables = try CODETestTables(root, count: tracings.count)
    recognition = (["ecg_tracings.hdf5"] + tables.files).joined(separator: ", ")
    records = SourceRecords(
      (0..<tracings.count).lazy.map { row in
        var record = SourceRecord(id: "\(row + 1)", files: [file], row: row)
        tables.complete(&record, row)
        return record
      })
    findings = tables.findings
  }

  /// 400 Hz; durations differ.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) {
    (options.rate ?? CODETracings.rate, nil)
  }

  /// The file's frames, padding included.
  public func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    (tracings.frames, tracings.rate)
  }

  /// Reads a row, cut to what lies between its padding.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    try tracings.read(record)
  }

  /// That of the tracings.
  public func stamp(ofShared file: String) -> FileStamp? { file == tracings.file ? tracings.stamp : nil }

  /// The rows that are inflated together.
  public func block(of record: SourceRecord) -> String? { tracings.block(of: record) }
}

/// The tables beside the tracings, matched by row.
private struct CODETestTables {
  var files: [String] = []
  var findings: [Finding] = []
  private var attributes: (table: CSVTable, age: Int, sex: Int)?
  private var gold: (table: CSVTable, labels: CODELabels)?
  private var others: [(name: String, table: CSVTable, labels: CODELabels)] = []

  init(_ root: String, count: Int) throws {
    if let table = try read("attributes.csv", root, count) {
      attributes = (table, try table.index(of: "age"), try table.index(of: "sex"))
    }
    for name in File.list(File.join(root, "annotations")) where name.hasSuffix(".csv") {
      guard let table = try read("annotations/\(name)", root, count) else { continue }
      guard let labels = try? CODELabels(table) else {
        findings.append(
          Finding(
            record: "annotations/\(name)", rule: .pairingUnlisted, "has not the six columns, and is left out")
        )
        continue
      }
      if name == "gold_standard.csv" {
        gold = (table, labels)
      } else {
        others.append((String(name.dropLast(4)), table, labels))
      }
    }
  }

  private mutating func read(_ file: String, _ root: String, _ count: Int) throws -> CSVTable? {
    let path = File.join(root, file)
    guard File.exists(path) else {
      findings.append(Finding(record: file, rule: .pairingMissingFile, "is not here"))
      return nil
    }
    files.append(file)
    let table = try CSVTable(contentsOf: path)
    if table.rowCount != count {
      findings.append(
        Finding(
          record: file, rule: .pairingMissingRow,
          "has \(table.rowCount) rows for \(count) tracings: rows are matched by their number, so check that both belong together"
        ))
    }
    return table
  }

  func complete(_ record: inout SourceRecord, _ row: Int) {
    if let (table, age, sex) = attributes, row < table.rowCount {
      record.setAge(table[row, age])
      record.setSex(table[row, sex])
      record.attributes = table.fields(ofRow: row, except: [age, sex])
    }
    if let (table, labels) = gold, row < table.rowCount {
      record.statements = labels.statements(table, row: row, record: &record)
    }
    for (name, table, labels) in others where row < table.rowCount {
      let stated = labels.statements(table, row: row, record: &record)
      record.attributes[name] = stated.filter { $0.value > 0 }.map { String($0.code.dropFirst(5)) }
        .joined(separator: " ")
    }
    if record.statements.isEmpty { Vocabulary.check(&record) }
  }
}
