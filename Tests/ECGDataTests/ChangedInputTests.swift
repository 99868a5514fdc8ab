import TestSupport
import Testing

@testable import ECGData

/// What changes under a conversion, or between its lives, is noticed.
@Suite struct ChangedInputTests {
  /// The ledger's SHA-256 has to be of what was read: a part is opened long before its first record is.
  @Test(arguments: [("code-15", "exams_part0.hdf5"), ("code-test", "ecg_tracings.hdf5")])
  func sharedFilesAreThoseThatWereOpened(layout: String, file: String) throws {
    try withDirectory { directory in
      try Simulation(layout: layout, records: 6, seed: 1).write(to: directory.path("tree"), jobs: 1)
      let opened = try Datasets.open(directory.path("tree"))
      try directory.write(directory.read("tree/\(file)"), to: "tree/\(file)")
      let converter = Converter(sources: [opened], output: directory.path("x"))
      let error = try #require(throws: ECGError.self) { _ = try converter.run() }
      #expect(error.code == .mismatch && error.file?.hasSuffix(file) == true)
      #expect(!directory.exists("x/manifest.json"))
      var again = Converter(sources: [try Datasets.open(directory.path("tree"))], output: directory.path("x"))
      again.jobs = .max
      #expect(try again.run().manifest.counts.stored == 6)
    }
  }

  /// Every digit of the journal: what it tells of is done again, and the outcome is the same.
  @Test func aChangedJournalIsNotBelieved() throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      let whole = try sources.contents("x")
      let journal = try directory.read("x/journal.jsonl")
      let digits = journal.indices.filter { (48...57).contains(journal[$0]) }
      for place in stride(from: 0, to: digits.count, by: 61).map({ digits[$0] }) {
        var changed = journal
        changed[place] = journal[place] == 57 ? 56 : journal[place] + 1
        try directory.write(changed, to: "x/journal.jsonl")
        try directory.remove("x/manifest.json")
        let report = try sources.converter("a", output: "x").run()
        #expect(report.resumedShards < 3)
        #expect(try sources.contents("x") == whole)
      }
    }
  }

  @Test(arguments: ["plan.jsonl", "ledger/s-00001.jsonl"])
  func aDamagedDirectoryIsNotComplete(file: String) throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      try directory.write(directory.read("x/\(file)") + [10], to: "x/\(file)")
      #expect(try !sources.findings("x").isEmpty)
      let again = try sources.converter("a", output: "x")
      let error = try #require(throws: ECGError.self) { _ = try again.run() }
      #expect(error.code == .mismatch && error.file?.hasSuffix(file) == true)
    }
  }

  @Test func foldersOfOthersStay() throws {
    try withDirectory { directory in
      let sources = try SimulatedShards(directory)
      _ = try sources.converter("a", output: "x").run()
      try directory.write("mine", to: "x/generation-mine/notes")
      var converter = try sources.converter("a", output: "x")
      converter.restart = true
      _ = try converter.run()
      #expect(try directory.text("x/generation-mine/notes") == "mine")
    }
  }
}
