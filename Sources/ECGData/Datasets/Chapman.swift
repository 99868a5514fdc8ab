/// Chapman–Shaoxing as first released: 10,646 records of 10 s at 500 Hz in microvolt.
///
/// Source: Zheng et al., Sci. Data 7, 48, 2020; figshare 4560497.
///
/// `ECGData/<FileName>.csv` with a row of lead names, `ECGDataDenoised/<FileName>.csv` without one, `Diagnostics.xlsx`. The
/// root means `ECGData`, the raw signals; `ECGDataDenoised` is a source of its own by its path. Rhythm "AF" is atrial
/// flutter, "AFIB" fibrillation. Rates and intervals of `Diagnostics.xlsx` are kept as attributes. No patient is named, so
/// no split by patient is possible.
public struct Chapman: Dataset {
  /// `chapman`.
  public static let name = "chapman"
  /// What its files leave open, and what is the same in all of them.
  public static let heededOptions: Set<SourceOptions.Key> = [.rate, .unit, .leads]
  /// The collection's root.
  public let root: String
  /// The workbook and the folder.
  public var recognition: String { "Diagnostics.xlsx and \(folder)/" }
  /// What the user told of the source.
  public let options: SourceOptions
  /// One record a row of `Diagnostics.xlsx`, then the files without a row.
  public let records: SourceRecords
  private let folder: String

  private static let folders = ["ECGData", "ECGDataDenoised"]
  private static let rate = 500.0
  private static let frames = 5000

  /// Opens a root with `Diagnostics.xlsx`, or its `ECGData` or `ECGDataDenoised`.
  public static func open(_ path: String, options: SourceOptions) throws -> Chapman? {
    let name = File.name(of: path)
    if folders.contains(name) {
      let root = File.folder(of: path)
      return File.exists(File.join(root, "Diagnostics.xlsx"))
        ? try Chapman(root: root, folder: name, options) : nil
    }
    guard File.exists(File.join(path, "Diagnostics.xlsx")),
      let folder = folders.first(where: { File.isDirectory(File.join(path, $0)) })
    else { return nil }
    return try Chapman(root: path, folder: folder, options)
  }

  private init(root: String, folder: String, _ options: SourceOptions) throws {
    self.root = root
    self.folder = folder
    self.options = options
    let path = File.join(root, "Diagnostics.xlsx")
    let table = try XLSXTable(contentsOf: path)
    let id = try table.index(of: "FileName")
    let rhythm = try table.index(of: "Rhythm")
    let beat = try table.index(of: "Beat")
    let age = try table.index(of: "PatientAge")
    let sex = try table.index(of: "Gender")
    let used = Set([id, rhythm, beat, age, sex])
    var records = SourceRecords()
    var seen: Set<String> = []
    for (number, row) in table.rows.enumerated() {
      let name = row[id].trimmingSpaces()
      guard !name.isEmpty, !name.contains("/"), seen.insert(name).inserted else {
        throw ECGError(
          .malformed, "FileName \"\(name)\" is empty, a path, or occurs twice", file: path, line: row.line)
      }
      var record = SourceRecord(id: name, files: ["\(folder)/\(name).csv"])
      record.attributes = table.fields(ofRow: number, except: used)
      record.setAge(row[age])
      record.setSex(row[sex])
      for label in ([row[rhythm]] + row[beat].split(separator: " ").map(String.init)).map({
        $0.trimmingSpaces()
      })
      where !label.isEmpty && label != "NONE" {
        record.state("chapman:\(label)")
      }
      Vocabulary.check(&record)
      records.append(record)
    }
    for file in File.list(File.join(root, folder)) where file.hasSuffix(".csv") {
      let name = String(file.dropLast(4))
      guard !seen.contains(name) else { continue }
      var record = SourceRecord(id: name, files: ["\(folder)/\(file)"])
      record.find(.pairingUnlisted, "has a file, but no row in Diagnostics.xlsx")
      records.append(record)
    }
    self.records = records
  }

  /// 500 Hz and 10 s.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) {
    (options.rate ?? Chapman.rate, 10)
  }

  /// What every record should have: a text file tells its length only when it is read.
  public func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    (Chapman.frames, options.rate ?? Chapman.rate)
  }

  /// Reads a file.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    guard let file = record.files.first else { throw ECGError(.notFound, "has no file", record: record.id) }
    let recording = try CSVSignal.recording(
      File.join(root, file), id: record.id, leads: options.leads, defaultLeads: Lead.names,
      rate: options.rate ?? Chapman.rate, microvoltsPerUnit: options.microvoltsPerUnit ?? 1)
    return (recording, [])
  }
}
