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
    let sources = manifest.sources.map { "\($0.name) \($0.version)".trimmingSpaces() }
    report.collection = "shards of \(sources.joined(separator: ", "))"
    var figures: [String: CollectionFigures] = [:]
    for outcome in outcomes {
      report.records += outcome.count
      report.findings += outcome.findings
      for (source, part) in outcome.figures {
        figures[source, default: CollectionFigures(source: source)].merge(part)
      }
    }
    report.figures = figures.values.sorted { $0.source < $1.source }
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
    /// What the records are like, by source.
    var figures: [String: CollectionFigures] = [:]

    /// Records that were checked.
    var count: Int { shard?.count ?? 0 }
  }

  /// Every so many records one's heart rate and amplitude are measured: of two thousand at most, which tell a distribution.
  static func measuredStep(_ records: Int) -> Int { max(1, (records &+ 1_999) / 2_000) }

  private func compared(_ outcomes: [Outcome]) -> ComparedRecords {
    let shards = outcomes.compactMap(\.shard)
    var starts = [0]
    for shard in shards { starts.append(starts[starts.count - 1] + shard.count) }
    let readable = outcomes.filter { $0.shard != nil }
    return ComparedRecords(
      path: directory, count: starts[starts.count - 1],
      record: { [starts] index in
        let (shard, row) = ShardValidation.place(index, starts, shards)
        return ComparedRecords.Record(
          id: shard.id(of: row), key: shard.columns.recordKey[row], patient: shard.columns.patientKey[row],
          fold: shard.columns.fold[row],
          statements: shard.statements(of: row))
      },
      fingerprints: zip(starts, readable).flatMap { start, outcome in
        outcome.fingerprints.map { (start + $0.row, $0.fingerprint) }
      },
      signal: { [starts] index in
        let (shard, row) = ShardValidation.place(index, starts, shards)
        return try shard.physicalSignal(shard.counts(of: row), of: row)
      })
  }

  /// Shard and row of a record, by the number of each shard's first.
  private static func place(_ record: Int, _ starts: [Int], _ shards: [ShardReader]) -> (ShardReader, Int) {
    var (low, high) = (0, shards.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= record { low = middle } else { high = middle }
    }
    return (shards[low], record - starts[low])
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
    var figures: [String: CollectionFigures] = [:]
    let first = manifest.shards[..<index].reduce(0) { $0 + $1.records }
    let step = ShardValidation.measuredStep(manifest.shards.reduce(0) { $0 &+ $1.records })
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
      let signal = isDeep ? shard.physicalSignal(counts, of: record) : nil
      if let signal, let fingerprint = try? SignalFingerprint(signal) {
        fingerprints.append((record, fingerprint))
      }
      let source = shard.metadata.sources[Int(shard.columns.source[record])]
      figures[source, default: CollectionFigures(source: source)].add(
        record, of: shard, measuring: (first &+ record) % step == 0 ? signal : nil)
      progress(.record)
    }
    if isDeep, try Digest.sha256(file: shard.file) != entry.sha256 {
      findings.append(Finding(record: entry.file, rule: .shardFile, "its SHA-256 is not the manifest's"))
    }
    return Outcome(shard: shard, findings: findings, fingerprints: fingerprints, figures: figures)
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
