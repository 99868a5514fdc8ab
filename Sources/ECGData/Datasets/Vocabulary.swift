/// The label codes that are known, by the vocabulary that their prefix names.
enum Vocabulary {
  /// SCP-ECG statements of PTB-XL.
  static let scp = Set(PTBXLStatement.all.map { "scp:\($0.code)" })

  /// SNOMED CT codes of the challenges of 2020 and 2021, scored and unscored.
  ///
  /// Source: `dx_mapping_scored.csv` and `dx_mapping_unscored.csv` of the challenge of 2021 (Reyna et al., Computing in
  /// Cardiology 48, 2021).
  static let snomed = Set(EmbeddedTable.rows(PackageResources.snomed_csv, width: 2).map { "snomed:\($0[0])" })

  /// The nine classes of CPSC 2018 by number, from 1.
  ///
  /// Source: Liu et al., J. Med. Imaging Health Inform. 8, 1368, 2018.
  static let cpsc = ["Normal", "AF", "I-AVB", "LBBB", "RBBB", "PAC", "PVC", "STD", "STE"]

  /// The six abnormalities of CODE.
  ///
  /// Source: Ribeiro et al., Nat. Commun. 11, 1760, 2020.
  static let code = ["1dAVb", "RBBB", "LBBB", "SB", "AF", "ST"]

  /// Rhythms and conditions of Chapman–Shaoxing.
  ///
  /// Source: `RhythmNames.xlsx` and `ConditionNames.xlsx` of Zheng et al., Sci. Data 7, 48, 2020, and SA, which the
  /// labels have where the names have SI.
  static let chapman = Set(
    EmbeddedTable.rows(PackageResources.chapman_csv, width: 2).map { "chapman:\($0[0])" })

  /// Whether a code is in the table of its vocabulary; codes of a vocabulary without a table count as known.
  static func knows(_ code: String) -> Bool {
    switch code.prefix(while: { $0 != ":" }) {
    case "scp": scp.contains(code)
    case "snomed": snomed.contains(code)
    case "cpsc": cpsc.contains(String(code.dropFirst(5)))
    case "code": Vocabulary.code.contains(String(code.dropFirst(5)))
    case "chapman": chapman.contains(code)
    default: true
    }
  }

  /// Notes what a record's labels lack: all of them, or a place in their vocabulary's table.
  ///
  /// - Parameters:
  ///   - record: the record.
  ///   - also: codes that the collection's own table names.
  ///   - errata: the collection's, which may know the code as a defect.
  static func check(_ record: inout SourceRecord, knownToo also: Set<String> = [], errata: Errata = .none) {
    if record.statements.isEmpty { record.find(.labelsNone, "has no statements") }
    for code in record.statements.map(\.code) where !knows(code) && !also.contains(code) {
      let name = errata.name(ofCode: code).map { " (\($0))" } ?? ""
      record.find(.labelsUnknownCode, "\(code) is in no table\(name)")
    }
  }
}
