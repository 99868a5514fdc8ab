/// The 71 SCP-ECG statements of PTB-XL: code, kinds and diagnostic classes, in alphabetical order of the
/// codes.
///
/// Source: `scp_statements.csv` of PTB-XL 1.0.3 (Wagner et al., Scientific Data 7, 154, 2020), cut to `Tables/scp.csv` by
/// `tools/golden/ptbxl_statements.py`.
struct PTBXLStatement: Sendable {
  let code: String
  let isDiagnostic: Bool
  let isForm: Bool
  let isRhythm: Bool
  /// The diagnostic superclass, empty unless diagnostic.
  let superclass: String
  /// The diagnostic subclass, empty unless diagnostic.
  let subclass: String

  private init(_ row: [String]) {
    code = row[0]
    // `d`, `f` and `r` stand for diagnostic, form and rhythm.
    isDiagnostic = row[1].contains("d")
    isForm = row[1].contains("f")
    isRhythm = row[1].contains("r")
    superclass = row[2]
    subclass = row[3]
  }

  /// All statements.
  static let all: [PTBXLStatement] = EmbeddedTable.rows(PackageResources.scp_csv, width: 4).map {
    PTBXLStatement($0)
  }
}
