/// What a path holds, for people and for scripts: a shard directory, a shard, or a record's header.
public struct Inspection: Sendable {
  /// The facts, by key.
  public let values: [String: String]
  /// The same as lines for people.
  public let lines: [String]

  private init(_ facts: [(String, String)]) {
    values = Dictionary(facts, uniquingKeysWith: { first, _ in first })
    let width = facts.map(\.0.count).max() ?? 0
    lines = facts.map { $0.0 + String(repeating: " ", count: width + 2 - $0.0.count) + $0.1 }
  }

  /// Looks at a path.
  ///
  /// - Throws: `ECGError` if there is nothing that can be shown.
  public init(of path: String) throws {
    if File.isDirectory(path) {
      if !File.exists(File.join(path, Manifest.fileName)), let dataset = try? Datasets.open(path) {
        self.init(Inspection.facts(dataset))
      } else {
        self.init(try Inspection.facts(Manifest(directory: path)))
      }
    } else if path.hasSuffix(".safetensors") {
      self.init(try Inspection.facts(ShardReader(path)))
    } else if path.hasSuffix(Manifest.fileName) {
      self.init(try Inspection.facts(Manifest(directory: File.folder(of: path))))
    } else {
      self.init(try Inspection.facts(WFDBHeader(contentsOf: path.hasSuffix(".hea") ? path : path + ".hea")))
    }
  }

  private static func facts(_ dataset: any Dataset) -> [(String, String)] {
    [
      ("kind", "raw collection"), ("dataset", type(of: dataset).name), ("version", dataset.version),
      ("records", "\(dataset.records.count)"),
      ("patients", "\(Set(dataset.records.compactMap(\.patient)).count)"),
      ("statements", "\(Set(dataset.records.flatMap { $0.statements.map(\.code) }).count)"),
    ]
  }

  private static func facts(_ manifest: Manifest) throws -> [(String, String)] {
    [
      ("kind", "shard directory"),
      ("format", "\(manifest.format) \(manifest.formatVersion)"),
      (
        "sources",
        manifest.sources.map { "\($0.name) \($0.version)".trimmingSpaces() }.joined(separator: ", ")
      ),
      ("planned", "\(manifest.counts.planned)"),
      ("stored", "\(manifest.counts.stored)"),
      ("repaired", "\(manifest.counts.repaired)"),
      ("excluded", "\(manifest.counts.excluded)"),
      ("shards", "\(manifest.shards.count)"),
      ("bytes", "\(manifest.bytes)"),
      ("samples", "\(manifest.samples)"),
      ("codes", "\(manifest.codes.count)"),
      ("leads", manifest.leads.joined(separator: " ")),
      ("mean_mv", rounded(manifest.statistics.mean)),
      ("sd_mv", rounded(manifest.statistics.standardDeviation)),
      ("recipe", try JSONText.line(manifest.recipe)),
      ("fingerprint", manifest.fingerprint),
    ]
  }

  private static func facts(_ shard: ShardReader) throws -> [(String, String)] {
    let rates = Set(shard.columns.rate).sorted().map { "\($0)" }.joined(separator: " ")
    return [
      ("kind", "shard"),
      ("format", "\(ShardMetadata.format) \(ShardMetadata.formatVersion)"),
      ("shard", "\(shard.metadata.shardIndex) of \(shard.metadata.shardCount)"),
      ("sources", shard.metadata.sources.joined(separator: ", ")),
      ("records", "\(shard.count)"),
      ("samples", "\(shard.frameCount)"),
      ("labels", "\(shard.columns.labelCode.count)"),
      ("rates_hz", rates),
      ("bytes", "\(shard.file.size)"),
      ("recipe", shard.metadata.recipe),
      ("plan_sha256", shard.metadata.planSHA256),
    ]
  }

  private static func facts(_ header: WFDBHeader) throws -> [(String, String)] {
    var facts = [
      ("kind", "WFDB header"),
      ("record", header.recordName),
      ("rate_hz", "\(header.rate)"),
      ("frames", header.frameCount.map(String.init) ?? "unstated"),
      ("signals", "\(header.signalCount)"),
    ]
    for (index, signal) in header.signals.enumerated() {
      let gain = signal.gain.map { "\($0)" } ?? "uncalibrated"
      facts.append(
        (
          "signal \(index)",
          "\(signal.description), \(signal.fileName), format \(signal.format), gain \(gain) per \(signal.unit), "
            + "baseline \(signal.baseline), initial value \(signal.initialValue.map(String.init) ?? "unstated"), "
            + "checksum \(signal.checksum.map { String($0) } ?? "unstated")"
        ))
    }
    for (index, segment) in (header.segments ?? []).enumerated() {
      facts.append(("segment \(index)", "\(segment.name), \(segment.frameCount) frames"))
    }
    for (index, comment) in header.comments.enumerated() { facts.append(("comment \(index)", comment)) }
    for (index, note) in header.notes.enumerated() { facts.append(("note \(index)", note)) }
    return facts
  }

  private static func rounded(_ values: [Double]) -> String {
    values.map { "\(($0 * 10_000).rounded() / 10_000)" }.joined(separator: " ")
  }
}
