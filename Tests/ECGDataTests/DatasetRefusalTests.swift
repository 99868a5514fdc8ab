import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Trees that are refused, or whose faults are told, before a sample is read.
@Suite struct DatasetRefusalTests {
  private static let columns =
    "exam_id,age,is_male,nn_predicted_age,1dAVb,RBBB,LBBB,SB,ST,AF,patient_id,death,timey,normal_ecg,trace_file\n"

  /// A part whose row i is exam `ids[i]`, of 8 frames that obey the limb laws.
  private func writePart(_ directory: Directory, _ name: String, ids: [Int64], scale: Float = 1) throws {
    let writer = try HDF5Writer(directory.path(name))
    let tracings = try writer.dataset("tracings", shape: [ids.count, 8, 12], type: .float32)
    for (row, id) in ids.enumerated() {
      let frames = (0..<8).flatMap { frame -> [Float] in
        let (i, ii) = (scale * Float(frame + row + 1), scale * Float(2 * frame + 3))
        return [i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2] + (0..<6).map { Float($0 + frame) }
      }
      try tracings.append(id == 0 ? [Float](repeating: 0, count: 96) : frames)
    }
    try writer.dataset("exam_id", shape: [ids.count], type: .int64).append(ids)
    try writer.close()
  }

  private func writeTable(_ directory: Directory, ids: [Int64]) throws {
    let lines = ids.map {
      "\($0),50,True,,False,False,False,False,False,True,\($0 / 2).0,,,False,exams_part0.hdf5\n"
    }
    try directory.write(DatasetRefusalTests.columns + lines.joined(), to: "exams.csv")
  }

  /// A conversion by one thread whose shards have four records.
  private func converter(_ tree: String, to output: String) throws -> Converter {
    var converter = Converter(sources: [try Datasets.open(tree)], output: output, recipe: Recipe())
    converter.shardBytes = 4 * 8 * 24
    converter.jobs = 1
    return converter
  }

  #if HDF5
  /// Twenty million rows of which no byte is stored must not be indexed.
  @Test func refusesRowsThatTheFileCannotHold() throws {
    try withDirectory { directory in
      let writer = try HDF5Writer(directory.path("exams_part0.hdf5"))
      _ = try writer.dataset(
        "tracings", shape: [20_000_000, 4096, 12], type: .float32, storage: .init(chunkShape: [1, 4096, 12]))
      _ = try writer.dataset("exam_id", shape: [20_000_000], type: .int64, storage: .init(chunkShape: [1024]))
      try? writer.close()
      try writeTable(directory, ids: [1])
      let refusal = try error { try Datasets.open(directory.path) }
      #expect(refusal.description.contains("cannot hold"), "\(refusal)")
    }
  }

  /// One part that was cut off in its download does not stop the other; its exams are counted.
  @Test func leavesOutAPartThatCannotBeRead() throws {
    try withDirectory { directory in
      try writePart(directory, "exams_part0.hdf5", ids: [1, 2, 0])
      try directory.write([UInt8](repeating: 7, count: 900), to: "exams_part1.hdf5")
      try writeTable(directory, ids: [1, 2])
      let dataset = try Datasets.open(directory.path)
      #expect(dataset.records.map(\.id).prefix(2) == ["1", "2"])
      #expect(dataset.findings.map(\.rule) == [.recordUnreadable])
      #expect(dataset.findings.first?.record == "exams_part1.hdf5")
    }
  }

