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

  /// A channel as its header states it, its gain as an erratum corrects it: enough to write the original counts back.
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

extension LedgerEntry {
  /// The entry as its line of the ledger, in UTF-8 with the line's end.
  var line: [UInt8] { LedgerDraft(self).bytes }
}

/// A line of a ledger that may wait for the digests of files that its record shares with others: as bytes, because the
/// entries of a whole shard would take several times as many.
struct LedgerDraft: Sendable {
  let fate: LedgerEntry.Fate
  let rule: Rule?
  /// The line with its end.
  let bytes: [UInt8]
  /// Where in the line the files are.
  private let files: Range<Int>

  /// Writes the line.
  init(_ entry: LedgerEntry) {
    (fate, rule) = (entry.fate, entry.rule)
    (bytes, files) = entry.encoded()
  }

  /// Whether it names no files yet.
  var lacksFiles: Bool { bytes[files].elementsEqual(LedgerDraft.field([])) }

  /// The line with these files in it.
  func line(with described: [LedgerEntry.SourceFile]) -> [UInt8] {
    bytes[..<files.lowerBound] + LedgerDraft.field(described) + bytes[files.upperBound...]
  }

  fileprivate static func field(_ files: [LedgerEntry.SourceFile]) -> [UInt8] {
    var line = JSONLine()
    put(files, into: &line)
    return line.bytes
  }

  fileprivate static func put(_ files: [LedgerEntry.SourceFile], into line: inout JSONLine) {
    line.field("files", files) { line, file in
      line.object {
        $0.field("bytes", file.bytes)
        $0.field("path", file.path)
        $0.field("sha256", file.sha256)
      }
    }
  }
}

extension LedgerEntry {
  /// The line with its end, and where in it the files are.
  fileprivate func encoded() -> (line: [UInt8], files: Range<Int>) {
    var line = JSONLine()
    var place = 0..<0
    line.object {
      $0.field("attributes", attributes) { $0.append($1) }
      $0.field("channels", channels) { line, channel in
        line.object {
          $0.field("baseline", channel.baseline)
          $0.field("gain", channel.gain)
          $0.field("name", channel.name)
          $0.field("unit", channel.unit)
        }
      }
      $0.field("errata", errata)
      $0.field("fate", fate.rawValue)
      let start = $0.bytes.count
      LedgerDraft.put(files, into: &$0)
      place = start..<$0.bytes.count
      $0.field("findings", findings) { line, finding in
        line.object {
          $0.field("message", finding.message)
          $0.field("record", finding.record)
          $0.field("rule", finding.rule.rawValue)
          $0.field("severity", finding.severity.rawValue)
        }
      }
      $0.field(
        "flags",
        object: {
          $0.field("leads", flags.leads) { $0.append($1) }
          $0.field("record", flags.record)
        })
      $0.field("id", id)
      $0.field("patient", patient)
      $0.field("rate", rate)
      $0.field("reason", reason)
      $0.field("repairs", repairs)
      $0.field("rule", rule?.rawValue)
      $0.field("source", source)
    }
    return (line.bytes + [UInt8(ascii: "\n")], place)
  }
}
