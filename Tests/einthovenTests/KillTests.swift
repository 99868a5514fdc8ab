import ECGData
import Foundation
import TestSupport
import Testing

/// A run that is killed at any moment ends, started again, with the bytes of an undisturbed one and nothing beside.
///
/// `tools/kill/run` does the same for longer, and at every call.
@Suite(.serialized, .enabled(if: Tool.path != nil, "the tool is not built beside the tests"))
struct KillTests {
  private static let kills = 12

  /// A command, and the directory that it makes.
  private struct Work {
    let directory: Directory
    let target: String
    let arguments: (_ target: String, _ jobs: Int) -> [String]
    /// What the target holds before the work, if anything.
    var start: String?

    func reset() throws {
      if directory.exists(target) { try directory.remove(target) }
      if let start {
        try FileManager.default.copyItem(atPath: directory.path(start), toPath: directory.path(target))
      }
    }

    func run(_ target: String, jobs: Int = 2, whileRunning: (Process) throws -> Void = { _ in }) throws
      -> Tool.Result
    {
      try Tool.run(arguments(directory.path(target), jobs), whileRunning: whileRunning)
    }

    func contents(_ target: String) throws -> [String: [UInt8]] {
      try Directory(path: directory.path(target)).contents(withHidden: true)
    }
  }

