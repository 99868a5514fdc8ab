import Foundation
import TestSupport
import Testing

@testable import ECGData

/// The way back out of shards, as WFDB: what was recorded, bit for bit, or what is stored.
@Suite struct ExportTests {
  /// Converts a source.
  static func convert(
    _ dataset: any Dataset, to output: String, _ configure: (inout Recipe) -> Void = { _ in }
  ) throws -> ShardSet {
    var recipe = Recipe()
    configure(&recipe)
    recipe.source = dataset.options
    var converter = Converter(sources: [dataset], output: output, recipe: recipe)
    // Several shards.
    converter.shardBytes = 4 * 5000 * ConversionPlan.bytesPerFrame
    _ = try converter.run()
    return try ShardSet(output)
  }

  /// Where each record lies, by id, after the table of an export.
  static func table(_ directory: Directory, _ name: String) throws -> [String: [String: String]] {
    let table = try CSVTable(contentsOf: directory.path("\(name)/records.csv"))
    let rows = table.rows.map { row in
      Dictionary(uniqueKeysWithValues: table.columns.enumerated().map { ($1, row[$0]) })
    }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["id"] ?? "", $0) })
  }

  /// Place in a shard set of each record, by id.
  static func places(_ shards: ShardSet) -> [String: Int] {
    Dictionary(uniqueKeysWithValues: (0..<shards.count).map { (shards.id($0), $0) })
  }

  static func counts(_ shards: ShardSet, _ record: Int) throws -> [Int16] {
    try shards.counts(record, from: 0, count: shards.frameCount(record))
  }

  /// Native conversions of simulated collections come back: every signal file is the original's, every channel is named
  /// and scaled as it was, and what is converted again has the same counts, labels and patients.
  @Test(arguments: ["ptb-xl", "cpsc2018-wfdb", "chapman-wfdb", "challenge", "code"])
  func nativeRecordsComeBack(layout: String) throws {
    try SimulationLayoutTests.withTree(layout, records: 17) { tree, _ in
      try withDirectory { directory in
        let dataset = try Datasets.open(tree.path)
        let shards = try Self.convert(dataset, to: directory.path("shards"))
        let report = try Export(shards, as: .wfdb).run(to: directory.path("out"))
        #expect(report.records == 17 && report.asRecorded == 17 && report.asStored == [:])
        #expect(report.identical == 17)
        #expect(report.frames == shards.manifest.samples)
        let out = Directory(path: directory.path("out"))
        #expect(try out.contents().values.reduce(0) { $0 + $1.count } == report.bytes)
        let table = try Self.table(directory, "out")
        let listed = try Set(out.text("RECORDS").split(separator: "\n").map(String.init))
        #expect(listed == Set(table.values.compactMap { $0["path"] }) && listed.count == 17)
        for record in dataset.records {
          let row = try #require(table[record.id])
          let path = try #require(row["path"])
          #expect(path == "records/\(layout)/\(record.id)" && row["as_stored"] == "")
          let original = try WFDBHeader(contentsOf: tree.path(record.files[0]), mode: .lenient)
          let exported = try WFDBHeader(contentsOf: out.path("\(path).hea"), mode: .strict)
          #expect(exported.signals.map(\.description) == original.signals.map(\.description))
          #expect(exported.signals.map(\.unit) == original.signals.map(\.unit))
          #expect(exported.signals.map(\.gain) == original.signals.map(\.gain))
          #expect(exported.signals.map(\.baseline) == original.signals.map(\.baseline))
          #expect(exported.signals.map(\.initialValue) == original.signals.map(\.initialValue))
          #expect(exported.signals.map(\.checksum) == original.signals.map(\.checksum))
          #expect(exported.rate == original.rate && exported.frameCount == original.frameCount)
          let bytes = try tree.read(record.files[1])
          let offset = original.signals[0].byteOffset
          #expect(try out.read("\(path).dat") == Array(bytes.dropFirst(offset)))
        }
        // The exported tree is a collection of its own.
        let again = try Self.convert(
          Datasets.open(out.path, as: WFDBCollection.name), to: directory.path("again"))
        let places = Self.places(again)
        #expect(again.count == 17)
        for record in 0..<shards.count {
          let other = try #require(places[shards.id(record)])
          #expect(try Self.counts(again, other) == Self.counts(shards, record))
          #expect(again.statements(other) == shards.statements(record))
          let (here, row) = shards.location(record)
          let (there, otherRow) = again.location(other)
          #expect(
            there.columns.scale[(12 * otherRow)..<(12 * otherRow + 12)]
              == here.columns.scale[(12 * row)..<(12 * row + 12)])
          #expect(there.columns.sex[otherRow] == here.columns.sex[row])
          #expect(
            there.columns.age[otherRow].isNaN
              ? here.columns.age[row].isNaN : there.columns.age[otherRow] == here.columns.age[row])
          #expect((there.columns.patientKey[otherRow] == 0) == (here.columns.patientKey[row] == 0))
        }
      }
    }
  }

  /// Missing samples and leads, other gains, baselines and orders, inverted and substituted leads: all come back.
  @Test(arguments: [
    (Lead.names, "1000.0(0)/mV"), (Lead.names.reversed(), "200.0(-1023)/mV"),
    (["V1", "aVF", "-aVR", "I", "MLII"], "4.88(57)/uV"), (["DI", "DII"], "-1000.0(3)/mv"),
  ])
  func recordedChannelsComeBack(leads: [String], gain: String) throws {
    try withDirectory { directory in
      let width = leads.count
      var fixture = WFDBFixture(
        leads: leads, gain: gain,
        samples: (0..<(300 * width)).map { Int16(truncatingIfNeeded: $0 &* 7919 % 9000 - 4500) })
      // The first channel is missing throughout, the last here and there.
      for frame in 0..<300 {
        fixture.samples[frame * width] = .min
        if frame % 7 < 3 { fixture.samples[frame * width + width - 1] = .min }
      }
      _ = try fixture.write(to: directory, folder: "tree/a")
      let shards = try Self.convert(
        Datasets.open(directory.path("tree"), as: "wfdb"), to: directory.path("shards"))
      #expect(shards.count == 1)
      let report = try Export(shards, as: .wfdb).run(to: directory.path("out"))
      #expect(report.asRecorded == 1 && report.identical == 1)
      #expect(try directory.read("out/records/wfdb/rec.dat") == fixture.bytes)
      let original = try WFDBReader.read(directory.path("tree/a/rec"))
      let exported = try WFDBReader.read(directory.path("out/records/wfdb/rec"))
      #expect(exported.recording.channels == original.recording.channels)
      #expect(exported.findings == original.findings)
    }
  }

  /// Counts beyond 16 bits whose distance from the baseline is not, in the narrowest format that has them.
  @Test func wideCountsComeBack() throws {
    try withDirectory { directory in
      for (name, format, baseline) in [
        ("b", WFDBFormat.int24, 70_000), ("c", .int32, -1_000_000_000), ("d", .int32, 40),
      ] {
        let samples = (0..<400).map { Int32(baseline + $0 * 37 % 900) }
        let folder = "tree-\(name)"
        try directory.write("", to: "\(folder)/.keep")
        try WFDBWriter.write(
          recordName: name, rate: 250,
          signals: ["I", "II"].map { .init(name: $0, baseline: baseline, resolution: 0) }, samples: samples,
          format: format, to: directory.path(folder))
        let shards = try Self.convert(
          Datasets.open(directory.path(folder), as: "wfdb"), to: directory.path("shards-\(name)"))
        let report = try Export(shards, as: .wfdb).run(to: directory.path("out-\(name)"))
        #expect(report.asRecorded == 1)
        let path = directory.path("out-\(name)/records/wfdb/\(name)")
        let reading = try WFDBReader.read(path, mode: .strict)
        guard case .digital(let found) = reading.recording.samples else { throw NothingThrown() }
        #expect(found == samples)
        #expect(reading.header.signals[0].format == (name == "b" ? 24 : name == "c" ? 32 : 16))
      }
    }
  }

  /// What cannot be restored is told, with the counts that are stored.
  @Test func whatCannotBeRestoredIsTold() throws {
    try withDirectory { directory in
      func write(_ name: String, leads: [String], _ samples: [Int32], _ width: Int = 1, baseline: Int = 0)
        throws
      {
        try directory.write("", to: "tree/.keep")
        try WFDBWriter.write(
          recordName: name, rate: 250,
          signals: leads.map { .init(name: $0, baseline: baseline, samplesPerFrame: width) },
          samples: samples, format: .int32, to: directory.path("tree"))
      }
      let small = (0..<600).map { Int32($0 * 53 % 1700 - 800) }
      try write("frank", leads: ["I", "II", "vx"], small)
      try write("twice", leads: ["II", "MLII"], small)
      try write("wide", leads: ["I", "II"], small.map { $0 * 100 })
      try write("frames", leads: ["I", "II"], small, 2)
      try write("good", leads: ["I", "II"], small)
      let shards = try Self.convert(
        Datasets.open(directory.path("tree"), as: "wfdb"), to: directory.path("shards"))
      #expect(shards.count == 5)
      let report = try Export(shards, as: .wfdb).run(to: directory.path("out"))
      #expect(report.asStored == [.otherChannels: 2, .rescaled: 1, .averaged: 1] && report.asRecorded == 1)
      let table = try Self.table(directory, "out")
      #expect(table["frank"]?["as_stored"] == "other-channels" && table["good"]?["as_stored"] == "")
      for (id, place) in Self.places(shards) where id != "good" {
        try Self.isAsStored(shards, place, directory.path("out/records/wfdb/\(id)"))
      }
    }
  }

  /// Floating-point sources, and samples that were resampled or filtered, are written as they are stored.
  @Test(arguments: ["ptb-xl", "chapman", "code-15"])
  func processedRecordsAreWrittenAsStored(layout: String) throws {
    guard SimulationLayoutTests.layouts.contains(layout) else { return }
    try SimulationLayoutTests.withTree(layout, records: 9) { tree, _ in
      try withDirectory { directory in
        let shards = try Self.convert(Datasets.open(tree.path), to: directory.path("shards")) {
          guard layout == "ptb-xl" else { return }
          $0 = Recipe.named["p1-100hz"] ?? $0
        }
        let report = try Export(shards, as: .wfdb).run(to: directory.path("out"))
        #expect(report.asStored == [layout == "ptb-xl" ? .resampled : .notDigital: 9])
        #expect(report.asRecorded == 0 && report.identical == 0)
        for (id, place) in Self.places(shards) {
          try Self.isAsStored(shards, place, directory.path("out/records/\(layout)/\(id)"))
        }
        // Labels of every vocabulary are read back.
        let again = try Datasets.open(directory.path("out"), as: "wfdb")
        let statements = Dictionary(uniqueKeysWithValues: again.records.map { ($0.id, $0.statements) })
        for record in 0..<shards.count {
          #expect(statements[shards.id(record)] == shards.statements(record))
        }
      }
    }
  }

  /// Whether a WFDB record has the counts of a shard, of the leads that are recorded.
  static func isAsStored(_ shards: ShardSet, _ place: Int, _ path: String) throws {
    let reading = try WFDBReader.read(path, mode: .strict)
    #expect(reading.findings.isEmpty)
    guard case .digital(let samples) = reading.recording.samples else { throw NothingThrown() }
    let (shard, row) = shards.location(place)
    let counts = try counts(shards, place)
    let mask = LeadMask(rawValue: shard.columns.leadMask[row])
    let leads = Lead.allCases.filter {
      mask.contains($0)
        && !LeadFlags(rawValue: shard.columns.leadFlags[12 * row + $0.rawValue]).contains(.derived)
    }
    #expect(reading.recording.channels.map(\.name) == leads.map(\.name))
    #expect(Float(reading.recording.rate) == shards.rate(place))
    let expected = (0..<shards.frameCount(place)).flatMap { frame in
      leads.map { lead in
        let count = counts[12 * frame + lead.rawValue]
        return count == .min ? Recording.missing : Int32(count)
      }
    }
    #expect(samples == expected)
    for (channel, lead) in zip(reading.recording.channels, leads) {
      #expect(channel.unit == "mV" && channel.baseline == 0)
      #expect(Float(1000 / channel.gain) == shard.columns.scale[12 * row + lead.rawValue])
    }
  }

  /// A changed sample is named by shard and record, a changed ledger by its file; nothing is left.
  @Test func damageIsNamed() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      let out = directory.path("out")
      func failure() throws -> ECGError {
        let shards = try ShardSet(directory.path("shards"))
        let failure = try error { try Export(shards, as: .wfdb).run(to: out) }
        #expect(!FileManager.default.fileExists(atPath: out))
        return failure
      }
      let shards = try ShardSet(directory.path("shards"))
      let name = shards.manifest.shards[1].file
      try directory.change("shards/\(name)") { $0[16_384 + 24 * 700] ^= 4 }
      let signal = try failure()
      #expect(signal.code == .mismatch && signal.file?.hasSuffix(name) == true)
      #expect(signal.record == shards.location(shards.shards[0].count + 1).shard.id(of: 1))
      try directory.change("shards/\(name)") { $0[16_384 + 24 * 700] ^= 4 }
      let ledger = shards.manifest.ledgers[2].file
      try directory.change("shards/\(ledger)") { $0[90] ^= 1 }
      let told = try failure()
      #expect(told.code == .mismatch && told.file?.hasSuffix(ledger) == true)
      // The undamaged are written by themselves.
      var one = Export(try ShardSet(directory.path("shards")), as: .npy)
      one.record = shards.id(0)
      #expect(try one.run(to: out).records == 1)
    }
  }

  /// One record, one source, the first few; the same files from any number of threads.
  @Test func selects() throws {
    try withDirectory { directory in
      for (layout, name) in [("cpsc2018-wfdb", "a"), ("ptb-xl", "b")] {
        try Simulation(layout: layout, records: 5, seed: 3).write(to: directory.path(name), jobs: 2)
      }
      var recipe = Recipe()
      recipe.rate = .hertz(50)
      _ = try Converter(
        sources: try ["a", "b"].map { try Datasets.open(directory.path($0)) },
        output: directory.path("shards"),
        recipe: recipe
      ).run()
      let shards = try ShardSet(directory.path("shards"))
      var export = Export(shards, as: .npy)
      #expect(try export.count == 10)
      export.source = "ptb-xl"
      #expect(try export.count == 5)
      export.limit = 2
      export.jobs = 1
      #expect(try export.run(to: directory.path("two")).records == 2)
      let ids = (0..<10).filter { shards.source($0) == "ptb-xl" }.prefix(2).map { shards.id($0) }
      #expect(try Self.table(directory, "two").keys.sorted() == ids.sorted())
      export.limit = nil
      export.jobs = 3
      _ = try export.run(to: directory.path("all"))
      let all = try Directory(path: directory.path("all")).contents()
      for (name, bytes) in try Directory(path: directory.path("two")).contents() where name.hasSuffix(".npy")
      {
        #expect(all[name] == bytes)
      }
      #expect(all.count == 6)
      export.record = "A0003"
      #expect(throws: ECGError.self) { try export.count }
      export.source = "chapman"
      #expect(throws: ECGError.self) { try export.count }
      export.source = nil
      #expect(try export.count == 1)
    }
  }
}
