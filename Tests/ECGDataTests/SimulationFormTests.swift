import Foundation
import TestSupport
import Testing

@testable import ECGData

/// What single layouts are made of.
@Suite struct SimulationFormTests {
  /// Every word that a statement is given stands in the table of its vocabulary.
  @Test func wordsForStatementsAreKnown() {
    let codes = Set(PTBXLStatement.all.map(\.code))
    #expect(codes.isSuperset(of: StatementCodes.table.keys))
    for (code, words) in StatementCodes.table {
      let stated =
        [words.snomed.map { "snomed:\($0)" }, words.chapman.map { "chapman:\($0)" }]
        + [words.cpsc.map { "cpsc:\($0)" }, words.code.map { "code:\($0)" }]
      for word in stated.compactMap(\.self) { #expect(Vocabulary.knows(word), "\(code): \(word)") }
    }
    #expect(CPSC2018Labels.snomed.keys.sorted() == Vocabulary.cpsc.sorted())
    #expect(CPSC2018Labels.snomed.values.allSatisfy { Vocabulary.knows("snomed:\($0)") })
    #expect(Set(StatementCodes.table.values.compactMap(\.cpsc)) == Set(Vocabulary.cpsc))
    #expect(Set(StatementCodes.table.values.compactMap(\.code)) == Set(Vocabulary.code))
  }

  /// What a rhythm or finding of the simulator is called in the challenges, so that none is lost there.
  @Test func everySimulatedStatementHasACode() {
    let codes = SimulatedRhythm.allCases.map(\.rawValue) + SimulatedECG.findingCodes + ["NORM", "PVC", "PAC"]
    let without = codes.filter { StatementCodes.table[$0]?.snomed == nil }
    // Digitalis is a drug's effect, for which the challenges have no code.
    #expect(Set(without).isSubset(of: ["ANEUR", "DIG"]))
  }

  @Test func atrialFlutterIsAFInChapman() {
    #expect(StatementCodes.table["AFLT"]?.chapman == "AF" && StatementCodes.table["AFIB"]?.chapman == "AFIB")
    #expect(StatementCodes.table["AFIB"]?.cpsc == "AF")
  }

  @Test func normalStandsByItself() {
    func classes(_ codes: [String]) -> [String] {
      CPSC2018Labels.classes(codes.map { SimulatedECG.Statement(code: $0, likelihood: 100) })
    }
    #expect(classes(["NORM", "SR"]) == ["Normal"])
    #expect(classes(["NORM", "PAC", "SR"]) == ["PAC"])
    #expect(classes(["CRBBB", "IRBBB", "AFIB"]) == ["RBBB", "AF"])
    #expect(classes(["LVH", "SR"]) == [])
  }

  @Test func theMixtureKeepsTheProportions() {
    let counts = ChallengeCollection.all.map(\.count)
    let order = ChallengeMixture.order
    #expect(order.count == 88_253)
    var taken = [Int](repeating: 0, count: counts.count)
    var worst = 0.0
    for (place, collection) in order.enumerated() {
      taken[Int(collection)] += 1
      for (count, expected) in zip(taken, counts) {
        worst = max(worst, abs(Double(count) - Double(expected) * Double(place + 1) / Double(order.count)))
      }
    }
    #expect(taken == counts)
    #expect(worst < 1.5)
    let layout = ChallengeLayout(records: order.count, seed: 0)
    #expect(Set(order.indices.map(layout.id(of:))).count == order.count)
    #expect(order.indices.allSatisfy { Challenge.family(of: layout.id(of: $0)) != nil })
  }

  @Test func numbersOfExamsAreTheirOwn() {
    let numbers = (1...100_000).map { CODETracing.number($0, "exam", seed: 3) }
    #expect(Set(numbers).count == numbers.count)
    #expect(numbers.allSatisfy { (1..<CODETracing.capacity).contains($0) })
    #expect(numbers != numbers.sorted())
  }

  #if HDF5
  /// Parts of a few exams each: all is joined by id, and every part ends in a row that is no exam.
  @Test func examsAreInTheirParts() throws {
    try withDirectory { directory in
      let form = CODE15Layout(records: 10, seed: 1, partSize: 4)
      let simulation = Simulation(form: form, records: 10, seed: 1)
      try simulation.write(to: directory.path("tree"), jobs: 2)
      let dataset = try Datasets.open(directory.path("tree"))
      let ids = dataset.records.map(\.id)
      #expect(ids.filter { !$0.hasPrefix("0 in row") } == (0..<10).map { simulation.record($0).id })
      #expect(ids[4] == "0 in row 5 of exams_part0.hdf5" && ids.last == "0 in row 3 of exams_part2.hdf5")
      #expect(dataset.records.allSatisfy { $0.exclusion == nil || $0.exclusion?.rule == .recordPlaceholder })
    }
  }
  #endif

  @Test func rowsAreFilledUpWithZerosAtBothEnds() {
    for (count, ends) in [(2934, (581, 581)), (4096, (0, 0)), (1205, (1445, 1446))] {
      let signal = SimulatedSignal(rate: 400, samples: [Double](repeating: 0.25, count: count * 12))
      let row = CODETracing.row(signal)
      #expect(row.count == 4096 * 12 && row.count { $0 == 0.5 } == count * 12)
      #expect(row.firstIndex(of: 0.5) == ends.0 * 12)
      #expect(row.lastIndex(of: 0.5) == (4096 - ends.1) * 12 - 1)
    }
  }

  @Test(arguments: [
    (0, 2, "0"), (488, 2, "4.88"), (-25_376, 2, "-253.76"), (39_040, 2, "390.4"), (-4, 2, "-0.04"),
    (700, 2, "7"),
    (123_4567, 4, "123.4567"), (-10_050, 4, "-1.005"),
  ]) func decimalsAreShort(value: Int, decimals: Int, text: String) {
    var bytes: [UInt8] = []
    DecimalColumns.append([Int?](repeating: value, count: 11) + [nil], decimals: decimals, to: &bytes)
    let fields = String(decoding: bytes, as: UTF8.self).dropLast().split(separator: ",")
    #expect(bytes.last == UInt8(ascii: "\n") && fields.count == 12 && fields.last == "NaN")
    #expect(fields.dropLast().allSatisfy { $0 == text })
  }

  @Test func countsAreRoundedHalfToEvenWithinTheRange() {
    let signal = SimulatedSignal(
      rate: 500, samples: [0.0005, 0.0015, -0.0005, 0.1, 40, -40, .nan, 0, 0, 0, 0, 0])
    #expect(signal.counts().prefix(7) == [0, 2, 0, 100, 32_767, -32_767, Recording.missing])
  }

  @Test(arguments: [
    (0, "2018-01-01 00:00:00"), (58 * 86_400 + 86_399, "2018-02-28 23:59:59"),
    (59 * 86_400, "2018-03-01 00:00:00"),
    (365 * 86_400, "2019-01-01 00:00:00"), (789 * 86_400 + 3_661, "2020-02-29 01:01:01"),
    (790 * 86_400, "2020-03-01 00:00:00"),
  ]) func daysAreTheCalendars(seconds: Int, text: String) {
    let time = CalendarTime(secondsAfter: 2018, seconds)
    #expect("\(time.date()) \(time.time())" == text)
  }
}
