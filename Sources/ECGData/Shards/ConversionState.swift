import Foundation

/// What a conversion leaves in its directory beside the shards, so that it can go on after a kill.
struct ConversionState {
  static let planFile = "plan.jsonl"
  static let journalFile = "journal.jsonl"
  static let lockFile = ".lock"

  /// A line of the journal: one shard and its ledger, finished.
  struct Line: Codable {
    var shard: Int
    var file: Manifest.Shard
    var ledger: Manifest.Ledger
    /// The fates by source, in the order of the plan's sources.
    var fates: [Manifest.Fates]
  }

  /// A line as it is written: what goes on after a kill relies on it.
  private struct SignedLine: Codable {
    var line: Line
    /// SHA-256 of the line's JSON.
    var sha256: String

    init(_ line: Line) throws {
      self.line = line
      sha256 = Digest.sha256(try JSONText.line(line).utf8)
    }

    var isWhole: Bool { (try? SignedLine(line))?.sha256 == sha256 }
  }

  let directory: String

  static func shardPath(_ index: Int, of count: Int) -> String {
    "shards/s-\(padded(index))-of-\(padded(count)).safetensors"
  }

  static func ledgerPath(_ index: Int) -> String { "ledger/s-\(padded(index)).jsonl" }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  func path(_ name: String) -> String { File.join(directory, name) }

  /// Refuses a directory with something in it that no conversion made: nothing of others' is written over or removed.
  func checkOwnership() throws {
    // Killed before its plan had its name, a conversion leaves empty folders.
    let others = File.list(directory).filter {
      !["shards", "ledger"].contains($0) || !File.list(path($0)).isEmpty
    }
    guard !others.isEmpty else { return }
    let hasShards = File.list(path("shards")).contains { $0.hasPrefix("s-") && $0.hasSuffix(".safetensors") }
    let isOurs =
      hasShards || (try? plannedHeader()) != nil || (try? Manifest(directory: directory)) != nil
    guard isOurs else {
      throw ECGError(
        .invalidArgument, "is not empty and holds no conversion (\(others[0]))", file: directory,
        advice: "choose another directory")
    }
  }

  /// Removes what an earlier conversion made, and nothing else.
  func clear() throws {
    // The commit goes first: a directory half removed must not look finished.
    for name in [Manifest.fileName, ConversionState.journalFile, ConversionState.planFile] {
      try File.remove(path(name))
    }
    for folder in ["shards", "ledger"] {
      for name in File.list(path(folder)) where name.hasPrefix("s-") {
        try File.remove(path("\(folder)/\(name)"))
      }
    }
    try removePartialFiles()
    for name in File.list(directory) where Manifest.Generation.isFolder(name) {
      try ConversionState(directory: path(name)).clear()
      for folder in ["\(name)/shards", "\(name)/ledger", name] { rmdir(path(folder)) }
    }
  }

  /// Removes temporary files that a killed conversion left.
  func removePartialFiles() throws {
    for folder in ["", "shards", "ledger"] {
      let directory = folder.isEmpty ? directory : path(folder)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
      for name in names where name.hasPrefix(".") && name.hasSuffix(".partial") {
        try File.remove(File.join(directory, name))
      }
    }
  }

  /// The header of the plan that the directory was begun with, or nil if it holds none.
  func plannedHeader() throws -> ConversionPlan.Header? {
    let path = path(ConversionState.planFile)
    guard File.exists(path) else { return nil }
    let first = try File.firstLine(of: path, limit: File.wholeFileLimit)
    return try JSONText.decode(ConversionPlan.Header.self, from: Array(first.utf8), file: path)
  }

  /// The journal's lines; one that was cut off or changed ends it, and what it told of is done again.
  func journal() throws -> [Line] {
    let path = path(ConversionState.journalFile)
    guard File.exists(path) else { return [] }
    var lines: [Line] = []
    for text in try File.readText(path).split(separator: "\n") {
      guard let signed = try? JSONText.decode(SignedLine.self, from: Array(text.utf8), file: path),
        signed.isWhole
      else { break }
      lines.append(signed.line)
    }
    return lines
  }

  /// Writes the journal anew, whole and durable.
  func write(_ journal: [Line]) throws {
    try File.write(
      journal.flatMap { try ConversionState.bytes(of: $0) }, to: path(ConversionState.journalFile))
  }

  /// The journal, to be continued line by line.
  func openJournal() throws -> GrowingFile { try GrowingFile(path(ConversionState.journalFile)) }

  /// A line as the journal has it.
  static func bytes(of line: Line) throws -> [UInt8] {
    Array((try JSONText.line(SignedLine(line)) + "\n").utf8)
  }
}

/// An advisory lock on a directory, held until it is released or the process ends.
final class DirectoryLock {
  private let descriptor: Int32

  /// - Throws: `inputOutput` if another process holds it.
  init(_ directory: String) throws {
    let path = File.join(directory, ConversionState.lockFile)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw ECGError.system("locked", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw ECGError(
        .inputOutput, "another conversion is at work here", file: directory, advice: "wait for it to end")
    }
  }

  /// Locks the directory's own entry, without a file in it.
  init(itself directory: String) throws {
    descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ECGError.system("locked", directory) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw ECGError(
        .inputOutput, "another run is at work here", file: directory, advice: "wait for it to end")
    }
  }

  deinit { close(descriptor) }
}