  private static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .milliseconds(1)
  }

  /// Kills at moments that are spread over all that remains to be done, until there were enough; `done` tells the share
  /// of the work that is done and kept, and what is returned is that share at each kill.
  private func kill(
    _ work: Work, count: Int, done: () -> Double, isOver: (Tool.Result) -> Bool
  ) throws -> [Double] {
    try work.reset()
    if let start = work.start {
      try FileManager.default.copyItem(
        atPath: work.directory.path(start), toPath: work.directory.path("whole"))
    }
    let first = try work.run("whole", jobs: 1)
    let isWhole = isOver(first)
    try #require(isWhole, "\(first.errors)")
    let whole = try work.contents("whole")
    let life = try Self.milliseconds { _ = try work.run(work.target) }
    let again = try Self.milliseconds { _ = try work.run(work.target) }
    try work.reset()
    var generator = SplitMix64("kills", UInt64(count))
    var shares: [Double] = []
    var runs = 0
    while shares.count < count, runs < 10 * count {
      runs += 1
      // Half of the moments lie near, so that one life has several.
      let reach = shares.count % 2 == 0 ? 1.0 : 0.2
      let pause = generator.uniform(0..<(again + reach * life * (1 - done()) + 1))
      let result = try work.run(work.target) { process in
        usleep(UInt32(pause * 1000))
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
      }
      if result.status == -SIGKILL {
        shares.append(done())
      } else {
        let isOver = isOver(result)
        #expect(isOver, "\(result.errors)")
        #expect(try work.contents(work.target) == whole)
        try work.reset()
      }
    }
    let last = try work.run(work.target)
    let isEnded = isOver(last)
    #expect(isEnded, "\(last.errors)")
    let contents = try work.contents(work.target)
    #expect(Set(contents.keys) == Set(whole.keys))
    #expect(contents == whole)
    #expect(shares.count == count)
    return shares
  }

  private func conversion(_ directory: Directory, _ sources: [String], records: Int) throws -> (
    _ target: String, _ jobs: Int
  ) -> [String] {
    for layout in sources {
      var simulation = try Simulation(layout: layout, records: records, seed: 2)
      simulation.noise = try SimulatedNoise("none")
      try simulation.write(to: directory.path(layout), jobs: 2)
    }
    let paths = sources.map { directory.path($0) }
    return { target, jobs in
      ["convert"] + paths + [
        "--output", target, "--jobs", "\(jobs)", "--rate", "100", "--shard-size", "150000", "--quiet",
      ]
    }
  }

  /// Shards that the journal has, of all.
  private static func share(_ directory: Directory, _ part: String, of whole: Int) -> Double {
    let lines = (try? directory.text("\(part)journal.jsonl"))?.split(separator: "\n").count ?? 0
    return Double(lines) / Double(whole)
  }

  @Test func aConversionOfSeveralCollections() throws {
    try withDirectory { directory in
      let arguments = try conversion(directory, ["ptb-xl", "code-15", "chapman-wfdb"], records: 120)
      let work = Work(directory: directory, target: "shards", arguments: arguments)
      let measured = try Tool.run(arguments(directory.path("measured"), 1))
      try #require(measured.status == 1, "\(measured.errors)")
      let shards = try Manifest(directory: directory.path("measured")).shards.count
      // Exit code 1: CODE-15's last row is no exam.
      let shares = try kill(work, count: Self.kills) {
        Self.share(directory, "shards/", of: shards)
      } isOver: {
        $0.status == 1
      }
      #expect(shares.contains { $0 > 0 && $0 < 1 }, "\(shares)")
    }
  }

  @Test func anAppend() throws {
    try withDirectory { directory in
      let first = try conversion(directory, ["chapman-wfdb"], records: 20)
      #expect(try Tool.run(first(directory.path("before"), 2)).status == 0)
      let second = try conversion(directory, ["ptb-xl"], records: 100)
      var work = Work(directory: directory, target: "shards") { second($0, $1) + ["--append"] }
      work.start = "before"
      let old = try directory.read("before/manifest.json")
      _ = try kill(work, count: 4) {
        // Until it is over, the directory is what it was.
        let isOld = (try? directory.read("shards/manifest.json")) == old
        return isOld ? min(0.9, Self.share(directory, "shards/generation-002/", of: 20)) : 1
      } isOver: {
        $0.status == 0
      }
    }
  }

  /// What is whole is given its place by the next run, which then finds the directory taken.
  private static func isOver(_ result: Tool.Result) -> Bool {
    result.status == 0 || result.status == 2 && result.errors.contains("the directory is not empty")
  }

  @Test func aMerge() throws {
    try withDirectory { directory in
      for layout in ["ptb-xl", "chapman-wfdb"] {
        let arguments = try conversion(directory, [layout], records: 60)
        #expect(try Tool.run(arguments(directory.path("\(layout)-shards"), 2)).status == 0)
      }
      let parts = ["ptb-xl-shards", "chapman-wfdb-shards"].map { directory.path($0) }
      let work = Work(directory: directory, target: "all") { target, _ in
        ["merge"] + parts + ["--output", target, "--quiet"]
      }
      _ = try kill(work, count: 4, done: { 0 }, isOver: Self.isOver)
    }
  }

  @Test func aSimulation() throws {
    try withDirectory { directory in
      let work = Work(directory: directory, target: "tree") { target, jobs in
        ["simulate", "--layout", "code-15", "--records", "60", "--jobs", "\(jobs)", "--quiet", target]
      }
      _ = try kill(work, count: 4, done: { 0 }, isOver: Self.isOver)
    }
  }

  /// The first signal lets the record in work end, the second ends the tool at once; either way it goes on.
  @Test(arguments: [SIGINT, SIGTERM]) func twoSignals(signal: Int32) throws {
    try withDirectory { directory in
      let arguments = try conversion(directory, ["ptb-xl"], records: 150)
      #expect(try Tool.run(arguments(directory.path("whole"), 1)).status == 0)
      let stopped = try Tool.run(arguments(directory.path("shards"), 2)) { process in
        while process.isRunning, !directory.isWritten("shards/journal.jsonl") { usleep(500) }
        Foundation.kill(process.processIdentifier, signal)
        Foundation.kill(process.processIdentifier, signal)
      }
      // The first may have ended it before the second came.
      #expect([-signal, 2].contains(stopped.status))
      #expect(!directory.exists("shards/manifest.json"))
      #expect(try Tool.run(arguments(directory.path("shards"), 2)).status == 0)
      let ends = try ["shards", "whole"].map {
        try Directory(path: directory.path($0)).contents(withHidden: true)
      }
      #expect(ends[0] == ends[1])
    }
  }
}
