/// What a simulated collection tells of itself: its licence, and the truth about its records.
enum SimulationTruth {
  /// Where the licence lies in a collection.
  static let license = "LICENSE.txt"
  /// Where the truth about the records lies in a collection; no adapter looks there.
  static let records = "simulation/records.csv"

  static func licenseText(_ layout: String) -> String {
    """
    This collection is simulated: no patient, no recording and no report in it is real. It has the layout that is
    called \(layout) so that programs can be tried without the real data, and no medical meaning whatsoever.

    It may be used, copied and changed by anyone for any purpose (CC0 1.0).

    """
  }

  private static let columns = [
    "id", "patient", "age", "sex", "height", "weight", "duration", "rhythm", "heart_rate", "axis",
    "statements", "labels",
  ]

  static let header = columns.joined(separator: ",") + "\n"

  /// A record's line: what was simulated, and last the labels that an adapter finds.
  static func line(_ record: SimulatedRecord, labels: [Statement]) -> String {
    let ecg = record.ecg
    let fields = [
      record.id, "\(record.patient)", "\(ecg.patient.age)", ecg.patient.sex.rawValue, "\(ecg.patient.height)",
      "\(ecg.patient.weight)", "\(ecg.duration)", ecg.rhythm.rawValue, "\(ecg.heartRate)", "\(ecg.axis)",
      ecg.statements.map { "\($0.code):\($0.likelihood)" }.joined(separator: " "),
      labels.map { "\($0.code)=\($0.value)" }.joined(separator: " "),
    ]
    return fields.map(CSVTable.quoted).joined(separator: ",") + "\n"
  }
}
