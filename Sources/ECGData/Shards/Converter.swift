import Foundation

/// Converts collections into a shard directory.
///
///     let converter = Converter(sources: [try Datasets.open("ptb-xl")], output: "shards", recipe: recipe)
///     let report = try converter.run()
///
/// A conversion that was stopped goes on where it was; one that is finished is not done again; one of another
/// recipe or other sources is refused. The shards' bytes depend on sources and recipe alone, not on ``jobs``
/// or interruptions.
public struct Converter: Sendable {
  /// The collections.
  public var sources: [any Dataset]
  /// The shard directory, made if need be.
  public var output: String
  /// How records are treated.
  public var recipe: Recipe
  /// Threads that convert; one more digests shared source files, and one makes sure of the last shard.
  public var jobs = 2
  /// Size at which a shard's signal is full, in bytes.
  public var shardBytes = 256 << 20
  /// Only the first records of the plan, or nil for all.
  public var limit: Int?
  /// Whether an excluded record ends the conversion.
  public var isStrict = false
  /// Whether an earlier conversion in the directory is thrown away.
  public var restart = false

  /// Creates a conversion with the defaults.
  public init(sources: [any Dataset], output: String, recipe: Recipe = Recipe()) {
    self.sources = sources
    self.output = output
    self.recipe = recipe
  }

  /// What a run tells while it works; called from several threads.
  public enum Event: Sendable {
    /// The plan is made, of which `done` records are in finished shards already.
    case planned(records: Int, shards: Int, done: Int)
    /// One more record has its fate; a file that it shares with others is in the ledger, not yet here.
    case record(LedgerEntry)
    /// A shard is complete.
    case shard(Manifest.Shard)
  }

  /// What a run did.
  public struct Report: Sendable {
    /// The manifest it wrote or found.
    public var manifest: Manifest
    /// Whether everything was there already.
    public var wasComplete: Bool
    /// Shards that were there already.
    public var resumedShards: Int
  }

  /// The numbers of a plan, for a dry run.
  public func outline() throws -> (records: Int, shards: Int, bytes: Int) {
    let plan = try makePlan()
    let frames = plan.shards.reduce(0) { $0 + $1.reduce(0) { $0 + $1.frames } }
    return (plan.recordCount, plan.shards.count, frames * ConversionPlan.bytesPerFrame)
  }

  /// Converts, or goes on.
  ///
  /// - Parameters:
  ///   - interruption: asks for an end at the next record; finished shards stay.
  ///   - report: called with each event.
  /// - Returns: the manifest, and whether there was anything to do.
  /// - Throws: `ECGError` if the directory is another conversion's, cannot be written, if the run was
  ///   interrupted, or, when strict, for the first record that would be excluded.
  public func run(
    interruption: Interruption = Interruption(), report: @Sendable (Event) -> Void = { _ in }
  ) throws -> Report {
    let plan = try makePlan()
    let state = ConversionState(directory: output)
    try state.checkOwnership()
    try File.makeDirectory(output)
    let lock = try DirectoryLock(output)
    defer { withExtendedLifetime(lock) {} }
    if restart {
      try state.clear()
    } else if let manifest = try finished(plan, state) {
      return Report(manifest: manifest, wasComplete: true, resumedShards: manifest.shards.count)
    }
    let done = try begin(plan, state)
    try checkSharedFiles(done.keys, plan, state)
    report(
      .planned(
        records: plan.recordCount, shards: plan.shards.count,
        done: done.keys.reduce(0) { $0 + plan.shards[$1].count }))
    let manifest = try convert(plan, state, done, interruption, report)
    try manifest.write(to: output)
    return Report(manifest: manifest, wasComplete: false, resumedShards: done.count)
  }

  private func makePlan() throws -> ConversionPlan {
    try ConversionPlan(sources, recipe: recipe, shardBytes: shardBytes, limit: limit, jobs: jobs)
  }