  /// A shared file that changed between two runs, in its samples alone, is not gone on with.
  @Test func refusesToGoOnWithAChangedFile() throws {
    try withDirectory { directory in
      let tree = Directory(path: directory.path("tree"))
      try directory.write("", to: "tree/.keep")
      let ids = (1...12).map(Int64.init)
      try writePart(tree, "exams_part0.hdf5", ids: ids + [0])
      try writeTable(tree, ids: ids)
      let interruption = Interruption()
      #expect(throws: ECGError.self) {
        try converter(tree.path, to: directory.path("shards")).run(interruption: interruption) { event in
          if case .shard = event { interruption.request() }
        }
      }
      try writePart(tree, "exams_part0.hdf5", ids: ids + [0], scale: 1.5)
      let second = try converter(tree.path, to: directory.path("shards"))
      let refusal = #expect(throws: ECGError.self) { try second.run() }
      #expect(refusal?.description.contains("has changed") == true, "\(String(describing: refusal))")
    }
  }
  #endif

  @Test func asksWhichOfTwoLayoutsIsMeant() throws {
    try withTree { directory in
      try directory.write(DatasetRefusalTests.columns, to: "tree/exams.csv")
      let refusal = try error { try Datasets.open(directory.path("tree")) }
      #expect(refusal.description.contains("ptbxl_database.csv") && refusal.description.contains("--dataset"))
      #expect(try Datasets.open(directory.path("tree"), as: "ptb-xl").records.count == 12)
    }
  }

  @Test(arguments: ["", "/", "/.", "/records500", "/records500/", "/records500/.", "//records500//."])
  func readsThroughSlashesAndDots(suffix: String) throws {
    try withTree { directory in
      let dataset = try Datasets.open(directory.path("tree") + suffix)
      #expect(dataset is PTBXL && dataset.records.count == 12)
    }
  }

  /// A patient has one spelling, whatever a table adds to it.
  @Test(arguments: [
    ("15709", "15709"), ("15709.0", "15709"), (" 15709.00 ", "15709"), ("S1 ", "S1"), ("1.5", "1.5"),
    ("nan", nil),
    ("Unknown", nil), ("", nil), (".0", ".0"),
  ])
  func spellsPatientsOneWay(text: String, patient: String?) {
    var record = SourceRecord(id: "1")
    record.setPatient(text)
    #expect(record.patient == patient)
  }

  /// A header that names itself as its segment is a record that cannot be read, not one that vanishes.
  @Test func keepsHeadersThatNameEachOther() throws {
    try withDirectory { directory in
      try directory.write("a/1 2 500 100\nb 100\n", to: "a.hea")
      try directory.write("b/1 2 500 100\na 100\n", to: "b.hea")
      let dataset = try Datasets.open(directory.path)
      #expect(dataset.records.map(\.id) == ["a", "b"])
      for record in dataset.records { #expect(throws: ECGError.self) { try dataset.read(record) } }
    }
  }

  /// Who a record is of, and what it shows, stands in a file that is read twice: where the first reading fails, the
  /// record is left out, though the second would do.
  @Test(arguments: [("chapman-wfdb", ".hea"), ("challenge", ".hea"), ("cpsc2018", ".mat")])
  func leavesOutWhatCouldNotBeReadInTime(layout: String, ending: String) throws {
    try withDirectory { directory in
      let tree = directory.path("tree")
      try Simulation(layout: layout, records: 4, seed: 1).write(to: tree, jobs: 1)
      let files = try Directory(path: tree).contents().keys
      let name = try #require(files.filter { $0.hasSuffix(ending) }.sorted().first)
      let bytes = try directory.read("tree/\(name)")
      // A pipe is no regular file to the system.
      try directory.remove("tree/\(name)")
      #expect(mkfifo(directory.path("tree/\(name)"), 0o600) == 0)
      let converter = Converter(
        sources: [try Datasets.open(tree)], output: directory.path("shards"), recipe: Recipe())
      try directory.remove("tree/\(name)")
      try directory.write(bytes, to: "tree/\(name)")
      let counts = try converter.run().manifest.counts
      #expect(counts.stored == 3 && counts.excluded == 1)
      let ledger = try directory.text("shards/ledger/s-00000.jsonl")
      #expect(ledger.contains("\"reason\":\"\(name): is no regular file\""), "\(ledger)")
    }
  }
}
