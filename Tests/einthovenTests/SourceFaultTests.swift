import ECGData
import Foundation
import TestSupport
import Testing

/// Sources that cannot be read, or that change while a conversion is under way.
@Suite(.serialized, .enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct SourceFaultTests {
  /// The line of the ledger of a record.
  private static func entry(_ directory: Directory, _ id: String) throws -> LedgerEntry {
    var lines: [Substring] = []
    for name in try FileManager.default.contentsOfDirectory(atPath: directory.path("shards/ledger")) {
      lines += try directory.text("shards/ledger/\(name)").split(separator: "\n")
    }
    let entries = try lines.map { try JSONDecoder().decode(LedgerEntry.self, from: Data($0.utf8)) }
    return try #require(entries.first { $0.id == id })
  }

  /// The record is left out with its reason, all others are stored, and the counts add up.
  private func expectExcluded(_ directory: Directory, _ reason: String) throws {
    let result = try Tool.run(
      "convert", directory.path("tree"), "--output", directory.path("shards"), "--json", "--quiet")
    #expect(result.status == 1 && result.errors.isEmpty, "\(result.errors)")
    let json = try result.json
    #expect(json["planned"] as? Int == 12 && json["stored"] as? Int == 11 && json["excluded"] as? Int == 1)
    let entry = try Self.entry(directory, "7")
    #expect(entry.fate == .excluded)
    #expect(entry.reason?.contains(reason) == true, "\(entry.reason ?? "")")
    #expect(entry.reason?.contains("00007_hr.dat") == true, "\(entry.reason ?? "")")
    #expect(entry.files.first { $0.path.hasSuffix("00007_hr.dat") }?.sha256 == nil)
  }

  private static let signal = "tree/records500/00000/00007_hr.dat"

  @Test func aFolderInPlaceOfASignal() throws {
    try withTree { directory in
      try directory.remove(Self.signal)
      try FileManager.default.createDirectory(
        atPath: directory.path(Self.signal), withIntermediateDirectories: false)
      try expectExcluded(directory, "is no regular file")
    }
  }

  /// Nobody writes into the pipe: reading it would never end.
  @Test func aPipeInPlaceOfASignal() throws {
    try withTree { directory in
      try directory.remove(Self.signal)
      #expect(mkfifo(directory.path(Self.signal), 0o600) == 0)
      try expectExcluded(directory, "is no regular file")
    }
  }

  /// The kernel's file of the loopback's speed is regular and has a size, but each reading of it fails.
  private static let unreadable = "/sys/class/net/lo/speed"

  @Test(
    .enabled(
      if: SmallDisk.isPossible && FileManager.default.fileExists(atPath: unreadable),
      "no file can be mounted over another here"))
  func aReadError() throws {
    try withTree { directory in
      try SmallDisk.withFile(Self.unreadable, over: directory.path(Self.signal)) {
        try expectExcluded(directory, "cannot be read")
      }
    }
  }

  private func simulated(_ directory: Directory) throws -> [String] {
    let tree = directory.path("tree")
    var simulation = try Simulation(layout: "code-15", records: 40, seed: 6)
    simulation.noise = try SimulatedNoise("none")
    try simulation.write(to: tree, jobs: 2)
    return [
      "convert", tree, "--output", directory.path("shards"), "--rate", "100", "--shard-size", "100000",
      "--json", "--quiet",
    ]
  }

  private func part(_ directory: Directory) throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.path("tree"))
    return try #require(names.filter { $0.hasPrefix("exams_part") }.sorted().first)
  }

  /// Bytes of compressed samples are lost: their records are left out, or the file is refused, and nothing else happens.
  @Test func aBrokenHDF5File() throws {
    try withDirectory { directory in
      let arguments = try simulated(directory)
      let part = try part(directory)
      let name = "tree/\(part)"
      let bytes = try directory.read(name)
      for start in stride(from: bytes.count / 8, to: bytes.count, by: bytes.count / 8) {
        try directory.change(name) { bytes in
          for place in start..<min(start + 512, bytes.count) { bytes[place] = 0xA5 }
        }
        let result = try Tool.run(arguments)
        #expect([0, 1, 2].contains(result.status), "\(start): \(result.status) \(result.errors)")
        if result.status == 2 {
          #expect(result.errorLines.count == 1 && result.errors.contains(part))
        } else {
          let json = try result.json
          let counts = ["planned", "stored", "excluded"].compactMap { json[$0] as? Int }
          #expect(counts.count == 3 && counts[0] == counts[1] + counts[2])
        }
        if directory.exists("shards") { try directory.remove("shards") }
        try directory.write(bytes, to: name)
      }
      // Cut in the middle.
      try directory.write(Array(bytes.prefix(bytes.count / 2)), to: name)
      let cut = try Tool.run(arguments)
      #expect([1, 2].contains(cut.status) && cut.errorLines.count <= 1, "\(cut.status) \(cut.errors)")
    }
  }

  /// A shared file of the same size with other samples is found out before anything is added to what is there.
  @Test func aSharedFileThatChangesWhileNobodyLooks() throws {
    try withDirectory { directory in
      let arguments = try simulated(directory)
      let killed = try Tool.run(arguments) { process in
        while process.isRunning, !directory.isWritten("shards/journal.jsonl") { usleep(200) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      }
      try #require(killed.status == -SIGKILL)
      let before = try Directory(path: directory.path("shards/shards")).contents()
      let name = try part(directory)
      let bytes = try directory.read("tree/\(name)")
      try directory.change("tree/\(name)") { $0[$0.count / 2] ^= 1 }
      let refused = try Tool.run(arguments)
      #expect(refused.status == 2 && refused.errorLines.count == 1)
      #expect(
        refused.errors.contains("tree/\(name): has changed since the conversion began"), "\(refused.errors)")
      #expect(refused.errors.contains("--restart"))
      #expect(try Directory(path: directory.path("shards/shards")).contents() == before)
      // As it was, it goes on.
      try directory.write(bytes, to: "tree/\(name)")
      #expect(try Tool.run(arguments).status == 1)
    }
  }

  /// What is done about known errata is a part of the recipe: a conversion does not go on by another.
  @Test func errataAreNotChangedOnTheWay() throws {
    try withTree { directory in
      let arguments = ["convert", directory.path("tree"), "--output", directory.path("shards"), "--quiet"]
      #expect(try Tool.run(arguments).status == 0)
      let refused = try Tool.run(arguments + ["--no-errata"])
      #expect(refused.status == 2 && refused.errorLines.count == 1)
      #expect(refused.errors.contains("source.errata was true, is false"), "\(refused.errors)")
      let apart = try Tool.run(
        "convert", directory.path("tree"), "--output", directory.path("other"), "--quiet", "--no-errata")
      #expect(apart.status == 0)
      let merged = try Tool.run(
        "merge", directory.path("shards"), directory.path("other"), "--output", directory.path("all"))
      #expect(merged.status == 2 && merged.errors.contains("source.errata"), "\(merged.errors)")
    }
  }
}
