package import Foundation

/// A directory that a test writes its files in.
package struct Directory {
  package let path: String

  package init(path: String) { self.path = path }

  package func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file and the folders above it; returns its path.
  @discardableResult
  package func write(_ bytes: [UInt8], to name: String) throws -> String {
    let url = URL(filePath: path(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return path(name)
  }

  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  package func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path(name))))
  }

  package func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

  package func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Whether a file has something in it.
  package func isWritten(_ name: String) -> Bool { (try? read(name).isEmpty) == false }

  package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  /// Rewrites a file.
  package func change(_ name: String, _ edit: (inout [UInt8]) -> Void) throws {
    var bytes = try read(name)
    edit(&bytes)
    try write(bytes, to: name)
  }

  /// All files below by path; hidden ones only if asked for.
  package func contents(withHidden: Bool = false) throws -> [String: [UInt8]] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: path)
    var contents: [String: [UInt8]] = [:]
    for name in names
    where withHidden || !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path(name), isDirectory: &isFolder), !isFolder.boolValue
      else {
        continue
      }
      contents[name] = try read(name)
    }
    return contents
  }
}

/// Runs `body` with an empty directory that is removed afterwards.
package func withDirectory<Result>(_ body: (Directory) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appending(path: "einthoven-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(Directory(path: url.path()))
}

/// Where this repository and the data beside it lie.
package enum Repository {
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Sample data that is no part of the repository; tests that need it are skipped where it is absent.
  package static let sharedData = root.deletingLastPathComponent().appending(path: "shared/data")

  package static func exists(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path()) }
}
