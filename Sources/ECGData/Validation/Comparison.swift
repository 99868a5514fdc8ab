/// The records of one path as they stand beside those of others.
struct ComparedRecords: Sendable {
  /// What is told of a record.
  struct Record: Sendable {
    var id: String
    /// The key of source and id.
    var key: UInt64
    /// The patient's key; 0 if none is named.
    var patient: UInt64
    var fold: UInt8
    /// Its labels: the codes, each with its value if that is not 1.
    var codes: [String]

    init(id: String, key: UInt64 = 0, patient: UInt64 = 0, fold: UInt8 = 0, statements: [Statement] = []) {
      (self.id, self.key, self.patient, self.fold) = (id, key, patient, fold)
      codes = statements.map { $0.value == 1 ? $0.code : "\($0.code)=\($0.value)" }
    }
  }

  /// Where they are.
  var path: String
  /// The folder itself, if ids are mere names of files in it: those of another folder are other records.
  var root: String?
  /// How many there are.
  var count = 0
  /// What is told of each.
  var record: @Sendable (Int) -> Record = { _ in Record(id: "") }
  /// The signals of those that could be read, by a deep validation.
  var fingerprints: [(record: Int, fingerprint: SignalFingerprint)] = []
  /// Reads a record's samples again.
  var signal: @Sendable (Int) throws -> PhysicalSignal = { _ in throw ECGError(.notFound, "no signal") }
}

/// Sets the records of all paths beside each other.
struct Comparison {
  private let parts: [ComparedRecords]
  private let namesPaths: Bool
  /// Of each path, the records that an earlier one has too: a collection beside its own shards.
  private let repeated: [Set<Int>]

  /// - Parameters:
  ///   - parts: the records of each path.
  ///   - namesPaths: whether a record is told with its path.
  init(_ parts: [ComparedRecords], namesPaths: Bool) {
    (self.parts, self.namesPaths) = (parts, namesPaths)
    // By the folder that ids are names in, nil for those that are known everywhere.
    var seen: [String?: Set<UInt64>] = [:]
    repeated = parts.map { part in
      guard parts.count > 1 else { return [] }
      let keys = (0..<part.count).map { part.record($0).key }
      let others = seen.filter { part.root == nil || $0.key == nil || $0.key == part.root }.values
      let found = keys.indices.filter { index in others.contains { $0.contains(keys[index]) } }
      seen[part.root, default: []].formUnion(keys)
      return Set(found)
    }
  }

  /// Patients in several folds, and signals that several records have.
  ///
  /// - Throws: `interrupted`.
  func findings(_ interruption: Interruption) throws -> [Finding] {
    try repetitionFindings() + patientFindings(interruption) + signalFindings(interruption)
  }

  /// Records of one source and id are one record, whatever became of it: they stand for themselves once.
  private func repetitionFindings() -> [Finding] {
    zip(parts, repeated).filter { !$1.isEmpty }.map { part, repeated in
      Finding(
        record: part.path, rule: .recordRepeatedID,
        "\(repeated.count) of its records are in a path before it too, and are compared with others once",
        severity: .note)
    }
  }

  private func name(_ part: Int, _ id: String) -> String { namesPaths ? "\(id) of \(parts[part].path)" : id }

  /// Patients whose records are in several folds: a split by fold would leak them.
  private func patientFindings(_ interruption: Interruption) throws -> [Finding] {
    var first: [UInt64: (part: UInt32, record: UInt32, fold: UInt8)] = [:]
    var findings: [Finding] = []
    for (number, part) in parts.enumerated() {
      for index in 0..<part.count where !repeated[number].contains(index) {
        try interruption.check("nothing is told")
        let record = part.record(index)
        guard record.patient != 0, record.fold != 0 else { continue }
        guard let other = first[record.patient] else {
          first[record.patient] = (
            UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: index), record.fold
          )
          continue
        }
        guard other.fold != record.fold else { continue }
        let otherID = parts[Int(other.part)].record(Int(other.record)).id
        findings.append(
          Finding(
            record: name(number, record.id), rule: .splitPatientLeak,
            "the patient is in fold \(record.fold) here and in fold \(other.fold) in record "
              + name(Int(other.part), otherID)))
      }
    }
    return findings
  }

  private func signalFindings(_ interruption: Interruption) throws -> [Finding] {
    var places: [(part: UInt32, record: UInt32)] = []
    var fingerprints: [SignalFingerprint] = []
    for (number, part) in parts.enumerated() {
      for (record, fingerprint) in part.fingerprints where !repeated[number].contains(record) {
        places.append((UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: record)))
        fingerprints.append(fingerprint)
      }
    }
    var duplicates = Duplicates(fingerprints) { [places] place in
      let (part, index) = places[place]
      let record = parts[Int(part)].record(Int(index))
      return Duplicates.Subject(name: name(Int(part), record.id), fold: record.fold, codes: record.codes)
    } signal: { [places] place in
      try parts[Int(places[place].part)].signal(Int(places[place].record))
    }
    return try duplicates.findings(interruption)
  }
}
