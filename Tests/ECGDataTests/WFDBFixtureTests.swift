import ECGData
import Foundation
import TestSupport
import Testing

/// A tiny record of each format in `Fixtures/wfdb`, written by ``WFDBWriter``.
///
/// Checked against another reader once: `Fixtures/golden/wfdb_formats.json` is what wfdb-python 4.3.1 reads of
/// these files (`tools/golden/wfdb_formats.py`). To write them anew, set EINTHOVEN_WRITE_FIXTURES.
@Suite struct WFDBFixtureTests {
  static let folder = Repository.root.appending(path: "Fixtures/wfdb")
  static let stored = WFDBFormat.allCases.filter { $0 != .null }

  /// Twenty-three frames of three signals: extremes, a missing sample, then a ramp.
  static func samples(_ format: WFDBFormat) -> [Int32] {
    let limit = format == .difference8 ? 40 : Int(Int32.max >> Int32(32 - format.bits))
    return (0..<69).map { index in
      switch (index, format) {
      case (0, _): 1
      case (3, .difference8), (4, .difference8), (7, .difference8): 0
      case (3, _): Int32(limit)
      case (4, _): Int32(-limit)
      case (7, _): Recording.missing
      default: Int32((index * index * 7919) % (2 * limit) - limit)
      }
    }
  }

  static func name(_ format: WFDBFormat) -> String { "format\(format.rawValue)" }

  static func files(_ format: WFDBFormat) throws -> WFDBWriter.Files {
    let signals = ["I", "II", "V1"].map {
      WFDBWriter.Signal(name: $0, gain: 200, baseline: -3, resolution: format.bits)
    }
    return try WFDBWriter.encode(
      recordName: name(format), rate: 250, signals: signals, samples: samples(format), format: format,
      comments: ["Age: 74"])
  }

  @Test(arguments: stored) func writesTheFixture(format: WFDBFormat) throws {
    let files = try WFDBFixtureTests.files(format)
    let stem = WFDBFixtureTests.folder.appending(path: WFDBFixtureTests.name(format))
    if ProcessInfo.processInfo.environment["EINTHOVEN_WRITE_FIXTURES"] != nil {
      try FileManager.default.createDirectory(
        at: WFDBFixtureTests.folder, withIntermediateDirectories: true)
      try Data(files.header).write(to: stem.appendingPathExtension("hea"))
      try Data(files.data).write(to: stem.appendingPathExtension("dat"))
    }
    #expect(try Data(files.header) == Data(contentsOf: stem.appendingPathExtension("hea")))
    // Another version of libFLAC may find another encoding.
    if !format.isCompressed {
      #expect(try Data(files.data) == Data(contentsOf: stem.appendingPathExtension("dat")))
    }
  }

  struct Golden: Decodable {
    /// [frames, signals] of each record by its name; a missing sample has the format's own value.
    var records: [String: [[Int32]]]
  }

  @Test(arguments: stored) func readsWhatWFDBPythonReads(format: WFDBFormat) throws {
    let golden = try JSONDecoder().decode(
      Golden.self,
      from: Data(contentsOf: Repository.root.appending(path: "Fixtures/golden/wfdb_formats.json")))
    let expected = try #require(golden.records[WFDBFixtureTests.name(format)]).flatMap { $0 }
    let path = WFDBFixtureTests.folder.appending(path: WFDBFixtureTests.name(format)).path()
    let reading = try WFDBReader.read(path, mode: .strict)
    guard case .digital(let samples) = reading.recording.samples else {
      Issue.record("the samples are not digital")
      return
    }
    #expect(reading.findings.isEmpty && samples == WFDBFixtureTests.samples(format))
    #expect(samples.map { $0 == Recording.missing ? format.missing ?? 0 : $0 } == expected)
  }
}
