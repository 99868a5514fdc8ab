/// CPSC 2018 as the challenge of 2020 republished it: WFDB headers over MATLAB v4 matrices.
///
/// 6,877 records A0001 to A6877 at 500 Hz with SNOMED CT codes (Liu et al., J. Med. Imaging Health Inform. 8, 1368, 2018;
/// Perez Alday et al., Physiol. Meas. 41, 124003, 2020). No patient is named, so no split by patient is possible.
public struct CPSC2018WFDB: WFDBDataset {
  /// `cpsc2018-wfdb`.
  public static let name = "cpsc2018-wfdb"
  /// The headers' names.
  public let recognition = "headers named A* and no others"
  /// What the user told of the source.
  public let options: SourceOptions
  /// `SHA256SUMS.txt`, if it is there.
  public let publishedDigests: [String: String]
  let tree: WFDBTree

  /// Opens a folder whose records are those of CPSC 2018 and no others.
  public static func open(_ root: String, options: SourceOptions) throws -> CPSC2018WFDB? {
    let headers = WFDBTree.headers(below: root)
    guard !headers.isEmpty,
      headers.allSatisfy({ Challenge.family(of: String(File.name(of: $0).dropLast(4)))?.prefix == "A" })
    else { return nil }
    return CPSC2018WFDB(
      options: options, publishedDigests: try SHA256Sums.read(File.join(root, SHA256Sums.fileName)),
      tree: try WFDBTree(root, headers: headers, errata: Errata.of(name)))
  }

  /// 500 Hz, 6 s and more.
  public func nominal(of record: SourceRecord) -> (rate: Double?, duration: Double?) { (500, nil) }
}
