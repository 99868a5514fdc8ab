import Crypto

/// What a conversion will write, known before a sample is read: the order of records and the shard of each.
///
/// Records are ordered by SHA-256(seed, source, 0x00, id), so shards are shuffled once and for all, and
/// packed by their planned samples. Where a file is compressed in blocks of several records, the blocks are shuffled, and
/// the records within each. Boundaries depend on sources and recipe alone; hence the same bytes from
/// any number of workers.
struct ConversionPlan: Sendable {
  /// The first line of `plan.jsonl`: everything that decides the bytes.
  struct Header: Codable, Equatable {
    struct Source: Codable, Equatable {
      var name: String
      var version: String
      var records: Int
      /// How many patients the tables tell of; 0 means that no split by patient is possible.
      var patients: Int
      /// How many blocks the records are read in; nil where each is read by itself.
      var blocks: Int?
      /// What is wrong with its tables where no single record is concerned.
      var findings: [Finding]
    }

    var format = ShardMetadata.format
    var formatVersion = ShardMetadata.formatVersion
    var recipe: Recipe
    var sources: [Source]
    var codes: [String]
    var shardBytes: Int
    var limit: Int?
    /// SHA-256 over everything that the tables say of the planned records, and their files' sizes.
    var recordsSHA256: String

    private enum CodingKeys: String, CodingKey {
      case format, recipe, sources, codes, limit
      case formatVersion = "format_version"
      case shardBytes = "shard_bytes"
      case recordsSHA256 = "records_sha256"
    }
  }

  /// A line of `plan.jsonl`.
  struct Line: Codable, Equatable {
    var source: String
    var id: String
    var shard: Int
    var frames: Int

    /// The line in UTF-8, with its end.
    var bytes: [UInt8] {
      var line = JSONLine()
      line.object {
        $0.field("frames", frames)
        $0.field("id", id)
        $0.field("shard", shard)
        $0.field("source", source)
      }
      return line.bytes + [UInt8(ascii: "\n")]
    }
  }

  struct PlannedRecord: Sendable {
    /// Index into the sources.
    var source: Int
    var record: SourceRecord
    var frames: Int
    /// Seconds of ECG; 0 where the header cannot be read.
    var seconds = 0.0
  }

  let header: Header
  /// Records by shard.
  let shards: [[PlannedRecord]]
  /// The bytes of `plan.jsonl`.
  let text: [UInt8]
  /// Its SHA-256.
  let sha256: String

  var recordCount: Int { shards.reduce(0) { $0 + $1.count } }

  private static let greatestFrameCount = 1_000_000_000_000
  static let bytesPerFrame = Lead.count * MemoryLayout<Int16>.size

  /// Reads every header and lays the records out.
  ///
  /// A record whose header cannot be read is planned with no samples: its fate is told when it is its turn.
  init(_ sources: [any Dataset], recipe: Recipe, shardBytes: Int, limit: Int?, jobs: Int) throws {
    try recipe.source.checkHeeded(by: sources)
    if let other = sources.first(where: { $0.options != recipe.source }) {
      throw ECGError(
        .invalidArgument, "was opened with other source options than the recipe has", file: other.root)
    }
    var ordered = try ConversionPlan.order(sources, seed: recipe.seed)
    if let limit { ordered = Array(ordered.prefix(limit)) }
    guard !ordered.isEmpty else { throw ECGError(.invalidArgument, "the sources have no records") }
    let extents = try Parallel.map(ordered.count, jobs: jobs) { [ordered] index in
      let planned = ordered[index].planned
      guard let extent = try? sources[planned.source].extent(of: planned.record) else { return (0, 0.0) }
      let frames = ConversionPlan.plannedFrames(extent, rate: recipe.rate.hertz)
      return (frames, frames > 0 ? Double(extent.frames) / extent.rate : 0)
    }
    var shards: [[PlannedRecord]] = [[]]
    var filled = 0
    for (index, entry) in ordered.enumerated() {
      var planned = entry.planned
      (planned.frames, planned.seconds) = extents[index]
      let bytes = planned.frames * ConversionPlan.bytesPerFrame
      if filled + bytes > shardBytes, !shards[shards.count - 1].isEmpty {
        shards.append([])
        filled = 0
      }
      shards[shards.count - 1].append(planned)
      filled += bytes
    }
    header = Header(
      recipe: recipe,
      sources: sources.map {
        ConversionPlan.describe($0)
      },
      codes: Set(ordered.flatMap { $0.planned.record.statements.map(\.code) }).sorted(),
      shardBytes: shardBytes, limit: limit,
      recordsSHA256: ConversionPlan.digest(of: ordered.map(\.planned), sources))
    self.shards = shards
    var text = Array((try JSONText.line(header) + "\n").utf8)
    for (shard, records) in shards.enumerated() {
      for planned in records {
        let source = header.sources[planned.source].name
        text += Line(source: source, id: planned.record.id, shard: shard, frames: planned.frames).bytes
      }
    }
    self.text = text
    sha256 = Digest.sha256(text)
  }

