/// A collection of WFDB records whose headers tell all that is known of them.
protocol WFDBDataset: Dataset {
  /// The records.
  var tree: WFDBTree { get }
}

extension WFDBDataset {
  /// The folder.
  public var root: String { tree.root }
  /// One record a header.
  public var records: SourceRecords { tree.records }

  /// Folders that a `RECORDS` list names, but that are not there.
  public var findings: [Finding] { tree.findings }

  /// Reads header and signal.
  public func read(_ record: SourceRecord) throws -> (recording: Recording, findings: [Finding]) {
    try tree.read(record)
  }

  /// Signal files that no header names.
  public func unlistedFiles() -> [String] { tree.unlistedFiles() }
}

/// Any folder of WFDB records.
///
/// Age, sex, patient and SNOMED CT codes are taken from the headers' comments as the challenges write them, if they are
/// there.
public struct WFDBCollection: WFDBDataset {
  /// `wfdb`.
  public static let name = "wfdb"
  /// Headers below the folder.
  public let recognition: String
  /// What the user told of the source.
  public let options: SourceOptions
  /// `SHA256SUMS.txt`, if it is there.
  public let publishedDigests: [String: String]
  let tree: WFDBTree

  /// Opens a folder that has a WFDB header somewhere below it.
  public static func open(_ root: String, options: SourceOptions) throws -> WFDBCollection? {
    let headers = WFDBTree.headers(below: root)
    guard !headers.isEmpty else { return nil }
    let strange = headers.filter { Challenge.family(of: String(File.name(of: $0).dropLast(4))) == nil }
    let almost =
      strange.count < headers.count && !strange.isEmpty
      ? "; \(headers.count - strange.count) are named as the challenges', but \(strange[0]) is not" : ""
    return WFDBCollection(
      recognition: "\(headers.count) WFDB headers\(almost)", options: options,
      publishedDigests: try SHA256Sums.read(File.join(root, SHA256Sums.fileName)),
      tree: try WFDBTree(root, headers: headers, errata: .none))
  }
}
