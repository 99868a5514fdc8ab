import Crypto
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
  /// Whether the records are set behind those of a finished conversion, as another ``Manifest/Generation``.
  public var appends = false

  /// Creates a conversion with the defaults.
  public init(sources: [any Dataset], output: String, recipe: Recipe = Recipe()) {
    self.sources = sources
    self.output = output
    self.recipe = recipe
  }

  /// What a run tells while it works; called from several threads.
  public enum Event: Sendable {
    /// The plan is made, of which `done` records are in finished shards already.
    case planned(Outline, done: Int)
    /// One more record has its fate; a file that it shares with others is in the ledger, not yet here.
    case record(LedgerEntry, seconds: Double, bytes: Int)
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

  /// The numbers of a plan.
  public struct Outline: Sendable {
    /// Records that will be stored or excluded.
    public var records: Int
    /// Files that they will be in.
    public var shards: Int
    /// Bytes of signal that will be stored if none is excluded.
    public var bytes: Int
    /// Seconds of ECG in them.
    public var seconds: Double

    init(_ plan: ConversionPlan) {
      records = plan.recordCount
      shards = plan.shards.count
      bytes = plan.bytes
      seconds = plan.seconds
    }
  }

  /// Makes the plan and converts a few of its records, storing nothing.
  ///
  /// - Parameters:
  ///   - trials: how many records at most are tried, evenly spaced.
  ///   - interruption: asks for an end.
  /// - Returns: the plan's numbers, how long a conversion is likely to take in seconds, and by how many records.
  /// - Throws: `ECGError` as ``run(interruption:report:)`` does for what the plan shows.
  public func rehearse(
    trials: Int = 64, interruption: Interruption = Interruption()
  ) throws -> (outline: Outline, seconds: Double, tried: Int) {
    let plan = try makePlan(interruption)
    if appends {
      _ = try preflight(plan, appendingTo: ShardSet(output))
    } else {
      _ = try preflight(plan, ConversionState(directory: output))
    }
    let planned = plan.recordCount
    let count = min(trials, planned)
    let converter = RecordConverter(recipe, sources: sources)
    // The first of a file pays for opening it, and for nothing that the others do.
    let first = plan.record(at: 0)
    _ = converter.convert(first.record, of: sources[first.dataset])
    let start = ContinuousClock.now
    _ = try Parallel.map(count, jobs: jobs) { index in
      try interruption.check("nothing was written")
      let trial = plan.record(at: index * planned / count)
      let entry = converter.convert(trial.record, of: sources[trial.dataset]).entry
      try checkStrictness(entry, of: trial.record)
      return entry.fate
    }
    let spent = (ContinuousClock.now - start) / .seconds(1)
    return (Outline(plan), spent * Double(planned) / Double(count), count)
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
    let plan = try makePlan(interruption)
    if appends { return try append(plan, interruption, report) }
    let state = ConversionState(directory: output)
    try state.checkOwnership()
    try File.makeDirectory(output)
    let lock = try DirectoryLock(output)
    defer { withExtendedLifetime(lock) {} }
    if let manifest = try preflight(plan, state) {
      return Report(manifest: manifest, wasComplete: true, resumedShards: manifest.shards.count)
    }
    if restart { try state.clear() }
    let (manifest, _, resumed) = try carryOut(plan, state, interruption, report)
    try manifest.write(to: output)
    return Report(manifest: manifest, wasComplete: false, resumedShards: resumed)
  }

  /// Converts into the next generation of a finished directory; the commit is a new manifest over old and new shards.
  private func append(
    _ plan: ConversionPlan, _ interruption: Interruption, _ report: @Sendable (Event) -> Void
  ) throws -> Report {
    // What is no shard directory gets no lock.
    _ = try Manifest(directory: output)
    let lock = try DirectoryLock(output)
    defer { withExtendedLifetime(lock) {} }
    let old = try ShardSet(output)
    if let known = try preflight(plan, appendingTo: old) {
      return Report(manifest: old.manifest, wasComplete: true, resumedShards: known.shards)
    }
    // The manifest holds means alone: the sums are taken anew, and all that it names is verified before the work.
    var whole = LeadStatistics()
    for (entry, shard) in zip(old.manifest.shards, old.shards) {
      try interruption.check(Interruption.resumes)
      let summary = try ShardSummary(shard)
      try Manifest.check(
        File.join(output, entry.file), bytes: summary.bytes, summary.sha256, entry.bytes, entry.sha256)
      whole.merge(summary.statistics)
    }
    for entry in old.manifest.ledgers {
      let path = File.join(output, entry.file)
      let file = try FileHandleForReading(path)
      try Manifest.check(path, bytes: file.size, Digest.sha256(file: file), entry.bytes, entry.sha256)
    }
    try old.manifest.checkPlans(in: output)
    let folder = Manifest.Generation.folder(old.manifest.generations.count)
    let state = next(to: old.manifest)
    try state.checkOwnership()
    try File.makeDirectory(state.directory)
    if restart { try state.clear() }
    var (added, statistics, resumed) = try carryOut(plan, state, interruption, report)
    added.move(to: [folder])
    for shard in statistics { whole.merge(shard) }
    let manifest = Manifest(merging: [old.manifest, added], statistics: whole)
    try manifest.write(to: output)
    return Report(manifest: manifest, wasComplete: false, resumedShards: resumed)
  }

  /// Converts what is not done yet of a plan.
  ///
  /// - Returns: the manifest of the plan's shards, the sums of each shard that its statistics are from, and how many
  ///   shards were there.
  private func carryOut(
    _ plan: ConversionPlan, _ state: ConversionState, _ interruption: Interruption,
    _ report: @Sendable (Event) -> Void
  ) throws -> (manifest: Manifest, statistics: [LeadStatistics], resumed: Int) {
    let done = try begin(plan, state, interruption)
    try checkSharedFiles(done.keys, plan, state, interruption)
    report(
      .planned(
        Outline(plan), done: done.keys.reduce(0) { $0 + plan.shards[$1].count }))
    let (journal, statistics) = try convertShards(of: plan, state, done, interruption, report)
    // Combined in the order of the shards: another order could round otherwise.
    var whole = LeadStatistics()
    for shard in statistics { whole.merge(shard) }
    let manifest = Manifest(plan: plan, journal: journal, statistics: whole)
    try check(manifest, against: plan)
    return (manifest, statistics, done.count)
  }

  private func makePlan(_ interruption: Interruption) throws -> ConversionPlan {
    try ConversionPlan(
      sources, recipe: recipe, shardBytes: shardBytes, limit: limit, jobs: jobs, until: interruption)
  }

  /// Makes the directory ready and returns the shards that are done, each checked against size and SHA-256.
  private func begin(
    _ plan: ConversionPlan, _ state: ConversionState, _ interruption: Interruption
  ) throws -> [Int: (line: ConversionState.Line, statistics: LeadStatistics)] {
    try state.removePartialFiles()
    guard try isBegun(plan, state) else {
      try File.makeDirectory(state.path("shards"))
      try File.makeDirectory(state.path("ledger"))
      try plan.write(to: state.path(ConversionState.planFile), jobs: jobs)
      return [:]
    }
    var done: [Int: (line: ConversionState.Line, statistics: LeadStatistics)] = [:]
    for line in try state.journal() where plan.shards.indices.contains(line.shard) {
      try interruption.check(Interruption.resumes)
      guard line.file.file == ConversionState.shardPath(line.shard, of: plan.shards.count),
        line.ledger.file == ConversionState.ledgerPath(line.shard),
        let summary = try? ShardSummary(ShardReader(state.path(line.file.file))),
        summary.bytes == line.file.bytes, summary.sha256 == line.file.sha256,
        summary.records == line.file.records, summary.frames == line.file.samples,
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
  private func checkSharedFiles(
    _ done: some Sequence<Int>, _ plan: ConversionPlan, _ state: ConversionState, _ interruption: Interruption
  ) throws {
    var digests: [String: String] = [:]
    for index in done.sorted() {
      let path = state.path(ConversionState.ledgerPath(index))
      let lines = try File.readText(path).split(separator: "\n")
      for (line, place) in zip(lines, plan.shards[index]) {
        let planned = plan.record(at: place)
        guard planned.record.row != nil else { continue }
        let places = planned.record.files.map { File.join(sources[planned.dataset].root, $0) }
        guard places.contains(where: { digests[$0] == nil }) else { continue }
        let entry = try JSONText.decode(LedgerEntry.self, from: Array(line.utf8), file: path)
        for (place, file) in zip(places, entry.files) { digests[place] = file.sha256 }
      }
    }
    for (place, digest) in digests.sorted(by: { $0.key < $1.key }) {
      guard try Digest.sha256(file: FileHandleForReading(place), until: interruption) == digest else {
        throw ECGError(
          .mismatch, "has changed since the conversion began", file: place,
          advice: "restore the file, or begin anew with --restart")
      }
    }
  }

  /// A shard that is done with its ledger.
  private typealias Finished = (line: ConversionState.Line, statistics: LeadStatistics)

  private func convertShards(
    of plan: ConversionPlan, _ state: ConversionState, _ done: [Int: Finished], _ interruption: Interruption,
    _ report: @Sendable (Event) -> Void
  ) throws -> (journal: [ConversionState.Line], statistics: [LeadStatistics]) {
    var finished = done
    var journal = done.values.map(\.line).sorted { $0.shard < $1.shard }
    // Without what cannot be relied on: a line behind that would be lost with it.
    try state.write(journal)
    let growing = try state.openJournal()
    let converter = RecordConverter(recipe, sources: sources)
    // The last shard is synced and read back, and its ledger written, beside the next one's records.
    var last: Background<Finished>?
    func settle() throws {
      guard let shard = last else { return }
      last = nil
      let result = try shard.value()
      finished[result.line.shard] = result
      journal.append(result.line)
      try growing.append(ConversionState.bytes(of: result.line))
      report(.shard(result.line.file))
    }
    do {
      for (index, places) in plan.shards.enumerated() where done[index] == nil {
        let outcomes = try convertRecords(places, of: plan, converter, interruption, report)
        try settle()
        try interruption.check(Interruption.resumes)
        last = try write(outcomes, index, plan, state, converter)
      }
    } catch {
      try? settle()
      throw error
    }
    try settle()
    let ordered = journal.sorted { $0.shard < $1.shard }
    if ordered.map(\.shard) != journal.map(\.shard) { try state.write(ordered) }
    return (ordered, ordered.compactMap { finished[$0.shard]?.statistics })
  }

  /// Makes sure that every planned record has one fate, before the commit says so.
  private func check(_ manifest: Manifest, against plan: ConversionPlan) throws {
    let counts = manifest.counts
    let isWhole =
      counts.planned == plan.recordCount && counts.stored + counts.excluded == counts.planned
      && manifest.shards.map(\.records).reduce(0, +) == counts.stored
      && manifest.ledgers.map(\.records) == plan.shards.map(\.count)
    guard isWhole else {
      throw ECGError(
        .mismatch,
        "of \(plan.recordCount) planned records \(counts.stored) are stored and \(counts.excluded) excluded",
        file: output, advice: "nothing was committed; convert again with --restart, and report this")
    }
  }

  /// The records of one shard.
  private func convertRecords(
    _ places: Range<Int>, of plan: ConversionPlan, _ converter: RecordConverter,
    _ interruption: Interruption, _ report: @Sendable (Event) -> Void
  ) throws -> [(stored: StoredRecord?, draft: LedgerDraft)] {
    try Parallel.map(places.count, jobs: jobs) { number in
      try interruption.check(Interruption.resumes)
      let planned = plan.record(at: places.lowerBound + number)
      let outcome = converter.convert(planned.record, of: sources[planned.dataset])
      try checkStrictness(outcome.entry, of: planned.record)
      let isStored = outcome.stored != nil
      report(
        .record(
          outcome.entry, seconds: isStored ? planned.seconds : 0,
          bytes: (outcome.stored?.signal.counts.count ?? 0) * MemoryLayout<Int16>.size))
      return (outcome.stored, LedgerDraft(outcome.entry))
    }
  }

  /// Writes a shard's bytes; that they are durable and right, and the ledger, is seen to beside the caller.
  ///
  /// No more than one shard's samples are in memory: the records are let go before the next ones come.
  private func write(
    _ outcomes: [(stored: StoredRecord?, draft: LedgerDraft)], _ index: Int, _ plan: ConversionPlan,
    _ state: ConversionState, _ converter: RecordConverter
  ) throws -> Background<Finished> {
    let metadata = ShardMetadata(
      sources: plan.header.sources.map(\.name), codes: plan.header.codes, recipe: try JSONText.line(recipe),
      shardIndex: index, shardCount: plan.shards.count, planSHA256: plan.sha256)
    let shardPath = ConversionState.shardPath(index, of: plan.shards.count)
    // Handed over whole: nothing here touches it again.
    nonisolated(unsafe) let shard = try ShardWriter(
      outcomes.compactMap(\.stored), metadata, to: state.path(shardPath))
    let drafts = outcomes.map(\.draft)
    let places = plan.shards[index]
    return Background {
      let summary = try shard.finish()
      let ledgerPath = ConversionState.ledgerPath(index)
      let ledger = try AtomicFile(state.path(ledgerPath))
      var (hash, size) = (SHA256(), 0)
      try Parallel.inOrder(drafts.count, by: 64, jobs: jobs) { part in
        try part.flatMap { number in
          let planned = plan.record(at: places.lowerBound + number)
          return try converter.complete(drafts[number], of: planned.record, in: sources[planned.dataset])
        }
      } take: { lines in
        try ledger.append(lines)
        hash.update(data: lines)
        size += lines.count
      }
      try ledger.commit()
      var fates = [Manifest.Fates](repeating: Manifest.Fates(), count: plan.header.sources.count)
      for (place, draft) in zip(places, drafts) { fates[plan.source(at: place)].add(draft.fate, draft.rule) }
      let line = ConversionState.Line(
        shard: index,
        file: Manifest.Shard(
          file: shardPath, bytes: summary.bytes, records: summary.records, samples: summary.frames,
          sha256: summary.sha256),
        ledger: Manifest.Ledger(
          file: ledgerPath, bytes: size, records: drafts.count, sha256: hash.finalize().hexadecimal),
        fates: fates)
      return (line, summary.statistics)
    }
  }
}
