/// What a whole reading of a shard finds: that every checksum agrees, and the statistics that the manifest needs.
struct ShardSummary: Sendable {
  var records: Int
  /// Samples per lead.
  var frames: Int
  var bytes: Int
  var sha256: String
  /// Of the records whose fold counts.
  var statistics: LeadStatistics

  /// Folds whose records do not count: validation and test of PTB-XL's protocol.
  static let heldOutFolds: Set<UInt8> = [9, 10]

  /// Reads every byte of a shard.
  ///
  /// - Throws: `ECGError.Code.mismatch` naming the column or record whose CRC-32 does not agree.
  init(_ shard: ShardReader) throws {
    if let column = shard.damagedColumns().first {
      throw ECGError(.mismatch, "column \(column) does not have its CRC-32", file: shard.file.path)
    }
    let digest = Background { try Digest.sha256(file: shard.file) }
    statistics = LeadStatistics()
    for record in 0..<shard.count {
      let counts = try shard.counts(of: record)
      guard Digest.crc32(counts) == shard.columns.signalCRC[record] else {
        throw ECGError(
          .mismatch, "the signal does not have its CRC-32", file: shard.file.path,
          record: shard.id(of: record))
      }
      statistics.add(counts, of: record, in: shard)
    }
    records = shard.count
    frames = shard.frameCount
    bytes = shard.file.size
    sha256 = try digest.value()
  }
}

extension LeadStatistics {
  /// Adds a shard's record, if its fold counts.
  mutating func add(_ counts: [Int16], of record: Int, in shard: ShardReader) {
    guard !ShardSummary.heldOutFolds.contains(shard.columns.fold[record]) else { return }
    add(counts, scale: shard.columns.scale[(record * Lead.count)..<((record + 1) * Lead.count)])
  }
}
