/// Checks a shard directory against its manifest, down to each record's CRC-32.
struct ShardValidation {
  let directory: String
  let jobs: Int
  let isDeep: Bool

  func report(_ interruption: Interruption, _ progress: @Sendable (Validation.Progress) -> Void) throws
    -> Validation.Report
  {
    let manifest: Manifest
    do {
      manifest = try Manifest(directory: directory)
    } catch let error as ECGError where error.code != .notFound {
      // The shards cannot be judged without their manifest: this is the finding.
      return Validation.Report(
        findings: [Finding(record: Manifest.fileName, rule: .manifest, error.description)])
    }
    progress(.total(manifest.shards.reduce(0) { $0 + $1.records }))
    let outcomes = try Parallel.map(manifest.shards.count, jobs: jobs) { index in
      try check(index, of: manifest, interruption, progress)
    }
    var report = Validation.Report()
    for outcome in outcomes {
      report.records += outcome.records.count
      report.findings += outcome.findings
    }
    report.findings += patientFindings(outcomes.flatMap(\.records))
    report.findings += try ledgerFindings(manifest)
    report.findings += manifest.changedPlans(in: directory).map {
      Finding(record: $0, rule: .shardFile, "its SHA-256 is not the manifest's")
    }
    report.findings += unlistedFindings(manifest)
    if isDeep {
      report.findings += Duplicates.findings(
        outcomes.flatMap { $0.records.map { ($0.id, $0.digest, $0.codes) } })
    }
    return report
  }

  private struct RecordFacts: Sendable {
    var id: String
    var patientKey: UInt64
    var fold: UInt8
    var digest: String
    var codes: [String]
  }

  private func check(
    _ index: Int, of manifest: Manifest, _ interruption: Interruption,
    _ progress: @Sendable (Validation.Progress) -> Void
  ) throws -> (records: [RecordFacts], findings: [Finding]) {
    let entry = manifest.shards[index]
    let path = File.join(directory, entry.file)
    guard File.exists(path) else {
      return (
        [], [Finding(record: entry.file, rule: .shardMissing, "the manifest names it, but it does not exist")]
      )
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
      return ([], findings + [Finding(record: entry.file, rule: .shardHeader, error.message)])
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
    var records: [RecordFacts] = []
    for record in 0..<shard.count {
      try interruption.check()
      let id = shard.id(of: record)
      let counts = try shard.counts(of: record)
      if Digest.crc32(counts) != shard.columns.signalCRC[record] {
        findings.append(
          Finding(
            record: id, rule: .shardRecord,
            "the signal in \(entry.file) was changed: its CRC-32 does not agree"))
      }
      records.append(
        RecordFacts(
          id: id, patientKey: shard.columns.patientKey[record], fold: shard.columns.fold[record],
          digest: isDeep ? counts.withUnsafeBytes { Digest.sha256($0) } : "",
          codes: shard.statements(of: record).map(\.code)))
      progress(.record)
    }
    if isDeep, try Digest.sha256(file: shard.file) != entry.sha256 {
      findings.append(Finding(record: entry.file, rule: .shardFile, "its SHA-256 is not the manifest's"))
    }
    return (records, findings)
  }

  private func patientFindings(_ records: [RecordFacts]) -> [Finding] {
    var folds: [UInt64: (id: String, fold: UInt8)] = [:]
    return records.compactMap { record in
      guard record.patientKey != 0, record.fold != 0 else { return nil }
      guard let first = folds[record.patientKey] else {
        folds[record.patientKey] = (record.id, record.fold)
        return nil
      }
      guard first.fold != record.fold else { return nil }
      return Finding(
        record: record.id, rule: .patientFolds,
        "the patient is in fold \(record.fold) here and in fold \(first.fold) in record \(first.id)")
    }
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
