import ECGData
import Foundation
import TestSupport
import Testing

private let defects = Repository.sharedData.appending(path: "defects")

/// Hand-written headers with one defect each, kept beside the repository; their README says what a good
/// reader does.
///
/// The signals they name are made here: a ramp of 12 x 5000, sample t of lead k is (12 t + k) mod 2000 -
/// 1000. Skipped where the headers are not there.
@Suite(.enabled(if: Repository.exists(defects), "needs ../shared/data/defects"))
struct WFDBDefectTests {
  struct Expectation: Sendable, CustomTestStringConvertible {
    var header: String
    var frames = 5000
    var rate = 500.0
    /// How often each rule is broken.
    var findings: [Rule: Int] = [:]
    /// First sample of the first channel in mV.
    var first = -1.0
    var testDescription: String { header }
  }

  static let readable = [
    Expectation(header: "GOOD", findings: [.wfdbChecksum: 9]),
    Expectation(header: "BADCS", findings: [.wfdbChecksum: 12]),
    Expectation(header: "CSOK"),
    Expectation(header: "CSU"),
    Expectation(header: "CSBAD", findings: [.wfdbChecksum: 12]),
    Expectation(header: "DUPL", findings: [.wfdbChecksum: 9, .wfdbInitialValue: 11]),
    Expectation(header: "TRUNC", frames: 4000, findings: [.wfdbLength: 1]),
    Expectation(header: "E07835", findings: [.wfdbHeader: 2, .wfdbChecksum: 9]),
    Expectation(
      header: "MU", findings: [.wfdbLength: 1, .wfdbChecksum: 1, .wfdbInitialValue: 1], first: -0.001),
    Expectation(header: "FSE", findings: [.wfdbLength: 1, .wfdbChecksum: 1, .wfdbInitialValue: 1]),
    Expectation(
      header: "NEG", findings: [.wfdbLength: 1, .wfdbChecksum: 1, .wfdbInitialValue: 1], first: 4.975),
    Expectation(
      header: "G0", findings: [.wfdbLength: 1, .wfdbChecksum: 1, .wfdbInitialValue: 1, .unitAssumed: 1],
      first: -5),
    Expectation(header: "MIN1", frames: 60000, rate: 250, findings: [.unitAssumed: 1], first: -5),
    Expectation(header: "MIN2", frames: 60000),
    Expectation(header: "MIN3", frames: 60000),
    Expectation(header: "MIN4", frames: 60000),
  ]

  /// Runs `body` with the header and the signals that all of them name.
  func withDefect<Result>(_ name: String, _ body: (String) throws -> Result) throws -> Result {
    try withDirectory { directory in
      let header = try Data(contentsOf: defects.appending(path: "\(name).hea"))
      let ramp = WFDBFixture.bytes((0..<60000).map { Int16($0 % 2000 - 1000) })
      let prolog = [UInt8](repeating: 0, count: 20) + Array("val\0".utf8)
      for file in ["GOOD", "E07835", "JS01052", "JS23074"] {
        try directory.write(prolog + ramp, to: "\(file).mat")
      }
      try directory.write(Array((prolog + ramp).prefix(24 + 12 * 2 * 4000 + 7)), to: "TRUNC.mat")
      try directory.write(ramp, to: "C.dat")
      return try body(directory.write(Array(header), to: "\(name).hea"))
    }
  }

  @Test(arguments: readable) func readsAndReports(expected: Expectation) throws {
    try withDefect(expected.header) { path in
      let reading = try WFDBReader.read(path)
      #expect(reading.recording.frameCount == expected.frames)
      #expect(reading.recording.rate == expected.rate)
      let counts = Dictionary(grouping: reading.findings, by: \.rule).mapValues(\.count)
      #expect(counts == expected.findings)
      let first = try #require(try reading.recording.microvolts(channel: 0).first)
      #expect(abs(first / 1000 - expected.first) < 1e-12)
    }
  }

  /// Refused with the line at fault: the field is named, a fused line is never guessed apart, no path is
  /// followed.
  @Test(arguments: [
    ("COMMA", 2, "1000,5"), ("JS01052", 1, "500000/mV"), ("JS23074", 1, "JS23074.mat"), ("SLASH", 1, "x"),
  ])
  func refuses(header: String, line: Int, named: String) throws {
    try withDefect(header) { path in
      let error = try error { try WFDBReader.read(path) }
      #expect(error.code == .malformed)
      #expect(error.line == line && error.file == path)
      #expect(error.message.contains(named))
    }
  }

  @Test func namesNoLeadTwice() throws {
    try withDefect("DUPL") { path in
      let recording = try WFDBReader.read(path).recording
      let error = try error { try TwelveLeadSignal(recording, resampler: nil, derive: true) }
      #expect(error.rule == .leadsDuplicate)
    }
  }
}
