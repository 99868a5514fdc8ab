import Testing

@testable import ECGData

@Suite struct SourceRecordsTests {
  /// A record of which every part depends on its number, some being absent from some.
  private func record(_ number: Int, text: String = "") -> SourceRecord {
    var record = SourceRecord(
      id: "\(number)\(text)", patient: number % 3 == 0 ? nil : "p\(number / 2)",
      age: number % 5 == 0 ? .nan : Float(number % 90) + 0.25,
      sex: Sex(rawValue: UInt8(number % 3)) ?? .unknown,
      fold: UInt8(number % 11),
      statements: (0..<(number % 4)).map { Statement(code: "scp:\(number % 7 + $0)", value: Float($0) / 3) },
      files: (0..<(number % 3)).map { "folder \(number / 100)/é\(number)-\($0).dat" },
      row: number % 4 == 1 ? number * 1_000_003 : nil, flags: RecordFlags(rawValue: UInt16(number % 9)),
      attributes: number % 2 == 0
        ? ["report": "\(text) of \(number)", "leer": "", "ü\(number)": "\u{1F}"] : [:])
    if number % 6 == 0 {
      record.exclusion = Finding(
        record: record.id, rule: .recordPlaceholder, "row \(number)", severity: .error)
    }
    for rule in Rule.allCases.prefix(number % 5) { record.find(rule, "what \(number)") }
    if number % 2 == 1 { (record.frames, record.rate) = (number * 4096, 400 + Double(number) / 7) }
    return record
  }

  /// Ages that are not known are not equal to themselves.
  private func plain(_ record: SourceRecord) -> SourceRecord {
    var record = record
    if record.age.isNaN { record.age = -1 }
    return record
  }

  @Test(arguments: [0, 1, 300, 40_000])
  func giveBackWhatWasPacked(count: Int) {
    let all = (0..<count).map { record($0) }
    let packed = SourceRecords(all)
    #expect(packed.count == count)
    #expect(packed.map(plain) == all.map(plain))
    #expect(Array(packed.ids) == all.map(\.id))
    #expect(Array(packed.patients) == all.compactMap(\.patient))
    #expect(packed.hasFolds == all.contains { $0.fold > 0 })
  }

  @Test func aRecordMayBeLongerThanAPage() {
    let all = (0..<4).map { record($0 * 6, text: String(repeating: "x", count: 700_000 * $0)) }
    #expect(SourceRecords(all).map(plain) == all.map(plain))
  }

  @Test func copiesDoNotShareWhatIsAddedLater() {
    var packed = SourceRecords((0..<10).map { record($0) })
    let copy = packed
    packed.append(record(10))
    packed.removeAll(at: [0, 3])
    #expect(copy.map(plain) == (0..<10).map { plain(record($0)) })
    #expect(packed.map(plain) == [1, 2, 4, 5, 6, 7, 8, 9, 10].map { plain(record($0)) })
  }

  @Test func inOrderGivesEachRangeOnce() throws {
    for (count, size, jobs) in [(0, 4, 2), (1, 4, 2), (100, 7, 3), (64, 4, 2), (65, 4, 1)] {
      var seen: [Int] = []
      try Parallel.inOrder(count, by: size, jobs: jobs) {
        Array($0)
      } take: {
        seen += $0
      }
      #expect(seen == Array(0..<count))
    }
  }
}
