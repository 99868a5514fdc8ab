/// The files below a folder.
enum Folder {
  /// Folders deeper than this are not looked into.
  private static let deepest = 8

  /// Paths, relative to the folder, of the files below it, in the order of their names, folder by folder.
  ///
  /// Hidden names are left out, and links to folders are not followed, so that no circle is walked.
  static func files(below root: String, where isWanted: (String) -> Bool) -> [String] {
    var files: [String] = []
    walk(root, "", depth: 0) { if isWanted($0) { files.append($0) } }
    return files
  }

  private static func walk(_ root: String, _ folder: String, depth: Int, _ visit: (String) -> Void) {
    let paths = File.list(File.join(root, folder)).map { folder.isEmpty ? $0 : folder + "/" + $0 }
    let folders = paths.filter { File.isDirectory(File.join(root, $0)) }
    let isFolder = Set(folders)
    for path in paths where !isFolder.contains(path) { visit(path) }
    guard depth < deepest else { return }
    for path in folders where !File.isLink(File.join(root, path)) {
      walk(root, path, depth: depth + 1, visit)
    }
  }
}
