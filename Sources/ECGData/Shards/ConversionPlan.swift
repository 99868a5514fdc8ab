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
    /// Index into the collections that are converted.
    var dataset: Int
    var record: SourceRecord
    var frames: Int
    /// Seconds of ECG; 0 where the header cannot be read.
    var seconds: Double
  }

  let header: Header
  /// The places in the plan of each shard's records.
  let shards: [Range<Int>]
  /// SHA-256 of `plan.jsonl`.
  let sha256: String
  /// Bytes of signal that will be stored if none is excluded.
  let bytes: Int
  /// Seconds of ECG in them.
  let seconds: Double
  private let sources: [any Dataset]
  /// The index in the header's sources of each collection: what one adapter reads in several folders is one source.
  private let sourceOfDataset: [Int]
  private let entries: [Entry]

  /// A record's place in its source, and its extent: a million are planned in 24 MB.
  private struct Entry: Equatable {
    var source: UInt32
    var index: UInt32
    var frames = 0
    var seconds: Float = 0
  }

  var recordCount: Int { entries.count }

  private static let greatestFrameCount = 1_000_000_000_000
  static let bytesPerFrame = Lead.count * MemoryLayout<Int16>.size
  /// Of records of less than two seconds so many fill a shard: their lines of the ledger wait in memory until it is written.
  private static let mostRecordsOfShard = 1 << 15
  /// Records that a thread takes at once.
  private static let batch = 512

  /// Reads every header and lays the records out.
  ///
  /// A record whose header cannot be read is planned with no samples: its fate is told when it is its turn.
  ///
  /// - Complexity: O(n log n) for n records; memory beside the sources' own some 50 bytes a record.
  init(
    _ sources: [any Dataset], recipe: Recipe, shardBytes: Int, limit: Int?, jobs: Int,
    until end: Interruption = Interruption()
  ) throws {
    try recipe.source.checkHeeded(by: sources)
    if let other = sources.first(where: { $0.options != recipe.source }) {
      throw ECGError(
        .invalidArgument, "was opened with other source options than the recipe has", file: other.root)
    }
    var entries = try ConversionPlan.order(sources, seed: recipe.seed, jobs: jobs, until: end)
    if let limit, limit < entries.count { entries.removeLast(entries.count - limit) }
    guard !entries.isEmpty else { throw ECGError(.invalidArgument, "the sources have no records") }
    let survey = try ConversionPlan.survey(
      &entries, sources, rate: recipe.rate.hertz, jobs: jobs, until: end)
    try ConversionPlan.checkReach(of: recipe, survey.rates)
    var ends: [Int] = []
    var filled = 0
    for (place, entry) in entries.enumerated() {
      let bytes = entry.frames * ConversionPlan.bytesPerFrame
      let records = place - (ends.last ?? 0)
      if records == ConversionPlan.mostRecordsOfShard || filled + bytes > shardBytes && records > 0 {
        ends.append(place)
        filled = 0
      }
      filled += bytes
    }
    ends.append(entries.count)
    let names = sources.map { type(of: $0).name }
    var distinct: [String] = []
    for name in names where !distinct.contains(name) { distinct.append(name) }
    sourceOfDataset = names.map { name in distinct.firstIndex(of: name) ?? 0 }
    header = Header(
      recipe: recipe,
      sources: distinct.map { name in ConversionPlan.describe(sources.filter { type(of: $0).name == name }) },
      codes: survey.codes.sorted(),
      shardBytes: shardBytes, limit: limit, recordsSHA256: survey.sha256)
    shards = zip([0] + ends, ends).map { $0..<$1 }
    bytes = entries.reduce(0) { $0 + $1.frames } * ConversionPlan.bytesPerFrame
    seconds = entries.reduce(0) { $0 + Double($1.seconds) }
    self.entries = entries
    self.sources = sources
    var hash = SHA256()
    try ConversionPlan.lines(header, shards, entries, sources, jobs: jobs) { hash.update(data: $0) }
    sha256 = hash.finalize().hexadecimal
  }

  /// The record at a place of the plan.
  func record(at place: Int) -> PlannedRecord {
    let entry = entries[place]
    return PlannedRecord(
      dataset: Int(entry.source), record: sources[Int(entry.source)].records[Int(entry.index)],
      frames: entry.frames, seconds: Double(entry.seconds))
  }

  /// The index in the header's sources of the record at a place.
  func source(at place: Int) -> Int { sourceOfDataset[Int(entries[place].source)] }

  /// Writes `plan.jsonl`.
  func write(to path: String, jobs: Int) throws {
    let file = try AtomicFile(path)
    try ConversionPlan.lines(header, shards, entries, sources, jobs: jobs) { try file.append($0) }
    try file.commit()
  }

  /// The bytes of `plan.jsonl`, some at a time.
  private static func lines(
    _ header: Header, _ shards: [Range<Int>], _ entries: [Entry], _ sources: [any Dataset], jobs: Int,
    _ take: ([UInt8]) throws -> Void
  ) throws {
    try take(Array((try JSONText.line(header) + "\n").utf8))
    for (shard, range) in shards.enumerated() {
      try Parallel.inOrder(range.count, by: batch, jobs: jobs) { part in
        part.flatMap { number in
          let entry = entries[range.lowerBound + number]
          let dataset = sources[Int(entry.source)]
          return Line(
            source: type(of: dataset).name, id: dataset.records.ids[Int(entry.index)], shard: shard,
            frames: entry.frames
          ).bytes
        }
      } take: {
        try take($0)
      }
    }
  }

  /// What the header tells of the collections that one adapter reads.
  private static func describe(_ datasets: [any Dataset]) -> Header.Source {
    let blocks = datasets.reduce(0) { sum, dataset in
      guard dataset.records.contains(where: { dataset.block(of: $0) != nil }) else { return sum }
      return sum + Set(dataset.records.lazy.compactMap { dataset.block(of: $0) }).count
    }
    var versions: [String] = []
    for dataset in datasets where !dataset.version.isEmpty && !versions.contains(dataset.version) {
      versions.append(dataset.version)
    }
    var patients: Set<String> = []
    for dataset in datasets { patients.formUnion(dataset.records.patients) }
    return Header.Source(
      name: type(of: datasets[0]).name, version: versions.joined(separator: ", "),
      records: datasets.reduce(0) { $0 + $1.records.count }, patients: patients.count,
      blocks: blocks == 0 ? nil : blocks, findings: datasets.flatMap(\.findings))
  }

  /// What orders a record: the first bytes of its SHA-256 and of its block's.
  private struct Key {
    var block: UInt64
    var record: UInt64
    var entry: Entry
  }

  /// All records by SHA-256 of seed, source and id; those of one block stand together, the blocks in the order of their
  /// names' SHA-256.
  private static func order(_ sources: [any Dataset], seed: UInt64, jobs: Int, until end: Interruption) throws
    -> [Entry]
  {
    func order(_ entry: Entry) -> [UInt8] {
      let dataset = sources[Int(entry.source)]
      return RecordKey.order(
        seed: seed, source: type(of: dataset).name, id: dataset.records.ids[Int(entry.index)])
    }
    var keys: [Key] = []
    keys.reserveCapacity(sources.reduce(0) { $0 + $1.records.count })
    for (source, dataset) in sources.enumerated() {
      let name = type(of: dataset).name
      guard dataset.records.count <= UInt32.max else {
        throw ECGError(.unsupported, "has more records than are planned at once", file: dataset.root)
      }
      let folder = sources[..<source].count { type(of: $0).name == name }
      try Parallel.inOrder(dataset.records.count, by: batch, jobs: jobs) { range in
        try end.check(Interruption.resumes)
        return range.map { index in
          let record = dataset.records[index]
          let key = RecordKey.prefix(ofOrder: RecordKey.order(seed: seed, source: name, id: record.id))
          // Files of one name in two folders are two.
          let block = dataset.block(of: record).map {
            RecordKey.prefix(
              ofOrder: RecordKey.order(seed: seed, source: name, id: folder == 0 ? $0 : "\(folder)/\($0)"))
          }
          return Key(
            block: block ?? key, record: key, entry: Entry(source: UInt32(source), index: UInt32(index)))
        }
      } take: {
        keys += $0
      }
    }
    // The rest of the SHA-256 decides where its first bytes agree, as they do for one id that two records have.
    func precedes(_ left: Key, _ right: Key) -> Bool {
      left.record == right.record
        ? order(left.entry).lexicographicallyPrecedes(order(right.entry)) : left.record < right.record
    }
    keys.sort(by: precedes)
    var distinct: [Key] = []
    distinct.reserveCapacity(keys.count)
    for key in keys {
      if let last = distinct.last, last.record == key.record,
        let left = try leftOut(last.entry, key.entry, sources)
      {
        if left == last.entry { distinct[distinct.count - 1] = key }
      } else {
        distinct.append(key)
      }
    }
    keys = distinct
    if keys.contains(where: { $0.block != $0.record }) {
      keys.sort { $0.block == $1.block ? precedes($0, $1) : $0.block < $1.block }
    }
    return keys.map(\.entry)
  }

  /// Which of two records of one adapter and id is none: a line of a folder's table without a record, or a row that stands for
  /// none, where another folder has that too.
  ///
  /// - Returns: nil if the two are different records.
  /// - Throws: `invalidArgument` if both are records.
  private static func leftOut(_ left: Entry, _ right: Entry, _ sources: [any Dataset]) throws -> Entry? {
    let (one, other) = (sources[Int(left.source)], sources[Int(right.source)])
    let id = one.records.ids[Int(left.index)]
    guard type(of: one).name == type(of: other).name, id == other.records.ids[Int(right.index)] else {
      return nil
    }
    let isOne = left.source == right.source
    if !isOne {
      let later = left.source < right.source ? right : left
      let nothing: Set<Rule> = [.pairingMissingRow, .recordPlaceholder]
      let isNothing = [one.records[Int(left.index)], other.records[Int(right.index)]].map { record in
        record.exclusion.map { nothing.contains($0.rule) } ?? false
      }
      if isNothing[0], isNothing[1] { return later }
      if isNothing[0] { return left }
      if isNothing[1] { return right }
    }
    let isSame = !isOne && File.resolved(one.root) == File.resolved(other.root)
    throw ECGError(
      .invalidArgument,
      isOne
        ? "two records have this id" : isSame ? "is named twice" : "\(one.root) has a record of this id too",
      file: other.root, record: id,
      advice: isOne ? "ids must differ" : isSame ? "name it once" : "convert the two sources apart")
  }

  /// Takes the extents of all records, and goes over what the tables tell of them.
  private static func survey(
    _ entries: inout [Entry], _ sources: [any Dataset], rate: Double?, jobs: Int, until end: Interruption
  ) throws -> (codes: Set<String>, rates: Set<Double>, sha256: String) {
    var (codes, rates): (Set<String>, Set<Double>) = ([], [])
    var hash = SHA256()
    var surveyed: [Entry] = []
    surveyed.reserveCapacity(entries.count)
    try Parallel.inOrder(entries.count, by: batch, jobs: jobs) { [entries] range in
      try end.check(Interruption.resumes)
      var sizes: [String: Int] = [:]
      var (text, codes, rates, found) = ([UInt8](), Set<String>(), Set<Double>(), [Entry]())
      for var entry in entries[range] {
        let dataset = sources[Int(entry.source)]
        let record = dataset.records[Int(entry.index)]
        if let extent = try? dataset.extent(of: record) {
          entry.frames = plannedFrames(extent, rate: rate)
          rates.insert(extent.rate)
          entry.seconds = entry.frames > 0 ? Float(Double(extent.frames) / extent.rate) : 0
        }
        for statement in record.statements { codes.insert(statement.code) }
        text += description(of: record, below: dataset.root, &sizes)
        found.append(entry)
      }
      return (text, codes, rates, found)
    } take: { part in
      hash.update(data: part.0)
      codes.formUnion(part.1)
      rates.formUnion(part.2)
      surveyed += part.3
    }
    entries = surveyed
    return (codes, rates, hash.finalize().hexadecimal)
  }

  /// Refuses filters and a rate that suit no record: all would be left out.
  private static func checkReach(of recipe: Recipe, _ rates: Set<Double>) throws {
    let processings = SignalProcessingCache(recipe)
    var refusal: ECGError?
    // Of more rates than any collection has, the records themselves tell.
    for rate in rates.sorted().prefix(64) {
      do {
        _ = try processings.processing(rate: rate)
        return
      } catch let error as ECGError {
        refusal = refusal ?? error
      }
    }
    guard var refusal, rates.count <= 64 else { return }
    refusal.advice = "no record has a rate that this suits: choose another rate or other filters"
    throw refusal
  }

  /// All that the tables tell of a record, and its files' sizes; that of a file that many records share is asked for once.
  private static func description(of record: SourceRecord, below root: String, _ sizes: inout [String: Int])
    -> [UInt8]
  {
    let labels = record.statements.map { "\($0.code)=\($0.value)" }
    let attributes = record.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let files = record.files.map { name in
      let path = File.join(root, name)
      let size = (record.row == nil ? nil : sizes[path]) ?? File.size(of: path) ?? -1
      if record.row != nil { sizes[path] = size }
      return "\(name)=\(size)"
    }
    let person = [record.id, record.patient ?? "", "\(record.age)", "\(record.sex)", "\(record.fold)"]
    let found = (record.findings + [record.exclusion].compactMap(\.self)).map {
      "\($0.rule.rawValue) \($0.message)"
    }
    let place = ["\(record.row ?? -1)", "\(record.flags.rawValue)"]
    let text = (person + place + labels + files + attributes + found).joined(separator: "\u{1F}")
    return Array(text.utf8) + [0x1E]
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
