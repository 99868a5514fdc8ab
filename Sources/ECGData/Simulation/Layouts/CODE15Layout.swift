/// CODE-15 % (Ribeiro et al., Zenodo 4916206, 2021).
///
/// `exams_part0.hdf5` … of 20,000 exams and a last row that is none, with `tracings` [exams, 4096, 12] and `exam_id`;
/// `exams.csv` in another order, with ages as integers, and `death` and `timey` only at a patient's first exam.
struct CODE15Layout: SimulationLayout {
  static let name = CODE15.name
  static let capacity = CODETracing.capacity - 1
  static let sharesPatients = true

  private static let exams = "exams.csv"
  private static let columns = ["1dAVb", "RBBB", "LBBB", "SB", "ST", "AF"]
  private let records: Int
  private let seed: UInt64
  /// Exams of a part.
  private let partSize: Int

  init(records: Int, seed: UInt64) { self.init(records: records, seed: seed, partSize: 20_000) }

  init(records: Int, seed: UInt64, partSize: Int) {
    self.records = records
    self.seed = seed
    self.partSize = partSize
  }

  var tables: [SimulatedTable] {
    let header =
      "exam_id,age,is_male,nn_predicted_age,\(Self.columns.joined(separator: ",")),patient_id,death,timey,"
      + "normal_ecg,trace_file\n"
    return [SimulatedTable(path: Self.exams, header: header, order: .drawn(seed))]
  }

  private func examID(_ index: Int) -> Int { CODETracing.number(index + 1, "exam", seed: seed) }

  func id(of index: Int) -> String { "\(examID(index))" }
  func duration(of index: Int, using generator: inout SplitMix64) -> Double {
    CODETracing.duration(using: &generator)
  }
  /// Brazil's.
  func mainsFrequency(of index: Int) -> Double { 60 }
  func signal(of record: SimulatedRecord) -> SimulatedSignal { CODETracing.signal(of: record) }

  private static func partName(_ part: Int) -> String { "exams_part\(part).hdf5" }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    var generator = record.generator("row")
    func boolean(_ value: Bool) -> String { value ? "True" : "False" }
    let labels = CODETracing.labels(record)
    let stated = Dictionary(uniqueKeysWithValues: zip(Vocabulary.code, labels))
    // What a network took the age for, some years off.
    let predicted = Float(max(Double(record.ecg.patient.age) + 8.4 * generator.normal(), 15))
    let years = generator.uniform(0..<8)
    let dies = generator.uniform() < 0.02
    let isFirst = record.patient == record.index + 1
    let fields =
      [
        record.id, record.age.map(DecimalNumber.text) ?? "", record.sex.map { boolean($0 == .male) } ?? "",
        "\(predicted)",
      ] + Self.columns.map { boolean(stated[$0] == true) } + [
        "\(CODETracing.number(record.patient, "patient", seed: seed))", isFirst ? boolean(dies) : "",
        isFirst ? "\(Float(years))" : "", boolean(record.states("NORM")),
        Self.partName(record.index / partSize),
      ]
    return SimulatedContent(
      lines: [SimulatedContent.Line(table: Self.exams, text: fields.joined(separator: ",") + "\n")],
      labels: CODETracing.statements(labels), row: CODETracing.row(signal),
      rowID: Int64(examID(record.index)))
  }

  func collector(in directory: String) -> (any SimulationCollector)? {
    let parts = stride(from: 0, to: records, by: partSize).map { start in
      CODETracingFiles.Part(
        name: Self.partName(start / partSize), exams: min(partSize, records - start), hasPlaceholder: true)
    }
    return CODETracingFiles(directory, parts: parts, hasIDs: true)
  }
}
