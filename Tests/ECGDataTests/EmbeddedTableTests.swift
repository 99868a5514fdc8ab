import Testing

@testable import ECGData

/// The tables that are compiled in: a fault in one shows as an empty table.
@Suite struct EmbeddedTableTests {
  @Test func hasAllRows() {
    #expect(PTBXLStatement.all.count == 71 && Vocabulary.scp.count == 71)
    #expect(Vocabulary.snomed.count == 133 && Vocabulary.snomed.contains("snomed:164889003"))
    #expect(Vocabulary.chapman.count == EmbeddedTable.rows(PackageResources.chapman_csv, width: 2).count)
    #expect(Vocabulary.chapman.count == 68 && Vocabulary.chapman.contains("chapman:AFIB"))
  }

  @Test func isEmptyWhereATableIsBroken() {
    #expect(EmbeddedTable.rows(PackageResources.scp_csv, width: 3).isEmpty)
    #expect(EmbeddedTable.values(Errata.self, Array("- collections: 1".utf8)).isEmpty)
  }

  @Test(arguments: [
    ("scp:NORM", true), ("scp:NORMAL", false), ("snomed:59118001", true), ("snomed:6180003", false),
    ("cpsc:AF", true), ("cpsc:10", false), ("code:1dAVb", true), ("code:1AVB", false), ("chapman:AF", true),
    ("chapman:XYZ", false), ("aha:60+310", true), ("x", true),
  ])
  func knowsCodes(code: String, isKnown: Bool) {
    #expect(Vocabulary.knows(code) == isKnown)
  }

  @Test func namesErrataOnce() {
    #expect(Errata.all.count == 3 && Errata.all.allSatisfy { !$0.errata.isEmpty && !$0.version.isEmpty })
    let names = Errata.all.flatMap { $0.errata.map(\.name) }
    #expect(Set(names).count == names.count && names.count == 16)
    let adapters = Set(Datasets.all.map { $0.name })
    #expect(Errata.all.allSatisfy { adapters.isSuperset(of: $0.collections) })
    #expect(Errata.of("sph").errata.isEmpty && !Errata.of("chapman-wfdb").errata.isEmpty)
    // Each is about records, or about codes.
    #expect(Errata.all.allSatisfy { $0.errata.allSatisfy { ($0.records == nil) != ($0.codes == nil) } })
  }

  /// Where names repeat, a record is known by its path.
  @Test(arguments: [
    ("challenge", "E00001", 4880, ["challenge.georgia-gain"]),
    ("challenge", "training/georgia/g1/E00001", 4880, ["challenge.georgia-gain"]),
    ("challenge", "training/E00001/A0001", 4880, []), ("challenge", "E00001", 1000, []),
    ("challenge", "g1/E04603", 4880, ["challenge.missing-samples", "challenge.georgia-gain"]),
    ("challenge", "S0001", 2_000_000, ["challenge.ptb-gain"]), ("challenge", "HR00001", 4880, []),
    ("ptb-xl", "137", 1000, ["ptb-xl.duplicate-137"]), ("ptb-xl", "1370", 1000, []),
    ("cpsc2018", "A5990", 1000, ["cpsc2018.no-age"]), ("wfdb", "E00001", 4880, []),
  ])
  func findsErrata(adapter: String, id: String, gain: Double, names: [String]) throws {
    let recording = try Recording(
      id: id, rate: 500, channels: [Recording.Channel(name: "I", unit: "mV", gain: gain)],
      samples: .digital([1, 2, 3]))
    #expect(Errata.of(adapter).concerning(id, recording).map(\.name) == names)
  }

  @Test func namesErrataOfCodes() {
    #expect(Errata.of("challenge").name(ofCode: "snomed:6180003") == "challenge.unknown-code")
    #expect(Errata.of("cpsc2018").name(ofCode: "cpsc:10") == "cpsc2018.label-10")
    #expect(Errata.of("ptb-xl").name(ofCode: "scp:NORM") == nil)
  }
}
