import Foundation

/// CPSC 2018 as first released: 6,877 records at 500 Hz, 6 s and more.
///
/// Source: Liu et al., J. Med. Imaging Health Inform. 8, 1368, 2018.
///
/// `A0001.mat` …, in one folder or in `TrainingSet1` to `TrainingSet3`: MATLAB v5, a structure `ECG` of `sex`, `age` and
/// `data` [12, samples] in millivolt; and `REFERENCE.csv` with up to three labels from 1 to 9. No patient is named, so no
/// split by patient is possible.
public struct CPSC2018: Dataset {
  /// `cpsc2018`.
  public static let name = "cpsc2018"
  /// What its files leave open, and what is the same in all of them.
  public static let heededOptions: Set<SourceOptions.Key> = [.rate, .unit, .leads]
  /// The collection's root.
  public let root: String
  /// The table and the files.
  public let recognition: String
  /// What the user told of the source.
  public let options: SourceOptions
  /// One record a line of `REFERENCE.csv`, then the files without a line.
  public let records: SourceRecords

  private static let rate = 500.0
  private static let leads = Lead.names

  /// Opens a folder with `REFERENCE.csv` and records named A0001.mat and on somewhere below it.
  public static func open(_ root: String, options: SourceOptions) throws -> CPSC2018? {
    let files = Folder.files(below: root) { path in
      let name = File.name(of: path)
      return name == "REFERENCE.csv" || name.hasSuffix(".hea")
        || (name.hasSuffix(".mat") && Challenge.family(of: String(name.dropLast(4)))?.prefix == "A")
    }
    let references = files.filter { File.name(of: $0) == "REFERENCE.csv" }
    let signals = files.filter { $0.hasSuffix(".mat") }
    guard !references.isEmpty, !signals.isEmpty, !files.contains(where: { $0.hasSuffix(".hea") }) else {
      return nil
    }
    return try CPSC2018(root, references: references, signals: signals, options)
  }

  private init(_ root: String, references: [String], signals: [String], _ options: SourceOptions) throws {
    self.root = root
    self.options = options
    let reference = references.joined(separator: ", ")
    recognition = "\(reference) and A*.mat"
    var paths: [String: String] = [:]
    var leftOut: [String: [String]] = [:]
    for path in signals {
      let id = String(File.name(of: path).dropLast(4))
      if paths[id] == nil { paths[id] = path } else { leftOut[id, default: []].append(path) }
    }
    var records = try CPSC2018.lines(references.map { File.join(root, $0) })
    let listed = Set(records.map(\.id))
    for (id, _) in paths.sorted(by: { $0.key < $1.key }) where !listed.contains(id) {
      var record = SourceRecord(id: id)
      record.find(.pairingUnlisted, "has a file, but no line in \(reference)")
      records.append(record)
    }
    let jobs = ProcessInfo.processInfo.activeProcessorCount
    let rate = options.rate ?? CPSC2018.rate
    self.records = SourceRecords(
      try Parallel.map(records.count, jobs: jobs) { [records, paths, leftOut] index in
        var record = records[index]
        let path = paths[record.id]
        record.files = [path ?? "\(record.id).mat"]
        for other in leftOut[record.id, default: []] {
          record.find(.recordRepeatedID, "\(other) is left out for \(record.files[0])")
        }
        guard let path else { return record }
        do {
          let outline = try CPSC2018.outline(File.join(root, path))
          (record.frames, record.rate) = (outline.frames, rate)
          record.setAge(outline.age)
          record.setSex(outline.sex)
        } catch {
          record.exclude(unread: path, error)
        }
        return record
      })
  }

  /// The records of `REFERENCE.csv`, of which each training set may have its own; labels by number.
  private static func lines(_ paths: [String]) throws -> [SourceRecord] {
    var seen: Set<String> = []
    return try paths.flatMap { path in
      let table = try CSVTable(contentsOf: path)
      let id = try table.index(of: "Recording")
      let columns = try ["First_label", "Second_label", "Third_label"].map { try table.index(of: $0) }
      return try table.rows.map { row in
        let name = row[id].trimmingSpaces()
        guard !name.isEmpty, !name.contains("/"), seen.insert(name).inserted else {
          throw ECGError(
            .malformed, "Recording \"\(name)\" is empty, a path, or occurs twice", file: path, line: row.line)
        }
        var record = SourceRecord(id: name)
        for text in columns.map({ SourceRecord.withoutFraction(row[$0].trimmingSpaces()) })
        where !text.isEmpty {
          // A number without a class is kept as it is stated, and told as unknown.
          let number = Int(text).flatMap { (1...Vocabulary.cpsc.count).contains($0) ? $0 - 1 : nil }
          record.state("cpsc:\(number.map { Vocabulary.cpsc[$0] } ?? text)")
        }
        Vocabulary.check(&record, errata: Errata.of(CPSC2018.name))
        return record
      }
    }
  }

  /// Age, sex and length, which only the file tells: from its outline, unless the fields stand in another order.
  private static func outline(_ path: String) throws -> (frames: Int, age: String, sex: String) {
    let (outline, isWhole) = try MATFile.outline(of: path)
    let file = try isWhole ? outline : MATFile(contentsOf: path)
    let data = try file.value("ECG", "data")
    let age = (try? file.numeric("ECG", "age"))?.scalar.map { "\($0)" } ?? ""
    return (data.dimensions?.last ?? 0, age, (try? file.text("ECG", "sex")) ?? "")
  }

  /// 500 Hz; durations differ.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) {
    (options.rate ?? CPSC2018.rate, nil)
  }

  /// Reads a file.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    guard let name = record.files.first else { throw ECGError(.notFound, "has no file", record: record.id) }
    let leads = options.leads ?? CPSC2018.leads
    let path = File.join(root, name)
    let data = try MATFile(contentsOf: path).numeric("ECG", "data")
    guard !data.isComplex else {
      throw ECGError(.malformed, "ECG.data is complex", file: path, record: record.id)
    }
    guard data.dimensions.count == 2, data.dimensions[0] == leads.count else {
      throw ECGError(
        .malformed, "ECG.data has dimensions \(data.dimensions), not [\(leads.count), samples]", file: path,
        record: record.id)
    }
    // MATLAB stores column by column: a column is an instant.
    let unit = options.microvoltsPerUnit ?? 1000
    return (
      try Recording(
        id: record.id, rate: options.rate ?? CPSC2018.rate,
        channels: leads.map { Recording.Channel(name: $0, unit: "uV", gain: 1) },
        samples: .physical(data.doubles.map { $0 * unit })), []
    )
  }
}
