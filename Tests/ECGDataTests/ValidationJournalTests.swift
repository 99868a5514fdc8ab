import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ECGData

/// A validation that is stopped again and again, and goes on each time.
@Suite struct ValidationJournalTests {
  static func validation(_ directory: Directory, jobs: Int) -> Validation {
    var validation = Validation()
    (validation.isDeep, validation.jobs) = (true, jobs)
    validation.journal = directory.path("journal")
    return validation
  }

  static func text(_ report: Validation.Report) throws -> String {
    struct Part: Encodable {
      var path: String
      var records: Int
      var findings: [Finding]
      var figures: [CollectionFigures]
    }
    return try JSONText.line(
      report.parts.map {
        Part(path: $0.path, records: $0.records, findings: $0.findings, figures: $0.figures)
      })
      + JSONText.line(report.comparison)
  }

  @Test(arguments: [1, 3]) func goesOnWhereItWasStopped(jobs: Int) throws {
    try withTree(PTBXLTree(count: 200, frames: 60)) { directory in
      _ = try PTBXLTree.converter(directory).run()
      let paths = ["tree", "shards"].map(directory.path)
      var whole = Self.validation(directory, jobs: jobs)
      whole.journal = nil
      let expected = try Self.text(whole.report(on: paths))
      let validation = Self.validation(directory, jobs: jobs)
      var stops = 0
      while true {
        // Each run comes some records further than the journal.
        let interruption = Interruption()
        let fresh = Mutex(0)
        let known = (try? File.readText(directory.path("journal")))?.split(separator: "\n").count ?? 0
        do {
          let report = try validation.report(on: paths, interruption: interruption) { event in
            guard case .record = event else { return }
            let count = fresh.withLock { count in
              count += 1
              return count
            }
            if count >= 66 * (known + 1) { interruption.request() }
          }
          let text = try Self.text(report)
          #expect(text == expected)
          // It is there until the report is delivered.
          #expect(File.exists(directory.path("journal")))
          try validation.removeJournal()
          break
        } catch let stopped as ECGError {
          #expect(stopped.code == .interrupted, "\(stopped)")
          stops += 1
          try #require(stops < 50)
          // What a kill leaves of the last line.
          if stops == 1 {
            try directory.change("journal") { $0 += Array("{\"path\":0,\"part\":3,\"fou".utf8) }
          }
        }
      }
      #expect(stops > 1)
      #expect(!File.exists(directory.path("journal")))
    }
  }

  /// What has changed meanwhile is found anew.
  @Test(arguments: ["record", "order"]) func findsChangesAnew(change: String) throws {
    try withTree(PTBXLTree(count: 100, frames: 60)) { directory in
      var validation = Self.validation(directory, jobs: 1)
      _ = try validation.report(on: [directory.path("tree")])
      if change == "record" {
        try directory.change("tree/records500/00000/00003_hr.dat") { $0[20] ^= 1 }
      } else {
        try directory.change("tree/ptbxl_database.csv") { table in
          var lines = String(decoding: table, as: UTF8.self).split(separator: "\n").map(String.init)
          // A record's report has a line end: rows are two lines.
          lines.swapAt(1, 3)
          lines.swapAt(2, 4)
          table = Array((lines.joined(separator: "\n") + "\n").utf8)
        }
      }
      let resumed = try validation.report(on: [directory.path("tree")])
      validation.journal = nil
      let whole = try validation.report(on: [directory.path("tree")])
      let (one, other) = (try Self.text(resumed), try Self.text(whole))
      #expect(one == other)
      #expect((change == "record") == resumed.findings.contains { $0.rule == .wfdbChecksum })
    }
  }

  @Test func refusesWhatIsNotItsJournal() throws {
    try withTree { directory in
      try directory.write("mine\n", to: "journal")
      let validation = Self.validation(directory, jobs: 1)
      let refusal = try error { try validation.report(on: [directory.path("tree")]) }
      #expect(refusal.code == .invalidArgument && refusal.description.contains("not the journal"))
      let left = try File.readText(directory.path("journal"))
      #expect(left == "mine\n")
    }
  }
}
