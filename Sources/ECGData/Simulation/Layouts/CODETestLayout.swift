/// CODE-test.
///
/// Source: Ribeiro et al., Nat. Commun. 11, 1760, 2020; Zenodo 3765780.
///
/// `ecg_tracings.hdf5` with `tracings` [exams, 4096, 12], `attributes.csv`, and in `annotations` a table for each reader, all
/// matched by row. `gold_standard.csv` has the truth; the readers miss and mistake some, and the network's table has a
/// column of row numbers more.
struct CODETestLayout: SimulationLayout {
  static let name = CODETest.name

  private static let attributes = "attributes.csv"
  /// Who read, and how often each misses what is there, or sees what is not.
  private static let readers: [(name: String, misses: Double, mistakes: Double)] = [
    ("gold_standard", 0, 0), ("cardiologist1", 0.08, 0.004), ("cardiologist2", 0.08, 0.004),
    ("cardiology_residents", 0.10, 0.006), ("dnn", 0.05, 0.003), ("emergency_residents", 0.17, 0.008),
    ("medical_students", 0.18, 0.010),
  ]
  private let records: Int

  init(records: Int, seed: UInt64) { self.records = records }

  private static func path(_ reader: String) -> String { "annotations/\(reader).csv" }

  var tables: [SimulatedTable] {
    let columns = Vocabulary.code.joined(separator: ",") + "\n"
    return [SimulatedTable(path: Self.attributes, header: "age,sex\n")]
      + Self.readers.map { reader in
        SimulatedTable(path: Self.path(reader.name), header: reader.name == "dnn" ? "," + columns : columns)
      }
  }

  /// The row, from 1: nothing carries an id.
  func id(of index: Int) -> String { "\(index + 1)" }
  func duration(of index: Int, using generator: inout SplitMix64) -> Double {
    CODETracing.duration(using: &generator)
  }
  /// Brazil's.
  func mainsFrequency(of index: Int) -> Double { 60 }
  func signal(of record: SimulatedRecord) -> SimulatedSignal { CODETracing.signal(of: record) }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    let labels = CODETracing.labels(record)
    let sex = record.sex.map { $0 == .male ? "M" : "F" } ?? ""
    var generator = record.generator("readers")
    var lines = [
      SimulatedContent.Line(
        table: Self.attributes, text: "\(record.age.map(DecimalNumber.text) ?? ""),\(sex)\n")
    ]
    for reader in Self.readers {
      let read = labels.map { label in
        generator.uniform() < (label ? reader.misses : reader.mistakes) ? !label : label
      }
      let text = read.map { $0 ? "1" : "0" }.joined(separator: ",") + "\n"
      lines.append(
        SimulatedContent.Line(
          table: Self.path(reader.name), text: reader.name == "dnn" ? "\(record.index),\(text)" : text))
    }
    return SimulatedContent(
      lines: lines, labels: CODETracing.statements(labels), row: CODETracing.row(signal))
  }

  func collector(in directory: String) -> (any SimulationCollector)? {
    CODETracingFiles(
      directory, parts: [.init(name: "ecg_tracings.hdf5", exams: records, hasPlaceholder: false)],
      hasIDs: false)
  }
}
