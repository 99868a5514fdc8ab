/// Writes the records of a shard directory in forms that other programs read: WFDB, NumPy's or HDF5.
///
///     var export = Export(try ShardSet("shards"), as: .wfdb)
///     export.source = "ptb-xl"
///     let report = try export.run(to: "exported")
///
/// A record lies in `records/SOURCE/ID`, and `records.csv` has a line for each: id, source, patient, age, sex, fold, rate,
/// frames, leads and labels. Every record's CRC-32 is checked as it is read, and the ledger against the manifest.
///
/// WFDB records have the counts, channels, gains and baselines that were recorded wherever the shards still hold them (see
/// ``Departure`` for where they do not), so that a lossless conversion is proven by going back. The other forms have
/// millivolts as Float32, `signal * scale_uv / 1000` as NumPy computes it, in canonical order, NaN where missing.
public struct Export: Sendable {
  /// What is written.
  public enum FileFormat: String, Sendable, CaseIterable {
    /// A header and a signal file a record, and `RECORDS`.
    case wfdb
    /// A file a record, Float32 [frames, 12] in mV.
    case npy
    /// `records.hdf5`: `tracings`, Float32 [records, frames, 12] in mV, and `record_id`, where all records have one rate and
    /// length; else a dataset [frames, 12] a record.
    case hdf5
  }

  /// Why a record cannot be written with its recorded counts, and has those that are stored.
  public enum Departure: String, Sendable, CaseIterable {
    /// Its rate was changed.
    case resampled
    /// The recipe's filters were applied.
    case filtered
    /// It was no record of one WFDB header: its file has floating-point numbers, or it has segments.
    case notDigital = "not-digital"
    /// Several samples a frame were averaged.
    case averaged
    /// It has channels that are none of the twelve leads, or two for one lead.
    case otherChannels = "other-channels"
    /// A lead did not fit 16 bits, and was stored with a coarser scale.
    case rescaled
  }

  /// What was written.
  public struct Report: Sendable, Equatable {
    /// Records.
    public var records = 0
    /// Samples per lead of all records together.
    public var frames = 0
    /// Size of all files in bytes.
    public var bytes = 0
    /// WFDB records with the counts, channels, gains and baselines that were recorded.
    public var asRecorded = 0
    /// Those whose signal file is, byte for byte, the original's by its SHA-256 in the ledger; behind the 24 bytes of a
    /// MATLAB v4 header where the original has one.
    public var identical = 0
    /// WFDB records with the counts that are stored, by the reason.
    public var asStored: [Departure: Int] = [:]
  }

  /// What is exported.
  public let shards: ShardSet
  /// The form.
  public let format: FileFormat
  /// One source by its adapter's name; nil for all.
  public var source: String?
  /// One record by its id; nil for all.
  public var record: String?
  /// The first so many records; nil for all.
  public var limit: Int?
  /// Records that are worked on at once.
  public var jobs = 2

  /// Describes an export of all records.
  public init(_ shards: ShardSet, as format: FileFormat) {
    self.shards = shards
    self.format = format
  }

  /// How many records are exported.
  ///
  /// - Throws: as ``run(to:interruption:progress:)`` for a source or record that is not there.
  public var count: Int { get throws { try selection().reduce(0) { $0 + $1.count } } }

  /// Frames that are held in memory at once, unless one record has more.
  private static let blockFrames = 1 << 20

  /// Writes the records into a directory that does not exist yet or is empty.
  ///
  /// All lies in a hidden folder of the directory until it is whole; what is interrupted leaves nothing.
  ///
  /// - Parameters:
  ///   - directory: where to write; it and the directories above it are made.
  ///   - interruption: what may ask for an early end.
  ///   - progress: called with the number of finished records, never twice at once.
  /// - Returns: what was written.
  /// - Throws: ``ECGError`` (`notFound`) for a source or record that is not there, (`mismatch`) naming shard and record or
  ///   ledger that was changed, (`unsupported`) for ids that the file system cannot tell apart, (`invalidArgument`) if the
  ///   directory is not empty, (`inputOutput`), (`interrupted`) once the end was asked for.
  public func run(
    to directory: String, interruption: Interruption = Interruption(), progress: ((Int) -> Void)? = nil
  ) throws -> Report {
    let selection = try selection()
    let tree = try HiddenTree(directory, name: ".export.partial")
    var output = try ExportOutput(self, selection, in: tree.partial)
    var first = 0
    for (index, shard) in shards.shards.enumerated() {
      defer { first += shard.count }
      var rest = selection[index][...]
      guard !rest.isEmpty else { continue }
      let ledger = try shards.ledger(ofShard: index, jobs: jobs)
      while !rest.isEmpty {
        let block = rest.prefix(Export.blockLength(rest, of: shard))
        rest = rest.dropFirst(block.count)
        let records = try block.map { try output.named(ExportedRecord($0, of: shard, ledger[$0])) }
        let written = try Parallel.map(records.count, jobs: jobs) {
          [files = output.files, shards, first] place in
          guard !interruption.isRequested else {
            throw ECGError(.interrupted, "stopped on request: nothing is left", file: directory)
          }
          let record = records[place]
          return try files.write(
            record, counts: shards.counts(first + record.row, from: 0, count: record.frames))
        }
        try output.append(records, written)
        progress?(output.report.records)
      }
    }
    let report = try output.close()
    try tree.commit(last: ExportOutput.tableName)
    return report
  }

  /// How many of these rows, one at least, are worked on together.
  private static func blockLength(_ rows: ArraySlice<Int>, of shard: ShardReader) -> Int {
    var (count, frames) = (0, 0)
    for row in rows {
      frames += shard.frameCount(of: row)
      guard count == 0 || frames <= blockFrames else { break }
      count += 1
    }
    return count
  }

  /// The rows of each shard that are exported.
  private func selection() throws -> [[Int]] {
    let source = try source.map { try shards.known(source: $0) }
    let only = try record.map { try shards.record(id: $0, source: source) }
    var (left, first) = (limit ?? .max, 0)
    return shards.shards.map { shard in
      defer { first += shard.count }
      let chosen = (0..<shard.count).filter { row in
        if let only { return first + row == only }
        return source == nil || shard.metadata.sources[Int(shard.columns.source[row])] == source
      }.prefix(left)
      left -= chosen.count
      return Array(chosen)
    }
  }
}

extension ShardSet {
  /// The ledger's entries of a shard's records, in their order.
  ///
  /// - Throws: `ECGError.Code.mismatch` if the ledger is not the manifest's, or not the shard's.
  func ledger(ofShard index: Int, jobs: Int) throws -> [LedgerEntry] {
    let entry = manifest.ledgers[index]
    let path = File.join(directory, entry.file)
    func mismatch(_ message: String) -> ECGError {
      ECGError(.mismatch, message, file: path, advice: "restore the file, or convert again")
    }
    guard File.exists(path) else { throw mismatch("the manifest names this ledger, but it does not exist") }
    let text = try File.read(path)
    try Manifest.check(path, bytes: text.count, Digest.sha256(text), entry.bytes, entry.sha256)
    let lines = text.split(separator: UInt8(ascii: "\n"))
    let all = try Parallel.map(lines.count, jobs: jobs) {
      try JSONText.decode(LedgerEntry.self, from: Array(lines[$0]), file: "\(path):\($0 + 1)")
    }
    let stored = all.filter { $0.fate != .excluded }
    guard stored.map({ RecordKey.key(source: $0.source, id: $0.id) }) == shards[index].columns.recordKey
    else {
      throw mismatch("does not account for the records of its shard")
    }
    return stored
  }
}
