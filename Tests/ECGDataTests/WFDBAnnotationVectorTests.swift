import ECGData
import Foundation
import TestSupport
import Testing

/// Files that the WFDB library wrote, against what its `rdann` prints of them.
@Suite(.enabled(if: SharedVectors.wfdbPython != nil, "needs ../shared/data/wfdb_python"))
struct WFDBAnnotationVectorTests {
  func path(_ name: String) throws -> String { try #require(SharedVectors.wfdbPython) + "/" + name }

  func read(_ name: String) throws -> WFDBAnnotationFile {
    try WFDBAnnotationFile(contentsOf: path("sample-data/\(name)"))
  }

  /// Lines of rdann: time, sample, mnemonic, subtype, channel, number and, behind a tab, the text.
  @Test(arguments: [("100.atr", "ann-1"), ("12726.anI", "ann-2")])
  func readsWhatRdannPrints(name: String, target: String) throws {
    let file = try read(name)
    let text = try String(contentsOfFile: path("tests/target-output/\(target)"), encoding: .utf8)
    let lines = text.split(separator: "\n")
    #expect(lines.count == file.annotations.count)
    for (line, annotation) in zip(lines, file.annotations) {
      let parts = line.split(separator: "\t", maxSplits: 1)
      let fields = parts[0].split(separator: " ").dropFirst().map(String.init)
      let found =
        "\(annotation.sample) \(annotation.code.symbol) \(annotation.subtype) \(annotation.channel) "
        + "\(annotation.number)"
      #expect(fields.joined(separator: " ") == found)
      #expect((parts.count > 1 ? String(parts[1]) : "") == annotation.text)
    }
  }

  struct Vector: Sendable {
    var name: String
    var count: Int
    var first: Int
    var last: Int
    var resolution: Double?
  }

  /// Writing what was read gives the very same bytes.
  @Test(arguments: [
    Vector(name: "100.atr", count: 2274, first: 18, last: 649_991),
    Vector(name: "100.qrs", count: 2274, first: 0, last: 649_978),
    Vector(name: "12726.anI", count: 22, first: 87_240, last: 769_963),
    Vector(name: "12726.wabp", count: 3669, first: 0, last: 811_415),
    Vector(name: "03700181.gqrsh", count: 1151, first: 0, last: 299_898, resolution: 500),
    Vector(name: "03700181.sqrs", count: 1195, first: 3699, last: 149_813, resolution: 250),
    Vector(name: "huge.qrs", count: 1, first: 10_000_000_000, last: 10_000_000_000),
  ])
  func writesTheLibrarysBytes(vector: Vector) throws {
    let file = try read(vector.name)
    #expect(file.annotations.count == vector.count && file.timeResolution == vector.resolution)
    #expect(file.annotations.first?.sample == vector.first && file.annotations.last?.sample == vector.last)
    #expect(file.notes.isEmpty && file.definitions.isEmpty)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path("sample-data/\(vector.name)"))))
    #expect(try file.encoded() == bytes)
  }

  @Test func readsTheMnemonicOfACalibration() throws {
    let file = try read("12726.wabp")
    #expect(file.annotations.first?.text == "42 CAL Calibration")
    #expect(file.csv(rate: 250).contains("\n2304,9.216,CAL,0,0,0,\n"))
  }
}
