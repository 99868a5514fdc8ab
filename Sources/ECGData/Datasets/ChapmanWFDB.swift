/// Chapman–Shaoxing and Ningbo as PhysioNet publishes them: ecg-arrhythmia 1.0.0, 45,152 records of 10 s at 500 Hz.
///
/// Source: Zheng et al., Sci. Data 7, 48, 2020; Zheng et al., PhysioNet, 2022.
///
/// `WFDBRecords/NN/NNN/JSxxxxx.{hea,mat}`, a `RECORDS` list in each folder, `ConditionNames_SNOMED-CT.csv` with a byte
/// order mark. No patient is named, so no split by patient is possible.
public struct ChapmanWFDB: WFDBDataset {
  /// `chapman-wfdb`.
  public static let name = "chapman-wfdb"
  /// The folder of records.
  public let recognition = "WFDBRecords/ with headers named JS*"
  /// What the user told of the source.
  public let options: SourceOptions
  /// 1.0.0 if all of its records are there; else empty.
  public let version: String
  /// `SHA256SUMS.txt`, if it is there.
  public let publishedDigests: [String: String]
  let tree: WFDBTree

  /// Opens a root that has `WFDBRecords`.
  public static func open(_ root: String, options: SourceOptions) throws -> ChapmanWFDB? {
    guard File.isDirectory(File.join(root, "WFDBRecords")) else { return nil }
    let headers = WFDBTree.headers(below: root)
    guard !headers.isEmpty, headers.allSatisfy({ File.name(of: $0).hasPrefix("JS") }) else { return nil }
    let tree = try WFDBTree(
      root, headers: headers, errata: Errata.of(name), knownCodes: try conditionCodes(below: root)
    ) { record in
      record.attributes["collection"] = Challenge.collection(of: record.id)
    }
    return ChapmanWFDB(
      options: options, version: tree.records.count == 45_152 ? "1.0.0" : "",
      publishedDigests: try SHA256Sums.read(File.join(root, SHA256Sums.fileName)), tree: tree)
  }

  /// 500 Hz and 10 s.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) { (500, 10) }

  private static func conditionCodes(below root: String) throws -> Set<String> {
    let path = File.join(root, "ConditionNames_SNOMED-CT.csv")
    guard File.exists(path) else { return [] }
    let table = try CSVTable(contentsOf: path)
    let column = try table.index(of: "Snomed_CT")
    return Set(table.rows.map { "snomed:\($0[column].trimmingSpaces())" })
  }
}
