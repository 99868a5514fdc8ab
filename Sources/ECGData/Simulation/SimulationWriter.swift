import Foundation
import Synchronization

/// The directory of a collection while it is written: all lies in a hidden folder of it until ``commit()``.
final class SimulationTree {
  /// Where to write.
  let partial: String
  private let directory: String
  private let isNew: Bool
  private var isWhole = false

  init(_ directory: String) throws {
    self.directory = directory
    isNew = !File.exists(directory)
    guard isNew || File.isDirectory(directory), File.list(directory).isEmpty else {
      throw ECGError(
        .invalidArgument, isNew || File.isDirectory(directory) ? "the directory is not empty" : "is a file",
        file: directory, advice: "name a new or empty directory")
    }
    partial = File.join(directory, ".simulation.partial")
    // What a run that was killed has left.
    if File.exists(partial) { try Self.remove(partial) }
    try File.makeDirectory(partial)
  }

  /// Abandoned without a commit: leaves nothing behind.
  deinit {
    guard !isWhole else { return }
    try? Self.remove(partial)
    if isNew { rmdir(directory) }
  }

  private static func remove(_ path: String) throws {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw ECGError(.inputOutput, "cannot be removed", file: path)
    }
  }

  /// Gives everything its place.
  func commit() throws {
    for name in File.list(partial) {
      let goal = File.join(directory, name)
      guard rename(File.join(partial, name), goal) == 0 else { throw ECGError.system("renamed", goal) }
    }
    isWhole = true
    rmdir(partial)
  }
}

/// Writes the files of records, from any thread.
final class SimulatedRecordFiles: Sendable {
  private let directory: String
  private let digests: Bool
  private let folders = Mutex<Set<String>>([])

  init(in directory: String, digests: Bool) {
    self.directory = directory
    self.digests = digests
  }

  /// Writes a record's files.
  ///
  /// - Returns: the content without them, and the lines of their digests.
  func write(_ content: SimulatedContent) throws -> (content: SimulatedContent, digests: [(String, String)]) {
    var rest = content
    rest.files = []
    let sums = try content.files.map { file in
      let folder = File.folder(of: file.path)
      if folders.withLock({ !$0.contains(folder) }) {
        try File.makeDirectory(File.join(directory, folder))
        _ = folders.withLock { $0.insert(folder) }
      }
      try File.write(file.bytes, to: File.join(directory, file.path), isDurable: false)
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
