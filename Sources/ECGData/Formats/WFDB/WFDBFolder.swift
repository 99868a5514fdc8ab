/// The folder of a record, and the files that its header names.
///
/// A header may come from anywhere: a file that it names lies in the folder of the header or below, and no
/// link leads out of it. Links are followed where they end in that folder, in the folder that the header's own
/// path ends in if it is a link, or below a root that the caller names, such as a collection's.
struct WFDBFolder: Sendable {
  /// The folder as the caller names it.
  let path: String
  /// The header's path.
  let header: String
  /// A folder whose files may be linked to as well.
  private let root: String?

  init(header: String, root: String? = nil) {
    self.header = header
    self.root = root
    path = File.folder(of: header)
  }

  /// The record's name by its header's file.
  var recordName: String {
    let name = File.name(of: header)
    return name.hasSuffix(".hea") ? String(name.dropLast(4)) : name
  }

  /// The same folder as a segment's header sees it.
  func segment(_ name: String) -> WFDBFolder { WFDBFolder(header: path(of: name + ".hea"), root: root) }

  /// The path of a name in the folder, as the caller would write it.
  func path(of name: String) -> String {
    path == "." && !header.hasPrefix("./") ? name : File.join(path, name)
  }

  /// Opens a file that a header names.
  ///
  /// - Throws: `malformed` if the name leads out of the folder, else as the opening of a file.
  func open(_ name: String) throws -> FileHandleForReading {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.utf8.contains(0), parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      throw ECGError(
        .malformed, "the header names \"\(name)\", which is no path below its own folder", file: header)
    }
    let goal = path(of: name)
    // A plain name that is no link needs no look at the folders.
    if parts.count == 1, !File.isLink(goal) { return try FileHandleForReading(goal, followsLink: false) }
    guard let end = File.resolved(goal) else { return try FileHandleForReading(goal) }
    let folders = [path, File.resolved(header).map { File.folder(of: $0) }, root].compactMap { $0 }
    guard folders.compactMap({ File.resolved($0) }).contains(where: { end.hasPrefix(File.join($0, "")) })
    else {
      throw ECGError(
        .malformed, "the header names \"\(name)\", a link that leads out of its folder", file: goal,
        advice: "copy the file to its place if it is to be trusted")
    }
    return try FileHandleForReading(end, followsLink: false)
  }
}