  private static func describe(_ dataset: any Dataset) -> Header.Source {
    let blocks = Set(dataset.records.lazy.compactMap { dataset.block(of: $0) }).count
    return Header.Source(
      name: type(of: dataset).name, version: dataset.version, records: dataset.records.count,
      patients: dataset.patientCount, blocks: blocks == 0 ? nil : blocks, findings: dataset.collectionFindings
    )
  }

  /// All records by SHA-256 of seed, source and id; those of one block stand together, the blocks in the order of their
  /// names' SHA-256.
  private static func order(_ sources: [any Dataset], seed: UInt64) throws -> [(
    block: [UInt8], key: [UInt8], planned: PlannedRecord
  )] {
    var ordered: [(block: [UInt8], key: [UInt8], planned: PlannedRecord)] = []
    var seen: [String: [String: Int]] = [:]
    for (index, dataset) in sources.enumerated() {
      let name = type(of: dataset).name
      var blocks: [String: [UInt8]] = [:]
      for record in dataset.records {
        if let other = seen[name, default: [:]].updateValue(index, forKey: record.id) {
          throw ECGError(
            .invalidArgument,
            other == index
              ? "two records have this id" : "\(sources[other].root) has a record of this id too",
            file: dataset.root, record: record.id,
            advice: other == index ? "ids must differ" : "convert the two sources apart")
        }
        let key = RecordKey.order(seed: seed, source: name, id: record.id)
        var blockKey = key
        if let block = dataset.block(of: record) {
          blockKey = blocks[block] ?? RecordKey.order(seed: seed, source: name, id: block)
          blocks[block] = blockKey
        }
        ordered.append((blockKey, key, PlannedRecord(source: index, record: record, frames: 0)))
      }
    }
    ordered.sort {
      $0.block == $1.block
        ? $0.key.lexicographicallyPrecedes($1.key) : $0.block.lexicographicallyPrecedes($1.block)
    }
    return ordered
  }

  private static func digest(of planned: [PlannedRecord], _ sources: [any Dataset]) -> String {
    var hash = SHA256()
    // A file that many records share is asked for its size once.
    var sizes: [String: Int] = [:]
    let findings = sources.map { Dictionary(grouping: $0.findings, by: \.record) }
    for entry in planned {
      let record = entry.record
      let labels = record.statements.map { "\($0.code)=\($0.value)" }
      let attributes = record.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let files = record.files.map { name in
        let path = File.join(sources[entry.source].root, name)
        let size = (record.row == nil ? nil : sizes[path]) ?? File.size(of: path) ?? -1
        if record.row != nil { sizes[path] = size }
        return "\(name)=\(size)"
      }
      let person = [record.id, record.patient ?? "", "\(record.age)", "\(record.sex)", "\(record.fold)"]
      let found = ((findings[entry.source][record.id] ?? []) + [record.exclusion].compactMap(\.self)).map {
        "\($0.rule.rawValue) \($0.message)"
      }
      let place = ["\(record.row ?? -1)", "\(record.flags.rawValue)"]
      let text = (person + place + labels + files + attributes + found).joined(separator: "\u{1F}") + "\u{1E}"
      hash.update(data: Array(text.utf8))
    }
    return hash.finalize().hexadecimal
  }

  /// What any mode of resampling makes of a record's frames, without trust in the number of either; 0 for a rate
  /// from which none leads to the wanted one.
  private static func plannedFrames(_ extent: (frames: Int, rate: Double), rate target: Double?) -> Int {
    guard (0..<greatestFrameCount).contains(extent.frames) else { return 0 }
    guard let target, target != extent.rate else { return extent.frames }
    let frames = (try? RateRatio(from: extent.rate, to: target))?.outputCount(extent.frames) ?? 0
    return frames < greatestFrameCount ? frames : 0
  }

  /// In a few words, how another plan's header differs from this one.
  func difference(from other: Header) -> String {
    var parts = header.recipe.differences(from: other.recipe)
    func compare<Value: Equatable>(_ name: String, _ old: Value, _ new: Value) {
      if old != new { parts.append("\(name) was \(old), is \(new)") }
    }
    compare("sources", describe(other.sources), describe(header.sources))
    compare("shard size", other.shardBytes, header.shardBytes)
    compare("label codes", other.codes.count, header.codes.count)
    compare("limit", other.limit.map(String.init) ?? "none", header.limit.map(String.init) ?? "none")
    return parts.isEmpty
      ? "labels, tables or files of its records have changed" : parts.joined(separator: ", ")
  }

  private func describe(_ sources: [Header.Source]) -> String {
    sources.map { "\($0.name) with \($0.records) records" }.joined(separator: " and ")
  }
}
