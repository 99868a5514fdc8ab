import Foundation
import TestSupport
import Testing

@testable import ECGData

/// The way back out of shards, as arrays of NumPy and HDF5.
@Suite struct ExportArrayTests {
  /// A shard's samples as NumPy's `signal * scale_uv / 1000`, as bits.
  static func millivolts(_ shards: ShardSet, _ place: Int) throws -> [UInt32] {
    let (shard, row) = shards.location(place)
    return try ExportTests.counts(shards, place).enumerated().map { index, count in
      let product = Float(count) * shard.columns.scale[12 * row + index % 12]
      return count == .min ? Float.nan.bitPattern : (product / 1000).bitPattern
    }
  }

  private static func options(microvolts: Double, ids: String? = nil) -> SourceOptions {
    var options = SourceOptions()
    (options.rate, options.microvoltsPerUnit, options.leads) = (100, microvolts, Lead.names)
    options.ids = ids
    return options
  }

  private static func bits(_ bytes: some Collection<UInt8>) -> [UInt32] {
    let bytes = Array(bytes)
    return stride(from: 0, to: bytes.count, by: 4).map { start in
      bytes[start..<(start + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  private static func convert(_ layout: String, _ directory: Directory, records: Int = 7) throws -> ShardSet {
    try Simulation(layout: layout, records: records, seed: 21).write(to: directory.path("tree"), jobs: 2)
    return try ExportTests.convert(Datasets.open(directory.path("tree")), to: directory.path("shards")) {
      $0 = Recipe.named["p1-100hz"] ?? $0
    }
  }

  @Test func arraysAreTheShards() throws {
    try withDirectory { directory in
      // Of various lengths.
      let shards = try Self.convert("cpsc2018-wfdb", directory)
      let report = try Export(shards, as: .npy).run(to: directory.path("out"))
      #expect(report.records == 7 && report.frames == shards.manifest.samples && report.asStored == [:])
      let table = try ExportTests.table(directory, "out")
      for (id, place) in ExportTests.places(shards) {
        let row = try #require(table[id])
        let bytes = try directory.read("out/\(row["path"] ?? "")")
        let length = Int(bytes[8]) + Int(bytes[9]) << 8
        #expect((10 + length).isMultiple(of: 64))
        let header = String(decoding: bytes[10..<(10 + length)], as: UTF8.self)
        let frames = shards.frameCount(place)
        #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (\(frames), 12), }"))
        #expect(try Self.bits(bytes.dropFirst(10 + length)) == Self.millivolts(shards, place))
        let (shard, place) = shards.location(place)
        #expect(row["frames"] == "\(frames)" && row["rate_hz"] == "100" && row["lead_mask"] == "4095")
        #expect(row["source"] == "cpsc2018-wfdb" && row["patient"] == "" && row["fold"] == "0")
        #expect(row["sex"] == ["", "female", "male"][Int(shard.columns.sex[place])])
        #expect(row["labels"] == shard.statements(of: place).map { "\($0.code)=1" }.joined(separator: ";"))
      }
    }
  }

  #if HDF5
  /// Records of one length stand in one dataset, as CODE's, which our own adapter reads.
  @Test func recordsOfOneLengthShareADataset() throws {
    try withDirectory { directory in
      let shards = try Self.convert("ptb-xl", directory)
      let report = try Export(shards, as: .hdf5).run(to: directory.path("out"))
      #expect(report.records == 7)
      let file = try HDF5File(directory.path("out/records.hdf5"))
      #expect(try Set(file.datasetNames()) == ["tracings", "record_id"])
      let tracings = try file.dataset("tracings")
      #expect(tracings.shape == [7, 1000, 12] && tracings.elementType == .float32)
      #expect(try file.dataset("record_id").readText(rows: 0..<7) == (0..<7).map { shards.id($0) })
      for record in 0..<7 {
        let values = try tracings.read(rows: record..<(record + 1), as: Float.self)
        #expect(try values.map(\.bitPattern) == Self.millivolts(shards, record))
      }
      let options = Self.options(microvolts: 1000, ids: "record_id")
      let again = try ExportTests.convert(
        Datasets.open(directory.path("out"), as: "hdf5", options: options), to: directory.path("again"))
      let places = ExportTests.places(again)
      for record in 0..<7 {
        let other = try #require(places[shards.id(record)])
        let (found, expected) = (
          try ExportTests.counts(again, other), try ExportTests.counts(shards, record)
        )
        #expect(found == expected)
      }
    }
  }

  /// Of records of several lengths each has its own.
  @Test func recordsOfSeveralLengthsHaveTheirOwn() throws {
    try withDirectory { directory in
      let shards = try Self.convert("cpsc2018-wfdb", directory)
      _ = try Export(shards, as: .hdf5).run(to: directory.path("out"))
      let file = try HDF5File(directory.path("out/records.hdf5"))
      #expect(try file.datasetNames().count == 7)
      let table = try ExportTests.table(directory, "out")
      for (id, place) in ExportTests.places(shards) {
        let dataset = try file.dataset(try #require(table[id]?["path"]))
        #expect(dataset.shape == [shards.frameCount(place), 12])
        let values = try dataset.read(rows: 0..<dataset.rowCount, as: Float.self)
        #expect(try values.map(\.bitPattern) == Self.millivolts(shards, place))
      }
    }
  }

  /// Ids that try to lead out of the output, as an HDF5 file may state them.
  @Test func hostileIdsStayBelow() throws {
    try withDirectory { directory in
      let ids = [
        "../../escape", "/etc/passwd", "..", "a/./b", "", "x\n# Age: 7", "é", "-rf",
        String(repeating: "n", count: 64),
      ]
      try directory.write("", to: "tree/.keep")
      let writer = try HDF5Writer(directory.path("tree/a.h5"))
      let values = (0..<(ids.count * 100 * 12)).map { Float($0 * 31 % 1700) / 1000 }
      try writer.dataset("signal", shape: [ids.count, 100, 12], type: .float32).append(values)
      try writer.dataset("id", shape: [ids.count], type: .text(byteCount: 64)).append(ids)
      try writer.close()
      let options = Self.options(microvolts: 1000, ids: "id")
      let shards = try ExportTests.convert(
        Datasets.open(directory.path("tree"), as: "hdf5", options: options), to: directory.path("shards"))
      #expect(shards.count == ids.count)
      let before = try directory.contents().keys.filter { !$0.hasPrefix("out") }.sorted()
      for (format, suffix) in [(Export.FileFormat.wfdb, ".hea"), (.npy, ".npy")] {
        let report = try Export(shards, as: format).run(to: directory.path("out-\(suffix)"))
        #expect(report.records == ids.count)
        let files = try Directory(path: directory.path("out-\(suffix)")).contents().keys
        #expect(files.count { $0.hasPrefix("records/hdf5/") && $0.hasSuffix(suffix) } == ids.count)
        #expect(Set(try ExportTests.table(directory, "out-\(suffix)").keys) == Set(ids))
      }
      #expect(try directory.contents().keys.filter { !$0.hasPrefix("out") }.sorted() == before)
      // The line end in an id ends no line of a header.
      let headers = WFDBTree.headers(below: directory.path("out-.hea"))
      for header in headers {
        let record = try WFDBReader.read(directory.path("out-.hea/\(header)"), mode: .strict)
        #expect(record.findings.isEmpty && !record.header.comments.contains { $0.hasPrefix(" Age") })
      }
      #expect(headers.count == ids.count)
    }
  }
  #endif

  @Test(arguments: [
    ("A0001", "A0001"), ("g1/E00001", "g1/E00001"), ("../x", "__-5ec1f7e700f37c3d/x"),
    ("/x", "_-e3b0c44298fc1c14/x"), ("", "_-e3b0c44298fc1c14"), ("a//b", "a/_-e3b0c44298fc1c14/b"),
    ("a\0b", "a_b-59b271ae1bbcb1d3"),
    (".", "_-cdb4ee2aea69cc6a"), ("x.hea", "x_hea-9d88226382616c1f"),
    ("\u{E9} \u{FC}", "_____-2633dce95b1d3d34"),
    ("part:3", "part_3-6ae5b4884a72cc8e"), ("_", "_"),
  ])
  func namesAreSafe(id: String, path: String) {
    #expect(ExportPath.path(source: "s", id: id) == "records/s/" + path)
  }

  @Test func longNamesAreCutAndTold() {
    let long = String(repeating: "x", count: 500)
    let names = [long, long + "y"].map { ExportPath.path(source: "../s", id: $0) }
    #expect(
      names[0] != names[1] && names.allSatisfy { $0.utf8.count == "records/___s-/".utf8.count + 16 + 100 })
  }

  /// Ids that differ only in what no name may hold have different names.
  @Test func namesStayApart() throws {
    try withDirectory { directory in
      let columns = Lead.names.joined(separator: ",") + "\n"
      let rows = (0..<50).map { row in (0..<12).map { "\(row * $0 % 17)" }.joined(separator: ",") + "\n" }
      for name in ["a b.csv", "a:b.csv", "a_b.csv"] {
        try directory.write(columns + rows.joined(), to: "tree/\(name)")
      }
      let options = Self.options(microvolts: 1)
      let shards = try ExportTests.convert(
        Datasets.open(directory.path("tree"), as: "csv", options: options), to: directory.path("shards"))
      for format in Export.FileFormat.allCases {
        let report = try Export(shards, as: format).run(to: directory.path("out-\(format)"))
        #expect(report.records == 3)
      }
      var one = Export(shards, as: .wfdb)
      one.record = "a:b"
      let out = directory.path("out")
      _ = try one.run(to: out)
      let path = ExportPath.path(source: "csv", id: "a:b")
      #expect(try WFDBHeader(contentsOf: "\(out)/\(path).hea").comments.contains("Record: a:b"))
    }
  }

  @Test func labelsAreOneLine() {
    let statements = [
      Statement(code: "scp:NORM", value: 0.35), Statement(code: "aha:60+310", value: 1),
      Statement(code: "cpsc:a;b=%3B\n", value: 0),
    ]
    let text = Statement.text(statements)
    #expect(text == "scp:NORM=0.35;aha:60+310=1;cpsc:a%3bb=%253B%0a=0")
    #expect(Statement.parse(text) == statements)
    for other in ["", "sinus", "scp:NORM", "=1", ":x=1", "scp:A=1;;scp:B=1", "SCP:A=1", "scp:A=high"] {
      #expect(Statement.parse(other) == nil, "\(other)")
    }
    #expect(
      RecordComments.diagnoses([Statement(code: "snomed:1", value: 1), Statement(code: "cpsc:AF", value: 1)])
        == "1,AF")
    for code in ["scp:NORM", "cpsc:10", "cpsc:a,b", "cpsc:unknown", "snomed:x", "cpsc:"] {
      #expect(RecordComments.diagnoses([Statement(code: code, value: 1)]) == nil, "\(code)")
    }
    #expect(RecordComments.diagnoses([Statement(code: "snomed:1", value: 0.5)]) == nil)
  }
}
