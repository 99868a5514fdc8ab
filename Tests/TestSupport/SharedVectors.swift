import Foundation

/// Records of other projects that lie packed beside the repository.
package enum SharedVectors {
  /// Where the test data of wfdb-python is unpacked for this run; nil if it is absent or cannot be unpacked.
  package static let wfdbPython = unpack("wfdb_python/wfdb_python.tar.xz")
  /// The same of ECG-FM's MATLAB files of CODE-15%.
  package static let ecgfm = unpack("code15/ecgfm.tar.xz")
  /// The same of collections, in one folder; nil if one is absent.
  package static let collections = unpack(
    "challenge/chapman_ningbo.tar.xz", "challenge/cpsc2018.tar.xz", "challenge/cpsc2018_extra.tar.xz",
    "challenge/georgia.tar.xz", "challenge/header_variants.tar.xz", "challenge/incart.tar.xz",
    "challenge/ptb.tar.xz", "challenge/ptbxl.tar.xz", "challenge/reduced_leads.tar.xz", "code15/wfdb.tar.xz",
    "nstdb/nstdb.tar.xz")

  private static let folder = FileManager.default.temporaryDirectory
    .appending(path: "einthoven-vectors-\(UUID().uuidString)")
  private static let removal: Void = {
    atexit { try? FileManager.default.removeItem(at: SharedVectors.folder) }
    return ()
  }()

  private static func unpack(_ names: String...) -> String? {
    _ = removal
    let goal = folder.appending(path: UUID().uuidString)
    do {
      for name in names {
        let archive = Repository.sharedData.appending(path: name)
        guard Repository.exists(archive) else { return nil }
        try FileManager.default.createDirectory(at: goal, withIntermediateDirectories: true)
        guard try run("tar", "xJf", archive.path(), "-C", goal.path()) != nil else { return nil }
      }
      return goal.path()
    } catch {
      return nil
    }
  }

  /// The text of a file that may be compressed by gzip.
  package static func text(_ path: String) throws -> String? {
    guard path.hasSuffix(".gz") else { return try String(contentsOfFile: path, encoding: .utf8) }
    return try run("gzip", "-dc", path)
  }

  /// What a program prints; nil if it fails.
  private static func run(_ arguments: String...) throws -> String? {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
  }
}
