/// What a simulated collection tells of itself: its licence, and the truth about its records and their disturbances.
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

  /// Where what disturbs the records lies in a collection.
  static let artefacts = "simulation/artefacts.csv"

  /// The tables of the truth, without their lines.
  static let tables = [
    SimulatedTable(path: records, header: columns.joined(separator: ",") + "\n"),
    SimulatedTable(path: artefacts, header: artefactColumns.joined(separator: ",") + "\n"),
  ]

  private static let columns = [
    "id", "patient", "age", "sex", "height", "weight", "rate", "duration", "rhythm", "heart_rate", "axis",
    "pr", "qrs", "qt", "qtc", "statements", "labels",
  ]
  private static let artefactColumns = ["id", "kind", "electrodes", "leads", "from", "to", "size"]

  /// A record's lines: what was simulated, and last the labels that an adapter finds; and what disturbs it.
  ///
  /// Seconds, degrees, mV; `statements` are PTB-XL's codes with their likelihoods.
  static func lines(
    _ record: SimulatedRecord, rate: Double, labels: [Statement]
  ) -> [SimulatedContent.Line] {
    let ecg = record.ecg
    let intervals = ecg.intervals
    let fields = [
      record.id, "\(record.patient)", "\(ecg.patient.age)", ecg.patient.sex.rawValue,
      number(ecg.patient.height),
      number(ecg.patient.weight), number(rate), number(ecg.duration), ecg.rhythm.rawValue,
      number(ecg.heartRate), number(ecg.axis), intervals.pr.map(number) ?? "", number(intervals.qrs),
      number(intervals.qt), number(intervals.correctedQT),
      ecg.statements.map { "\($0.code):\(number($0.likelihood))" }.joined(separator: " "),
      labels.map { "\($0.code)=\($0.value)" }.joined(separator: " "),
    ]
    let artefacts = ecg.artefacts.map { artefact in
      [
        record.id, artefact.kind.rawValue, artefact.electrodes.joined(separator: " "),
        artefact.leads.joined(separator: " "), number(artefact.from), number(artefact.to),
        number(artefact.size),
      ]
    }
    return [SimulatedContent.Line(table: records, text: line(fields))]
      + artefacts.map { SimulatedContent.Line(table: Self.artefacts, text: line($0)) }
  }

  private static func line(_ fields: [String]) -> String {
    fields.map(CSVTable.quoted).joined(separator: ",") + "\n"
  }

  /// To six decimal places, which is finer than anything here is known.
  private static func number(_ value: Double) -> String {
    DecimalNumber.text((value * 1e6).rounded(.toNearestOrEven) / 1e6)
  }
}
