import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ECGData

/// All collections in one conversion.
@Suite struct DatasetConversionTests {
  /// Collections that are converted together; those that need options of their own are apart.
  struct Group: Sendable, CustomTestStringConvertible {
    var trees: [DatasetFixture]
    var shardBytes = 200_000
    var testDescription: String { trees.map(\.folder).joined(separator: " ") }

    func converter(_ directory: Directory, to name: String, jobs: Int) throws -> Converter {
      var recipe = Recipe()
      recipe.source = trees.first?.sourceOptions ?? recipe.source
      var converter = Converter(
        sources: try trees.map { try $0.open() }, output: directory.path(name), recipe: recipe)
      converter.jobs = jobs
      converter.shardBytes = shardBytes
      return converter
    }
  }

  /// One tree an adapter: two views of one collection share their records' ids.
  private static let groups =
    [Group(trees: DatasetFixture.all.filter { !$0.folder.contains("/") && !$0.isGeneric })]
    + DatasetFixture.all.filter(\.isGeneric).map { Group(trees: [$0], shardBytes: 10_000) }

  private static func contents(_ directory: Directory, _ name: String) throws -> [String: [UInt8]] {
    try Directory(path: directory.path(name)).contents()
  }

  private static func ledger(_ directory: Directory, _ name: String) throws -> [LedgerEntry] {
    try Manifest(directory: directory.path(name)).ledgers.flatMap { entry in
      try directory.text("\(name)/\(entry.file)").split(separator: "\n").map {
        try JSONDecoder().decode(LedgerEntry.self, from: Data($0.utf8))
      }
    }
  }

  @Test(arguments: groups) func tellsTheFateOfEachRecordOnce(group: Group) throws {
    try withDirectory { directory in
      let report = try group.converter(directory, to: "shards", jobs: 2).run()
      #expect(report.manifest.shards.count > 1)
      let ledger = try DatasetConversionTests.ledger(directory, "shards")
      let planned = group.trees.reduce(0) { $0 + $1.records.count }
      #expect(ledger.count == planned && report.manifest.counts.planned == planned)
      #expect(Set(ledger.map { [$0.source, $0.id] }).count == planned)
      for entry in ledger {
        let tree = try #require(group.trees.first { $0.adapter == entry.source })
        let expected = try #require(tree.records[entry.id])
        #expect(
          entry.rule?.rawValue == expected.excluded, "\(entry.source) \(entry.id): \(entry.reason ?? "")")
        #expect((entry.fate == .excluded) == (expected.excluded != nil) && entry.patient == expected.patient)
        guard entry.fate != .excluded else { continue }
        #expect(entry.errata == expected.errata && entry.rate == expected.rate, "\(entry.source) \(entry.id)")
        #expect(Set(entry.findings.map(\.rule.rawValue)).isSuperset(of: expected.rules))
        #expect(!entry.files.isEmpty && entry.files.allSatisfy { $0.sha256 != nil })
      }
      let set = try ShardSet(directory.path("shards"))
      #expect(set.count == ledger.count { $0.fate != .excluded })
      #expect(Set((0..<set.count).map { set.key($0) }).count == set.count)
      var folds: [UInt64: Set<UInt8>] = [:]
      for record in 0..<set.count {
        let tree = try #require(group.trees.first { $0.adapter == set.source(record) })
        let expected = try #require(tree.records[set.id(record)])
        #expect(set.frameCount(record) == expected.frames && Double(set.rate(record)) == expected.rate)
        #expect(set.statements(record) == expected.labels.map(\.statement))
        #expect((set.patientKey(record) != 0) == (expected.patient != nil))
        if expected.patient == nil {
          #expect(set.fold(record) == 0)
        } else {
          folds[set.patientKey(record), default: []].insert(set.fold(record))
        }
      }
      // No patient is in two folds, and all have one.
      #expect(folds.values.allSatisfy { $0.count == 1 && !$0.contains(0) })
      #expect(group.trees.count == 1 ? folds.isEmpty : folds.count == 10)
    }
  }

  /// Records of a collection that names no patients have folds if that is asked for; where there are patients, theirs.
  @Test func foldsAreByRecordWhereThatIsAskedFor() throws {
    try withDirectory { directory in
      for layout in ["cpsc2018-wfdb", "code-15", "ptb-xl"] {
        try Simulation(layout: layout, records: 30, seed: 5).write(to: directory.path(layout), jobs: 2)
        var recipe = Recipe()
        recipe.folds = .record
        _ = try Converter(
          sources: [Datasets.open(directory.path(layout))], output: directory.path("\(layout)-shards"),
          recipe: recipe
        ).run()
        let set = try ShardSet(directory.path("\(layout)-shards"))
        let folds = (0..<set.count).map { set.fold($0) }
        #expect(!folds.contains(0) && Set(folds).count > 5)
        if layout == "ptb-xl" {
          let text = try String(
            contentsOfFile: directory.path("ptb-xl/ptbxl_database.csv"), encoding: .utf8)
          let rows = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
          }
          let column = try #require(rows[0].firstIndex(of: "strat_fold"))
          // Columns behind it have no commas in a simulated table.
          let behind = rows[0].count - column
          let own = rows.dropFirst().map { UInt8($0[$0.count - behind]) }
          #expect(folds.sorted() == own.compactMap { $0 }.sorted())
        }
        let byRecord = (0..<set.count).map { RecordKey.fold(patient: set.id($0)) }
        #expect((folds == byRecord) == (layout == "cpsc2018-wfdb"))
      }
    }
  }

  @Test(arguments: groups) func makesTheSameBytesAtAnyNumberOfJobsAndAfterAnInterruption(group: Group) throws
  {
    try withDirectory { directory in
      for jobs in [1, 2] {
        _ = try group.converter(directory, to: "jobs\(jobs)", jobs: jobs).run()
      }
      let reference = try DatasetConversionTests.contents(directory, "jobs1")
      #expect(reference.keys.contains("manifest.json"))
      #expect(try DatasetConversionTests.contents(directory, "jobs2") == reference)

      let converter = try group.converter(directory, to: "stopped", jobs: 2)
      let interruption = Interruption()
      let failure = try error {
        try converter.run(interruption: interruption) { event in
          if case .shard = event { interruption.request() }
        }
      }
      #expect(failure.code == .interrupted)
      let report = try converter.run()
      #expect(report.resumedShards > 0 && !report.wasComplete)
      #expect(try DatasetConversionTests.contents(directory, "stopped") == reference)
      #expect(try converter.run().wasComplete)
    }
  }
}
