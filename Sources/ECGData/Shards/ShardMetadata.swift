/// A shard's `__metadata__`: what its numbers mean, and its place in the whole.
struct ShardMetadata: Sendable, Equatable {
  static let format = "ecg-shard"
  static let formatVersion = "1.0"

  /// Adapter names that the `source` column indexes.
  var sources: [String]
  /// Label codes that the `label_code` column indexes.
  var codes: [String]
  /// The resolved recipe as one line of JSON.
  var recipe: String
  var shardIndex: Int
  var shardCount: Int
  var planSHA256: String

  private struct FlagNames: Codable {
    var lead = LeadFlags.names
    var record = RecordFlags.names
  }

  /// The entries in a fixed order.
  func entries(columnsCRC32: [String: UInt32]) throws -> [(String, String)] {
    [
      ("format", ShardMetadata.format),
      ("format_version", ShardMetadata.formatVersion),
      ("leads", try JSONText.line(Lead.names)),
      ("unit", "uV = signal * scale_uv"),
      ("missing", "-32768"),
      ("sources", try JSONText.line(sources)),
      ("codes", try JSONText.line(codes)),
      ("flag_names", try JSONText.line(FlagNames())),
      ("recipe", recipe),
      ("shard_index", "\(shardIndex)"),
      ("shard_count", "\(shardCount)"),
      ("plan_sha256", planSHA256),
      ("columns_crc32", try JSONText.line(columnsCRC32)),
    ]
  }

  /// Parses the entries of a shard; unknown ones are ignored.
  ///
  /// - Throws: `ECGError` if it is no shard, of another major version, or not whole.
  static func parse(
    _ entries: [String: String], file: String
  ) throws -> (metadata: ShardMetadata, columnsCRC32: [String: UInt32]) {
    guard entries["format"] == format else {
      throw ECGError(.malformed, "is no ECG shard: its metadata does not say \(format)", file: file)
    }
    let version = entries["format_version"] ?? ""
    guard version.split(separator: ".").first == "1" else {
      throw ECGError(.unsupported, "is of format version \"\(version)\"; versions 1.x are read", file: file)
    }
    func text(_ key: String) throws -> String {
      guard let value = entries[key] else {
        throw ECGError(.malformed, "its metadata lacks \"\(key)\"", file: file)
      }
      return value
    }
    func list<Value: Decodable>(_ type: Value.Type, _ key: String) throws -> Value {
      try JSONText.decode(type, from: Array(text(key).utf8), file: "\(file) (\(key))")
    }
    guard try list([String].self, "leads") == Lead.names else {
      throw ECGError(.unsupported, "its leads are not the twelve in canonical order", file: file)
    }
    guard let index = Int(try text("shard_index")), let count = Int(try text("shard_count")), index >= 0,
      index < count
    else { throw ECGError(.malformed, "its shard index and count are no pair of numbers", file: file) }
    let metadata = ShardMetadata(
      sources: try list([String].self, "sources"), codes: try list([String].self, "codes"),
      recipe: try text("recipe"),
      shardIndex: index, shardCount: count, planSHA256: try text("plan_sha256"))
    return (metadata, try list([String: UInt32].self, "columns_crc32"))
  }
}
