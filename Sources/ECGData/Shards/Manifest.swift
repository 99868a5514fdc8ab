/// The commit of a shard directory, `manifest.json`: written last, by rename.
///
/// It names every file with its size and SHA-256 and carries a SHA-256 of itself, taken with that field set
/// to 64 zeros.
public struct Manifest: Codable, Sendable, Equatable {
  /// A shard file.
  public struct Shard: Codable, Sendable, Equatable {
    /// Path relative to the directory.
    public var file: String
    /// Size in bytes.
    public var bytes: Int
    /// Number of records.
    public var records: Int
    /// Samples per lead of all records together.
    public var samples: Int
    /// SHA-256 in hexadecimal.
    public var sha256: String
  }

  /// A ledger file.
  public struct Ledger: Codable, Sendable, Equatable {
    /// Path relative to the directory.
    public var file: String
    /// Size in bytes.
    public var bytes: Int
    /// Number of lines.
    public var records: Int
    /// SHA-256 in hexadecimal.
    public var sha256: String
  }

  /// A collection.
  public struct Source: Codable, Sendable, Equatable {
    /// The adapter's name.
    public var name: String
    /// The collection's version, if the files tell.
    public var version: String
    /// How many patients its tables tell of; 0 means that no split by patient is possible.
    public var patients: Int
    /// What is wrong with its tables where no single record is concerned, such as parts that are not here.
    public var findings: [Finding]
    /// What became of its records.
    public var fates: Fates
  }

  /// What became of the records of a source.
  public struct Fates: Codable, Sendable, Equatable {
    /// All that are in the plan.
    public var planned = 0
    /// Those in the shards, repaired ones among them.
    public var stored = 0
    /// Those stored after a repair.
    public var repaired = 0
    /// Those left out, by the rule's id.
    public var excluded: [String: Int] = [:]

    /// No records.
    public init() {}

    /// Counts a record's entry.
    mutating func add(_ fate: LedgerEntry.Fate, _ rule: Rule?) {
      planned += 1
      switch fate {
      case .stored: stored += 1
      case .repaired:
        stored += 1
        repaired += 1
      case .excluded: excluded[rule?.rawValue ?? "", default: 0] += 1
      }
    }

    /// These and other records of the same source.
    func merging(_ other: Fates) -> Fates {
      var sum = self
      sum.merge(other)
      return sum
    }

    /// Adds other records of the same source.
    mutating func merge(_ other: Fates) {
      planned += other.planned
      stored += other.stored
      repaired += other.repaired
      excluded.merge(other.excluded, uniquingKeysWith: +)
    }
  }

  /// Fates of the planned records.
  public struct Counts: Codable, Sendable, Equatable {
    /// All records of the plan.
    public var planned: Int
    /// Those in the shards, repaired ones among them.
    public var stored: Int
    /// Those stored after a repair.
    public var repaired: Int
    /// Those left out.
    public var excluded: Int

    /// Creates counts.
    public init(planned: Int, stored: Int, repaired: Int, excluded: Int) {
      (self.planned, self.stored, self.repaired, self.excluded) = (planned, stored, repaired, excluded)
    }

    /// Those of all sources together.
    init(_ sources: [Fates]) {
      self.init(
        planned: sources.reduce(0) { $0 + $1.planned }, stored: sources.reduce(0) { $0 + $1.stored },
        repaired: sources.reduce(0) { $0 + $1.repaired },
        excluded: sources.reduce(0) { $0 + $1.excluded.values.reduce(0, +) })
    }
  }

  /// Per-lead statistics of the training folds, in mV, each of shape [12].
  public struct Statistics: Codable, Sendable, Equatable {
    /// Folds that do not count.
    public var excludedFolds: [UInt8]
    /// Mean; 0 for a lead without samples.
    public var mean: [Double]
    /// Standard deviation; 0 for a lead without samples.
    public var standardDeviation: [Double]
    /// Samples counted.
    public var samples: [Int]

    private enum CodingKeys: String, CodingKey {
      case excludedFolds = "excluded_folds"
      case mean = "mean_mv"
      case standardDeviation = "sd_mv"
      case samples
    }

