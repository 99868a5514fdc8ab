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
    report.findings += statisticsFindings(outcomes, manifest)
    report.findings += try ledgerFindings(manifest, outcomes, interruption)
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
    /// Of the records whose fold counts.
    var statistics = LeadStatistics()

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
    var statistics = LeadStatistics()
    for record in 0..<shard.count {
      try interruption.check("nothing is told")
      let id = shard.id(of: record)
      let counts = try shard.counts(of: record)
      statistics.add(counts, of: record, in: shard)
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
    return Outcome(shard: shard, findings: findings, fingerprints: fingerprints, statistics: statistics)
  }

  /// The samples tell the manifest's statistics anew; of a damaged directory there is nothing to compare.
  private func statisticsFindings(_ outcomes: [Outcome], _ manifest: Manifest) -> [Finding] {
    guard outcomes.allSatisfy({ $0.shard != nil && $0.findings.isEmpty }) else { return [] }
    var whole = LeadStatistics()
    for outcome in outcomes { whole.merge(outcome.statistics) }
    let stated = manifest.statistics
    func agree(_ one: [Double], _ other: [Double]) -> Bool {
      // Joined in another order they may round otherwise.
      one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) <= 1e-9 * max(1, abs($1)) }
    }
    guard
      stated.samples != whole.count || !agree(stated.mean, whole.mean)
        || !agree(stated.standardDeviation, whole.standardDeviation)
    else { return [] }
    return [
      Finding(
        record: Manifest.fileName, rule: .shardStatistics,
        "mean, standard deviation or number of samples of a lead is not that of the shards")
    ]
  }

  /// What is wrong with the ledgers: with their files and, by a deep validation, with their lines.
  private func ledgerFindings(
    _ manifest: Manifest, _ outcomes: [Outcome], _ interruption: Interruption
  ) throws -> [Finding] {
    var findings: [Finding] = []
    var fates: [String: Manifest.Fates] = [:]
    var isWhole = isDeep
    for (index, entry) in manifest.ledgers.enumerated() {
      try interruption.check("nothing is told")
      let path = File.join(directory, entry.file)
      guard File.exists(path) else {
        findings.append(
          Finding(record: entry.file, rule: .shardMissing, "the manifest names it, but it does not exist"))
        isWhole = false
        continue
      }
      let file = try FileHandleForReading(path)
      guard file.size == entry.bytes else {
        findings.append(
          Finding(
            record: entry.file, rule: .shardFile, "has \(file.size) bytes, the manifest says \(entry.bytes)"))
        isWhole = false
        continue
      }
      guard isDeep else { continue }
      if try Digest.sha256(file: file) != entry.sha256 {
        findings.append(Finding(record: entry.file, rule: .shardFile, "its SHA-256 is not the manifest's"))
      }
      let shard = manifest.ledgers.count == outcomes.count ? outcomes[index].shard : nil
      if let message = try ledgerFault(path, entry, shard, &fates) {
        findings.append(Finding(record: entry.file, rule: .shardLedger, message))
        isWhole = false
      }
    }
    let stated = Dictionary(manifest.sources.map { ($0.name, $0.fates) }) { $0.merging($1) }
    if isWhole, fates != stated.filter({ $0.value.planned > 0 }) {
      findings.append(
        Finding(
          record: Manifest.fileName, rule: .shardLedger,
          "its numbers of stored, repaired and excluded records are not those of the ledgers"))
    }
    return findings
  }

  /// What a ledger's lines tell otherwise than its shard, of which they have the stored records in order.
  private func ledgerFault(
    _ path: String, _ entry: Manifest.Ledger, _ shard: ShardReader?, _ fates: inout [String: Manifest.Fates]
  ) throws -> String? {
    var stored: [UInt64] = []
    var count = 0
    for line in try File.readText(path).split(separator: "\n") {
      guard let told = try? JSONText.decode(LedgerEntry.self, from: Array(line.utf8), file: path) else {
        return "line \(count + 1) is no entry"
      }
      count += 1
      fates[told.source, default: Manifest.Fates()].add(told.fate, told.rule)
      if told.fate != .excluded { stored.append(RecordKey.key(source: told.source, id: told.id)) }
    }
    guard count == entry.records else { return "has \(count) lines, the manifest says \(entry.records)" }
    guard let shard, stored != shard.columns.recordKey else { return nil }
    let other = zip(stored, shard.columns.recordKey).enumerated().first { $1.0 != $1.1 }?.offset
    return stored.count == shard.count
      ? "its stored record \((other ?? 0) + 1) is not record \((other ?? 0) + 1) of the shard"
      : "tells of \(stored.count) stored records, the shard has \(shard.count)"
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
