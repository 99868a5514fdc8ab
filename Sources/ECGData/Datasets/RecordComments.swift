/// What the comments of a WFDB header tell of the patient and the diagnosis, in the ways the challenges write them.
///
/// `#Age: 74`, `# Age: 56`, `#Sex: F`, `#Dx: 1,,2`, an empty `#Dx:` and `Age: NaN` are all in the wild. Diagnoses are
/// SNOMED CT codes; the earliest release has names of CPSC 2018 in their place (`AF,STD`).
enum RecordComments {
  /// Takes age, sex, patient and labels into the record; all other keys become attributes.
  static func read(_ comments: [String], into record: inout SourceRecord) {
    for comment in comments {
      guard let colon = comment.firstIndex(of: ":") else {
        add(comment.trimmingSpaces(), to: "comments", of: &record)
        continue
      }
      let key = comment[..<colon].trimmingSpaces()
      let value = comment[comment.index(after: colon)...].trimmingSpaces()
      switch key.lowercased() {
      case "age": record.setAge(value)
      case "sex": record.setSex(value)
      case "patient id", "patient_id": record.setPatient(value)
      case "dx": setDiagnoses(value, of: &record)
      case let key where !value.isEmpty && !key.isEmpty && value.lowercased() != "unknown":
        add(value, to: key, of: &record)
      default: break
      }
    }
  }

  /// What is said several times is kept each time.
  private static func add(_ text: String, to key: String, of record: inout SourceRecord) {
    guard !text.isEmpty else { return }
    record.attributes[key] = record.attributes[key].map { "\($0); \(text)" } ?? text
  }

  private static func setDiagnoses(_ text: String, of record: inout SourceRecord) {
    for part in text.split(separator: ",") {
      let name = part.trimmingSpaces()
      guard !name.isEmpty, name.lowercased() != "unknown" else { continue }
      let isNumber = name.utf8.allSatisfy { (48...57).contains($0) }
      record.state(isNumber ? "snomed:\(name)" : "cpsc:\(name)")
    }
  }
}
