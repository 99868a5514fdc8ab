/// PTB-XL as PhysioNet publishes it (Wagner et al., Scientific Data 7, 154, 2020; version 1.0.3).
///
/// `records500` and `records100` (format 16, 1 µV a count, the slow signal resampled from the fast one),
/// `ptbxl_database.csv`, `scp_statements.csv`, `RECORDS` and `SHA256SUMS.txt`. Records come from patients of whom some
/// have several, and folds are the patients'.
struct PTBXLLayout: SimulationLayout {
  static let name = PTBXL.name
  static let sharesPatients = true
  static let digestFolders = ["records100", "records500"]

  private static let database = "ptbxl_database.csv"
  private static let list = "RECORDS"
  private let seed: UInt64
  private let resampler: PolyphaseResampler

  init(records: Int, seed: UInt64) throws {
    self.seed = seed
    resampler = try PolyphaseResampler(from: 500, to: 100)
  }

  var tables: [SimulatedTable] {
    [
      SimulatedTable(path: Self.list, sections: 2),
      SimulatedTable(path: Self.database, header: PTBXLRow.header),
      SimulatedTable(path: "scp_statements.csv", header: SCPStatementTable.csv, sections: 0),
    ]
  }

  /// The `ecg_id`, which counts from 1.
  func id(of index: Int) -> String { "\(index + 1)" }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    let row = PTBXLRow(record)
    let slow = SimulatedSignal(
      rate: 100, samples: resampler.timeMajor(signal.samples, leads: Lead.count))
    // Names of the leads as PTB-XL's headers have them.
    let signals = Lead.names.map { WFDBWriter.Signal(name: $0.uppercased()) }
    var content = SimulatedContent(
      labels: record.statements.map { Statement(code: "scp:\($0.code)", value: Float($0.likelihood / 100)) })
    for (section, (path, signal)) in [(row.slowPath, slow), (row.fastPath, signal)].enumerated() {
      let files = try WFDBWriter.encode(
        recordName: File.name(of: path), rate: signal.rate, signals: signals, samples: signal.counts())
      content.files.append(SimulatedContent.File(path: "\(path).dat", bytes: files.data))
      content.files.append(SimulatedContent.File(path: "\(path).hea", bytes: files.header))
      content.lines.append(SimulatedContent.Line(table: Self.list, section: section, text: path + "\n"))
    }
    content.lines.append(SimulatedContent.Line(table: Self.database, text: row.text))
    return content
  }
}
