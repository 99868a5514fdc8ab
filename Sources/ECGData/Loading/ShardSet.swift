internal import CKernels
import Synchronization

/// A finished shard directory, open for reading from any thread.
///
/// Opening checks the manifest against every shard's header, size and columns. Each record's CRC-32 is checked when its
/// samples are first read, unless a stream's ``IntegrityPolicy`` says otherwise.
public final class ShardSet: Sendable {
  /// The directory, or several with commas between, for people to read.
  public let directory: String
  let directories: [String]
  /// Its manifest; of several, with the fingerprint of all shards and the statistics of all their training folds.
  public let manifest: Manifest
  private let sequence: ShardSequence
  private let verified: Mutex<[Bool]>
  private let verifiedCount = Atomic(0)
  /// Rates before resampling, of records for which they were looked up.
  let recordedRates = Mutex<[Int: Double]>([:])

  /// The number of records.
  public var count: Int { sequence.count }
  var shards: [ShardReader] { sequence.shards }

  /// Opens a directory.
  ///
  /// - Throws: `ECGError` naming the file that is gone or disagrees with the manifest.
  public init(_ directory: String) throws {
    self.directory = directory
    directories = [directory]
    let manifest = try Manifest(directory: directory)
    self.manifest = manifest
    let sequence = ShardSequence(
      try manifest.shards.indices.map { try ShardSet.open($0, of: manifest, in: directory) })
    self.sequence = sequence
    verified = Mutex([Bool](repeating: false, count: sequence.count))
  }

  /// Opens several directories as one data set, in this order; as ``Merge`` puts them together, but nothing is copied.
  ///
  /// - Throws: `ECGError` as for each of them, and for directories of different recipes or with a record in common.
  public init(_ directories: [String]) throws {
    let sets = try directories.map { try ShardSet($0) }
    try ShardSet.checkTogether(sets)
    directory = directories.joined(separator: ", ")
    self.directories = directories
    var statistics = LeadStatistics()
    for set in sets { statistics.merge(set.manifest.statistics) }
    manifest =
      sets.count == 1 ? sets[0].manifest : Manifest(merging: sets.map(\.manifest), statistics: statistics)
    sequence = ShardSequence(sets.flatMap(\.shards))
    verified = Mutex([Bool](repeating: false, count: sequence.count))
  }

  /// Opens one shard and checks it against its manifest's entry.
  static func open(_ index: Int, of manifest: Manifest, in directory: String) throws -> ShardReader {
    let entry = manifest.shards[index]
    let path = File.join(directory, entry.file)
    func mismatch(_ message: String) -> ECGError {
      ECGError(.mismatch, message, file: path, advice: "restore the file, or convert again")
    }
    let shard: ShardReader
    do {
      shard = try ShardReader(path)
    } catch let error as ECGError where error.code == .notFound {
      throw mismatch("the manifest names this shard, but it does not exist")
    }
    guard shard.file.size == entry.bytes else {
      throw mismatch("has \(shard.file.size) bytes, the manifest says \(entry.bytes)")
    }
    guard shard.count == entry.records, shard.frameCount == entry.samples else {
      throw mismatch(
        "holds \(shard.count) records of \(shard.frameCount) samples, the manifest says \(entry.records)"
          + " of \(entry.samples)")
    }
    guard let (generation, place) = manifest.generation(ofShard: index),
      shard.metadata.planSHA256 == generation.planSHA256
    else { throw mismatch("belongs to another conversion") }
    guard shard.metadata.shardCount == generation.shards, shard.metadata.shardIndex == place,
      shard.metadata.codes == generation.codes
    else { throw mismatch("its place among the shards or its label codes are not the manifest's") }
    if let column = shard.damagedColumns().first {
      throw mismatch("column \(column) was changed after it was written: its CRC-32 does not agree")
    }
    return shard
  }

  /// Shard and place in it of a record.
  func location(_ record: Int) -> (shard: ShardReader, row: Int) { sequence.location(record) }