  /// The manifest, if this very conversion is complete.
  private func finished(_ plan: ConversionPlan, _ state: ConversionState) throws -> Manifest? {
    guard File.exists(state.path(Manifest.fileName)) else { return nil }
    let manifest = try Manifest(directory: output)
    guard manifest.planSHA256 == plan.sha256 else { throw try refusal(plan, state) }
    for shard in manifest.shards {
      let path = state.path(shard.file)
      guard let file = try? FileHandleForReading(path), file.size == shard.bytes else {
        throw ECGError(
          .mismatch, "is not as the manifest says", file: path, advice: "convert again with --restart")
      }
    }
    return manifest
  }

  private func refusal(_ plan: ConversionPlan, _ state: ConversionState) throws -> ECGError {
    let difference = try state.plannedHeader().map { plan.difference(from: $0) } ?? "its plan is gone"
    return ECGError(
      .invalidArgument, "holds another conversion: \(difference)", file: output,
      advice: "choose another directory, or --restart to throw it away")
  }

  /// Makes the directory ready and returns the shards that are done, each checked against size and SHA-256.
  private func begin(
    _ plan: ConversionPlan, _ state: ConversionState
  ) throws -> [Int: (line: ConversionState.Line, statistics: LeadStatistics)] {
    try state.removePartialFiles()
    guard try state.plannedHeader() != nil else {
      try File.makeDirectory(state.path("shards"))
      try File.makeDirectory(state.path("ledger"))
      try File.write(plan.text, to: state.path(ConversionState.planFile))
      return [:]
    }
    guard try File.read(state.path(ConversionState.planFile)) == plan.text else {
      throw try refusal(plan, state)
    }
    var done: [Int: (line: ConversionState.Line, statistics: LeadStatistics)] = [:]
    for line in try state.journal() where plan.shards.indices.contains(line.shard) {
      guard let summary = try? ShardSummary(ShardReader(state.path(line.file.file))),
        summary.bytes == line.file.bytes, summary.sha256 == line.file.sha256,
        let ledger = try? FileHandleForReading(state.path(line.ledger.file)),
        ledger.size == line.ledger.bytes,
        try Digest.sha256(file: ledger) == line.ledger.sha256
      else { continue }
      done[line.shard] = (line, summary.statistics)
    }
    return done
  }

  /// Refuses to go on if a file that many records share is not what the finished shards were made from: the plan sees
  /// its size and tables, but not its samples.
  private func checkSharedFiles(_ done: some Sequence<Int>, _ plan: ConversionPlan, _ state: ConversionState)
    throws
  {
    var digests: [String: String] = [:]
    for index in done.sorted() {
      let path = state.path(ConversionState.ledgerPath(index))
      let lines = try File.readText(path).split(separator: "\n")
      for (line, planned) in zip(lines, plan.shards[index]) where planned.record.row != nil {
        let places = planned.record.files.map { File.join(sources[planned.source].root, $0) }
        guard places.contains(where: { digests[$0] == nil }) else { continue }
        let entry = try JSONText.decode(LedgerEntry.self, from: Array(line.utf8), file: path)
        for (place, file) in zip(places, entry.files) { digests[place] = file.sha256 }
      }
    }
    for (place, digest) in digests.sorted(by: { $0.key < $1.key }) {
      guard try Digest.sha256(file: FileHandleForReading(place)) == digest else {
        throw ECGError(
          .mismatch, "has changed since the conversion began", file: place,
          advice: "restore the file, or begin anew with --restart")
      }
    }
  }

  /// A shard that is done with its ledger.
  private typealias Finished = (line: ConversionState.Line, statistics: LeadStatistics)

