import Foundation

/// A directory that is filled in a hidden folder of it, and gets its content only when that is whole.
///
/// What a run that was killed has left is removed by the next.
final class HiddenTree {
  /// Where to write.
  let partial: String
  private let directory: String
  private let isNew: Bool
  private var isWhole = false

  /// Makes a directory that does not exist yet, or takes an empty one.
  ///
  /// - Parameters:
  ///   - directory: the goal.
  ///   - name: of the hidden folder, such as `.merge.partial`.
  /// - Throws: `ECGError` (`invalidArgument`) if the directory is not empty.
  init(_ directory: String, name: String) throws {
    self.directory = directory
    isNew = !File.exists(directory)
    guard isNew || File.isDirectory(directory), File.list(directory).isEmpty else {
      throw ECGError(
        .invalidArgument, isNew || File.isDirectory(directory) ? "the directory is not empty" : "is a file",
        file: directory, advice: "name a new or empty directory")
    }
    partial = File.join(directory, name)
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
  ///
  /// - Parameter last: the file that says that all is whole, if there is one: it follows the others.
  /// - Throws: `inputOutput`.
  func commit(last: String? = nil) throws {
    let names = File.list(partial)
    for name in names.filter({ $0 != last }) + names.filter({ $0 == last }) {
      let goal = File.join(directory, name)
      guard rename(File.join(partial, name), goal) == 0 else { throw ECGError.system("renamed", goal) }
    }
    isWhole = true
    rmdir(partial)
    try File.syncFolder(directory)
  }
}
