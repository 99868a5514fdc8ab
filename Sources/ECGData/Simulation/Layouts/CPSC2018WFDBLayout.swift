/// CPSC 2018 as the challenge of 2020 gave it out.
///
/// Source: Perez Alday et al., Physiol. Meas. 41, 124003, 2020.
///
/// `Training_WFDB/A0001.{hea,mat}` …, 500 Hz and 6 to 60 s, headers of the early form with SNOMED CT codes for the nine
/// classes.
struct CPSC2018WFDBLayout: SimulationLayout {
  static let name = CPSC2018WFDB.name
  static let capacity = 99_999

  private static let file = ChallengeFile(form: .early(date: "12-May-2020 12:33:59"))

  init(records: Int, seed: UInt64) {}

  var tables: [SimulatedTable] { [] }

  func id(of index: Int) -> String { "A\(padded(index + 1, 4))" }
  func duration(of index: Int, using generator: inout SplitMix64) -> Double {
    CPSC2018Labels.duration(using: &generator)
  }
  func admits(_ ecg: SimulatedECG) -> Bool { CPSC2018Labels.admit(ecg.statements) }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    let codes = CPSC2018Labels.classes(record.statements).compactMap { CPSC2018Labels.snomed[$0] }
    return SimulatedContent(
      files: try Self.file.files(
        of: record, in: "Training_WFDB", counts: signal.counts(), rate: 500, codes: codes),
      labels: ChallengeFile.labels(codes))
  }
}
