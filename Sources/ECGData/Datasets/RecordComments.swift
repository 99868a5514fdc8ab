/// What the comments of a WFDB header tell of the patient and the diagnosis, in the ways the challenges write them.
///
/// `#Age: 74`, `# Age: 56`, `#Sex: F`, `#Dx: 1,,2`, an empty `#Dx:` and `Age: NaN` are all in the wild. Diagnoses are
/// SNOMED CT codes; the earliest release has names of CPSC 2018 in their place (`AF,STD`). Labels of other vocabularies,
/// `#Labels: scp:NORM=1;scp:SR=0`, are in no published header: ``Export`` writes them.
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
      case "labels":
        if let statements = Statement.parse(value) {
          for statement in statements where !record.statements.contains(where: { $0.code == statement.code })
          {
            record.statements.append(statement)
          }
        } else {
          add(value, to: "labels", of: &record)
        }
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

  /// Labels as the text of `Dx`; nil where it cannot hold them.
  static func diagnoses(_ statements: [Statement]) -> String? {
    var names: [String] = []
    for statement in statements {
      guard let colon = statement.code.firstIndex(of: ":"), statement.value == 1 else { return nil }
      let name = String(statement.code[statement.code.index(after: colon)...])
      let isNumber = name.utf8.allSatisfy { (48...57).contains($0) }
      guard statement.code == (isNumber ? "snomed:\(name)" : "cpsc:\(name)"), name == name.trimmingSpaces(),
        !name.isEmpty, !name.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 < 0x20 || $0 == 0x7F }),
        name.lowercased() != "unknown"
      else { return nil }
      names.append(name)
    }
    return names.joined(separator: ",")
  }
}