  private func convert(
    _ plan: ConversionPlan, _ state: ConversionState, _ done: [Int: Finished], _ interruption: Interruption,
    _ report: @Sendable (Event) -> Void
  ) throws -> Manifest {
    var finished = done
    var journal = done.values.map(\.line).sorted { $0.shard < $1.shard }
    let converter = RecordConverter(recipe, sources: sources)
    // The last shard is synced and read back, and its ledger written, beside the next one's records.
    var last: Background<Finished>?
    func settle() throws {
      guard let shard = last else { return }
      last = nil
      let result = try shard.value()
      finished[result.line.shard] = result
      journal.append(result.line)
      try state.write(journal)
      report(.shard(result.line.file))
    }
    do {
      for (index, records) in plan.shards.enumerated() where done[index] == nil {
        let outcomes = try convert(records, converter, interruption, report)
        try settle()
        try interruption.check()
        last = try write(outcomes, index, plan, state, converter)
      }
    } catch {
      try? settle()
      throw error
    }
    try settle()
    journal.sort { $0.shard < $1.shard }
    let counts = journal.reduce(into: Manifest.Counts(planned: 0, stored: 0, repaired: 0, excluded: 0)) {
      $0.planned += $1.counts.planned
      $0.stored += $1.counts.stored
      $0.repaired += $1.counts.repaired
      $0.excluded += $1.counts.excluded
    }
    var statistics = LeadStatistics()
    for line in journal { if let shard = finished[line.shard] { statistics.merge(shard.statistics) } }
    return Manifest(
      plan: plan, shards: journal.map(\.file), ledgers: journal.map(\.ledger), counts: counts,
      statistics: statistics)
  }

  /// The records of one shard.
  private func convert(
    _ records: [ConversionPlan.PlannedRecord], _ converter: RecordConverter, _ interruption: Interruption,
    _ report: @Sendable (Event) -> Void
  ) throws -> [(stored: StoredRecord?, entry: LedgerEntry)] {
    try Parallel.map(records.count, jobs: jobs) { number in
      try interruption.check()
      let planned = records[number]
      let outcome = converter.convert(planned.record, of: sources[planned.source])
      if isStrict, outcome.entry.fate == .excluded, planned.record.exclusion?.rule != .recordPlaceholder {
        throw ECGError(
          .mismatch, "\(outcome.entry.rule?.rawValue ?? ""): \(outcome.entry.reason ?? "")",
          record: planned.record.id,
          advice: "mend it, or convert with --lenient to leave it out")
      }
      report(.record(outcome.entry))
      return outcome
    }
  }

  /// Writes a shard's bytes; that they are durable and right, and the ledger, is seen to beside the caller.
  ///
  /// No more than one shard's samples are in memory: the records are let go before the next ones come.
  private func write(
    _ outcomes: [(stored: StoredRecord?, entry: LedgerEntry)], _ index: Int, _ plan: ConversionPlan,
    _ state: ConversionState, _ converter: RecordConverter
  ) throws -> Background<Finished> {
    let metadata = ShardMetadata(
      sources: plan.header.sources.map(\.name), codes: plan.header.codes, recipe: try JSONText.line(recipe),
      shardIndex: index, shardCount: plan.shards.count, planSHA256: plan.sha256)
    let shardPath = ConversionState.shardPath(index, of: plan.shards.count)
    // Handed over whole: nothing here touches it again.
    nonisolated(unsafe) let shard = try ShardWriter(
      outcomes.compactMap(\.stored), metadata, to: state.path(shardPath))
    let entries = outcomes.map(\.entry)
    let records = plan.shards[index]
    return Background {
      let summary = try shard.finish()
      let ledgerPath = ConversionState.ledgerPath(index)
      let lines = try Parallel.map(entries.count, jobs: jobs) { number in
        let planned = records[number]
        return converter.complete(entries[number], of: planned.record, in: sources[planned.source]).line
      }
      let ledger = Array(lines.joined())
      try File.write(ledger, to: state.path(ledgerPath))
      let fates = entries.map(\.fate)
      let excluded = fates.count { $0 == .excluded }
      let line = ConversionState.Line(
        shard: index,
        file: Manifest.Shard(
          file: shardPath, bytes: summary.bytes, records: summary.records, samples: summary.frames,
          sha256: summary.sha256),
        ledger: Manifest.Ledger(
          file: ledgerPath, bytes: ledger.count, records: entries.count, sha256: Digest.sha256(ledger)),
        counts: Manifest.Counts(
          planned: entries.count, stored: entries.count - excluded, repaired: fates.count { $0 == .repaired },
          excluded: excluded))
      return (line, summary.statistics)
    }
  }
}
