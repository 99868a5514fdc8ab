/// CPSC 2018 as first released.
///
/// Source: Liu et al., J. Med. Imaging Health Inform. 8, 1368, 2018.
///
/// `TrainingSet1` to `TrainingSet3` with `A0001.mat` …: MATLAB v5, compressed, a structure `ECG` of `sex`, `age` (uint8) and
/// `data` [12, samples] in mV at 500 Hz; `REFERENCE.csv` with lines that end in CR LF and up to three labels from 1 to 9.
struct CPSC2018Layout: SimulationLayout {
  static let name = CPSC2018.name
  static let capacity = 99_999

  private static let reference = "REFERENCE.csv"

  init(records: Int, seed: UInt64) {}

  var tables: [SimulatedTable] {
    [SimulatedTable(path: Self.reference, header: "Recording,First_label,Second_label,Third_label\r\n")]
  }

  func id(of index: Int) -> String { "A\(padded(index + 1, 4))" }
  func duration(of index: Int, using generator: inout SplitMix64) -> Double {
    CPSC2018Labels.duration(using: &generator)
  }
  func admits(_ ecg: SimulatedECG) -> Bool { CPSC2018Labels.admit(ecg.statements) }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    let classes = CPSC2018Labels.classes(record.statements)
    let numbers = classes.compactMap { name in Vocabulary.cpsc.firstIndex(of: name).map { "\($0 + 1)" } }
    let fields = [record.id] + numbers.prefix(3) + [String](repeating: "", count: max(0, 3 - numbers.count))
    // The release has 2,000 records in each of the first two sets and the others in the third.
    let folder = "TrainingSet\(min(record.index / 2000, 2) + 1)"
    return SimulatedContent(
      files: [
        SimulatedContent.File(path: "\(folder)/\(record.id).mat", bytes: try file(record, signal))
      ],
      lines: [SimulatedContent.Line(table: Self.reference, text: fields.joined(separator: ",") + "\r\n")],
      labels: classes.map { Statement(code: "cpsc:\($0)", value: 1) })
  }

  private func file(_ record: SimulatedRecord, _ signal: SimulatedSignal) throws -> [UInt8] {
    // Whole µV, as the recorders had them; a missing sample is NaN.
    let data = signal.samples.map { ($0 * 1000).rounded(.toNearestOrEven) / 1000 }
    let age = record.age.flatMap { UInt8(exactly: $0) }.map { MATNumbers.uint8([$0]) }
    let sex = record.sex.map { $0 == .male ? "Male" : "Female" } ?? ""
    let values: KeyValuePairs<String, MATValue> = [
      "sex": .char(MATCharArray(sex)),
      "age": .numeric(MATArray(dimensions: [1, 1], age ?? .double([record.age ?? .nan]))),
      // MATLAB stores column by column: a column is an instant.
      "data": .numeric(MATArray(dimensions: [Lead.count, signal.count], .double(data))),
    ]
    return try MATWriter.level5(
      [MATFile.Variable(name: "ECG", value: .structure(MATStructArray(values)))], compression: 1)
  }
}
