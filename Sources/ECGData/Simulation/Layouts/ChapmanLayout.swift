/// Chapman–Shaoxing as first released.
///
/// Source: Zheng et al., Sci. Data 7, 48, 2020; figshare 4560497.
///
/// `ECGData/<FileName>.csv` with a row of lead names and 5,000 of µV, `ECGDataDenoised/<FileName>.csv` without names, and
/// `Diagnostics.xlsx`, whose ages are text and whose intervals are those of the simulated heart. The originals were
/// denoised by a low-pass at 50 Hz, a LOESS baseline and non-local means; here a zero-phase band-pass of 0.5 to 50 Hz
/// stands for all three.
struct ChapmanLayout: SimulationLayout {
  static let name = Chapman.name
  /// Rows of a sheet, less its header.
  static let capacity = XLSXReference.rowLimit - 1

  private let denoising: DesignedFilterBank

  init(records: Int, seed: UInt64) throws {
    denoising = try FilterBank([.recursive(.bandpass(low: 0.5, high: 50))]).design(rate: 500)
  }

  var tables: [SimulatedTable] { [] }

  /// The recorder's name for the file: date, time and thousandths, some 49 minutes a record from January 2018 on.
  func id(of index: Int) -> String {
    // The two digits make it the record's own where two fall into one second.
    let time = CalendarTime(secondsAfter: 2018, 10 * 86_400 + 57_075 + index * 2_929)
    return "MUSE_\(time.date(""))_\(time.time(""))_\(padded(index * 37 % 100, 2))000"
  }

  func admits(_ ecg: SimulatedECG) -> Bool { ChapmanRecorder.admit(ecg) }

  func content(of record: SimulatedRecord, _ signal: SimulatedSignal) throws -> SimulatedContent {
    let steps = ChapmanRecorder.steps(signal)
    var raw = Array((Lead.names.joined(separator: ",") + "\n").utf8)
    DecimalColumns.append(
      steps.map { $0 == Recording.missing ? nil : Int($0) * ChapmanRecorder.step }, decimals: 2, to: &raw)
    let microvolts = steps.map {
      $0 == Recording.missing ? .nan : Double(Int($0) * ChapmanRecorder.step) / 100
    }
    var denoised: [UInt8] = []
    DecimalColumns.append(
      denoising.timeMajor(microvolts, leads: Lead.count).map {
        $0.isNaN ? nil : Int(($0 * 10_000).rounded(.toNearestOrEven))
      }, decimals: 4, to: &denoised)
    let (rhythm, conditions) = ChapmanRecorder.labels(record)
    var generator = record.generator("row")
    return SimulatedContent(
      files: [
        SimulatedContent.File(path: "ECGData/\(record.id).csv", bytes: raw),
        SimulatedContent.File(path: "ECGDataDenoised/\(record.id).csv", bytes: denoised),
      ],
      labels: ([rhythm] + conditions).filter { $0 != "NONE" }.map {
        Statement(code: "chapman:\($0)", value: 1)
      },
      cells: ChapmanDiagnostics.cells(record, rhythm: rhythm, conditions: conditions, &generator))
  }

  func collector(in directory: String) -> (any SimulationCollector)? { ChapmanDiagnostics(directory) }
}

/// `Diagnostics.xlsx`, which is written when all records are there.
final class ChapmanDiagnostics: SimulationCollector {
  private static let name = "Diagnostics.xlsx"
  static let columns = [
    "FileName", "Rhythm", "Beat", "PatientAge", "Gender", "VentricularRate", "AtrialRate", "QRSDuration",
    "QTInterval", "QTCorrected", "RAxis", "TAxis", "QRSCount", "QOnset", "QOffset", "TOffset",
  ]
  private let directory: String
  private var rows = [columns.map(XLSXCell.text)]

  init(_ directory: String) { self.directory = directory }

  func append(_ content: SimulatedContent) { if !content.cells.isEmpty { rows.append(content.cells) } }

  func close() throws -> [String] {
    try File.write(
      try XLSXSheet.encode(name: "Sheet1", rows: rows), to: File.join(directory, Self.name), isDurable: false)
    return [Self.name]
  }

  /// A record's row: what was said of it, and what a recorder would measure.
  static func cells(
    _ record: SimulatedRecord, rhythm: String, conditions: [String], _ generator: inout SplitMix64
  ) -> [XLSXCell] {
    let ecg = record.ecg
    let rate = ecg.heartRate.rounded()
    let (qrs, qt) = (ecg.intervals.qrs * 1000, ecg.intervals.qt * 1000)
    // Onsets and ends are samples of an average beat of 1.2 s.
    let onset = Double(215 + generator.index(below: 12))
    let numbers = [
      rate, ecg.atrialRate.rounded(), qrs, qt,
      // After Bazett, as the recorder does it.
      rate > 0 ? qt * (rate / 60).squareRoot() : qt,
      ecg.axis, ecg.tAxis, Double(ecg.beats.count), onset, onset + qrs / 2, onset + qt / 2,
    ]
    return [
      .text(record.id), .text(rhythm), .text(conditions.isEmpty ? "NONE" : conditions.joined(separator: " ")),
      .text(record.age.map(DecimalNumber.text) ?? ""),
      record.sex.map { .text($0 == .male ? "MALE" : "FEMALE") } ?? .empty,
    ] + numbers.map { .number($0.rounded()) }
  }
}
