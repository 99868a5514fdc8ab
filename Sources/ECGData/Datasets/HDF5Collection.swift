/// Any folder of HDF5 files with a dataset of signals: [records, samples, leads] or [records, leads, samples] of many
/// recordings a file, [samples, leads] or [leads, samples] of one.
///
/// Rate, unit and the order of leads are options: such files state none that all agree on. Which axis holds the leads is
/// told by its length; where both fit, it is refused. A record's id is its path without extension, `:row` following where
/// a file holds many, counted from 1, or what the dataset of ids says. It is never recognised by itself.
public struct HDF5Collection: Dataset {
  /// `hdf5`.
  public static let name = "hdf5"
  /// What its files leave open, and what is the same in all of them.
  public static let heededOptions: Set<SourceOptions.Key> = [.rate, .unit, .leads, .signal, .ids]
  /// The folder.
  public let root: String
  /// The files and their dataset.
  public let recognition: String
  /// What the user told of the source.
  public let options: SourceOptions
  /// The rows of all files.
  public let records: SourceRecords
  private let files: [String: Signals]
  private let rate: Double
  private let microvoltsPerUnit: Double
  private let leads: [String]

  private struct Signals: Sendable {
    let rows: HDF5NumberRows?
    let dataset: HDF5Dataset
    let frames: Int
    let isLeadMajor: Bool
    let stamp: FileStamp?
  }

  /// Opens a folder with an HDF5 file somewhere below it.
  ///
  /// - Throws: `invalidArgument` naming the option that is missing.
  public static func open(_ root: String, options: SourceOptions) throws -> HDF5Collection? {
    let files = Folder.files(below: root) { $0.hasSuffix(".hdf5") || $0.hasSuffix(".h5") }
    return files.isEmpty ? nil : try HDF5Collection(root, files, options)
  }

  private init(_ root: String, _ files: [String], _ options: SourceOptions) throws {
    self.root = root
    self.options = options
    (rate, microvoltsPerUnit) = try options.stated(for: HDF5Collection.name, root)
    guard let leads = options.leads else {
      throw ECGError(
        .invalidArgument, "a source of kind hdf5 states no order of leads", file: root,
        advice: "tell it by --source-leads I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6")
    }
    self.leads = leads
    var signals: [String: Signals] = [:]
    var records = SourceRecords()
    for file in files {
      do {
        let found = try HDF5Collection.signals(file, root, leads.count, options)
        for var record in try HDF5Collection.records(file, root, found, options) {
          Vocabulary.check(&record)
          records.append(record)
        }
        signals[file] = found
      } catch let error as ECGError where files.count > 1 {
        // One file that cannot be read does not stop the others.
        var record = SourceRecord(id: HDF5Collection.stem(file), files: [file])
        record.exclusion = Finding(record: record.id, rule: .recordUnreadable, error.message)
        Vocabulary.check(&record)
        records.append(record)
      }
    }
    self.files = signals
    self.records = records
    recognition = "\(files.count) HDF5 files"
  }

  private static func stem(_ file: String) -> String {
    file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
  }

  private static func signals(_ file: String, _ root: String, _ leads: Int, _ options: SourceOptions) throws
    -> Signals
  {
    let path = File.join(root, file)
    let stamp = FileStamp(of: path)
    let hdf5 = try HDF5File(path)
    let candidates = try options.signal.map { [$0] } ?? hdf5.datasetNames()
    let datasets = try candidates.map { try hdf5.dataset($0) }.filter {
      (2...3).contains($0.shape.count) && $0.shape.suffix(2).contains(leads)
    }
    guard datasets.count == 1 else {
      throw ECGError(
        .unsupported,
        datasets.isEmpty
          ? "has no dataset [records, samples, leads] of \(leads) leads"
          : "has \(datasets.count) datasets that may be signals: \(datasets.map(\.name).joined(separator: ", "))",
        file: path, advice: "name the dataset by --source-signal, and its leads by --source-leads")
    }
    let dataset = datasets[0]
    try dataset.checkClaim()
    let axes = Array(dataset.shape.suffix(2))
    guard axes[0] != axes[1] else {
      throw ECGError(
        .unsupported,
        "both axes of '\(dataset.name)' are \(leads) long: which holds the leads cannot be told", file: path)
    }
    let isLeadMajor = axes[0] == leads
    return Signals(
      rows: dataset.shape.count == 3 ? HDF5NumberRows(dataset) : nil, dataset: dataset,
      frames: isLeadMajor ? axes[1] : axes[0], isLeadMajor: isLeadMajor, stamp: stamp)
  }

  private static func records(_ file: String, _ root: String, _ signals: Signals, _ options: SourceOptions)
    throws
    -> [SourceRecord]
  {
    let stem = stem(file)
    guard signals.rows != nil else { return [SourceRecord(id: stem, files: [file])] }
    let count = signals.dataset.rowCount
    var ids = (0..<count).map { "\(stem):\($0 + 1)" }
    if let name = options.ids {
      let dataset = try HDF5File(File.join(root, file)).dataset(name)
      guard dataset.rowCount == count, dataset.elementsPerRow == 1 else {
        throw ECGError(
          .mismatch, "\(dataset.rowCount) ids in '\(name)' for \(count) records", file: File.join(root, file))
      }
      if case .text = dataset.elementType {
        ids = try dataset.readText(rows: 0..<count)
      } else {
        ids = try dataset.read(rows: 0..<count, as: Int64.self).map { "\($0)" }
      }
    }
    return ids.enumerated().map { SourceRecord(id: $1, files: [file], row: $0) }
  }

  /// From the shapes.
  public func extent(of record: SourceRecord) throws -> (frames: Int, rate: Double) {
    (try signals(of: record).frames, rate)
  }

  /// Reads a row or a file.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    let signals = try signals(of: record)
    let values: [Double] =
      if let rows = signals.rows, let row = record.row {
        try rows.row(row)
      } else {
        try signals.dataset.read(rows: 0..<signals.dataset.rowCount, as: Double.self)
      }
    if signals.isLeadMajor {
      return (
        try HDF5Signal.recording(
          leadMajor: values, id: record.id, leads: leads, rate: rate, microvoltsPerUnit: microvoltsPerUnit),
        []
      )
    }
    return (
      try Recording(
        id: record.id, rate: rate, channels: leads.map { Recording.Channel(name: $0, unit: "uV", gain: 1) },
        samples: .physical(values.map { $0 * microvoltsPerUnit })), []
    )
  }

  /// That of a file of many records.
  public func stamp(ofShared file: String) -> FileStamp? { files[file]?.stamp }

  /// The rows that are inflated together.
  public func block(of record: SourceRecord) -> String? {
    guard let file = record.files.first, let row = record.row,
      let block = files[file]?.rows?.block(of: row)
    else { return nil }
    return "\(file)#\(block)"
  }

  private func signals(of record: SourceRecord) throws -> Signals {
    guard let signals = record.files.first.flatMap({ files[$0] }) else {
      throw ECGError(.notFound, "has no file", record: record.id)
    }
    return signals
  }
}
