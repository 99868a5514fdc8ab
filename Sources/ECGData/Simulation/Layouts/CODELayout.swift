/// The full CODE set as it is given on request.
///
/// Source: Ribeiro et al., Nat. Commun. 11, 1760, 2020.
///
/// `wfdb/TNMG{id_exam}_N1.{hea,dat}` in format 16 with leads DI, DII, DIII, AVR …, at the rates of the recorders, 300 to
/// 1,000 Hz, and 7 to 10 s long; `wfdb/RECORDS.txt`; `annotations.csv` keyed by `id_exam`, whose labels are NaN where
/// nobody labelled.
struct CODELayout: SimulationLayout {
  static let name = CODE.name
  static let capacity = CODETracing.capacity - 1
  static let sharesPatients = true

  private static let list = "wfdb/RECORDS.txt"
  private static let annotations = "annotations.csv"
  private static let leads = ["DI", "DII", "DIII", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
  private static let rates = [300.0, 400, 400, 500, 600, 1000]
  private let seed: UInt64

  init(records: Int, seed: UInt64) { self.seed = seed }

  var tables: [SimulatedTable] {
    [
      SimulatedTable(path: Self.list),
      SimulatedTable(
        path: Self.annotations,
        header: "id_exam,id_patient,date_exam,age,sex,\(Vocabulary.code.joined(separator: ","))\n"),
    ]
  }

  private func examID(_ index: Int) -> Int { CODETracing.number(index + 1, "exam", seed: seed) }

  func id(of index: Int) -> String { "TNMG\(examID(index))_N1" }

  func duration(of index: Int, using generator: inout SplitMix64) -> Double {
    generator.uniform() < 0.6 ? 7 : 10
  }

  /// Brazil's.
  func mainsFrequency(of index: Int) -> Double { 60 }
  func signal(of record: SimulatedRecord) throws -> SimulatedSignal {
    var generator = record.generator("recorder")
    let rate = Self.rates[generator.index(below: Self.rates.count)]
    return SimulatedSignal(rate: rate, samples: record.ecg.samples(rate: rate))
  }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    var generator = record.generator("row")
    let files = try WFDBWriter.encode(
      recordName: record.id, rate: signal.rate, signals: Self.leads.map { WFDBWriter.Signal(name: $0) },
      samples: signal.counts())
    // 2010 to 2016.
    let date = CalendarTime(secondsAfter: 2010, generator.index(below: 2556 * 86_400)).date()
    let isLabelled = generator.uniform() >= 0.02
    let labels = CODETracing.labels(record)
    let fields =
      [
        "\(examID(record.index))", "\(CODETracing.number(record.patient, "patient", seed: seed))", date,
        record.age.map(DecimalNumber.text) ?? "", record.sex.map { $0 == .male ? "M" : "F" } ?? "",
      ] + labels.map { isLabelled ? $0 ? "1" : "0" : "NaN" }
    return SimulatedContent(
      files: [
        SimulatedContent.File(path: "wfdb/\(record.id).dat", bytes: files.data),
        SimulatedContent.File(path: "wfdb/\(record.id).hea", bytes: files.header),
      ],
      lines: [
        SimulatedContent.Line(table: Self.list, text: record.id + "\n"),
        SimulatedContent.Line(table: Self.annotations, text: fields.joined(separator: ",") + "\n"),
      ], labels: isLabelled ? CODETracing.statements(labels) : [])
  }
}
