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
    var mode = WFDBMode.standard
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
    Expectation(header: "DUPL", findings: [.wfdbChecksum: 9, .wfdbInitialValue: 11, .leadsDuplicate: 1]),
    Expectation(header: "TRUNC", mode: .lenient, frames: 4000, findings: [.wfdbLength: 1]),
    Expectation(
      header: "JS01052", mode: .lenient, findings: [.wfdbHeader: 1, .wfdbInitialValue: 1, .wfdbChecksum: 9]),
    Expectation(
      header: "JS23074", mode: .lenient, findings: [.wfdbHeader: 2, .wfdbInitialValue: 1, .wfdbChecksum: 9]),
    Expectation(header: "E07835", findings: [.wfdbHeader: 2, .wfdbChecksum: 9]),
    Expectation(
      header: "MU", findings: [.wfdbLength: 1, .wfdbContainer: 1, .wfdbChecksum: 1, .wfdbInitialValue: 1],
      first: -0.001),
    Expectation(
      header: "FSE", findings: [.wfdbLength: 1, .wfdbContainer: 1, .wfdbChecksum: 1, .wfdbInitialValue: 1]),
    Expectation(
      header: "NEG",
      findings: [.wfdbLength: 1, .wfdbContainer: 1, .wfdbChecksum: 1, .wfdbInitialValue: 1, .wfdbGain: 1],
      first: 4.975),
    Expectation(
      header: "G0",
      findings: [
        .wfdbLength: 1, .wfdbContainer: 1, .wfdbChecksum: 1, .wfdbInitialValue: 1, .unitsAssumed: 1,
      ],
      first: -5),
    Expectation(header: "MIN1", frames: 60000, rate: 250, findings: [.unitsAssumed: 1], first: -5),
    Expectation(header: "MIN2", frames: 60000),
    Expectation(header: "MIN3", frames: 60000),
    Expectation(header: "MIN4", frames: 60000),
  ]

  /// Runs `body` with the header and the signals that all of them name.
  func withDefect<Result>(_ name: String, _ body: (String) throws -> Result) throws -> Result {
    try withDirectory { directory in
      let header = try Data(contentsOf: defects.appending(path: "\(name).hea"))
      let ramp = WFDBFixture.bytes((0..<60000).map { Int16($0 % 2000 - 1000) })
      let prolog: [UInt8] =
        [30, 0, 0, 0, 12, 0, 0, 0, 0x88, 0x13, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0] + Array("val\0".utf8)
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
      let reading = try WFDBReader.read(path, mode: expected.mode)
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
    ("COMMA", 2, "1000,5"), ("JS01052", 1, "500000/mV"), ("JS23074", 1, "JS23074.mat"), ("SLASH", 1, "/"),
  ])
  func refuses(header: String, line: Int, named: String) throws {
    try withDefect(header) { path in
      let error = try error { try WFDBReader.read(path) }
      #expect(error.code == .malformed)
      #expect(error.line == line && error.file == path)
      #expect(error.message.contains(named))
    }
  }

  /// In strict mode nothing passes that is an error or breaks the specification; the controls do.
  @Test(arguments: ["GOOD", "BADCS", "CSBAD", "DUPL", "TRUNC", "E07835", "MU", "JS01052"])
  func refusesWhenStrict(header: String) throws {
    try withDefect(header) { path in
      let error = try error { try WFDBReader.read(path, mode: .strict) }
      #expect(error.file == path && error.rule != nil)
    }
  }

  @Test(arguments: ["CSOK", "CSU", "MIN1", "MIN2"]) func readsSoundRecordsWhenStrict(header: String) throws {
    try withDefect(header) { path in _ = try WFDBReader.read(path, mode: .strict) }
  }

  /// What was lost comes from the other lines and the file's size, and is said.
  @Test func saysHowAFusedLineWasRead() throws {
    try withDefect("JS01052") { path in
      let reading = try WFDBReader.read(path, mode: .lenient)
      let signal = reading.header.signals[0]
      #expect(signal.description == "I" && signal.gain == 1000 && signal.unit == "mV")
      #expect(signal.initialValue == 15 && signal.checksum == 31255)
      #expect(reading.header.frameCount == 5000 && reading.header.rate == 500)
      #expect(reading.repairs.map(\.kind) == [.fusedLine])
      #expect(reading.repairs[0].message.contains("JS01052.mat 16+24 1000/mV 16 0 15 31255 0 I"))
    }
    try withDefect("JS23074") { path in
      let repairs = try WFDBReader.read(path, mode: .lenient).repairs
      #expect(repairs.map(\.kind) == [.fusedLine, .recordName])
      #expect(repairs[1].message.contains("S23074"))
    }
  }

  @Test func namesNoLeadTwice() throws {
    try withDefect("DUPL") { path in
      let recording = try WFDBReader.read(path).recording
      let error = try error { try TwelveLeadSignal(recording, derive: true) }
      #expect(error.rule == .leadsDuplicate)
    }
  }
}
