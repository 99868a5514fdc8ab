/// A record ready to be stored.
struct StoredRecord: Sendable {
  var signal: TwelveLeadSignal
  var source: String
  var record: SourceRecord
  var flags: RecordFlags

  /// The fold as stored: the source's own, else by patient, else 0.
  var fold: UInt8 {
    record.fold > 0 ? record.fold : record.patient.map { RecordKey.fold(patient: $0) } ?? 0
  }
}
