import ECGData
import Foundation
import TestSupport
import Testing

/// The records of wfdb-python against what the WFDB library's `rdsamp` printed of them.
///
/// Targets are in `tests/target-output`: counts, or with `-P` physical values of 8 decimals, `-` where a sample
/// is missing.
@Suite(.enabled(if: SharedVectors.wfdbPython != nil, "needs ../shared/data/wfdb_python"))
struct WFDBVectorTests {
  struct Vector: Sendable, CustomTestStringConvertible {
    var target: String
    var record: String
    var range: Range<Int>?
    var channels: [Int]?
    var isPhysical = false
    var testDescription: String { target }
  }

  static let vectors = [
    Vector(target: "record-1a", record: "test01_00s"),
    Vector(
      target: "record-1b", record: "a103l", range: 12_500..<40_000, channels: [2, 0], isPhysical: true),
    Vector(target: "record-1d", record: "3000003_0003", range: 125..<1000, channels: [1], isPhysical: true),
    Vector(target: "record-1f.gz", record: "binformats"),
    Vector(target: "record-flac.gz", record: "flacformats"),
    Vector(target: "record-2b", record: "100", range: 1..<10_800, channels: [1]),
    Vector(target: "record-2c", record: "100_3chan", isPhysical: true),
    Vector(target: "record-2d", record: "310derive", range: 2..<1026),
    Vector(target: "record-2e", record: "311derive", range: 1..<978, isPhysical: true),
    Vector(
      target: "record-3b", record: "s0010_re", range: 5000..<38_000, channels: [13, 0, 4, 8, 3],
      isPhysical: true),
    // `rdsamp` ends where the first signal that is late has no more samples.
    Vector(target: "record-4b", record: "03700181", range: 0..<74_996),
    Vector(
      target: "record-4c", record: "03700181", range: 1000..<16_000, channels: [0, 2], isPhysical: true),
    Vector(
      target: "record-multi-fixed-c", record: "multi-segment/fixed1/v102s", range: 70_000..<80_000,
      channels: [1, 0, 3], isPhysical: true),
    Vector(
      target: "record-multi-variable-a", record: "multi-segment/s00001/s00001-2896-10-10-00-31",
      range: 14_428_365..<14_428_375, isPhysical: true),
  ]

  func path(_ record: String) throws -> String {
    try #require(SharedVectors.wfdbPython) + "/sample-data/" + record
  }

  /// Rows of numbers; NaN for `-`.
  func target(_ name: String) throws -> [[Double]] {
    let path = try #require(SharedVectors.wfdbPython) + "/tests/target-output/" + name
    let text = try #require(try SharedVectors.text(path))
    return try text.utf8.split(separator: 0x0A).map { line in
      try line.split { $0 == 0x20 || $0 == 0x09 }.map { field in
        try field.elementsEqual("-".utf8) ? .nan : #require(Double(String(decoding: field, as: UTF8.self)))
      }
    }
  }

  @Test(arguments: vectors) func readsWhatRdsampReads(vector: Vector) throws {
    let target = try target(vector.target)
    let reading = try WFDBReader(path(vector.record)).read(vector.range, channels: vector.channels)
    #expect(!reading.findings.contains { $0.severity == .error })
    let recording = reading.recording
    try #require(recording.frameCount == target.count)
    let width = recording.channels.count
    #expect(target.allSatisfy { $0.count == width })
    if vector.isPhysical {
      for channel in 0..<width {
        // Half a unit of the eighth decimal, and what the target's own decimals cannot tell.
        let differing = zip(recording.physical(channel: channel), target).filter { ours, row in
          ours.isNaN ? !row[channel].isNaN : !(abs(ours - row[channel]) <= 0.500001e-8)
        }
        #expect(differing.isEmpty)
      }
    } else {
      guard case .digital(let samples) = recording.samples else {
        Issue.record("the samples are not digital")
        return
      }
      // `rdsamp` shows a missing sample as -32768.
      let shown = samples.map { $0 == Recording.missing ? -32768 : Double($0) }
      #expect(shown == target.flatMap { $0 })
    }
  }

  /// All present signals agree with their headers; what is known of a few is said.
  @Test(
    arguments: [
      ("03700181", [Rule.wfdbFrames]), ("100", []), ("100-no-len", []), ("100_3chan", []),
      ("3000003_0003", []),
      ("310derive", []), ("310derive_2", []), ("311derive", []), ("311derive_2", []), ("311derive_4", []),
      ("a103l", []), ("binformats", []), ("flacformats", []), ("s0010_re", []), ("test01_00s", []),
      ("test01_00s_skew", []), ("v102s", []), ("multi-segment/fixed1/v102s", []),
      ("multi-segment/s25047/s25047-2704-05-04-10-44", []),
      ("multi-segment/s00001/s00001-2896-10-09-01-56", []),
      ("test_generator_2", [.unitsAssumed, .wfdbFrames, .wfdbHeader]),
      ("mixedsignals", [.wfdbFrames, .wfdbInitialValue]),
      ("test01_00s_frame", [.wfdbFrames, .wfdbInitialValue]),
    ] as [(String, Set<Rule>)])
  func agreesWithItsHeader(record: String, rules: Set<Rule>) throws {
    let reading = try WFDBReader.read(path(record))
    #expect(
      Set(reading.findings.map(\.rule)).subtracting([.unitsAssumed]) == rules.subtracting([.unitsAssumed]))
    #expect(reading.isWhole && reading.recording.frameCount > 0)
  }

  @Test func namesTheAbsentSegments() throws {
    let path = try path("multi-segment/s00001/s00001-2896-10-10-00-31")
    let error = try error { try WFDBReader.read(path) }
    #expect(error.code == .notFound && error.description.contains("3975656_0009.dat"))
    let lenient = try WFDBReader(path, mode: .lenient).verify()
    #expect(lenient.filter { $0.rule == .pairingMissingFile }.count == 3)
    #expect(lenient.allSatisfy { $0.rule == .pairingMissingFile || $0.severity < .error })
  }

  @Test func readsEverySampleOfEveryRate() throws {
    let record = try WFDBReader(path("mixedsignals"))
    #expect(record.rate(of: .smoothed) == 62.4725 && record.rate(of: .expanded) == 249.89)
    #expect(record.header.counterRate == 999.56)
    #expect(try record.read(form: .expanded).recording.frameCount == 57_600)
    let generator = try WFDBReader(path("test_generator_2"))
    #expect(generator.channels[8].unit == "\u{B0}")
    #expect(try generator.read(form: .expanded).recording.rate == 200)
  }
}
