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
    let entries = File.entries(File.join(root, folder))
    for entry in entries where !entry.isFolder { visit(folder + entry.name) }
    guard depth < deepest else { return }
    for entry in entries where entry.isFolder {
      walk(root, folder + entry.name + "/", depth: depth + 1, visit)
    }
  }
}
