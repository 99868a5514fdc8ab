import Foundation
import Testing

@testable import ECGData

/// Every kind of defect in every layout that can have it, read back from the bytes by means of this file alone where that
/// is a format of numbers or text.
@Suite struct SimulatedDefectTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var layout: String
    var kind: SimulatedDefect.Kind
    var testDescription: String { "\(kind.rawValue) in \(layout)" }
  }

  static let cases = Simulation.layouts.flatMap { layout in
    SimulatedDefect.Kind.allCases.filter { $0.layouts.contains(layout) }.map {
      Case(layout: layout, kind: $0)
    }
  }

  /// The same record without and with the defect, in collections of which every record but the first has it.
  private static func pair(_ test: Case, index: Int) throws -> (clean: PlantedRecord, planted: PlantedRecord)
  {
    let clean = try Simulation(layout: test.layout, records: 8, seed: 11)
    let planted = try Simulation(
      layout: test.layout, records: 8, seed: 11, defects: DefectRates("\(test.kind.rawValue)=1"))
    let content = try planted.content(of: index)
    return (
      try PlantedRecord(layout: test.layout, content: clean.content(of: index)),
      try PlantedRecord(layout: test.layout, content: content)
    )
  }

  @Test(arguments: cases) func isWhereTheTruthSays(_ test: Case) throws {
    for index in [2, 3] {
      let (clean, planted) = try Self.pair(test, index: index)
      let truth = try #require(planted.content.defect)
      #expect(truth.kind == test.kind && truth.index == index)
      #expect(clean.content.defect == nil)
      #expect(truth.rules == test.kind.rules(in: test.layout))
      #expect(truth.detectable == (truth.doubt == nil))
      try planted.expect(truth, clean)
      let changed = clean.differences(from: planted)
      if test.kind == .recordWithoutRow {
        // What nothing names any more is named here; the list of a folder is another record's file.
        #expect(
          Set(changed).isSubset(of: truth.files)
            && clean.content.files.allSatisfy { truth.files.contains($0.path) })
        #expect(test.layout != ChapmanWFDB.name || truth.files.contains("WFDBRecords/01/010/RECORDS"))
        continue
      }
      #expect(changed == truth.files)
      #expect(
        !changed.isEmpty || clean.content.row != planted.content.row
          || clean.content.cells != planted.content.cells
          || clean.content.rowID != planted.content.rowID)
    }
  }

  @Test func ratesAreReadAndRefused() throws {
    func shares(_ text: String, _ layout: String = PTBXL.name) throws -> [SimulatedDefect.Kind: Double] {
      Dictionary(
        try DefectRates(text).shares(in: layout).map { ($0.kind, $0.share) },
        uniquingKeysWith: { first, _ in first })
    }
    #expect(try shares("flat-lead=0.05,duplicate=0.01") == [.flatLead: 0.05, .duplicate: 0.01])
    let all = try shares("all=0.01,saturated=0,dropout=0.1")
    #expect(all[.saturated] == nil && all[.dropout] == 0.1 && all[.flatLead] == 0.01)
    #expect(all.count == SimulatedDefect.Kind.allCases.count { $0.layouts.contains(PTBXL.name) } - 1)
    for text in ["", "flat-lead", "flat-lead=2", "flat-lead=x", "flat=0.1", "all=-0.1"] {
      #expect(throws: ECGError.self, "\(text)") { try DefectRates(text) }
    }
    // A kind that the layout cannot have, and more defects than records.
    #expect(throws: ECGError.self) { try shares("zero-id=0.1") }
    #expect(throws: ECGError.self) { try shares("all=0.9") }
    for layout in SimulatedDefect.Kind.every {
      let shares = try DefectRates().shares(in: layout)
      #expect(shares.reduce(0) { $0 + $1.share } < 0.15)
      #expect(shares.count > 20)
    }
  }

  @Test func thePlanIsAFunctionOfSeedAndRecord() throws {
    let rates = try DefectRates("flat-lead=0.1,duplicate=0.1,patient-in-two-folds=0.1")
    let plan = try DefectPlan(layout: PTBXL.name, rates: rates, seed: 5)
    let again = try DefectPlan(layout: PTBXL.name, rates: rates, seed: 5)
    let defects = (0..<4000).map { plan.defect(of: $0) }
    #expect(defects == (0..<4000).map { again.defect(of: $0) })
    for kind in [SimulatedDefect.Kind.flatLead, .duplicate, .patientInTwoFolds] {
      let count = defects.count { $0?.kind == kind }
      // Six standard deviations of a binomial distribution of 4000 and 0.1.
      #expect(abs(count - 400) < 114, "\(kind)")
    }
    for case let defect? in defects {
      if let other = defect.other { #expect(other < defect.index && plan.defect(of: other) == nil) }
      #expect((defect.other != nil) == defect.kind.needsOther)
    }
    let seed6 = try DefectPlan(layout: PTBXL.name, rates: rates, seed: 6)
    #expect(defects != (0..<4000).map { seed6.defect(of: $0) })
  }

  /// A whole tree of each layout: what the truth does not name is byte for byte that of a tree without defects, and the
  /// validator names what can be told for certain.
  @Test(arguments: Simulation.layouts) func leavesTheRestAloneAndIsNamed(_ layout: String) throws {
    let kinds = SimulatedDefect.Kind.allCases.filter { $0.layouts.contains(layout) }
    // Kinds that spoil the reading of others are few; all kinds occur among 160 records.
    let share = 0.6 / Double(kinds.count)
    let planted = try Simulation(layout: layout, records: 160, seed: 4, defects: DefectRates("all=\(share)"))
    try DefectTree.with(planted) { root in
      try DefectTree.with(Simulation(layout: layout, records: 160, seed: 4)) { cleanRoot in
        let truth = try DefectTree.truth(root)
        #expect(truth.count == (0..<160).count { planted.defects?.defect(of: $0) != nil })
        #expect(Set(truth.map(\.kind)).count > kinds.count * 3 / 4)
        try DefectTree.expectRestUntouched(root, cleanRoot, truth)
        let clean = try DefectTree.findings(cleanRoot)
        let found = try DefectTree.findings(root).subtracting(clean)
        for defect in truth where defect.detectable && !defect.rules.isEmpty {
          let rules = Set(found.filter { $0.names(defect) }.map(\.rule))
          #expect(
            !rules.isDisjoint(with: defect.rules) || DefectTree.mayHide(defect),
            "\(layout): \(defect.kind) of \(defect.record): \(rules.sorted())")
        }
      }
    }
  }

  @Test func sameBytesAtAnyNumberOfJobsAndAGreaterTreeBeginsWithTheSmaller() throws {
    let rates = try DefectRates("all=0.015")
    func tree(_ records: Int, jobs: Int) throws -> [String: Data] {
      try DefectTree.with(
        Simulation(layout: PTBXL.name, records: records, seed: 9, defects: rates), jobs: jobs,
        PTBXLSimulationTests.content)
    }
    let one = try tree(40, jobs: 1)
    #expect(try tree(40, jobs: 2) == one)
    let great = try tree(60, jobs: 2)
    for (path, data) in one where path.hasPrefix("records") { #expect(great[path] == data, "\(path)") }
  }
}
