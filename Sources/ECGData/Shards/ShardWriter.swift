/// Writes one shard: a safetensors file whose first tensor begins on a page.
struct ShardWriter {
  /// `8 + N` is a multiple of this, so that `signal` begins on a page of every platform.
  static let alignment = 16_384

  private let file: AtomicFile

  /// Writes records in the order given, under a temporary name.
  init(_ records: [StoredRecord], _ metadata: ShardMetadata, to path: String) throws {
    let columns = try ShardWriter.columns(of: records, metadata)
    let frames = records.reduce(0) { $0 + $1.signal.frameCount }
    var checksums: [String: UInt32] = [:]
    var tensors: [(name: String, type: SafetensorsHeader.ElementType, shape: [Int])] = [
      ("signal", .int16, [frames, Lead.count])
    ]
    for column in ShardColumns.all {
      try column.withBytes(columns) { checksums[column.name] = $0.isEmpty ? 0 : Digest.crc32($0) }
      tensors.append(
        (column.name, column.type, column.shape(records: records.count, labels: columns.labelCode.count)))
    }
    file = try AtomicFile(path)
    try file.append(
      SafetensorsHeader.encode(
        tensors, metadata: metadata.entries(columnsCRC32: checksums), alignment: ShardWriter.alignment))
    for record in records { try file.append(record.signal.counts) }
    for column in ShardColumns.all { try column.withBytes(columns) { try file.append($0) } }
  }

  /// Makes the bytes durable, reads them back and gives the file its name.
  ///
  /// - Returns: the summary of what was read back.
  func finish() throws -> ShardSummary {
    try file.sync()
    let summary = try ShardSummary(ShardReader(file.temporaryPath))
    try file.commit()
    return summary
  }

  private static func columns(of records: [StoredRecord], _ metadata: ShardMetadata) throws -> ShardColumns {
    let sources = Dictionary(uniqueKeysWithValues: metadata.sources.enumerated().map { ($1, $0) })
    let codes = Dictionary(uniqueKeysWithValues: metadata.codes.enumerated().map { ($1, $0) })
    var columns = ShardColumns()
    for stored in records {
      let record = stored.record
      func index(_ name: String, in table: [String: Int]) throws -> UInt16 {
        guard let index = table[name].flatMap({ UInt16(exactly: $0) }) else {
          throw ECGError(
            .unsupported, "\"\(name)\" is beyond the 65536 names of a shard's table", record: record.id)
        }
        return index
      }
      columns.recordOffset.append((columns.recordOffset.last ?? 0) + UInt64(stored.signal.frameCount))
      columns.recordKey.append(RecordKey.key(source: stored.source, id: record.id))
      columns.patientKey.append(RecordKey.patient(source: stored.source, id: record.patient))
      columns.labelOffset.append((columns.labelOffset.last ?? 0) + UInt64(record.statements.count))
      columns.scale += stored.signal.scale
      columns.rate.append(Float(stored.signal.rate))
      columns.age.append(record.age)
      columns.labelValue += record.statements.map(\.value)
      columns.signalCRC.append(stored.checksum)
      columns.source.append(try index(stored.source, in: sources))
      columns.leadMask.append(stored.signal.mask.rawValue)
      columns.leadFlags += stored.signal.leadFlags.map(\.rawValue)
      columns.recordFlags.append(stored.flags.rawValue)
      columns.labelCode += try record.statements.map { try index($0.code, in: codes) }
      columns.fold.append(stored.fold)
      columns.sex.append(record.sex.rawValue)
      columns.recordID += RecordKey.field(record.id)
    }
    return columns
  }
}
