import Foundation

/// A directory that is filled in a hidden folder of it, and gets its content only when that is whole.
///
/// What a run that was killed has left is removed by the next, or given its place if all of it was there.
final class HiddenTree {
  /// Where to write.
  let partial: String
  private let directory: String
  private let isNew: Bool
  private let lock: DirectoryLock
  private var isWhole = false

  /// Says within the hidden folder that all of it is whole and is being given its place, and which file goes last.
  private static let marker = ".whole"

  /// Makes a directory that does not exist yet, or takes an empty one; it is locked until this tree is let go.
  ///
  /// - Parameters:
  ///   - directory: the goal.
  ///   - name: of the hidden folder, such as `.merge.partial`.
  /// - Throws: `ECGError` (`invalidArgument`) if the directory is not empty or has no name, (`inputOutput`) if another
  ///   run is at work in it.
  init(_ directory: String, name: String) throws {
    guard !directory.isEmpty else {
      throw ECGError(.invalidArgument, "the directory has no name", advice: "name a new or empty directory")
    }
    let isNew = !File.exists(directory)
    guard isNew || File.isDirectory(directory) else {
      throw ECGError(
        .invalidArgument, "is a file", file: directory, advice: "name a new or empty directory")
    }
    try File.makeDirectory(directory)
    lock = try DirectoryLock(itself: directory)
    self.directory = directory
    self.isNew = isNew
    partial = File.join(directory, name)
    // Killed while it gave everything its place, a run is ended first.
    if File.exists(File.join(partial, HiddenTree.marker)) {
      isWhole = true
      let last = try File.readText(File.join(partial, HiddenTree.marker))
      try HiddenTree.move(from: partial, to: directory, last: last)
    } else if File.exists(partial) {
      try HiddenTree.remove(partial)
    }
    guard File.list(directory).isEmpty else {
      isWhole = true
      throw ECGError(
        .invalidArgument, "the directory is not empty", file: directory,
        advice: "name a new or empty directory")
    }
    try File.makeDirectory(partial)
  }

  /// Abandoned without a commit: leaves nothing behind.
  deinit {
    guard !isWhole else { return }
    try? HiddenTree.remove(partial)
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
  ///
  /// - Parameter last: the file that says that all is whole, if there is one: it follows the others.
  /// - Throws: `inputOutput`.
  func commit(last: String? = nil) throws {
    let last = last ?? ""
    try File.write(last.utf8, to: File.join(partial, HiddenTree.marker))
    isWhole = true
    try HiddenTree.move(from: partial, to: directory, last: last)
  }

  private static func move(from partial: String, to directory: String, last: String) throws {
    let names = File.list(partial)
    for name in names.filter({ $0 != last }) + names.filter({ $0 == last }) {
      let goal = File.join(directory, name)
      guard rename(File.join(partial, name), goal) == 0 else { throw ECGError.system("renamed", goal) }
    }
    try remove(partial)
    try File.syncFolder(directory)
  }
}
