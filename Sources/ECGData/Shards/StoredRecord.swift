/// A record ready to be stored.
struct StoredRecord: Sendable {
  var signal: TwelveLeadSignal
  /// CRC-32 of its counts.
  var checksum: UInt32
  var source: String
  var record: SourceRecord
  var flags: RecordFlags
  /// The source's own fold, else one by patient if the source has none at all, else 0.
  var fold: UInt8
}
