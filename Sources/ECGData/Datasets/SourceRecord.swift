/// One record of a collection before any sample is read.
public struct SourceRecord: Sendable, Equatable {
  /// The collection's own id of the record.
  public var id: String
  /// The collection's own id of the patient, or nil if it has none.
  public var patient: String?
  /// Age in years; NaN if unknown.
  public var age: Float
  /// The sex.
  public var sex: Sex
  /// The collection's own fold from 1 up, or 0.
  public var fold: UInt8
  /// The labels.
  public var statements: [Statement]
  /// The record's files, relative to the collection's root.
  public var files: [String]
  /// The record's row, from 0, in a file that holds many records; nil if its files are its own.
  public var row: Int?
  /// Why this is no record to be stored, such as a row that only ends a file; nil for all others.
  public var exclusion: Finding?
  /// What the table tells that a flag stands for.
  public var flags: RecordFlags
  /// Everything else that the table tells, by column.
  public var attributes: [String: String]
  /// What is wrong with what the tables and headers tell of it.
  public var findings: [Finding] = []
  /// Its frames, where a table or header that was read tells them.
  public var frames: Int?
  /// Its sampling rate in Hz, where a table or header that was read tells it.
  public var rate: Double?

  /// Creates a record.
  public init(
    id: String, patient: String? = nil, age: Float = .nan, sex: Sex = .unknown, fold: UInt8 = 0,
    statements: [Statement] = [], files: [String] = [], row: Int? = nil, flags: RecordFlags = [],
    attributes: [String: String] = [:]
  ) {
    self.id = id
    self.patient = patient
    self.age = age
    self.sex = sex
    self.fold = fold
    self.statements = statements
    self.files = files
    self.row = row
    self.flags = flags
    self.attributes = attributes
  }
}

extension SourceRecord {
  /// Notes that something is wrong with what is told of the record.
  mutating func find(_ rule: Rule, _ message: String, severity: Severity? = nil) {
    findings.append(Finding(record: id, rule: rule, message, severity: severity))
  }

  /// Takes a label that is stated without a value; one that is stated already is kept once, and told.
  mutating func state(_ code: String) {
    guard !statements.contains(where: { $0.code == code }) else {
      return find(.labelsRepeated, "\(code) is stated twice")
    }
    statements.append(Statement(code: code, value: 1))
  }

  /// Takes the patient's id as a table or header writes it.
  ///
  /// Blanks around it and a fraction of zeros, which tables that keep integers as floats add, are no part of it:
  /// `15709.0` is patient 15709. Empty, `NaN`, `Unknown` and the like mean that the patient is not known.
  mutating func setPatient(_ text: String) {
    let text = text.trimmingSpaces()
    patient = SourceRecord.unknown.contains(text.lowercased()) ? nil : SourceRecord.withoutFraction(text)
  }

  /// The digits of a whole number that is written as 15709.0; any other text as it is.
  static func withoutFraction(_ text: String) -> String {
    guard let point = text.firstIndex(of: "."), point != text.startIndex,
      text[..<point].utf8.allSatisfy({ (48...57).contains($0) }),
      text[text.index(after: point)...].utf8.allSatisfy({ $0 == 48 })
    else { return text }
    return String(text[..<point])
  }

  /// Takes the age as a table or header writes it; one that no human has, or that is no number, is told and not stored.
  ///
  /// - Parameter text: years; empty, `NaN`, `Unknown` and the like mean that it is not known.
  mutating func setAge(_ text: String) {
    let text = text.trimmingSpaces()
    guard !SourceRecord.unknown.contains(text.lowercased()) else { return }
    guard let years = Float(text) else { return find(.patientAge, "age \"\(text)\" is no number") }
    guard !years.isNaN else { return }
    guard (0...120).contains(years) else { return find(.patientAge, "age \(text) is not stored") }
    age = years
  }

  /// Leaves the record out if the system could not read a file that tells of it: who it is of, and what it shows, would
  /// be missing for ever, even if the file can be read when it is the record's turn.
  mutating func exclude(unread path: String, _ error: any Error) {
    guard let error = error as? ECGError, error.code == .inputOutput else { return }
    exclusion = Finding(record: id, rule: .recordUnreadable, "\(path): \(error.message)")
  }

  /// Takes the sex as a table or header writes it, a word or its first letter in any case; any other word is told.
  mutating func setSex(_ text: String) {
    let text = text.trimmingSpaces()
    switch text.lowercased() {
    case "male", "m": sex = .male
    case "female", "f": sex = .female
    case let word where SourceRecord.unknown.contains(word): break
    default: find(.patientSex, "sex \"\(text)\" is neither male nor female")
    }
  }

  private static let unknown: Set<String> = ["", "nan", "unknown", "unknows", "none", "n/a", "na"]
}
