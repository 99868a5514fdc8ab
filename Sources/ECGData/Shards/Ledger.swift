/// A line of the ledger: what became of one source record, and everything that no column of its shard holds.
public struct LedgerEntry: Codable, Sendable, Equatable {
  /// What became of a record.
  public enum Fate: String, Codable, Sendable {
    /// Stored as it was.
    case stored
    /// Stored after the repairs that are named.
    case repaired
    /// Left out for the rule that is named.
    case excluded
  }

  /// One of the record's files.
  public struct SourceFile: Codable, Sendable, Equatable {
    /// Relative to the source.
    public var path: String
    /// Size in bytes; nil if it does not exist.
    public var bytes: Int?
    /// SHA-256 in hexadecimal; nil if it does not exist.
    public var sha256: String?
  }

  /// A channel as its header states it: enough to write the original counts back.
  public struct Channel: Codable, Sendable, Equatable {
    /// The name in the file.
    public var name: String
    /// The unit in the file.
    public var unit: String
    /// Counts per unit.
    public var gain: Double
    /// The count of 0 units.
    public var baseline: Int
  }

  /// Names of the flags that are set.
  public struct Flags: Codable, Sendable, Equatable {
    /// Of the record.
    public var record: [String]
    /// Of its leads; those without any are left out.
    public var leads: [String: [String]]
  }

  /// The adapter's name.
  public var source: String
  /// The record's id.
  public var id: String
  /// Its patient, if the source has patients.
  public var patient: String?
  /// Its files.
  public var files: [SourceFile]
  /// What became of it.
  public var fate: Fate
  /// Why it was left out.
  public var rule: Rule?
  /// Why it was left out, in words.
  public var reason: String?
  /// What was mended, in words.
  public var repairs: [String]
  /// All that the checks found.
  public var findings: [Finding]
  /// Names of the published defects that concern it.
  public var errata: [String]
  /// Flags as stored.
  public var flags: Flags
  /// Native sampling rate in Hz; nil if unread.
  public var rate: Double?
  /// Channels as the header states them.
  public var channels: [Channel]
  /// What the collection's table tells beside.
  public var attributes: [String: String]
}
