/// `RECORDS` as PhysioNet publishes it (`wfdb/RECORDS.txt` in CODE): a record's path without extension a line, or a folder
/// with a list of its own.
enum RecordsList {
  /// Folders named in lists of lists, deeper than this, are not followed.
  private static let deepest = 4

  /// Paths of the headers that the list of a folder names, or that of `wfdb` in it; empty without a list.
  ///
  /// Names that lead out of the folder are left out.
  static func paths(below root: String) -> [String] {
    let paths = paths(root, folder: "", depth: 0)
    return paths.isEmpty ? RecordsList.paths(root, folder: "wfdb/", depth: 0) : paths
  }

  private static func paths(_ root: String, folder: String, depth: Int) -> [String] {
    let list = ["RECORDS", "RECORDS.txt"].map { File.join(root, folder + $0) }.first { File.exists($0) }
    guard depth < deepest, let list, let text = try? File.readText(list, limit: 256 << 20) else { return [] }
    return text.drop { $0 == "\u{FEFF}" }.split(whereSeparator: \.isNewline).flatMap { line -> [String] in
      let name = line.trimmingSpaces()
      let parts = name.split(separator: "/")
      guard !parts.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !parts.contains(".") else {
        return []
      }
      let path = folder + parts.joined(separator: "/")
      if path.hasSuffix(".hea") { return [path] }
      return name.hasSuffix("/") ? paths(root, folder: path + "/", depth: depth + 1) : [path + ".hea"]
    }
  }
}
