/// What a path holds, for people and for scripts: a shard directory, a shard, or a record's header.
public struct Inspection: Sendable {
  /// One fact, typed for scripts.
  public enum Value: Encodable, Sendable, CustomStringConvertible {
    /// A text.
    case text(String)
    /// A whole number.
    case integer(Int)
    /// Numbers, such as one a lead.
    case numbers([Double])

    /// Encodes the bare value.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let value): try container.encode(value)
      case .integer(let value): try container.encode(value)
      case .numbers(let values): try container.encode(values)
      }
    }

    /// The value for people; numbers are rounded to four decimals.
    public var description: String {
      switch self {
      case .text(let value): value
      case .integer(let value): "\(value)"
      case .numbers(let values): values.map { "\(($0 * 10_000).rounded() / 10_000)" }.joined(separator: " ")
      }
    }
  }

  /// The facts, by key.
  public let values: [String: Value]
  /// The same as lines for people.
  public let lines: [String]

  private init(_ facts: [(String, Value)]) {
    values = Dictionary(facts, uniquingKeysWith: { first, _ in first })
    let width = facts.map(\.0.count).max() ?? 0
    lines = facts.map { $0.0 + String(repeating: " ", count: width + 2 - $0.0.count) + $0.1.description }
  }

  /// Looks at a path.
  ///
  /// - Parameters:
  ///   - path: a raw collection, a shard directory, a shard, a manifest or a WFDB record.
  ///   - dataset: the adapter that a raw collection is opened with, or `auto`.
  ///   - source: what the user tells of a raw collection.
  /// - Throws: `ECGError` if there is nothing that can be shown.
  public init(of path: String, as dataset: String = "auto", source: SourceOptions = SourceOptions()) throws {
    if File.isDirectory(path) {
      self.init(
        Inspection.isShards(path)
          ? try Inspection.facts(Manifest(directory: path))
          : Inspection.facts(try Inspection.dataset(path, as: dataset, source)))
    } else if path.hasSuffix(".safetensors") {
      self.init(try Inspection.facts(ShardReader(path)))
    } else if path.hasSuffix(Manifest.fileName) {
      self.init(try Inspection.facts(Manifest(directory: File.folder(of: path))))
    } else {
      self.init(
        try Inspection.facts(
          WFDBHeader(contentsOf: path.hasSuffix(".hea") ? path : path + ".hea", mode: .lenient)))
    }
  }

  /// Whether a directory is to be taken for one of shards; of a conversion that was never finished the manifest's error
  /// tells more than that it has the layout of no collection.
  static func isShards(_ path: String) -> Bool {
    ["manifest.json", "plan.jsonl", "shards"].contains { File.exists(File.join(path, $0)) }
  }

  static func dataset(_ path: String, as name: String, _ source: SourceOptions) throws -> any Dataset {
    let opened = try Datasets.open(path, as: name, options: source)
    try source.checkHeeded(by: [opened])
    return opened
  }

  private static func facts(_ dataset: any Dataset) -> [(String, Value)] {
    let facts: [(String, Value)] = [
      ("kind", .text("raw collection")), ("dataset", .text(type(of: dataset).name)),
      ("recognised_by", .text(dataset.recognition)),
      ("version", .text(dataset.version)),
      ("records", .integer(dataset.records.count)),
      ("patients", .integer(dataset.patientCount)),
      ("statements", .integer(Set(dataset.records.flatMap { $0.statements.map(\.code) }).count)),
    ]
    #if HDF5
    return facts
    #else
    // What is told above may all be from tables.
    let isHDF5 = { (name: String) in name.hasSuffix(".h5") || name.hasSuffix(".hdf5") }
    guard let name = dataset.records.lazy.compactMap({ $0.files.first(where: isHDF5) }).first else {
      return facts
    }
    return facts + [("unreadable", .text(HDF5Library.unavailable(name).description))]
    #endif
  }

  private static func facts(_ manifest: Manifest) throws -> [(String, Value)] {
    [
      ("kind", .text("shard directory")),
      ("format", .text("\(manifest.format) \(manifest.formatVersion)")),
      (
        "sources",
        .text(manifest.sources.map { "\($0.name) \($0.version)".trimmingSpaces() }.joined(separator: ", "))
      ),
      ("planned", .integer(manifest.counts.planned)),
      ("stored", .integer(manifest.counts.stored)),
      ("repaired", .integer(manifest.counts.repaired)),
      ("excluded", .integer(manifest.counts.excluded)),
      ("generations", .integer(manifest.generations.count)),
      ("shards", .integer(manifest.shards.count)),
      ("bytes", .integer(manifest.bytes)),
      ("samples", .integer(manifest.samples)),
      ("codes", .integer(manifest.codes.count)),
      ("leads", .text(manifest.leads.joined(separator: " "))),
      ("mean_mv", .numbers(manifest.statistics.mean)),
      ("sd_mv", .numbers(manifest.statistics.standardDeviation)),
      ("recipe", try .text(JSONText.line(manifest.recipe))),
      ("fingerprint", .text(manifest.fingerprint)),
    ]
  }

  private static func facts(_ shard: ShardReader) throws -> [(String, Value)] {
    [
      ("kind", .text("shard")),
      ("format", .text("\(ShardMetadata.format) \(ShardMetadata.formatVersion)")),
      ("shard", .text("\(shard.metadata.shardIndex) of \(shard.metadata.shardCount)")),
      ("sources", .text(shard.metadata.sources.joined(separator: ", "))),
      ("records", .integer(shard.count)),
      ("samples", .integer(shard.frameCount)),
      ("labels", .integer(shard.columns.labelCode.count)),
      ("rates_hz", .numbers(Set(shard.columns.rate).sorted().map { Double($0) })),
      ("bytes", .integer(shard.file.size)),
      ("recipe", .text(shard.metadata.recipe)),
      ("plan_sha256", .text(shard.metadata.planSHA256)),
    ]
  }

  private static func facts(_ header: WFDBHeader) throws -> [(String, Value)] {
    var facts: [(String, Value)] = [
      ("kind", .text("WFDB header")),
      ("record", .text(header.recordName)),
      ("rate_hz", .text("\(header.rate)")),
      ("frames", header.frameCount.map { .integer($0) } ?? .text("unstated")),
      ("signals", .integer(header.signalCount)),
    ]
    if let rate = header.counterRate {
      facts.append(("counter", .text("\(rate) Hz from \(header.counterBase)")))
    }
    if let time = header.baseTime { facts.append(("base_time", .text(time))) }
    if let date = header.baseDate { facts.append(("base_date", .text(date))) }
    for (index, signal) in header.signals.enumerated() {
      facts.append(("signal \(index)", .text(Inspection.text(signal))))
    }
    for (index, segment) in (header.segments ?? []).enumerated() {
      facts.append(("segment \(index)", .text("\(segment.name), \(segment.frameCount) frames")))
    }
    for (index, comment) in header.comments.enumerated() {
      facts.append(("comment \(index)", .text(comment)))
    }
    for (index, repair) in header.repairs.enumerated() {
      facts.append(("repair \(index)", .text(repair.message)))
    }
    return facts
  }

  private static func text(_ signal: WFDBHeader.Signal) -> String {
    var parts = [signal.description, signal.fileName, "format \(signal.format)"]
    if signal.samplesPerFrame != 1 { parts.append("\(signal.samplesPerFrame) samples a frame") }
    if signal.skew != 0 { parts.append("skew \(signal.skew) frames") }
    if signal.byteOffset != 0 { parts.append("offset \(signal.byteOffset) bytes") }
    parts.append("gain \(signal.gain.map { "\($0)" } ?? "uncalibrated") per \(signal.unit)")
    parts.append("baseline \(signal.baseline)")
    parts.append("initial value \(signal.initialValue.map(String.init) ?? "unstated")")
    parts.append("checksum \(signal.checksum.map { String($0) } ?? "unstated")")
    return parts.joined(separator: ", ")
  }
}
