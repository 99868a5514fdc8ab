import Foundation

/// A file system in memory that a test mounts: its size is a limit as of a full disk.
///
/// Only root may mount; tests that need it are skipped elsewhere.
struct SmallDisk {
  let path: String

  static let isPossible: Bool = {
    let path = FileManager.default.temporaryDirectory.appending(path: "einthoven-\(UUID().uuidString)").path()
    defer { rmdir(path) }
    return mkdir(path, 0o700) == 0 && (try? SmallDisk(path, kibibytes: 64)) != nil
      && SmallDisk.call("umount", path)
  }()

  private struct NotMounted: Error {}

  /// Mounts it on a directory.
  init(_ path: String, kibibytes: Int) throws {
    self.path = path
    guard SmallDisk.call("mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path) else {
      throw NotMounted()
    }
  }

  /// Makes room.
  func grow(kibibytes: Int) throws {
    guard SmallDisk.call("mount", "-o", "remount,size=\(kibibytes)k", path) else { throw NotMounted() }
  }

  func unmount() { _ = SmallDisk.call("umount", path) }

  /// Lays one file over another until `body` is done.
  static func withFile(_ file: String, over other: String, _ body: () throws -> Void) throws {
    guard call("mount", "--bind", file, other) else { throw NotMounted() }
    defer { _ = call("umount", other) }
    try body()
  }

  private static func call(_ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
