/// Checks a shard directory against its manifest, down to each record's CRC-32.
struct ShardValidation {
  let directory: String
  let jobs: Int
  let isDeep: Bool

  func report(_ interruption: Interruption, _ progress: @Sendable (Validation.Progress) -> Void) throws
    -> (Validation.Report.Part, ComparedRecords)
  {
    let manifest: Manifest
    do {
      manifest = try Manifest(directory: directory)
    } catch let error as ECGError where error.code != .notFound {
      // The shards cannot be judged without their manifest: this is the finding.
      return (
        Validation.Report.Part(
          path: directory, findings: [Finding(record: Manifest.fileName, rule: .manifest, error.description)]),
        ComparedRecords(path: directory)
      )
    }
    progress(.total(manifest.shards.reduce(0) { $0 + $1.records }))
    let outcomes = try Parallel.map(manifest.shards.count, jobs: jobs) { index in
      try check(index, of: manifest, interruption, progress)
    }
    var report = Validation.Report.Part(path: directory)
    for outcome in outcomes {
      report.records += outcome.count
      report.findings += outcome.findings
    }
    report.findings += try ledgerFindings(manifest)
    report.findings += manifest.changedPlans(in: directory).map {
      Finding(record: $0, rule: .shardFile, "its SHA-256 is not the manifest's")
    }
    report.findings += unlistedFindings(manifest)
    return (report, compared(outcomes))
  }

  /// What was found in a shard; nil for one that cannot be read.
  private struct Outcome: Sendable {
    var shard: ShardReader?
    var findings: [Finding] = []
    /// By a deep validation, those of the records that can be read.
    var fingerprints: [(row: Int, fingerprint: SignalFingerprint)] = []

    /// Records that were checked.
    var count: Int { shard?.count ?? 0 }
  }

  private func compared(_ outcomes: [Outcome]) -> ComparedRecords {
    let readable = outcomes.filter { $0.shard != nil }
    let sequence = ShardSequence(readable.compactMap(\.shard))
    return ComparedRecords(
      path: directory, count: sequence.count,
      record: { index in
        let (shard, row) = sequence.location(index)
        return ComparedRecords.Record(
          id: shard.id(of: row), key: shard.columns.recordKey[row], patient: shard.columns.patientKey[row],
          fold: shard.columns.fold[row],
          statements: shard.statements(of: row))
      },
      fingerprints: zip(sequence.first, readable).flatMap { start, outcome in
        outcome.fingerprints.map { (start + $0.row, $0.fingerprint) }
      },
      signal: { index in
        let (shard, row) = sequence.location(index)
        return try shard.physicalSignal(shard.counts(of: row), of: row)
      })
  }

  private func check(
    _ index: Int, of manifest: Manifest, _ interruption: Interruption,
    _ progress: @Sendable (Validation.Progress) -> Void
  ) throws -> Outcome {
    let entry = manifest.shards[index]
    let path = File.join(directory, entry.file)
    guard File.exists(path) else {
      return Outcome(
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
      return Outcome(
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
    var fingerprints: [(row: Int, fingerprint: SignalFingerprint)] = []
    for record in 0..<shard.count {
      try interruption.check("nothing is told")
      let id = shard.id(of: record)
      let counts = try shard.counts(of: record)
      if Digest.crc32(counts) != shard.columns.signalCRC[record] {
        findings.append(
          Finding(
            record: id, rule: .shardRecord,
            "the signal in \(entry.file) was changed: its CRC-32 does not agree"))
      }
      if isDeep, let fingerprint = try? SignalFingerprint(shard.physicalSignal(counts, of: record)) {
        fingerprints.append((record, fingerprint))
      }
      progress(.record)
    }
    if isDeep, try Digest.sha256(file: shard.file) != entry.sha256 {
      findings.append(Finding(record: entry.file, rule: .shardFile, "its SHA-256 is not the manifest's"))
    }
    return Outcome(shard: shard, findings: findings, fingerprints: fingerprints)
  }

  private func ledgerFindings(_ manifest: Manifest) throws -> [Finding] {
    try manifest.ledgers.flatMap { entry -> [Finding] in
      let path = File.join(directory, entry.file)
      guard File.exists(path) else {
        return [
          Finding(record: entry.file, rule: .shardMissing, "the manifest names it, but it does not exist")
        ]
      }
      let file = try FileHandleForReading(path)
      guard file.size == entry.bytes else {
        return [
          Finding(
            record: entry.file, rule: .shardFile, "has \(file.size) bytes, the manifest says \(entry.bytes)")
        ]
      }
      guard isDeep, try Digest.sha256(file: file) != entry.sha256 else { return [] }
      return [Finding(record: entry.file, rule: .shardFile, "its SHA-256 is not the manifest's")]
    }
  }

  private func unlistedFindings(_ manifest: Manifest) -> [Finding] {
    let listed = Set(manifest.shards.map(\.file))
    let folders = manifest.generations.map { File.join($0.folder, "shards") }
    return folders.flatMap { folder in File.list(File.join(directory, folder)).map { "\(folder)/\($0)" } }
      .filter { !listed.contains($0) }
      .map {
        Finding(record: $0, rule: .shardUnlisted, "is in the directory, but not in the manifest")
      }
  }
}
