import Foundation

/// Records of other projects that lie packed beside the repository.
package enum SharedVectors {
  /// Where the test data of wfdb-python is unpacked for this run; nil if it is absent or cannot be unpacked.
  package static let wfdbPython = unpack("wfdb_python/wfdb_python.tar.xz")

  private static let folder = FileManager.default.temporaryDirectory
    .appending(path: "einthoven-vectors-\(UUID().uuidString)")

  private static func unpack(_ name: String) -> String? {
    let archive = Repository.sharedData.appending(path: name)
    guard Repository.exists(archive) else { return nil }
    atexit { try? FileManager.default.removeItem(at: SharedVectors.folder) }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["tar", "xJf", archive.path(), "-C", folder.path()]
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus == 0 ? folder.path() : nil
    } catch {
      return nil
    }
  }
}
