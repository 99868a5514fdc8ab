/// What a conversion refuses before it changes anything; a rehearsal refuses the same.
extension Converter {
  /// What the directory says to a plan.
  ///
  /// - Returns: the manifest if this very conversion is finished; nil if there is work to do.
  func preflight(_ plan: ConversionPlan, _ state: ConversionState) throws -> Manifest? {
    guard File.exists(state.directory) else { return nil }
    try checkGenerations(state)
    if !restart, let manifest = try finished(plan, state) { return manifest }
    try checkBegun(plan, state)
    return nil
  }

  /// What a finished directory says to a plan whose records are to be set behind its own.
  ///
  /// - Returns: the generation that holds these very records; nil if there is work to do.
  func preflight(_ plan: ConversionPlan, appendingTo old: ShardSet) throws -> Manifest.Generation? {
    if let known = try committed(plan, in: old.manifest) { return known }
    try checkAppendable(plan, to: old)
    try checkBegun(plan, next(to: old.manifest))
    return nil
  }

  /// Refuses a directory of which a generation is left, but no manifest.
  func checkGenerations(_ state: ConversionState) throws {
    guard !restart, !File.exists(state.path(Manifest.fileName)),
      let other = File.list(state.directory).first(where: { Manifest.Generation.isFolder($0) })
    else { return }
    throw ECGError(
      .mismatch, "holds \(other), but no \(Manifest.fileName) names it", file: state.directory,
      advice: "einthoven rebuild makes the manifest anew; --restart throws all away")
  }

  /// The generation that holds this very plan's records already.
  func committed(_ plan: ConversionPlan, in manifest: Manifest) throws -> Manifest.Generation? {
    guard let known = manifest.generations.first(where: { $0.planSHA256 == plan.sha256 }) else { return nil }
    guard !restart else {
      throw ECGError(
        .invalidArgument, "holds these records already, and others may be behind them", file: output,
        advice: "with --append, --restart throws away what is unfinished alone")
    }
    try checkStrictness(of: known, in: manifest)
    return known
  }

  /// Where the generation behind a manifest's last is made.
  func next(to manifest: Manifest) -> ConversionState {
    ConversionState(
      directory: File.join(output, Manifest.Generation.folder(manifest.generations.count)))
  }

  /// Refuses, without a change, a directory that another conversion was begun in, or when strict one that left records out.
  func checkBegun(_ plan: ConversionPlan, _ state: ConversionState) throws {
    guard File.exists(state.directory) else { return }
    try state.checkOwnership()
    guard try !restart && isBegun(plan, state) else { return }
    try checkStrictness(state.journal().flatMap(\.fates))
  }

  /// Refuses to set records behind others of another treatment, or that are there already.
  func checkAppendable(_ plan: ConversionPlan, to old: ShardSet) throws {
    try old.checkTreatment(recipe, of: sources[0].root)
    let stored = Set((0..<old.count).map { old.key($0) })
    for planned in (0..<plan.recordCount).lazy.map({ plan.record(at: $0) }) {
      let name = type(of: sources[planned.dataset]).name
      guard !stored.contains(RecordKey.key(source: name, id: planned.record.id)) else {
        throw ECGError(
          .invalidArgument, "is in \(output) already", file: sources[planned.dataset].root,
          record: planned.record.id,
          advice: "append collections that are not")
      }
    }
  }

  /// The manifest, if this very conversion is complete.
  func finished(_ plan: ConversionPlan, _ state: ConversionState) throws -> Manifest? {
    guard File.exists(state.path(Manifest.fileName)) else { return nil }
    let manifest = try Manifest(directory: output)
    // What was appended since does not change what was asked for.
    guard manifest.generations.first?.planSHA256 == plan.sha256 else { throw try refusal(plan, state) }
    let files = manifest.shards.map { ($0.file, $0.bytes) } + manifest.ledgers.map { ($0.file, $0.bytes) }
    for (name, bytes) in files {
      let path = state.path(name)
      guard let file = try? FileHandleForReading(path), file.size == bytes else {
        throw ECGError(
          .mismatch, "is not as the manifest says", file: path, advice: "convert again with --restart")
      }
    }
    try manifest.checkPlans(in: output)
    if let first = manifest.generations.first { try checkStrictness(of: first, in: manifest) }
    return manifest
  }

  /// When strict, refuses what an earlier run left out of a generation.
  func checkStrictness(of generation: Manifest.Generation, in manifest: Manifest) throws {
    guard isStrict else { return }
    let journal = try ConversionState(directory: File.join(output, generation.folder)).journal()
    // The manifest has the sum of all generations.
    try checkStrictness(
      journal.count == generation.shards ? journal.flatMap(\.fates) : manifest.sources.map(\.fates))
  }

  /// When strict, refuses a record that is left out.
  func checkStrictness(_ entry: LedgerEntry, of record: SourceRecord) throws {
    guard isStrict, entry.fate == .excluded, record.exclusion?.rule != .recordPlaceholder else { return }
    throw ECGError(
      .mismatch, "\(entry.rule?.rawValue ?? ""): \(entry.reason ?? "")", record: record.id,
      advice: "mend it, or convert with --lenient to leave it out")
  }

  /// When strict, refuses what an earlier run left out.
  func checkStrictness(_ fates: [Manifest.Fates]) throws {
    guard isStrict else { return }
    var reasons: [String: Int] = [:]
    for (rule, count) in fates.flatMap(\.excluded) where rule != Rule.recordPlaceholder.rawValue {
      reasons[rule, default: 0] += count
    }
    guard !reasons.isEmpty else { return }
    let list = reasons.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    throw ECGError(
      .mismatch, "records were left out here by an earlier run: \(list)", file: output,
      advice: "mend them and convert with --restart, or convert with --lenient")
  }

  func refusal(_ plan: ConversionPlan, _ state: ConversionState) throws -> ECGError {
    if try state.plannedHeader() == plan.header {
      return ECGError(
        .mismatch, "is damaged: its lines are not what its first one stands for",
        file: state.path(ConversionState.planFile), advice: "restore it, or begin anew with --restart")
    }
    let difference = try state.plannedHeader().map { plan.difference(from: $0) } ?? "its plan is gone"
    return ECGError(
      .invalidArgument, "holds another conversion: \(difference)", file: state.directory,
      advice: state.directory == output
        ? "choose another directory, or --restart to throw it away"
        : "finish that one first, or --append --restart to throw it away")
  }

  /// Whether the directory holds this plan; refuses another one.
  func isBegun(_ plan: ConversionPlan, _ state: ConversionState) throws -> Bool {
    guard try state.plannedHeader() != nil else { return false }
    let planned = try FileHandleForReading(state.path(ConversionState.planFile))
    guard try Digest.sha256(file: planned) == plan.sha256 else { throw try refusal(plan, state) }
    return true
  }
}