  /// The number of the record that has an id.
  ///
  /// - Parameters:
  ///   - id: in its collection.
  ///   - source: the adapter's name of the collection; nil if only one has such a record.
  /// - Returns: its number, as all other functions take it.
  /// - Throws: ``ECGError``: `notFound` for a source or record that is not there, `invalidArgument` if several sources have
  ///   such a record.
  public func record(id: String, source: String? = nil) throws -> Int {
    let sources = try source.map { try [known(source: $0)] } ?? self.sources
    let keys = Set(sources.map { RecordKey.key(source: $0, id: id) })
    let found = (0..<count).filter { keys.contains(key($0)) }
    let names = Set(found.map { self.source($0) }).sorted()
    guard names.count < 2 else {
      throw ECGError(
        .invalidArgument, "\(names.joined(separator: " and ")) each have such a record",
        file: directory, record: id, advice: "choose by --source")
    }
    guard let record = found.first else {
      throw ECGError(.notFound, "has no such record", file: directory, record: id)
    }
    return record
  }

  /// The adapters' names of the sources that have records, in alphabetical order.
  private var sources: [String] { Set(shards.flatMap(\.metadata.sources)).sorted() }

  /// The source itself.
  ///
  /// - Throws: `ECGError.Code.notFound` if there is no such source.
  func known(source: String) throws -> String {
    guard sources.contains(source) else {
      throw ECGError(
        .notFound, "has no source \"\(source)\"", file: directory,
        advice: "its sources are \(sources.joined(separator: ", "))")
    }
    return source
  }

  /// A record's id in its collection.
  public func id(_ record: Int) -> String {
    let (shard, row) = location(record)
    return shard.id(of: row)
  }

  /// A record's key: the first 8 bytes of SHA-256(source, 0x00, id).
  public func key(_ record: Int) -> UInt64 {
    let (shard, row) = location(record)
    return shard.columns.recordKey[row]
  }

  /// CRC-32 of a record's samples.
  public func crc32(_ record: Int) -> UInt32 {
    let (shard, row) = location(record)
    return shard.columns.signalCRC[row]
  }

  /// A record's fold; 0 if it has none.
  public func fold(_ record: Int) -> UInt8 {
    let (shard, row) = location(record)
    return shard.columns.fold[row]
  }

  /// A patient's key; 0 if the source has no patients.
  public func patientKey(_ record: Int) -> UInt64 {
    let (shard, row) = location(record)
    return shard.columns.patientKey[row]
  }

  /// A record's sampling rate in Hz.
  public func rate(_ record: Int) -> Float {
    let (shard, row) = location(record)
    return shard.columns.rate[row]
  }

  /// A record's labels, as its source states them.
  public func statements(_ record: Int) -> [Statement] {
    let (shard, row) = location(record)
    return shard.statements(of: row)
  }

  /// The adapter name of a record's source.
  public func source(_ record: Int) -> String {
    let (shard, row) = location(record)
    return shard.metadata.sources[Int(shard.columns.source[row])]
  }

  /// Samples per lead of a record.
  public func frameCount(_ record: Int) -> Int {
    let (shard, row) = location(record)
    return shard.frameCount(of: row)
  }

  /// Records of certain folds, in stored order; nil means all.
  public func records(inFolds folds: Set<UInt8>?) -> [Int] {
    (0..<count).filter { folds?.contains(fold($0)) ?? true }
  }

  /// The one sampling rate of records.
  ///
  /// - Throws: `ECGError.Code.unsupported` naming the rates if there are several.
  public func commonRate(of records: [Int]) throws -> Double {
    let rates = Set(records.map { rate($0) }).sorted()
    guard rates.count == 1 else {
      throw ECGError(
        .unsupported,
        rates.isEmpty
          ? "no records are left after the filter"
          : "holds records at \(rates.map { "\($0) Hz" }.joined(separator: ", "))", file: directory,
        advice: rates.isEmpty ? nil : "convert with one --rate")
    }
    return Double(rates[0])
  }

