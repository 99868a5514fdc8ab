import Synchronization

/// What a long validation has found so far, in a file: one that was stopped goes on from there.
///
/// The first line tells what is validated; each other one holds what was found in a part of it, the key of what it was found in,
/// and a CRC-32. What a kill has cut off is found anew, and so is a part whose records or files have changed.
final class ValidationJournal: Sendable {
  /// A part of a path's records.
  private struct Line: Codable {
    var path: Int
    var part: Int
    var key: String
    var found: String
    var crc: UInt32 = 0

    /// Of all else.
    var checksum: UInt32 { Digest.crc32(Array("\(path) \(part) \(key) \(found)".utf8)) }
  }

  private struct Place: Hashable {
    var path: Int
    var part: Int
  }

  private struct Header: Codable, Equatable {
    var format = "einthoven validation journal 1"
    /// What other rules found does not go with these.
    var rules = Digest.crc32(Array(Rule.allCases.map { $0.rawValue + $0.source }.joined().utf8))
    var validation: String
  }

  private let path: String
  private let known: [Place: Line]
  private let file: Mutex<GrowingFile>

  /// Begins a journal, or goes on with one.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - validation: what is validated and how; another one's journal is refused.
  /// - Throws: ``ECGError`` (`invalidArgument`) for a file that is not this validation's journal.
  init(_ path: String, of validation: String) throws {
    self.path = path
    let header = try JSONText.line(Header(validation: validation))
    var lines: [String] = []
    var known: [Place: Line] = [:]
    if File.exists(path) {
      let texts = try File.readText(path, limit: 1 << 36).split(separator: "\n")
      guard texts.first.map(String.init) == header else {
        throw ECGError(
          .invalidArgument, "is not the journal of this validation", file: path,
          advice: "name another file, or remove it to begin anew")
      }
      for text in texts.dropFirst() {
        guard let line = try? JSONText.decode(Line.self, from: Array(text.utf8), file: path),
          line.checksum == line.crc
        else { continue }
        known[Place(path: line.path, part: line.part)] = line
        lines.append(String(text))
      }
    }
    self.known = known
    // Without what was cut off, which the next line would be lost with.
    try File.write(([header] + lines).joined(separator: "\n").utf8 + [UInt8(ascii: "\n")], to: path)
    file = Mutex(try GrowingFile(path))
  }

  /// Finds what the parts of a path hold, on several threads; what a journal has is not found again.
  ///
  /// - Parameters:
  ///   - journal: nil for none.
  ///   - path: the number of the path.
  ///   - parts: how many there are.
  ///   - jobs: threads.
  ///   - key: what the findings of a part depend on.
  ///   - known: called with each part that the journal has.
  ///   - body: finds what a part holds.
  /// - Returns: what was found, in order of the parts.
  /// - Throws: what `body` throws, and ``ECGError`` if the journal cannot be written.
  static func map<Found: Codable & Sendable>(
    _ journal: ValidationJournal?, path: Int, parts: Int, jobs: Int, key: @Sendable (Int) -> String,
    known: @Sendable (Int) -> Void, _ body: @Sendable (Int) throws -> Found
  ) throws -> [Found] {
    try Parallel.map(parts, jobs: jobs) { part in
      guard let journal else { return try body(part) }
      let key = key(part)
      if let line = journal.known[Place(path: path, part: part)], line.key == key,
        let found = try? JSONText.decode(Found.self, from: Array(line.found.utf8), file: journal.path)
      {
        known(part)
        return found
      }
      let found = try body(part)
      var line = Line(path: path, part: part, key: key, found: try JSONText.line(found))
      line.crc = line.checksum
      let bytes = Array((try JSONText.line(line) + "\n").utf8)
      try journal.file.withLock { try $0.append(bytes) }
      return found
    }
  }

  /// Removes the file of a validation that is done.
  static func remove(_ path: String) throws { try File.remove(path) }
}
