/// Checks a shard directory against its manifest, down to each record's CRC-32.
struct ShardValidation {
  let directory: String
  let jobs: Int
  let isDeep: Bool
  /// Where the findings are kept until all are there, and the number of the path in it.
  let journal: ValidationJournal?
  let number: Int

  /// A shard that can be read, or nil, with what was found in it.
  typealias Outcome = (shard: ShardReader?, found: Found)

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
    progress(.total(manifest.shards.reduce(0) { $0 &+ $1.records }))
    let found = try ValidationJournal.map(
      journal, path: number, parts: manifest.shards.count, jobs: jobs
    ) { index in
      let entry = manifest.shards[index]
      return entry.sha256 + " " + (FileStamp(of: File.join(directory, entry.file))?.text ?? "none")
    } known: { index in
      for _ in 0..<max(0, manifest.shards[index].records) { progress(.record) }
    } _: { index in
      try check(index, of: manifest, interruption, progress)
    }
    let outcomes = zip(manifest.shards, found).map { entry, found in
      (found.isReadable ? try? ShardReader(File.join(directory, entry.file)) : nil, found)
    }
    var report = Validation.Report.Part(path: directory)
    let sources = manifest.sources.map { "\($0.name) \($0.version)".trimmingSpaces() }
    report.collection = "shards of \(sources.joined(separator: ", "))"
    report.records = outcomes.reduce(0) { $0 + ($1.0?.count ?? 0) }
    report.figures = figures(outcomes)
    report.findings = found.flatMap(\.findings) + statisticsFindings(outcomes, manifest)
    report.findings += try ledgerFindings(manifest, outcomes, interruption)
    report.findings += manifest.changedPlans(in: directory).map {
      Finding(record: $0, rule: .shardFile, "its SHA-256 is not the manifest's")
    }
    report.findings += unlistedFindings(manifest)
    return (report, compared(outcomes))
  }

  /// What the records are like, by source.
  private func figures(_ outcomes: [Outcome]) -> [CollectionFigures] {
    var figures: [String: CollectionFigures] = [:]
    for (shard, found) in outcomes {
      guard let shard else { continue }
      let measures = Dictionary(found.measures.map { ($0.row, $0.measures) }) { first, _ in first }
      for row in 0..<shard.count {
        let place = Int(shard.columns.source[row])
        // A damaged column may name none.
        guard shard.metadata.sources.indices.contains(place) else { continue }
        let source = shard.metadata.sources[place]
        figures[source, default: CollectionFigures(source: source)].add(
          row, of: shard, measures: measures[row])
      }
    }
    return figures.values.sorted { $0.source < $1.source }
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
        outcome.found.fingerprints.map { (start + $0.row, $0.fingerprint) }
      },
      signal: { index in
        let (shard, row) = sequence.location(index)
        return try shard.physicalSignal(shard.counts(of: row), of: row)
      })
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
