/// Writes the files of records, from any thread.
final class SimulatedRecordFiles: Sendable {
  private let tree: TreeFiles
  private let digests: Bool

  init(in directory: String, digests: Bool) {
    tree = TreeFiles(in: directory)
    self.digests = digests
  }

  /// Writes a record's files.
  ///
  /// - Returns: the content without them, and the lines of their digests.
  func write(_ content: SimulatedContent) throws -> (content: SimulatedContent, digests: [(String, String)]) {
    var rest = content
    rest.files = []
    let sums = try content.files.map { file in
      try tree.write(file.bytes, to: file.path)
      return (
        file.path,
        digests ? SimulatedDigests.line(file.path, Digest.sha256(file.published ?? file.bytes)) : ""
      )
    }
    return (rest, digests ? sums : [])
  }
}

/// Writes what all records of a collection share, in their order.
struct SimulationWriter {
  let files: SimulatedRecordFiles
  private let tables: [String: SimulatedTableFile]
  private let paths: [String]
  private let digests: SimulatedDigests?
  private let collector: (any SimulationCollector)?
  private let defects: DefectTruth?

  init(_ simulation: Simulation, in directory: String) throws {
    let layout = simulation.form
    let folders = type(of: layout).digestFolders
    let own =
      layout.tables + [
        SimulatedTable(path: SimulationTruth.license, header: SimulationTruth.licenseText(simulation.layout))
      ]
    paths = own.map(\.path)
    let all = own + SimulationTruth.tables
    tables = try Dictionary(
      all.map { ($0.path, try SimulatedTableFile($0, in: directory)) },
      uniquingKeysWith: { first, _ in first })
    digests = folders.isEmpty ? nil : try SimulatedDigests(folders: folders, in: directory)
    collector = try layout.collector(in: directory)
    defects = try simulation.defects.map { try DefectTruth($0, in: directory) }
    files = SimulatedRecordFiles(in: directory, digests: !folders.isEmpty)
  }

  /// Takes the next record, whose files are written.
  mutating func append(_ written: (content: SimulatedContent, digests: [(String, String)])) throws {
    for line in written.content.lines { try tables[line.table]?.append(line) }
    for (path, line) in written.digests { try digests?.append(path: path, line: line) }
    try collector?.append(written.content)
    if let defect = written.content.defect { try defects?.append(defect) }
  }

  /// Completes the tables.
  mutating func close() throws {
    for table in tables.values { try table.close() }
    try defects?.close()
    let collected = try collector?.close() ?? []
    try digests?.close(tables: paths + collected)
  }
}
