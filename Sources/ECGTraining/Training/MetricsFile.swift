internal import ECGData
internal import Foundation

/// A line of `metrics.jsonl`, and a TensorBoard event.
struct Metrics: Encodable {
  var step: Int
  var epoch: Int
  /// Of training, over all sessions.
  var seconds: Double
  var records: Int
  /// What was measured, by name.
  var values: [String: Double]

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(step, forKey: Key(stringValue: "step"))
    try container.encode(epoch, forKey: Key(stringValue: "epoch"))
    try container.encode(seconds, forKey: Key(stringValue: "seconds"))
    try container.encode(records, forKey: Key(stringValue: "records"))
    for (name, value) in values { try container.encode(value, forKey: Key(stringValue: name)) }
  }
}

/// `metrics.jsonl` and the TensorBoard file beside it, both kept in step with the checkpoint.
final class MetricsFile {
  /// Where both end, in bytes.
  struct Position: Codable, Equatable {
    var lines: UInt64
    var events: UInt64
  }

  private let lines: AppendedFile
  private let events: AppendedFile
  /// The time at which the training's seconds began, had it never been interrupted.
  private let begin: Double

  /// Begins, or goes on where a checkpoint was left: later lines, of work that no checkpoint holds, are cut off.
  init(_ directory: RunDirectory, after position: Position?, seconds: Double) throws {
    begin = Date().timeIntervalSince1970 - seconds
    lines = try AppendedFile(directory.file(RunDirectory.metrics), after: position?.lines ?? 0)
    events = try AppendedFile(directory.file(RunDirectory.events), after: position?.events ?? 0)
    if events.size == 0 { events.append(TensorBoardEvents.header(time: begin)) }
  }

  func append(_ metrics: Metrics) throws {
    lines.append(Array((try TextFile.json(metrics) + "\n").utf8))
    events.append(TensorBoardEvents.event(metrics, begin: begin))
  }

  /// Writes what was appended.
  func save() throws -> Position {
    try lines.save()
    try events.save()
    return Position(lines: lines.size, events: events.size)
  }
}

/// A file that grows; what is appended is in it after ``save()``.
private final class AppendedFile {
  private let path: String
  private var pending: [UInt8] = []
  private(set) var size: UInt64

  /// Keeps so many bytes of what there is; fewer, if there are fewer.
  init(_ path: String, after kept: UInt64) throws {
    self.path = path
    if !TextFile.exists(path) { try TextFile.write("", to: path) }
    size = try Self.withHandle(path) { handle in
      let size = min(kept, try handle.seekToEnd())
      try handle.truncate(atOffset: size)
      return size
    }
  }

  func append(_ bytes: [UInt8]) { pending += bytes }

  func save() throws {
    size = try Self.withHandle(path) { handle in
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(pending))
      try handle.synchronize()
      return try handle.offset()
    }
    pending = []
  }

  private static func withHandle(_ path: String, _ body: (FileHandle) throws -> UInt64) throws -> UInt64 {
    do {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      return try body(handle)
    } catch {
      throw ECGError(.inputOutput, "cannot be written: \(error.localizedDescription)", file: path)
    }
  }
}
