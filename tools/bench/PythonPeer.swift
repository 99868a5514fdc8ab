import ECGData
import Foundation

/// A script of `peers/` as a child that lives through the whole run: a line of JSON in is one round, a line out
/// its time, taken by the child itself.
final class PythonPeer {
  /// The versions that the script reports, for the record.
  private(set) var versions = ""
  /// Modules that some of the work needs and this Python does not have.
  private(set) var lacking: Set<String> = []
  private let process = Process()
  private let input = Pipe()
  private let output: FileHandle
  private let python: String
  private var unread = Data()

  private struct Command: Encodable {
    var work: String
    var folder: String
    var seconds: Double
  }

  private struct Answer: Decodable {
    var count: Int
    var seconds: Double
    var checksum: Int
    /// Of the passes, in seconds, where the script tells it.
    var median: Double?
  }

  private struct Greeting: Decodable {
    var versions: String?
    var missing: String?
    var lacking: [String]?
  }

  /// Starts `peers/<script>`.
  ///
  /// - Throws: ``ECGError`` (`notFound`) if the interpreter or a module that the script needs is missing.
  init(script: String, python: String) throws {
    self.python = python
    let peers = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "peers")
    let results = Pipe()
    output = results.fileHandleForReading
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python, "-B", peers.appending(path: script).path()]
    process.standardInput = input
    process.standardOutput = results
    // One thread each: what is compared is the work, not the number of cores.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"].map { ($0, "1") }
    ) { $1 }
    // A child that has gone is told by its silence, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    do {
      try process.run()
    } catch {
      throw ECGError(.notFound, "cannot be started", file: python)
    }
    let greeting = try answer(as: Greeting.self)
    if let missing = greeting.missing {
      throw ECGError(
        .notFound, "this Python has no module \(missing)", file: python,
        advice: "install it with \(python) -m pip, or name another with --python")
    }
    versions = greeting.versions ?? ""
    lacking = Set(greeting.lacking ?? [])
  }

  deinit {
    try? input.fileHandleForWriting.close()
    if process.isRunning { process.waitUntilExit() }
  }

  /// One round: passes over the records in `folder` for at least `seconds`.
  func round(_ work: String, folder: String, seconds: Double) throws -> Round {
    let found = try answer(to: Command(work: work, folder: folder, seconds: seconds))
    return Round(count: found.count, seconds: found.seconds, checksum: found.checksum)
  }

  /// One round of passes as a command asks for them: one pass in the time of the middle one.
  func medianRound(_ command: some Encodable) throws -> Round {
    let found = try answer(to: command)
    return Round(
      count: 1, seconds: found.median ?? found.seconds / Double(found.count), checksum: found.checksum)
  }

  private func answer(to command: some Encodable) throws -> Answer {
    try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(command) + Data("\n".utf8))
    return try answer(as: Answer.self)
  }

  private func answer<Value: Decodable>(as type: Value.Type) throws -> Value {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread = Data(unread[(end + 1)...]) }
        return try JSONDecoder().decode(type, from: unread[..<end])
      }
      let bytes = output.availableData
      guard !bytes.isEmpty else {
        throw ECGError(
          .inputOutput, "ended without an answer", file: python, advice: "its message stands above")
      }
      unread += bytes
    }
  }
}
