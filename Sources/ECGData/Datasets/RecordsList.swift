/// `RECORDS` as PhysioNet publishes it (`wfdb/RECORDS.txt` in CODE): a record's path without extension a line, or a folder
/// with a list of its own.
enum RecordsList {
  /// Folders named in lists of lists, deeper than this, are not followed.
  private static let deepest = 4

  /// Paths of the headers that the list of a folder names, or that of `wfdb` in it, and of the folders that it names but that
  /// are not there; empty without a list.
  ///
  /// Names that lead out of the folder are left out.
  static func paths(below root: String) -> (headers: [String], missingFolders: [String]) {
    for folder in ["", "wfdb/"] {
      var (missing, read) = ([String](), Set<String>())
      let paths = paths(root, folder: folder, depth: 0, &missing, &read)
      if !paths.isEmpty || !missing.isEmpty { return (paths, missing) }
    }
    return ([], [])
  }

  /// The lists of a folder, each read once, whatever links lead to it.
  private static func paths(
    _ root: String, folder: String, depth: Int, _ missing: inout [String], _ read: inout Set<String>
  ) -> [String] {
    let list = ["RECORDS", "RECORDS.txt"].map { File.join(root, folder + $0) }.first { File.exists($0) }
    guard depth < deepest, let list, let place = File.resolved(list), read.insert(place).inserted,
      let text = try? File.readText(list, limit: 256 << 20)
    else { return [] }
    var headers: [String] = []
    for line in text.drop(while: { $0 == "\u{FEFF}" }).split(whereSeparator: \.isNewline) {
      let name = line.trimmingSpaces()
      let parts = name.split(separator: "/")
      guard !parts.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !parts.contains(".") else {
        continue
      }
      let path = folder + parts.joined(separator: "/")
      if path.hasSuffix(".hea") {
        headers.append(path)
      } else if !name.hasSuffix("/") {
        headers.append(path + ".hea")
      } else if File.isDirectory(File.join(root, path)) {
        headers += paths(root, folder: path + "/", depth: depth + 1, &missing, &read)
      } else if !missing.contains(path) {
        missing.append(path)
      }
    }
    return headers
  }
}
