/// Any folder of CSV files, each a recording: a row an instant, a column a lead, a first row of lead names or none.
///
/// Such files state neither rate nor unit, so both are options, and leads too where no first row names them. A record's id
/// is its file's path without `.csv`. It is never recognised by itself.
public struct CSVCollection: Dataset {
  /// `csv`.
  public static let name = "csv"
  /// What its files leave open, and what is the same in all of them.
  public static let heededOptions: Set<SourceOptions.Key> = [.rate, .unit, .leads]
  /// The folder.
  public let root: String
  /// The files.
  public var recognition: String { "\(records.count) CSV files" }
  /// What the user told of the source.
  public let options: SourceOptions
  /// One record a file.
  public let records: SourceRecords
  private let rate: Double
  private let microvoltsPerUnit: Double

  /// Opens a folder with a CSV file somewhere below it.
  ///
  /// - Throws: `invalidArgument` naming the option that is missing.
  public static func open(_ root: String, options: SourceOptions) throws -> CSVCollection? {
    let files = Folder.files(below: root) { $0.hasSuffix(".csv") }
    return files.isEmpty ? nil : try CSVCollection(root, files, options)
  }

  private init(_ root: String, _ files: [String], _ options: SourceOptions) throws {
    self.root = root
    self.options = options
    (rate, microvoltsPerUnit) = try options.stated(for: CSVCollection.name, root)
    records = SourceRecords(
      files.lazy.map {
        var record = SourceRecord(id: String($0.dropLast(4)), files: [$0])
        Vocabulary.check(&record)
        return record
      })
  }

  /// A text file tells its length only when it is read: what its size allows for four characters a sample.
  public func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    guard let file = record.files.first else { throw ECGError(.notFound, "has no file", record: record.id) }
    return (
      try FileHandleForReading(File.join(root, file)).size / (4 * (options.leads?.count ?? Lead.count)), rate
    )
  }

  /// Reads a file.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    guard let file = record.files.first else { throw ECGError(.notFound, "has no file", record: record.id) }
    let recording = try CSVSignal.recording(
      File.join(root, file), id: record.id, leads: options.leads, rate: rate,
      microvoltsPerUnit: microvoltsPerUnit)
    return (recording, [])
  }
}

extension SourceOptions {
  /// Rate in Hz and µV per unit, which a generic source must be told.
  func stated(for name: String, _ root: String) throws -> (rate: Double, microvoltsPerUnit: Double) {
    guard let rate else {
      throw ECGError(
        .invalidArgument, "a source of kind \(name) states no sampling rate", file: root,
        advice: "tell it by --source-rate HZ")
    }
    guard let microvoltsPerUnit else {
      throw ECGError(
        .invalidArgument, "a source of kind \(name) states no unit", file: root,
        advice: "tell it by --source-unit, as mV or as a number of µV")
    }
    return (rate, microvoltsPerUnit)
  }
}