    /// Refuses what cannot be statistics of twelve leads.
    ///
    /// - Throws: `ECGError.Code.malformed`.
    public func check(file: String) throws {
      guard [mean.count, standardDeviation.count, samples.count] == [Lead.count, Lead.count, Lead.count]
      else { throw ECGError(.malformed, "its statistics are not of twelve leads", file: file) }
      guard samples.allSatisfy({ (0...(1 << 52)).contains($0) }), mean.allSatisfy(\.isFinite),
        standardDeviation.allSatisfy({ $0 == 0 || $0.isNormal && $0 > 0 })
      else { throw ECGError(.malformed, "its statistics are no means and standard deviations", file: file) }
    }
  }

  /// `ecg-shard`.
  public var format = ShardMetadata.format
  /// `1.0`.
  public var formatVersion = ShardMetadata.formatVersion
  /// The twelve leads.
  public var leads = Lead.names
  /// Label codes of all shards.
  public var codes: [String]
  /// The collections.
  public var sources: [Source]
  /// How the records were treated.
  public var recipe: Recipe
  /// The shards in order.
  public var shards: [Shard]
  /// The ledgers in order.
  public var ledgers: [Ledger]
  /// Means and standard deviations.
  public var statistics: Statistics
  /// Fates.
  public var counts: Counts
  /// SHA-256 of `plan.jsonl`; of several generations, over theirs in order.
  public var planSHA256: String
  /// What was converted together; the shards stand in their order.
  public var generations: [Generation]
  /// SHA-256 over the shards' SHA-256s (their hexadecimal text) in order: the dataset's identity.
  public var fingerprint: String
  /// SHA-256 of this file with this field set to 64 zeros.
  public var sha256 = Manifest.unsigned

  private enum CodingKeys: String, CodingKey {
    case format, leads, codes, sources, recipe, shards, ledgers, generations, statistics, counts, fingerprint,
      sha256
    case formatVersion = "format_version"
    case planSHA256 = "plan_sha256"
  }

  /// The name of the file.
  public static let fileName = "manifest.json"
  private static let unsigned = String(repeating: "0", count: 64)

  /// The dataset's identity from the shards' SHA-256s.
  static func fingerprint(_ shards: [Shard]) -> String {
    Digest.sha256(shards.flatMap { Array($0.sha256.utf8) })
  }

  /// Samples per lead of all shards.
  public var samples: Int { shards.reduce(0) { $0 + $1.samples } }

  /// Size of all shards in bytes.
  public var bytes: Int { shards.reduce(0) { $0 + $1.bytes } }

