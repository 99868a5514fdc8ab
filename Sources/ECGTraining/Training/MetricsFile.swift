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

  /// A line as it was stored, or `nil` for one that was not.
  init?(line: String, file: String) {
    guard let numbers = try? TextFile.decode([String: Double].self, line, file: file),
      let step = numbers["step"].flatMap(Int.init(exactly:)),
      let epoch = numbers["epoch"].flatMap(Int.init(exactly:)),
      let records = numbers["records"].flatMap(Int.init(exactly:)), let seconds = numbers["seconds"]
    else { return nil }
    self.init(
      step: step, epoch: epoch, seconds: seconds, records: records,
      values: numbers.filter { !["step", "epoch", "seconds", "records"].contains($0.key) })
  }

  init(step: Int, epoch: Int, seconds: Double, records: Int, values: [String: Double]) {
    self.step = step
    self.epoch = epoch
    self.seconds = seconds
    self.records = records
    self.values = values
  }
}

/// `metrics.jsonl` and the TensorBoard file beside it, both kept in step with the checkpoint.
struct MetricsFile {
  private let lines: AppendedFile
  private let events: AppendedFile
  /// The time at which the training's seconds began, had it never been interrupted.
  private let begin: Double

  /// Goes on after a step: later lines, of work that no checkpoint holds, are cut off.
  init(_ directory: RunDirectory, upTo step: Int) throws {
    let path = directory.file(RunDirectory.metrics)
    let stored = step > 0 && TextFile.exists(path) ? try TextFile.read(path).split(separator: "\n") : []
    let kept = stored.compactMap { line in
      Metrics(line: String(line), file: path).flatMap { $0.step <= step ? (line: line, metrics: $0) : nil }
    }
    let begin = Date().timeIntervalSince1970 - (kept.last?.metrics.seconds ?? 0)
    self.begin = begin
    let eventsPath = directory.file(RunDirectory.events)
    try TextFile.write(kept.map { $0.line + "\n" }.joined(), to: path)
    try Data(
      TensorBoardEvents.header(time: begin)
        + kept.flatMap { TensorBoardEvents.event($0.metrics, begin: begin) }
    ).write(to: URL(fileURLWithPath: eventsPath), options: .atomic)
    lines = AppendedFile(path)
    events = AppendedFile(eventsPath)
  }

  mutating func append(_ metrics: Metrics) throws {
    lines.append(Array((try TextFile.json(metrics) + "\n").utf8))
    events.append(TensorBoardEvents.event(metrics, begin: begin))
  }

  /// Writes what was appended.
  func save() throws {
    try lines.save()
    try events.save()
  }
}

/// A file that grows; what is appended is in it after ``save()``.
private final class AppendedFile {
  private let path: String
  private var pending: [UInt8] = []

  init(_ path: String) { self.path = path }

  func append(_ bytes: [UInt8]) { pending += bytes }

  func save() throws {
    do {
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(pending))
      try handle.synchronize()
    } catch {
      throw ECGError(.inputOutput, "cannot be written: \(error.localizedDescription)", file: path)
    }
    pending = []
  }
}
