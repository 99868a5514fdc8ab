extension Manifest {
  /// Makes the lost manifest of a finished conversion anew, from its shards, ledgers and plan; every byte of them is read
  /// and checked.
  ///
  /// Where the plan is lost too, the sources' versions and patients are unknown.
  ///
  /// - Parameters:
  ///   - directory: the shard directory.
  ///   - interruption: asks for an end; nothing is written then.
  ///   - progress: called with each shard that was read.
  /// - Returns: the manifest, which is written.
  /// - Throws: `ECGError` if shards are missing, damaged or not of one plan, if their ledgers do not account for their
  ///   records, or if there is a whole manifest already.
  public static func rebuild(
    _ directory: String, interruption: Interruption = Interruption(), progress: (String) -> Void = { _ in }
  ) throws -> Manifest {
    guard !File.list(File.join(directory, "shards")).isEmpty else {
      throw ECGError(.notFound, "holds no shards", file: directory)
    }
    do {
      _ = try Manifest(directory: directory)
      throw ECGError(.invalidArgument, "has a whole manifest already", file: directory)
    } catch let error as ECGError where [.notFound, .malformed, .mismatch].contains(error.code) {
      // Lost or damaged: this is what is mended.
    }
    let lock = try DirectoryLock(directory)
    defer { withExtendedLifetime(lock) {} }
    var manifests: [Manifest] = []
    var statistics = LeadStatistics()
    while true {
      let folder = Generation.folder(manifests.count)
      guard manifests.isEmpty || File.isDirectory(File.join(directory, folder)) else { break }
      manifests.append(try rebuild(folder, in: directory, &statistics, interruption, progress))
    }
    let folders = File.list(directory).filter { Generation.isFolder($0) }
    guard folders.count == manifests.count - 1 else {
      throw ECGError(
        .mismatch, "of its generations one is not here: \(folders.sorted().joined(separator: ", "))",
        file: directory,
        advice: "restore it, or move the later ones away")
    }
    let manifest = Manifest(merging: manifests, statistics: statistics)
    try manifest.write(to: directory)
    return try Manifest(directory: directory)
  }

  private static func rebuild(
    _ folder: String, in directory: String, _ statistics: inout LeadStatistics, _ interruption: Interruption,
    _ progress: (String) -> Void
  ) throws -> Manifest {
    let state = ConversionState(directory: File.join(directory, folder))
    let names = File.list(state.path("shards")).filter { $0.hasPrefix("s-") }.sorted()
    let readers = try names.map { try ShardReader(state.path("shards/\($0)")) }
      .sorted { $0.metadata.shardIndex < $1.metadata.shardIndex }
    guard let first = readers.first?.metadata,
      readers.map(\.metadata.shardIndex) == Array(0..<first.shardCount),
      readers.allSatisfy({
        $0.metadata.planSHA256 == first.planSHA256 && $0.metadata.codes == first.codes
          && $0.metadata.recipe == first.recipe && $0.metadata.sources == first.sources
      }), names == readers.indices.map({ File.name(of: ConversionState.shardPath($0, of: first.shardCount)) })
    else {
      throw ECGError(
        .mismatch, "its shards are not all of one plan", file: state.directory,
        advice: "run the conversion again to go on")
    }
    var sources = try sources(of: state, first)
    let (planned, kept) = (try plannedRecords(of: state, first), try state.journal())
    var journal: [ConversionState.Line] = []
    for reader in readers {
      try interruption.check("nothing was written")
      let index = reader.metadata.shardIndex
      let summary = try ShardSummary(reader)
      let ledgerPath = ConversionState.ledgerPath(index)
      let ledger = try File.read(state.path(ledgerPath))
      var fates = [Fates](repeating: Fates(), count: sources.count)
      let lines = ledger.split(separator: UInt8(ascii: "\n"))
      var (stored, told) = ([String](), [String]())
      for line in lines {
        let entry = try JSONText.decode(LedgerEntry.self, from: Array(line), file: state.path(ledgerPath))
        guard let source = sources.firstIndex(where: { $0.name == entry.source }) else {
          throw ECGError(
            .mismatch, "names a source \"\(entry.source)\" that its shard does not know",
            file: state.path(ledgerPath))
        }
        fates[source].add(entry.fate, entry.rule)
        told.append("\(entry.source) \(entry.id)")
        if entry.fate != .excluded { stored.append(entry.id) }
      }
      guard stored.count == reader.count,
        stored.flatMap({ RecordKey.field($0) }) == reader.columns.recordID,
        planned.map({ $0[index, default: []] == told }) ?? true
      else {
        throw ECGError(
          .mismatch, "does not account for the \(reader.count) records of its shard, or for those planned",
          file: state.path(ledgerPath), advice: "restore it, or convert again")
      }
      if let line = kept.first(where: { $0.shard == index }) {
        try Manifest.check(
          reader.file.path, bytes: summary.bytes, summary.sha256, line.file.bytes, line.file.sha256)
        try Manifest.check(
          state.path(ledgerPath), bytes: ledger.count, Digest.sha256(ledger), line.ledger.bytes,
          line.ledger.sha256)
      }
      for source in sources.indices { sources[source].fates.merge(fates[source]) }
      statistics.merge(summary.statistics)
      journal.append(
        ConversionState.Line(
          shard: index,
          file: Shard(
            file: ConversionState.shardPath(index, of: first.shardCount), bytes: summary.bytes,
            records: summary.records, samples: summary.frames, sha256: summary.sha256),
          ledger: Ledger(
            file: ledgerPath, bytes: ledger.count, records: lines.count, sha256: Digest.sha256(ledger)),
          fates: fates))
      progress(File.join(folder, ConversionState.shardPath(index, of: first.shardCount)))
    }
    let recipe = try JSONText.decode(
      Recipe.self, from: Array(first.recipe.utf8), file: readers[0].file.path)
    var manifest = Manifest(
      generations: [
        Generation(folder: "", planSHA256: first.planSHA256, codes: first.codes, shards: readers.count)
      ], codes: first.codes, sources: sources, recipe: recipe, shards: journal.map(\.file),
      ledgers: journal.map(\.ledger), statistics: LeadStatistics())
    manifest.move(to: [folder])
    return manifest
  }

  /// Source and id of the records that the plan has for each shard; nil where the plan is lost.
  private static func plannedRecords(of state: ConversionState, _ shard: ShardMetadata) throws -> [Int:
    [String]]?
  {
    let path = state.path(ConversionState.planFile)
    guard File.exists(path) else { return nil }
    guard try Digest.sha256(file: FileHandleForReading(path)) == shard.planSHA256 else {
      throw ECGError(
        .mismatch, "is not the plan that the shards were made by", file: path,
        advice: "restore it; without it, versions and patients are unknown")
    }
    var planned: [Int: [String]] = [:]
    for text in try File.read(path).split(separator: UInt8(ascii: "\n")).dropFirst() {
      let line = try JSONText.decode(ConversionPlan.Line.self, from: Array(text), file: path)
      planned[line.shard, default: []].append("\(line.source) \(line.id)")
    }
    return planned
  }

  /// The sources as the plan has them; by their names alone where it is lost.
  private static func sources(of state: ConversionState, _ shard: ShardMetadata) throws -> [Source] {
    if let header = try state.plannedHeader() {
      return header.sources.map {
        Source(
          name: $0.name, version: $0.version, patients: $0.patients, findings: $0.findings, fates: Fates())
      }
    }
    return shard.sources.map { Source(name: $0, version: "", patients: 0, findings: [], fates: Fates()) }
  }
}
