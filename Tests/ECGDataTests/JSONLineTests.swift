import Foundation
import Testing

@testable import ECGData

/// The lines written by hand against Foundation's encoder.
@Suite struct JSONLineTests {
  private static let texts =
    (UInt32(0)..<0x180).compactMap(Unicode.Scalar.init).map { "a\($0)b" }
    + [
      "", "/", "\u{1F600}", "e\u{301}", "\u{2028}", "\r\n", "\u{FEFF}", "\"\\\"",
      "schmal, \"normal\"; ST-Hebung",
    ]

  private static let entry = LedgerEntry(
    source: "ptb-xl", id: "1", patient: nil, files: [], fate: .stored, rule: nil, reason: nil, repairs: [],
    findings: [], errata: [], flags: LedgerEntry.Flags(record: [], leads: [:]), rate: nil, channels: [],
    attributes: [:])

  private static func expect(_ entry: LedgerEntry) throws {
    let expected = try JSONText.line(entry) + "\n"
    #expect(String(decoding: entry.line, as: UTF8.self) == expected)
    #expect(try JSONDecoder().decode(LedgerEntry.self, from: Data(entry.line)) == entry)
  }

  @Test func anEmptyEntry() throws { try Self.expect(Self.entry) }

  @Test(arguments: texts) func anyText(_ text: String) throws {
    var entry = Self.entry
    entry.id = text
    entry.reason = text
    entry.repairs = [text, text]
    entry.attributes = ["-" + text: text, "": text, "z": ""]
    try Self.expect(entry)
  }

  @Test(arguments: [
    0, -0.0, 1, 500, 257.4, 1e-7, 0.1, -2.5, 4.88e6, 1e15, 1e16, 1.5e17, .leastNonzeroMagnitude,
  ])
  func anyNumber(_ number: Double) throws {
    var entry = Self.entry
    entry.rate = number
    entry.channels = [LedgerEntry.Channel(name: "I", unit: "mV", gain: -number, baseline: .min)]
    try Self.expect(entry)
  }

  @Test func everyField() throws {
    var entry = Self.entry
    entry.patient = "15709"
    entry.files = [
      LedgerEntry.SourceFile(path: "a/b.dat", bytes: 120_000, sha256: "00ff"),
      LedgerEntry.SourceFile(path: "a/b.hea"),
    ]
    entry.fate = .excluded
    entry.rule = .wfdbChecksum
    entry.reason = "channel V1: 5 is not 6"
    entry.findings = Rule.allCases.map { Finding(record: "1", rule: $0, "because") }
    entry.errata = ["ptb.gain"]
    entry.flags = LedgerEntry.Flags(
      record: ["resampled"], leads: ["V1": ["flat", "derived"], "aVR": [], "I": ["x"]])
    entry.attributes = ["b": "2", "a": "1", "ä": "3", "A": "0", "é": "4", "e\u{301}x": "5", "Z": "6"]
    try Self.expect(entry)
  }

  @Test(arguments: texts) func linesOfThePlan(_ text: String) throws {
    let line = ConversionPlan.Line(source: text, id: text, shard: 3, frames: .max)
    let expected = try JSONText.line(line) + "\n"
    #expect(String(decoding: line.bytes, as: UTF8.self) == expected)
  }
}
