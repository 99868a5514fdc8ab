import ECGData
import Foundation
import TestSupport
import Testing

/// A disk that is full, wherever it happens, is told in one line; with room the same command ends undisturbed.
///
/// `tools/kill/run full` does the same at every call.
@Suite(.serialized, .enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct FullDiskTests {
  private static func isTold(_ result: Tool.Result, _ cause: String) -> Bool {
    result.status == 2 && result.errorLines.count == 1 && result.output.isEmpty
      && result.errors.hasPrefix("einthoven: error: /") && result.errors.contains(cause)
      && result.errors.contains("then run the same command again")
  }

  /// Commands that write, with the directory that they make.
  private static func commands(_ directory: Directory) throws -> [(_ target: String) -> [String]] {
    try Simulation(layout: "chapman-wfdb", records: 16, seed: 3).write(to: directory.path("b"), jobs: 2)
    try Simulation(layout: "code-15", records: 16, seed: 3).write(to: directory.path("c"), jobs: 2)
    func convert(_ name: String) -> [String] {
      ["convert", directory.path(name), "--rate", "100", "--shard-size", "100000", "--quiet", "--output"]
    }
    for name in ["b", "c"] {
      let result = try Tool.run(convert(name) + [directory.path("\(name)-shards")])
      #expect([0, 1].contains(result.status), "\(result.errors)")
    }
    return [
      { convert("b") + [$0] },
      { ["merge", directory.path("b-shards"), directory.path("c-shards"), "--quiet", "--output", $0] },
      { ["simulate", "--layout", "code-15", "--records", "16", "--quiet", $0] },
      { ["simulate", "--layout", "chapman", "--records", "4", "--quiet", $0] },
    ]
  }

  @Test(.enabled(if: SmallDisk.isPossible, "no file system can be mounted here"))
  func aSmallFileSystem() throws {
    try withDirectory { directory in
      try FileManager.default.createDirectory(
        atPath: directory.path("disk"), withIntermediateDirectories: false)
      for (number, command) in try Self.commands(directory).enumerated() {
        try #require(try Tool.run(command(directory.path("whole-\(number)"))).status == 0)
        let whole = try Directory(path: directory.path("whole-\(number)")).contents(withHidden: true)
        let size = whole.values.reduce(0) { $0 + $1.count } >> 10
        var told = 0
        for kibibytes in [4, 16, 24, 40, size / 3, size / 2, size * 9 / 10] {
          let disk = try SmallDisk(directory.path("disk"), kibibytes: max(4, kibibytes))
          defer { disk.unmount() }
          let target = disk.path + "/target"
          let full = try Tool.run(command(target))
          told += full.status == 2 ? 1 : 0
          #expect(
            Self.isTold(full, "the disk is full") || full.status == 0,
            "\(command("")[0]), \(kibibytes): \(full.status) \(full.errors)")
          try disk.grow(kibibytes: 1 << 20)
          let again = try Tool.run(command(target))
          #expect(again.status == 0, "\(command("")[0]), \(kibibytes): \(again.errors)")
          #expect(try Directory(path: target).contents(withHidden: true) == whole)
        }
        #expect(told >= 4, "\(command("")[0])")
      }
    }
  }

  /// `ulimit -f` is in KiB; the signal that it sends would end the tool without a word.
  @Test(arguments: [1, 16, 64]) func aLimitOfFileSize(kibibytes: Int) throws {
    try withDirectory { directory in
      for command in try Self.commands(directory) {
        let target = directory.path("target")
        let limited = try Tool.run(command(target), limit: "-f \(kibibytes)")
        #expect(
          Self.isTold(limited, "larger than a file may be here") || limited.status == 0,
          "\(command("")[0]): \(limited.status) \(limited.errors)")
        if kibibytes == 1 { #expect(limited.status == 2) }
        #expect(try Tool.run(command(target)).status == 0)
        #expect(try Tool.run(command(directory.path("whole"))).status == 0)
        let ends = try ["target", "whole"].map {
          try Directory(path: directory.path($0)).contents(withHidden: true)
        }
        #expect(ends[0] == ends[1])
        for name in ["target", "whole"] { try directory.remove(name) }
      }
    }
  }

  /// Every shard of a directory is open at once: the usual limit of open files is raised as far as it may be.
  @Test func manyShards() throws {
    try withTree(PTBXLTree(count: 90, frames: 400)) { directory in
      let shards = directory.path("shards")
      let converted = try Tool.run(
        ["convert", directory.path("tree"), "--shard-size", "9600", "--output", shards, "--quiet"],
        limit: "-Sn 64")
      #expect(converted.status == 0, "\(converted.errors)")
      #expect(try Manifest(directory: shards).shards.count == 90)
      let read = ["stream", shards, "--batch", "8", "--crop", "0.5", "--json", "--quiet"]
      let raised = try Tool.run(read, limit: "-Sn 64")
      #expect(raised.status == 0 && raised.errors.isEmpty, "\(raised.errors)")
      // Where it may not be raised, that is told.
      let refused = try Tool.run(read, limit: "-n 64")
      #expect(refused.status == 2 && refused.errorLines.count == 1, "\(refused.errors)")
      #expect(refused.errors.contains("Too many open files"), "\(refused.errors)")
    }
  }
}
