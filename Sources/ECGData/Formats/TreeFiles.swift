import Synchronization

/// Writes files of a tree under their final names, from any thread, and makes the folders that they need.
///
/// For a tree that is given its place only when it is whole, so that no file need survive a loss of power by itself.
final class TreeFiles: Sendable {
  let directory: String
  private let folders = Mutex<Set<String>>([])

  init(in directory: String) { self.directory = directory }

  /// Writes a file whose path is relative to the directory.
  func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
    let folder = File.folder(of: path)
    if folders.withLock({ !$0.contains(folder) }) {
      try File.makeDirectory(File.join(directory, folder))
      _ = folders.withLock { $0.insert(folder) }
    }
    try File.write(bytes, to: File.join(directory, path), isDurable: false)
  }
}
