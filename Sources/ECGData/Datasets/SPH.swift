/// SPH, Shandong Provincial Hospital: 25,770 records of 24,666 patients at 500 Hz, 10 to 60 s.
///
/// Source: Liu et al., Sci. Data 9, 272, 2022.
///
/// `metadata.csv` and, beside it or in `records/`, an HDF5 file a record with `ecg` [12, samples] in millivolt as Float16.
/// Labels are AHA codes with their modifiers as stated, such as `aha:147` and `aha:60+310`, several separated by `;`. There
/// are no folds; those that are assigned are by patient.
public struct SPH: Dataset {
  /// `sph`.
  public static let name = "sph"
  /// What its files leave open, and what is the same in all of them.
  public static let heededOptions: Set<SourceOptions.Key> = [.rate, .unit, .leads, .signal]
  /// The collection's root.
  public let root: String
  /// The table and the folder.
  public let recognition: String
  /// What the user told of the source.
  public let options: SourceOptions
  /// One record a line of the table, then the files without a line.
  public let records: SourceRecords

  private static let signal = "ecg"
  private static let rate = 500.0
  private static let microvoltsPerUnit = 1000.0

  /// Opens a root whose `metadata.csv` has a column `AHA_Code`.
  public static func open(_ root: String, options: SourceOptions) throws -> SPH? {
    let path = File.join(root, "metadata.csv")
    guard File.exists(path), let first = try? File.firstLine(of: path), first.contains("AHA_Code") else {
      return nil
    }
    return try SPH(root, path, options)
  }

  private init(_ root: String, _ path: String, _ options: SourceOptions) throws {
    self.root = root
    self.options = options
    let hasFolder = File.list(File.join(root, "records")).contains { $0.hasSuffix(".h5") }
    let folder = hasFolder ? "records/" : ""
    recognition = "metadata.csv with AHA_Code, and \(folder)*.h5"
    let table = try CSVTable(contentsOf: path)
    let id = try table.index(of: "ECG_ID")
    let code = try table.index(of: "AHA_Code")
    let patient = try table.index(of: "Patient_ID")
    let age = try table.index(of: "Age")
    let sex = try table.index(of: "Sex")
    let used = Set([id, code, patient, age, sex])
    var seen: Set<String> = []
    var records = SourceRecords()
    for (number, row) in table.rows.enumerated() {
      let stem = row[id].hasSuffix(".h5") ? String(row[id].dropLast(3)) : row[id]
      guard !stem.isEmpty, !stem.contains("/"), seen.insert(stem).inserted else {
        throw ECGError(
          .malformed, "ECG_ID \"\(row[id])\" is empty, a path, or occurs twice", file: path, line: row.line)
      }
      var record = SourceRecord(id: stem, files: ["\(folder)\(stem).h5"])
      record.attributes = table.fields(ofRow: number, except: used)
      record.setPatient(row[patient])
      record.setAge(row[age])
      record.setSex(row[sex])
      for label in row[code].split(separator: ";").map({ $0.trimmingSpaces() }) where !label.isEmpty {
        record.state("aha:\(label)")
      }
      Vocabulary.check(&record)
      records.append(record)
    }
    for name in File.list(File.join(root, folder)) where name.hasSuffix(".h5") {
      let stem = String(name.dropLast(3))
      guard !seen.contains(stem) else { continue }
      var record = SourceRecord(id: stem, files: [folder + name])
      record.find(.pairingUnlisted, "has a file, but no line in metadata.csv")
      records.append(record)
    }
    self.records = records
  }

  /// 500 Hz; durations differ.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) {
    (options.rate ?? SPH.rate, nil)
  }

  /// From the file's header.
  public func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    (try signal(of: record).shape[1], options.rate ?? SPH.rate)
  }

  /// Reads a file.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    let recording = try HDF5Signal.recording(
      signal(of: record), id: record.id, leads: options.leads ?? Lead.names, rate: options.rate ?? SPH.rate,
      microvoltsPerUnit: options.microvoltsPerUnit ?? SPH.microvoltsPerUnit)
    return (recording, [])
  }

  private func signal(of record: SourceRecord) throws -> HDF5Dataset {
    guard let file = record.files.first else { throw ECGError(.notFound, "has no file", record: record.id) }
    let path = File.join(root, file)
    let dataset = try HDF5File(path).dataset(options.signal ?? SPH.signal)
    guard dataset.shape.count == 2, dataset.shape[0] == (options.leads ?? Lead.names).count else {
      throw ECGError(
        .malformed, "its dataset '\(dataset.name)' has shape \(dataset.shape), not [12, samples]", file: path,
        record: record.id)
    }
    return dataset
  }
}