  /// Reads frames of a record, [frames, 12]; the first reading of a record checks all of it.
  ///
  /// - Throws: `ECGError.Code.mismatch` naming shard and record if its CRC-32 does not agree.
  func counts(_ record: Int, from start: Int, count: Int) throws -> [Int16] {
    let room = CropRoom()
    let (found, _) = try counts(
      place(record), from: start, count: count, integrity: .firstTouch, mapping: nil, room)
    return Array(UnsafeBufferPointer(start: found, count: count * Lead.count))
  }

  /// All shards in memory, read as they are touched.
  func map() throws -> [FileMapping] {
    _ = ShardSet.mappingGuard
    return try shards.map { try $0.file.map() }
  }

  private static let mappingGuard: Void = einthoven_guard_mappings()

  /// Where a record is.
  func place(_ record: Int) -> ShardSequence.Place { sequence.place(record) }

  /// The shard of a record, a place among all.
  func shardIndex(of record: Int) -> Int { sequence.index(of: record) }

  /// Frames of a record, [count, 12], in the room, or in the mapped file if there is one.
  ///
  /// - Parameters:
  ///   - place: where the record is.
  ///   - start: the first frame.
  ///   - count: of frames, all of them the record's.
  ///   - integrity: what is checked. A record that is, is read whole.
  ///   - mapping: its shard's file.
  ///   - room: memory of the calling thread.
  /// - Returns: the counts, and whether they are in the mapped file, where they may vanish.
  /// - Throws: `ECGError.Code.mismatch` naming shard, record and bytes if its CRC-32 does not agree.
  func counts(
    _ place: ShardSequence.Place, from start: Int, count: Int, integrity: IntegrityPolicy,
    mapping: FileMapping?,
    _ room: CropRoom
  ) throws -> (UnsafePointer<Int16>, isMapped: Bool) {
    let (shard, row) = (place.shard, place.row)
    let isChecked = integrity == .always || integrity == .firstTouch && !isVerified(place.record)
    let frames = shard.frameCount(of: row)
    guard start >= 0, count >= 0, start <= frames, count <= frames - start else {
      throw ECGError(
        .invalidArgument, "frames \(start) to \(start) + \(count) of \(frames)", file: shard.file.path,
        record: shard.id(of: row))
    }
    do {
      guard isChecked else {
        room.countRead(count * Lead.count * MemoryLayout<Int16>.size)
        if let mapping {
          let first = shard.byteOffset(of: row, frame: start)
          return ((mapping.bytes + first).assumingMemoryBound(to: Int16.self), true)
        }
        let buffer = room.reserve(frames: count)
        try shard.read(record: row, from: start, into: buffer)
        return (UnsafePointer(room.counts), false)
      }
      let whole = room.reserve(frames: frames)
      try shard.read(record: row, from: 0, into: whole)
      room.countRead(whole.count * MemoryLayout<Int16>.size)
      guard frames == 0 || Digest.crc32(UnsafeRawBufferPointer(whole)) == shard.columns.signalCRC[row] else {
        let first = shard.byteOffset(of: row, frame: 0)
        throw ECGError(
          .mismatch,
          "bytes \(first) to \(first + whole.count * 2), its signal, were changed after they were written: their CRC-32"
            + " does not agree", file: shard.file.path, advice: "restore the shard, or convert again")
      }
      if markVerified(place.record) || integrity == .always { room.countVerified() }
      return (UnsafePointer(room.counts + start * Lead.count), false)
    } catch let error as ECGError {
      throw error.located(record: shard.id(of: row))
    }
  }
  private func isVerified(_ record: Int) -> Bool {
    // Once all are, nobody has to wait for another to look.
    verifiedCount.load(ordering: .acquiring) == count || verified.withLock { $0[record] }
  }

  /// Whether nobody else has marked the record before.
  private func markVerified(_ record: Int) -> Bool {
    verified.withLock { verified in
      guard !verified[record] else { return false }
      verified[record] = true
      verifiedCount.add(1, ordering: .acquiringAndReleasing)
      return true
    }
  }
}
