import Foundation

/// The folder in which an input becomes a record; one a process, in memory where the system has that.
///
/// It holds `rec.hea`, `rec.dat`, the same file as `rec.mat`, and `seg1.hea`, `seg2.hea` if the input has
/// more than one header.
struct RecordFolder {
  static let shared = RecordFolder()

  /// Between the headers of a multi-segment record: form feed.
  static let headerSeparator: UInt8 = 0x0C

  private static let headerNames = ["rec.hea", "seg1.hea", "seg2.hea"]

  /// The path that ``ECGData`` is asked to read.
  let record: String
  private let path: String

  private init() {
    let parent =
      ProcessInfo.processInfo.environment["EINTHOVEN_FUZZ_FOLDER"]
      ?? (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")
    var template = Array("\(parent)/einthoven-fuzz-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { fail("no folder can be made in \(parent)") }
    path = String(cString: made)
    record = path + "/rec"
    overwrite("rec.dat", [])
    guard link("\(path)/rec.dat", "\(path)/rec.mat") == 0 else { fail("no link can be made in \(path)") }
    atexit { try? FileManager.default.removeItem(atPath: RecordFolder.shared.path) }
  }

  /// Replaces what the last input left.
  func write(headers: [[UInt8]], payload: [UInt8]) {
    for (index, name) in RecordFolder.headerNames.enumerated() {
      if index < headers.count {
        overwrite(name, headers[index])
      } else {
        unlink("\(path)/\(name)")
      }
    }
    overwrite("rec.dat", payload)
  }

  /// Replaces the signal file alone; its path.
  func write(file: [UInt8]) -> String {
    overwrite("rec.dat", file)
    return path + "/rec.dat"
  }

  private func overwrite(_ name: String, _ bytes: [UInt8]) {
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0, Foundation.write(descriptor, bytes, bytes.count) == bytes.count else {
      fail("\(path)/\(name) cannot be written")
    }
    close(descriptor)
  }
}
