import Foundation

/// A folder for the files of a benchmark, removed at the end and on Ctrl-C.
final class TemporaryFolder {
  let path: String
  private let interruption: any DispatchSourceSignal

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "einthoven-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path()
    signal(SIGINT, SIG_IGN)
    interruption = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    interruption.setEventHandler {
      try? FileManager.default.removeItem(at: url)
      exit(130)
    }
    interruption.resume()
  }

  deinit {
    interruption.cancel()
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Makes a folder in it and returns its path.
  func folder(_ name: String) throws -> String {
    let folder = "\(path)/\(name)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }
}
