import ECGData
import Foundation
import TestSupport
import Testing

@Suite struct ValidationTests {
  func report(_ path: String, isDeep: Bool = true) throws -> Validation.Report {
    var validation = Validation()
    validation.isDeep = isDeep
    return try validation.report(on: path)
  }

  @Test func findsNoErrorInAGoodTree() throws {
    try withTree { directory in
      let report = try report(directory.path("tree"))
      #expect(report.records == 12)
      #expect(report.count(of: .error) == 0)
      // Every record lasts 1 s instead of 10.
      #expect(report.summary == ["record.duration": 12])
    }
  }

  @Test func namesTheRecordOfEachFault() throws {
    var tree = PTBXLTree()
    tree.rows[5].record.samples = tree.rows[4].record.samples
    tree.rows[5].codes = "{'ASMI': 100.0}"
    tree.rows[6].fold = tree.rows[5].fold % 10 + 1
    tree.rows[7].codes = "{'NOSUCH': 100.0}"
    tree.rows[8].age = "-3"
    for frame in 0..<500 { tree.rows[9].record.samples[12 * frame + 6] = 0 }
    try withTree(tree) { directory in
      try directory.remove("tree/records500/00000/00001_hr.dat")
      try directory.change("tree/records500/00000/00002_hr.dat") { $0.removeLast(1) }
      try directory.change("tree/records500/00000/00003_hr.dat") { $0[1000] ^= 1 }
      try directory.write(tree.rows[0].record.header, to: "tree/records500/00000/00077_hr.hea")
      let report = try report(directory.path("tree"))
      let found = Set(
        // The fixture's waves are no heart's: their electrodes may look exchanged.
        report.findings.filter { ![.recordDuration, .leadsReversal, .leadsChest].contains($0.rule) }.map {
          "\($0.rule.rawValue) \($0.record)"
        })
      #expect(
        found == [
          "pairing.missing-file 1", "wfdb.length 2", "wfdb.checksum 3", "split.patient-leak 7",
          "signal.duplicate 5", "labels.duplicate-conflict 5", "split.duplicate-leak 5",
          "labels.unknown-code 8", "patient.age 9", "leads.flat 10",
          "pairing.unlisted records500/00000/00077_hr.hea",
        ])
      #expect(report.count(of: .error) >= 4)
    }
  }

  /// A shard directory with one thing wrong, and the rule and record or file that a validation names.
  enum Damage: CaseIterable {
    case none, manifest, shardGone, shardCut, signalBit, columnBit, ledgerGone, ledgerBit, extraShard

    var rules: Set<Rule> {
      switch self {
      case .none: []
      case .manifest: [.manifest]
      case .shardGone, .ledgerGone: [.shardMissing]
      case .shardCut: [.shardFile, .shardHeader]
      case .signalBit: [.shardRecord, .shardFile]
      case .columnBit: [.shardColumn, .shardFile]
      case .ledgerBit: [.shardFile]
      case .extraShard: [.shardUnlisted]
      }
    }
  }

  @Test(arguments: Damage.allCases) func namesTheDamageOfShards(damage: Damage) throws {
    try withTree { directory in
      let manifest = try PTBXLTree.converter(directory).run().manifest
      let shards = Directory(path: directory.path("shards"))
      let shard = manifest.shards[1].file
      let header = try SafetensorsHeader(contentsOf: shards.path(shard))
      let set = try ShardSet(shards.path)
      switch damage {
      case .none: break
      case .manifest: try shards.change("manifest.json") { $0[$0.count / 2] ^= 1 }
      case .shardGone: try shards.remove(shard)
      case .shardCut: try shards.change(shard) { $0.removeLast(5) }
      case .signalBit: try shards.change(shard) { $0[header.dataOffset + 12000 + 5] ^= 8 }
      case .columnBit:
        let sex = try #require(header.tensor("sex")).range.lowerBound
        try shards.change(shard) { $0[sex + 1] ^= 8 }
      case .ledgerGone: try shards.remove(manifest.ledgers[1].file)
      case .ledgerBit: try shards.change(manifest.ledgers[1].file) { $0[100] ^= 1 }
      case .extraShard: try shards.write("x", to: "shards/s-00009-of-00010.safetensors")
      }
      let report = try report(shards.path)
      #expect(Set(report.findings.map(\.rule)) == damage.rules, "\(report.findings)")
      if damage == .signalBit {
        #expect(report.findings.first { $0.rule == .shardRecord }?.record == set.id(4))
      }
    }
  }

  @Test func refusesAPathThatHoldsNothing() throws {
    try withDirectory { directory in
      let absent = try error { try report(directory.path("none")) }
      #expect(absent.code == .notFound)
      let empty = try error { try report(directory.path) }
      #expect(empty.code == .unsupported)
    }
  }
}
