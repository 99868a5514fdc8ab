internal import ECGData
internal import Foundation

extension Report {
  /// Writes the page, and its tables and figures as files into a folder beside it, of the same name without its ending.
  ///
  /// Tables and figures that the folder's `index.csv` lists, as an earlier report's, and this one has not are removed. What is
  /// called as one of its own is replaced; other files are left alone.
  ///
  /// - Parameter path: Of the page, which is replaced.
  /// - Returns: the paths of the files beside it.
  /// - Throws: `ECGError` as ``checkOutput(_:runs:shards:)``, or if a file cannot be written.
  @discardableResult
  public func write(to path: String) throws -> [String] {
    try Report.checkOutput(path, runs: paths, shards: shards?.shards.directory)
    let folder = Report.folder(of: path)
    let (html, files) = page(URL(filePath: folder).lastPathComponent)
    try TextFile.makeFolder(folder)
    let names = Set(files.map(\.name))
    let gone = Report.earlier(folder).filter { !names.contains($0[0]) }
    func writeIndex(_ rows: [[String]]) throws {
      let lines = ([Report.indexColumns] + rows).map { TextFile.csv($0) + "\n" }
      try TextFile.write(lines.joined(), to: "\(folder)/\(Report.index)")
    }
    let rows = files.map { [$0.name, $0.title] }
    // What an interrupted writing leaves is in the index, and so known to the next.
    try writeIndex(rows + gone)
    for file in files { try TextFile.write(file.text, to: "\(folder)/\(file.name)") }
    try TextFile.write(html, to: path)
    for row in gone { try TextFile.remove("\(folder)/\(row[0])") }
    try writeIndex(rows)
    return (files.map(\.name) + [Report.index]).map { "\(folder)/\($0)" }
  }

  /// Whether a page and the folder beside it could be written, before the long work that they tell of; nothing is written yet.
  ///
  /// The folder is absent, empty, or an earlier report's, which its `index.csv` tells.
  ///
  /// - Parameters:
  ///   - path: Of the page.
  ///   - runs: The paths of the runs.
  ///   - shards: The shard directory.
  /// - Throws: `ECGError` if the page cannot be written, or the folder is another's: it has other files, is that of a run or of
  ///   shards or within one, or has some of them below it.
  public static func checkOutput(_ path: String, runs: [String], shards: String? = nil) throws {
    try TextFile.checkWritable(path)
    let folder = folder(of: path)
    func refuse(_ message: String) -> ECGError {
      ECGError(
        .invalidArgument, "\(message); the files beside \(path) go there", file: folder,
        advice: "give the page another name")
    }
    // The page can be written, so that the folder above both is there.
    let above = realPath(parent(of: folder)) ?? parent(of: folder)
    let real = realPath(folder) ?? "\(above)/\(URL(filePath: folder).lastPathComponent)"
    if (try? FileManager.default.attributesOfItem(atPath: folder)) != nil {
      guard RunFolders.isFolder(folder) else { throw refuse("is no folder") }
      let names = TextFile.list(folder)
      for name in [RunDirectory.recipe, RunDirectory.result, Manifest.fileName] where names.contains(name) {
        throw refuse("is no report's, as it holds \(name)")
      }
      guard names.isEmpty || isReport(folder) else {
        throw refuse("is not empty, and no report's, as it has no \(index)")
      }
      try TextFile.checkWritable("\(folder)/\(index)")
    }
    for given in runs + [shards].compactMap({ $0 }) where isWithin(realPath(given) ?? given, real) {
      throw refuse("is or holds \(given), which the page is made of")
    }
    if let shards, isWithin(real, realPath(shards) ?? shards) { throw refuse("is within the shards") }
    // A page may lie among runs, but its files not in one of them.
    var outer = above
    while outer.count > 1 {
      guard !RunFolders.isRun(TextFile.list(outer)) else { throw refuse("is within the run \(outer)") }
      outer = parent(of: outer)
    }
  }

  /// The folder beside a page.
  static func folder(of path: String) -> String {
    for ending in [".html", ".htm", ".xhtml"] where path.lowercased().hasSuffix(ending) {
      let stem = path.dropLast(ending.count)
      if !["", ".", ".."].contains(stem.split(separator: "/", omittingEmptySubsequences: false).last ?? "") {
        return String(stem)
      }
    }
    return path + "-files"
  }

  /// The file that lists the folder's others.
  private static let index = "index.csv"
  private static let indexColumns = ["file", "what"]

  private static func isReport(_ folder: String) -> Bool {
    (try? TextFile.table("\(folder)/\(index)"))?.columns == indexColumns
  }

  /// What an earlier report wrote into a folder, as its index tells it; only tables and figures that lie in it.
  private static func earlier(_ folder: String) -> [[String]] {
    guard isReport(folder), let rows = try? TextFile.table("\(folder)/\(index)").rows else { return [] }
    return rows.filter { row in
      row[0] != index && !row[0].contains("/") && (row[0].hasSuffix(".csv") || row[0].hasSuffix(".svg"))
        && !RunFolders.isFolder("\(folder)/\(row[0])")
    }
  }

  private static func parent(of path: String) -> String {
    guard let end = path.lastIndex(of: "/") else { return "." }
    return end == path.startIndex ? "/" : String(path[..<end])
  }

  /// The path without links; nil if there is nothing.
  private static func realPath(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  private static func isWithin(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
  }
}
