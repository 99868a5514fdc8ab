/// PTB-XL as PhysioNet publishes it (Wagner et al., Scientific Data 7, 154, 2020; versions 1.0.1 to 1.0.3).
///
/// A source is the collection's root, or its `records100` or `records500`; the root means `records500` if it
/// is there. Ages of 300 stand for "over 89" and become 90 with a flag. Folds are the table's `strat_fold`;
/// they are by patient.
public struct PTBXL: Dataset {
  /// `ptb-xl`.
  public static let name = "ptb-xl"
  /// The collection's root.
  public let root: String
  /// The table and the folder.
  public var recognition: String { "ptbxl_database.csv and \(folder)/" }
  /// What the user told of the source.
  public let options: SourceOptions
  /// Told from the number of rows; empty for a part of the collection.
  public let version: String
  /// One record a row of `ptbxl_database.csv`.
  public let records: SourceRecords
  /// `SHA256SUMS.txt`, if it is there.
  public let publishedDigests: [String: String]
  private let folder: String

  /// Opens a PTB-XL root, or its `records100` or `records500`.
  public static func open(_ path: String, options: SourceOptions) throws -> PTBXL? {
    for folder in ["records100", "records500"] where File.name(of: path) == folder {
      let root = File.folder(of: path)
      if File.exists(File.join(root, "ptbxl_database.csv")) {
        return try PTBXL(root: root, folder: folder, options: options)
      }
    }
    guard File.exists(File.join(path, "ptbxl_database.csv")) else { return nil }
    let hasFullRate = File.isDirectory(File.join(path, "records500"))
    return try PTBXL(root: path, folder: hasFullRate ? "records500" : "records100", options: options)
  }

  private init(root: String, folder: String, options: SourceOptions) throws {
    self.root = root
    self.options = options
    self.folder = folder
    let path = File.join(root, "ptbxl_database.csv")
    let table = try PTBXLTable(CSVTable(contentsOf: path), file: path, folder: folder)
    records = table.records
    version = [21_837: "1.0.1", 21_801: "1.0.2", 21_799: "1.0.3"][table.records.count] ?? ""
    publishedDigests = try SHA256Sums.read(File.join(root, SHA256Sums.fileName))
  }

  /// 100 or 500 Hz, by the folder, and 10 s.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) {
    (folder == "records100" ? 100 : 500, 10)
  }

  /// Reads only the header.
  public func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    guard let path = record.files.first else { throw ECGError(.notFound, "has no files", record: record.id) }
    let header = try WFDBHeader(contentsOf: File.join(root, path), mode: .lenient)
    return (header.frameCount ?? 0, header.rate)
  }

  /// Reads header and signal.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    guard let path = record.files.first else { throw ECGError(.notFound, "has no files", record: record.id) }
    let reading = try WFDBReader.read(File.join(root, path), id: record.id, mode: .lenient, within: root)
    return (reading.recording, reading.findings)
  }

  /// Headers below `records100` or `records500` that no row names.
  public func unlistedFiles() -> [String] {
    let listed = Set(records.lazy.flatMap(\.files))
    var unlisted: [String] = []
    for group in File.list(File.join(root, folder)) {
      for name in File.list(File.join(root, "\(folder)/\(group)")) where name.hasSuffix(".hea") {
        let path = "\(folder)/\(group)/\(name)"
        if !listed.contains(path) { unlisted.append(path) }
      }
    }
    return unlisted
  }
}

/// Rows of `ptbxl_database.csv` as records.
private struct PTBXLTable {
  var records = SourceRecords()

  init(_ table: CSVTable, file: String, folder: String) throws {
    let id = try table.index(of: "ecg_id")
    let patient = try table.index(of: "patient_id")
    let age = try table.index(of: "age")
    let sex = try table.index(of: "sex")
    let codes = try table.index(of: "scp_codes")
    let fold = try table.index(of: "strat_fold")
    let name = try table.index(of: folder == "records100" ? "filename_lr" : "filename_hr")
    let columns: Set = [id, patient, age, sex, codes, fold]
    var seen: Set<String> = []
    for (number, row) in table.rows.enumerated() {
      let recordID = row[id]
      guard !recordID.isEmpty, seen.insert(recordID).inserted else {
        throw ECGError(.malformed, "ecg_id \"\(recordID)\" is empty or occurs twice", file: file)
      }
      var record = SourceRecord(id: recordID)
      record.attributes = table.fields(ofRow: number, except: columns)
      record.setPatient(row[patient])
      record.files = try PTBXLTable.files(row[name], id: recordID, file: file)
      PTBXLTable.setPerson(&record, age: row[age], sex: row[sex])
      PTBXLTable.setFold(&record, row[fold])
      do {
        for (code, likelihood) in try PythonDictionary.parse(row[codes]) {
          guard (0...100).contains(likelihood) else {
            record.find(.labelsValue, "likelihood \(likelihood) of \(code) is not 0…100: left out")
            continue
          }
          record.statements.append(Statement(code: "scp:\(code)", value: Float(likelihood / 100)))
        }
      } catch {
        throw ECGError(
          .malformed, "scp_codes \"\(row[codes])\" is no dictionary", file: file, record: recordID)
      }
      Vocabulary.check(&record)
      records.append(record)
    }
  }

  private static func setPerson(_ record: inout SourceRecord, age: String, sex: String) {
    if Float(age) == 300 {
      record.age = 90
      record.flags.insert(.ageCapped)
    } else {
      record.setAge(age)
    }
    switch Double(sex) {
    case 0: record.sex = .male
    case 1: record.sex = .female
    default: record.find(.patientSex, "sex \"\(sex)\" is neither 0 nor 1")
    }
  }

  private static func setFold(_ record: inout SourceRecord, _ text: String) {
    if let fold = Double(text), (1...10).contains(fold), fold == fold.rounded() {
      record.fold = UInt8(fold)
    } else {
      record.find(.splitPatientLeak, "strat_fold \"\(text)\" is not 1…10", severity: .warning)
    }
  }

  /// A table from outside names files: only names below the root are followed.
  private static func files(_ path: String, id: String, file: String) throws -> [String] {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != ".." && $0 != "." }) else {
      throw ECGError(
        .malformed, "file name \"\(path)\" is no path below the collection", file: file, record: id)
    }
    return ["\(path).hea", "\(path).dat"]
  }
}
