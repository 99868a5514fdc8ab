import Foundation
import TestSupport
import Testing

/// The built tool, run as a process of its own.
enum Tool {
  struct Result {
    var status: Int32
    var output: String
    var errors: String

    /// The last line on stdout as a JSON object.
    var json: [String: Any] {
      get throws {
        let line = try #require(output.split(separator: "\n").last)
        return try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
    }

    var errorLines: [Substring] { errors.split(separator: "\n") }
  }

  /// SwiftPM builds products beside the test bundle.
  static let path: String? = {
    let folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    let path = folder?.appending(path: "einthoven").path()
    return path.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil }
  }()

  /// Runs the tool to its end.
  ///
  /// - Parameters:
  ///   - arguments: of the tool.
  ///   - limit: a resource that the shell limits, such as `-n 64`; none if it is empty.
  ///   - whileRunning: called once, after it has begun.
  /// - Returns: what it wrote and ended with.
  /// - Throws: if it cannot be run.
  static func run(
    _ arguments: [String], limit: String = "", whileRunning: (Process) throws -> Void = { _ in }
  ) throws -> Result {
    try withDirectory { directory in
      let process = Process()
      let path = try #require(path)
      process.executableURL = URL(filePath: limit.isEmpty ? path : "/bin/bash")
      process.arguments =
        limit.isEmpty ? arguments : ["-c", "ulimit \(limit) && exec \"$0\" \"$@\"", path] + arguments
      // Files, not pipes: nobody has to empty them.
      let output = try handle(directory.write("", to: "output"))
      let errors = try handle(directory.write("", to: "errors"))
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = output
      process.standardError = errors
      try process.run()
      try whileRunning(process)
      process.waitUntilExit()
      return Result(
        status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
        output: try directory.text("output"), errors: try directory.text("errors"))
    }
  }

  static func run(_ arguments: String...) throws -> Result { try run(arguments) }

  private static func handle(_ path: String) throws -> FileHandle {
    try FileHandle(forWritingTo: URL(filePath: path))
  }
}
