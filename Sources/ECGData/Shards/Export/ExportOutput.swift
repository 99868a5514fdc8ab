/// What all records of an export share: its table and lists, and the HDF5 file, written in the records' order.
struct ExportOutput {
  /// The records' own files.
  let files: ExportedFiles
  private(set) var report = Export.Report()
  private let format: Export.FileFormat
  private let table: AtomicFile
  private let list: AtomicFile?
  private let hdf5: HDF5Writer?
  /// Of HDF5, all records in one dataset, and their ids.
  private let tracings: (signal: HDF5DatasetWriter, ids: HDF5DatasetWriter)?
  private var paths: Set<String> = []

  /// The table of all records.
  static let tableName = "records.csv"

  /// Begins the files.
  ///
  /// - Parameters:
  ///   - export: what is exported.
  ///   - selection: the rows of each shard.
  ///   - directory: where to write.
  /// - Throws: `inputOutput`, or `unsupported` if HDF5 is asked of a build without it.
  init(_ export: Export, _ selection: [[Int]], in directory: String) throws {
    format = export.format
    files = ExportedFiles(format, in: directory)
    table = try AtomicFile(File.join(directory, ExportOutput.tableName))
    list = try format == .wfdb ? AtomicFile(File.join(directory, "RECORDS")) : nil
    let hdf5 = try format == .hdf5 ? HDF5Writer(File.join(directory, "records.hdf5")) : nil
    tracings = try hdf5.flatMap { hdf5 in
      try ExportOutput.extent(of: selection, in: export.shards).map { records, frames in
        (
          try hdf5.dataset("tracings", shape: [records, frames, Lead.count], type: .float32),
          try hdf5.dataset("record_id", shape: [records], type: .text(byteCount: RecordKey.fieldSize))
        )
      }
    }
    self.hdf5 = hdf5
    let columns = ExportedRecord.columns + (format == .wfdb ? ["as_stored"] : [])
    try append(CSVTable.encode(columns: columns, rows: []), to: table)
  }

  /// Number and length of the records; nil if they differ in length or rate.
  private static func extent(of selection: [[Int]], in shards: ShardSet) -> (records: Int, frames: Int)? {
    var only: (frames: Int, rate: Float)?
    for (shard, rows) in zip(shards.shards, selection) {
      for row in rows {
        let found = (frames: shard.frameCount(of: row), rate: shard.columns.rate[row])
        guard (only ?? found) == found else { return nil }
        only = found
      }
    }
    return only.map { (selection.reduce(0) { $0 + $1.count }, $0.frames) }
  }

  /// The record, unless another has its path.
  mutating func named(_ record: ExportedRecord) throws -> ExportedRecord {
    guard paths.insert(record.path).inserted else {
      throw ECGError(
        .unsupported, "its id gives the same file name as another's, \(record.path)", record: record.entry.id,
        advice: "export one of them by itself, as SHARDS:ID")
    }
    return record
  }

  /// Takes the next records, whose own files are written.
  mutating func append(_ records: [ExportedRecord], _ written: [ExportedFiles.Written]) throws {
    var lines: [[String]] = []
    for (record, written) in zip(records, written) {
      report.records += 1
      report.frames += record.frames
      report.bytes += written.bytes
      report.identical += written.isIdentical ? 1 : 0
      switch format {
      case .wfdb:
        lines.append(record.fields(path: record.path) + [written.departure?.rawValue ?? ""])
        if let departure = written.departure {
          report.asStored[departure, default: 0] += 1
        } else {
          report.asRecorded += 1
        }
      case .npy: lines.append(record.fields(path: "\(record.path).npy"))
      case .hdf5: lines.append(record.fields(path: try append(record, written.millivolts)))
      }
    }
    try append(CSVTable.encode(columns: nil, rows: lines), to: table)
    if let list { try append(Array(records.map { "\($0.path)\n" }.joined().utf8), to: list) }
  }

  /// Puts a record into the HDF5 file.
  ///
  /// - Returns: its dataset.
  private func append(_ record: ExportedRecord, _ millivolts: [Float]) throws -> String {
    do {
      guard let tracings else {
        try hdf5?.write(record.path, shape: [record.frames, Lead.count], type: .float32, millivolts)
        return record.path
      }
      try tracings.signal.append(millivolts)
      try tracings.ids.append([RecordKey.text(record.entry.id)])
      return "tracings"
    } catch let error as ECGError {
      throw error.located(record: record.entry.id)
    }
  }

  private mutating func append(_ bytes: [UInt8], to file: AtomicFile) throws {
    try file.append(bytes)
    report.bytes += bytes.count
  }

  /// Completes all files.
  ///
  /// - Returns: what was written.
  mutating func close() throws -> Export.Report {
    try table.commit(isDurable: false)
    try list?.commit(isDurable: false)
    if let hdf5 {
      try hdf5.close()
      report.bytes += File.size(of: hdf5.path) ?? 0
    }
    return report
  }
}