  /// Reads and checks the manifest of a shard directory.
  ///
  /// - Throws: `notFound` if there is none, `malformed`, `unsupported` for another major version, or
  ///   `mismatch` if its own SHA-256 or fingerprint does not agree.
  public init(directory: String) throws {
    let path = File.join(directory, Manifest.fileName)
    guard File.isDirectory(directory) else { throw ECGError(.notFound, "is no directory", file: directory) }
    guard File.exists(path) else {
      let isUnfinished = File.exists(File.join(directory, ConversionState.planFile))
      let hasShards = !File.list(File.join(directory, "shards")).isEmpty
      throw ECGError(
        .notFound, "is no shard directory: it has no \(Manifest.fileName)", file: directory,
        advice: isUnfinished
          ? "its conversion is unfinished: run it again to go on"
            + (hasShards ? ", or einthoven rebuild if only the manifest was lost" : "")
          : hasShards ? "einthoven rebuild makes it anew from its shards" : nil)
    }
    let text = try File.readText(path)
    self = try JSONText.decode(Manifest.self, from: Array(text.utf8), file: path)
    guard format == ShardMetadata.format, formatVersion.split(separator: ".").first == "1" else {
      throw ECGError(
        .unsupported, "is of format \(format) \(formatVersion); ecg-shard 1.x is read", file: path)
    }
    let zeroed = text.split(separator: sha256, omittingEmptySubsequences: false).joined(
      separator: Manifest.unsigned)
    guard sha256.utf8.count == 64, Digest.sha256(zeroed.utf8) == sha256 else {
      throw ECGError(
        .mismatch, "was changed after it was written: its own SHA-256 does not agree", file: path,
        advice: "restore it, or convert again")
    }
    guard fingerprint == Manifest.fingerprint(shards) else {
      throw ECGError(.mismatch, "its fingerprint does not agree with its shards' SHA-256s", file: path)
    }
    let names = shards.map(\.file) + ledgers.map(\.file)
    guard Set(names).count == names.count else {
      throw ECGError(.malformed, "names a file twice", file: path)
    }
    guard names.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("/") && !$0.split(separator: "/").contains("..") })
    else {
      throw ECGError(.malformed, "names a file outside its directory", file: path)
    }
    try checkNumbers(path)
    try statistics.check(file: path)
  }

  /// Refuses numbers that cannot be, so that sums over them are safe.
  private func checkNumbers(_ path: String) throws {
    let limit = 1 << 52
    var records = 0
    guard shards.count == ledgers.count, generations.allSatisfy({ (0...shards.count).contains($0.shards) }),
      generations.reduce(0, { $0 + $1.shards }) == shards.count
    else { throw ECGError(.malformed, "its generations are not those of its shards", file: path) }
    for shard in shards {
      guard [shard.bytes, shard.records, shard.samples].allSatisfy({ (0...limit).contains($0) }) else {
        throw ECGError(.malformed, "states an impossible size of \(shard.file)", file: path)
      }
      records = min(limit, records + shard.records)
    }
    guard shards.count < 1_000_000, shards.reduce(0.0, { $0 + Double($1.bytes) }) < 1e18 else {
      throw ECGError(.malformed, "states impossible sizes", file: path)
    }
    guard records == counts.stored, counts.excluded >= 0, counts.planned == counts.stored + counts.excluded,
      (0...counts.stored).contains(counts.repaired)
    else { throw ECGError(.malformed, "its counts do not add up to its shards' records", file: path) }
    guard leads == Lead.names else {
      throw ECGError(.unsupported, "its leads are not the twelve in canonical order", file: path)
    }
  }

  init(
    generations: [Generation], codes: [String], sources: [Source], recipe: Recipe, shards: [Shard],
    ledgers: [Ledger], statistics: LeadStatistics
  ) {
    self.generations = generations
    self.codes = codes
    self.sources = sources
    self.recipe = recipe
    self.shards = shards
    self.ledgers = ledgers
    self.statistics = Statistics(
      excludedFolds: ShardSummary.heldOutFolds.sorted(), mean: statistics.mean,
      standardDeviation: statistics.standardDeviation, samples: statistics.count)
    counts = Counts(sources.map(\.fates))
    let plans = generations.map(\.planSHA256)
    planSHA256 = plans.count == 1 ? plans[0] : Digest.sha256(plans.flatMap { Array($0.utf8) })
    fingerprint = Manifest.fingerprint(shards)
  }

  /// The manifest of one conversion, whose journal has a line for every shard of the plan, in order.
  init(plan: ConversionPlan, journal: [ConversionState.Line], statistics: LeadStatistics) {
    let sources = plan.header.sources.enumerated().map { index, source in
      var fates = Fates()
      for line in journal where line.fates.indices.contains(index) { fates.merge(line.fates[index]) }
      return Source(
        name: source.name, version: source.version, patients: source.patients, findings: source.findings,
        fates: fates)
    }
    self.init(
      generations: [
        Generation(folder: "", planSHA256: plan.sha256, codes: plan.header.codes, shards: journal.count)
      ], codes: plan.header.codes, sources: sources, recipe: plan.header.recipe,
      shards: journal.map(\.file), ledgers: journal.map(\.ledger), statistics: statistics)
  }

  /// Writes the manifest: from here on the directory is a finished conversion.
  func write(to directory: String) throws {
    var signed = self
    signed.sha256 = Manifest.unsigned
    signed.sha256 = Digest.sha256((try JSONText.pretty(signed) + "\n").utf8)
    try File.write((JSONText.pretty(signed) + "\n").utf8, to: File.join(directory, Manifest.fileName))
  }
}
