import Foundation
import Testing

@testable import ECGData

/// A simulated tree on disk with its truth, and what a deep validation says of it.
enum DefectTree {
  /// A row of `simulation/defects.json`, as a script would read it.
  struct Truth: Decodable {
    var kind: String
    var record: String
    var index: Int
    var files: [String]
    var leads: [String]
    var from: Int?
    var to: Int?
    var detectable: Bool
    var rules: [String]
    var other: String?
  }

  private struct TruthFile: Decodable {
    var version: Int
    var layout: String
    var seed: UInt64
    var rates: [String: Double]
    var defects: [Truth]
  }

  /// Writes a collection into a fresh directory and removes it after use.
  @discardableResult
  static func with<Result>(_ simulation: Simulation, jobs: Int = 2, _ body: (URL) throws -> Result) throws
    -> Result
  {
    let root = FileManager.default.temporaryDirectory.appending(path: "einthoven-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try simulation.write(to: root.path, jobs: jobs)
    return try body(root)
  }

  static func truth(_ root: URL) throws -> [Truth] {
    let data = try Data(contentsOf: root.appending(path: "simulation/defects.json"))
    let file = try JSONDecoder().decode(TruthFile.self, from: data)
    #expect(file.version == 1)
    return file.defects
  }

  /// What is said of a record or file, by which rule.
  struct Said: Hashable {
    var record: String
    var rule: String
    var message: String

    /// Whether it is about the record of a defect.
    func names(_ defect: Truth) -> Bool {
      var stem = record.split(separator: "/").last.map(String.init) ?? record
      for suffix in [".hea", ".mat", ".dat", ".csv"] where stem.hasSuffix(suffix) {
        stem.removeLast(suffix.count)
      }
      if record == defect.record || stem == defect.record || defect.files.contains(record) { return true }
      if defect.kind == "zero-id" { return record.hasPrefix("0 in row \(defect.index + 1) ") }
      if record.hasPrefix("exam ") { return defect.record.hasPrefix("TNMG\(record.dropFirst(5))_") }
      // One finding for all records of a kind.
      let words = message.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
      let together = [
        "signal.duplicate", "signal.near-duplicate", "labels.duplicate-conflict", "split.patient-leak",
      ]
      return together.contains(rule) && words.contains { $0 == defect.record }
    }
  }

  static func findings(_ root: URL) throws -> Set<Said> {
    var validation = Validation()
    validation.isDeep = true
    return Set(
      try validation.report(on: root.path).findings.map {
        Said(record: $0.record, rule: $0.rule.rawValue, message: $0.message)
      })
  }

  /// Kinds of which a record may truly show nothing: a limb lead that hardly moves breaks no law, and one that is zero
  /// anyway can be cut nowhere.
  static func mayHide(_ defect: Truth) -> Bool {
    ["inverted-limb-lead", "swapped-limb-leads", "lead-order", "saturated", "gain-2000000"].contains(
      defect.kind)
  }

  /// Whether all files are there that the truth does not name, byte for byte, and in tables all lines but those of records
  /// that it does name.
  static func expectRestUntouched(_ root: URL, _ cleanRoot: URL, _ truth: [Truth]) throws {
    let (planted, clean) = (
      try PTBXLSimulationTests.content(of: root), try PTBXLSimulationTests.content(of: cleanRoot)
    )
    let named = Set(truth.flatMap(\.files))
    for path in Set(planted.keys).union(clean.keys) where planted[path] != clean[path] {
      if path.hasPrefix("simulation/") || named.contains(path) || path == "SHA256SUMS.txt" { continue }
      // Tables and files of many records, whose rows are compared below or record by record.
      let isShared = path.hasSuffix(".hdf5") || path == "Diagnostics.xlsx" || File.name(of: path) == "RECORDS"
      #expect(isShared, "\(path)")
    }
    for path in named where path.hasSuffix(".csv") && !path.hasPrefix("ECGData") {
      // The order of some tables is drawn, and another one with a line less.
      let (one, two) = (planted[path], clean[path])
      let difference = PTBXLSimulationTests.lines(one).sorted()
        .difference(from: PTBXLSimulationTests.lines(two).sorted())
      // A row may hold a line end within quotes: it is two lines then.
      let changed = truth.count { $0.files.contains(path) }
      #expect(
        difference.removals.count <= 2 * changed && difference.insertions.count <= 2 * changed, "\(path)")
    }
  }
}
