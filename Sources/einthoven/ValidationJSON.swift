import ECGData

/// A validation's report for scripts: the keys stay.
struct ValidationJSON: Encodable {
  /// One of the paths.
  struct Path: Encodable {
    var path: String
    var collection: String
    var records: Int
    var findings: [String: Int]
    var figures: [CollectionFigures]
  }

  var records: Int
  var findings: [Finding]
  var summary: [String: Int]
  var paths: [Path]

  init(_ report: Validation.Report) {
    records = report.records
    findings = report.findings
    summary = report.summary
    paths = report.parts.map { part in
      let counts = Severity.allCases.map { severity in
        (severity.rawValue, part.findings.count { $0.severity == severity })
      }
      return Path(
        path: part.path, collection: part.collection, records: part.records,
        findings: Dictionary(uniqueKeysWithValues: counts), figures: part.figures)
    }
  }
}
