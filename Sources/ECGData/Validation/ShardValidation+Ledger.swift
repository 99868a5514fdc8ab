/// What manifest and ledgers tell otherwise than the shards.
extension ShardValidation {
  /// The samples tell the manifest's statistics anew; of a damaged directory there is nothing to compare.
  func statisticsFindings(_ outcomes: [Outcome], _ manifest: Manifest) -> [Finding] {
    guard outcomes.allSatisfy({ $0.shard != nil && $0.found.findings.isEmpty }) else { return [] }
    var whole = LeadStatistics()
    for outcome in outcomes { whole.merge(outcome.found.statistics) }
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
  func ledgerFindings(
    _ manifest: Manifest, _ outcomes: [Outcome], _ interruption: Interruption
  ) throws -> [Finding] {
    var findings: [Finding] = []
    var fates: [String: Manifest.Fates] = [:]
    var isWhole = isDeep
    for (index, entry) in manifest.ledgers.enumerated() {
      try interruption.check(Validation.interrupted(journal))
      do {
        let shard = manifest.ledgers.count == outcomes.count ? outcomes[index].shard : nil
        let found = try faults(of: entry, shard, &fates)
        findings += found
        if !found.isEmpty { isWhole = false }
      } catch let error as ECGError {
        findings.append(Finding(record: entry.file, rule: .shardFile, error.message))
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

  /// What is wrong with a ledger.
  private func faults(
    of entry: Manifest.Ledger, _ shard: ShardReader?, _ fates: inout [String: Manifest.Fates]
  ) throws -> [Finding] {
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
    guard isDeep else { return [] }
    guard try Digest.sha256(file: file) == entry.sha256 else {
      return [Finding(record: entry.file, rule: .shardFile, "its SHA-256 is not the manifest's")]
    }
    return try ledgerFault(path, entry, shard, &fates).map {
      [Finding(record: entry.file, rule: .shardLedger, $0)]
    } ?? []
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
}
