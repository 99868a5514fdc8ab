import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Rules that no planted defect of the simulator breaks, and what `validate --rules` says of all.
@Suite struct ValidationRulesTests {
  func findings(_ path: String, _ configure: (inout Validation) -> Void = { _ in }) throws -> [Finding] {
    var validation = Validation()
    validation.isDeep = true
    configure(&validation)
    return try validation.report(on: path).findings
  }

  @Test(arguments: Rule.allCases) func saysWhatItAsksAndRestsOn(rule: Rule) {
    for text in [rule.summary, rule.source] {
      #expect(text.count > 8 && !text.contains("\n") && !text.hasSuffix("."))
    }
    #expect(rule.rawValue.split(separator: ".").count == 2)
    let isPlain = rule.rawValue.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "." || $0 == "-" }
    #expect(isPlain)
  }

  /// What names of channels break; each has a wave of its own.
  @Test(arguments: [
    (["I", "II"], Rule.leadsAbsent), (["I", "II", "PLETH"], .leadsUnknown),
    (["I", "II", "MLII"], .leadsUnused), (["MLII", "V1"], .leadsSubstituted),
  ])
  func namesWhatChannelsLack(names: [String], rule: Rule) throws {
    func findings(_ names: [String]) throws -> Set<Rule> {
      let samples = (0..<names.count * 1000).map { place in
        let (frame, channel) = (place / names.count, place % names.count)
        return 200 * sin(Double(frame) / Double(17 + 5 * channel))
      }
      let recording = try Recording(
        id: "1", rate: 500, channels: names.map { Recording.Channel(name: $0, unit: "uV", gain: 1) },
        samples: .physical(samples))
      let normalizer = try LeadNormalizer(recording, derive: false)
      return Set(
        SignalAudit.findings(in: try PhysicalSignal(recording, normalizer), of: recording, normalizer).map(
          \.rule))
    }
    let broken = try findings(names)
    let kept = try findings(rule == .leadsAbsent ? Lead.names : ["I", "II"])
    #expect(broken.contains(rule) && !kept.contains(rule))
  }

  @Test func namesAgesThatAreMissing() throws {
    var tree = PTBXLTree()
    tree.rows[3].age = ""
    try withTree(tree) { directory in
      let found = try findings(directory.path("tree")).filter { $0.rule == .patientAge }
      #expect(found.map(\.record) == ["4"] && found.map(\.severity) == [.note])
    }
    // A collection that tells no ages is not told of each record.
    for row in tree.rows.indices { tree.rows[row].age = "" }
    try withTree(tree) { directory in
      let found = try findings(directory.path("tree"))
      #expect(!found.contains { $0.rule == .patientAge })
    }
  }

  @Test func namesRecordsOfZeros() throws {
    var tree = PTBXLTree()
    tree.rows[5].record.samples = tree.rows[5].record.samples.map { _ in 0 }
    try withTree(tree) { directory in
      let found = try findings(directory.path("tree")).filter { $0.record == "6" }
      #expect(found.contains { $0.rule == .samplesZero && $0.severity == .error })
      #expect(!found.contains { $0.rule == .leadsFlat })
    }
  }

  @Test func namesFoldersAndPatientsThatAreNotThere() throws {
    try withTree { directory in
      let names = (1...12).map { "00000/\(PTBXLTree.padded($0))_hr\n" }.joined()
      try directory.write(names + "00013/\n", to: "tree/records500/RECORDS")
      let found = try findings(directory.path("tree/records500")) { $0.dataset = "wfdb" }
      #expect(found.filter { $0.rule == .pairingMissingFile }.map(\.record) == ["00013"])
      #expect(found.filter { $0.rule == .patientNone }.count == 1)
    }
  }

  @Test func namesRatesThatFewRecordsHave() throws {
    var tree = PTBXLTree(count: 30)
    tree.rows[6].record.rate = "300"
    try withTree(tree) { directory in
      let found = try findings(directory.path("tree/records500")) { $0.dataset = "wfdb" }
      #expect(found.filter { $0.rule == .recordRate }.map(\.record) == ["00007_hr"])
    }
  }

  /// Every file of the list, not only those of records.
  @Test func checksEveryPublishedDigest() throws {
    try withTree { directory in
      try directory.write("a,b\n", to: "tree/scp_statements.csv")
      let table = try File.read(directory.path("tree/ptbxl_database.csv"))
      let sums = [
        "\(Digest.sha256(table))  ptbxl_database.csv", "\(Digest.sha256("a,b".utf8)) *scp_statements.csv",
        "\(Digest.sha256("gone".utf8))  gone/1.dat",
      ]
      try directory.write(sums.joined(separator: "\n") + "\n", to: "tree/SHA256SUMS.txt")
      let found = try findings(directory.path("tree"))
      #expect(found.filter { $0.rule == .fileSHA256 }.map(\.record) == ["scp_statements.csv"])
      let missing = found.filter { $0.rule == .pairingMissingFile }
      #expect(missing.map(\.severity) == [.note] && missing[0].message.contains("gone/1.dat"))
    }
  }

  @Test func computesStatisticsOfShardsAnew() throws {
    try withTree { directory in
      var manifest = try PTBXLTree.converter(directory).run().manifest
      let clean = try findings(directory.path("shards"))
      #expect(clean.isEmpty)
      manifest.statistics.mean[4] += 1e-3
      try manifest.write(to: directory.path("shards"))
      let found = try findings(directory.path("shards"))
      #expect(found.map(\.rule) == [.shardStatistics])
    }
  }

  /// A ledger that is whole, but not that of the shards.
  @Test(arguments: ["order", "fate", "gone"]) func comparesLedgersWithShards(change: String) throws {
    try withTree { directory in
      var manifest = try PTBXLTree.converter(directory).run().manifest
      let path = directory.path("shards/\(manifest.ledgers[1].file)")
      var lines = try File.readText(path).split(separator: "\n").map(String.init)
      switch change {
      case "order": lines.swapAt(0, 1)
      case "fate":
        lines[0] = lines[0].replacing("\"fate\":\"stored\"", with: "\"fate\":\"repaired\"")
      default: lines.removeFirst()
      }
      let text = lines.joined(separator: "\n") + "\n"
      try File.write(text.utf8, to: path)
      manifest.ledgers[1].bytes = text.utf8.count
      manifest.ledgers[1].sha256 = Digest.sha256(text.utf8)
      try manifest.write(to: directory.path("shards"))
      let found = try findings(directory.path("shards"))
      #expect(Set(found.map(\.rule)) == [.shardLedger], "\(found)")
    }
  }
}
