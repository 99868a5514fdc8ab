extension ShardValidation {
  /// What was found in a shard.
  struct Found: Codable, Sendable {
    /// The fingerprint of a row's signal.
    struct Fingerprint: Codable, Sendable {
      var row: Int
      var fingerprint: SignalFingerprint
    }

    /// What was measured of a row's signal.
    struct Measures: Codable, Sendable {
      var row: Int
      var measures: CollectionFigures.Measures
    }

    var isReadable = false
    var findings: [Finding] = []
    /// By a deep validation, those of the records that can be read.
    var fingerprints: [Fingerprint] = []
    /// By a deep validation, those of some records.
    var measures: [Measures] = []
    /// Of the records whose fold counts.
    var statistics = LeadStatistics()
  }

  func check(
    _ index: Int, of manifest: Manifest, _ interruption: Interruption,
    _ progress: @Sendable (Validation.Progress) -> Void
  ) throws -> Found {
    let entry = manifest.shards[index]
    let path = File.join(directory, entry.file)
    guard File.exists(path) else {
      return Found(
        findings: [
          Finding(record: entry.file, rule: .shardMissing, "the manifest names it, but it does not exist")
        ])
    }
    var findings: [Finding] = []
    if let found = try? FileHandleForReading(path).size, found != entry.bytes {
      findings.append(
        Finding(record: entry.file, rule: .shardFile, "has \(found) bytes, the manifest says \(entry.bytes)"))
    }
    let shard: ShardReader
    do {
      shard = try ShardReader(path)
    } catch let error as ECGError {
      return Found(
        findings: findings + [Finding(record: entry.file, rule: .shardHeader, error.message)])
    }
    let (generation, place) = manifest.generation(ofShard: index) ?? (nil, 0)
    if shard.count != entry.records || shard.frameCount != entry.samples
      || shard.metadata.planSHA256 != generation?.planSHA256 || shard.metadata.codes != generation?.codes
      || shard.metadata.shardCount != generation?.shards || shard.metadata.shardIndex != place
    {
      findings.append(
        Finding(
          record: entry.file, rule: .shardHeader,
          "its records, samples, codes, count or plan are not those of the manifest"
        ))
    }
    findings += shard.damagedColumns().map {
      Finding(record: entry.file, rule: .shardColumn, "column \($0) was changed: its CRC-32 does not agree")
    }
    var found = Found(isReadable: true, findings: findings)
    let first = manifest.shards[..<index].reduce(0) { $0 &+ $1.records }
    let step = ShardValidation.measuredStep(manifest.shards.reduce(0) { $0 &+ $1.records })
    for record in 0..<shard.count {
      try interruption.check(Validation.interrupted(journal))
      let id = shard.id(of: record)
      let counts = try shard.counts(of: record)
      found.statistics.add(counts, of: record, in: shard)
      if Digest.crc32(counts) != shard.columns.signalCRC[record] {
        found.findings.append(
          Finding(
            record: id, rule: .shardRecord,
            "the signal in \(entry.file) was changed: its CRC-32 does not agree"))
      }
      if isDeep {
        let signal = shard.physicalSignal(counts, of: record)
        if let fingerprint = try? SignalFingerprint(signal) {
          found.fingerprints.append(Found.Fingerprint(row: record, fingerprint: fingerprint))
        }
        if (first &+ record) % step == 0 {
          found.measures.append(
            Found.Measures(row: record, measures: CollectionFigures.measures(of: signal)))
        }
      }
      progress(.record)
    }
    if isDeep, try Digest.sha256(file: shard.file) != entry.sha256 {
      found.findings.append(
        Finding(record: entry.file, rule: .shardFile, "its SHA-256 is not the manifest's"))
    }
    return found
  }

  /// Every so many records one's heart rate and amplitude are measured: of two thousand at most, which tell a distribution.
  static func measuredStep(_ records: Int) -> Int { max(1, (records &+ 1_999) / 2_000) }
}
