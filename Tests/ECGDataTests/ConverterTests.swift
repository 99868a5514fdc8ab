import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ECGData

@Suite struct ConverterTests {
  func contents(_ directory: Directory, _ name: String = "shards") throws -> [String: [UInt8]] {
    try Directory(path: directory.path(name)).contents()
  }

  func ledger(_ directory: Directory, _ name: String = "shards") throws -> [LedgerEntry] {
    let manifest = try Manifest(directory: directory.path(name))
    return try manifest.ledgers.flatMap { entry in
      try directory.text("\(name)/\(entry.file)").split(separator: "\n").map {
        try JSONDecoder().decode(LedgerEntry.self, from: Data($0.utf8))
      }
    }
  }

  /// Asks for an end once so many shards are finished.
  func interrupted(_ converter: Converter, afterShards limit: Int) throws {
    let interruption = Interruption()
    let finished = Atomic(0)
    let error = try error {
      try converter.run(interruption: interruption) { event in
        if case .shard = event, finished.add(1, ordering: .relaxed).newValue >= limit {
          interruption.request()
        }
      }
    }
    #expect(error.code == .interrupted)
    #expect(!FileManager.default.fileExists(atPath: converter.output + "/manifest.json"))
  }

  @Test func storesEveryRecordOnceInTheOrderOfThePlan() throws {
    try withTree { directory in
      let report = try PTBXLTree.converter(directory).run()
      #expect(report.manifest.counts == Manifest.Counts(planned: 12, stored: 12, repaired: 0, excluded: 0))
      #expect(report.manifest.shards.map(\.records) == [3, 3, 3, 3])
      #expect(!report.wasComplete && report.resumedShards == 0)
      let set = try ShardSet(directory.path("shards"))
      let ids = (0..<set.count).map { set.id($0) }
      #expect(Set(ids) == Set((1...12).map(String.init)))
      #expect(try ledger(directory).map(\.id) == ids)
      let keys = ids.map { RecordKey.order(seed: 0, source: "ptb-xl", id: $0) }
      #expect(zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }
  }

  /// Filters run at the records' own rate on the leads in microvolt, before the resampler; the shard says so.
  @Test func filtersAsTheRecipeSays() throws {
    let bank: FilterBank = [.recursive(.bandpass(low: 0.5, high: 40)), .notch(frequency: 50)]
    try withTree { directory in
      let converter = try PTBXLTree.converter(directory) {
        $0.filters = bank
        $0.rate = .hertz(100)
      }
      #expect(try converter.run().manifest.counts.stored == 12)
      let set = try ShardSet(directory.path("shards"))
      let designed = try bank.design(rate: 500)
      let resampler = try PolyphaseResampler(from: 500, to: 100)
      for record in 0..<set.count {
        let path = directory.path("tree/records500/00000/0000\(set.id(record))_hr")
        guard FileManager.default.fileExists(atPath: path + ".hea") else { continue }
        let recording = try WFDBReader(path).read().recording
        let (shard, row) = set.location(record)
        let counts = try set.counts(record, from: 0, count: set.frameCount(record))
        for lead in Lead.allCases {
          let expected = resampler(designed(try recording.microvolts(channel: lead.rawValue)))
          let scale = Double(shard.columns.scale[row * 12 + lead.rawValue])
          for (frame, value) in expected.enumerated() {
            #expect(abs(Double(counts[frame * 12 + lead.rawValue]) * scale - value) <= scale / 2 + 1e-9)
          }
        }
        let flags = RecordFlags(rawValue: shard.columns.recordFlags[row])
        #expect(flags.contains(.filtered) && flags.contains(.resampled))
        #expect(shard.metadata.recipe.contains(#""filters":[{"bandpass":"#))
      }
      #expect(try ledger(directory).allSatisfy { $0.flags.record.contains("filtered") })
      #expect(try converter.run().wasComplete)
      let error = try error {
        try PTBXLTree.converter(directory) { $0.rate = .hertz(100) }.run()
      }
      #expect(error.message.contains("filters was [bandpass: ") && error.message.contains("is []"))
    }
  }

  /// A filter that does not exist at a record's rate leaves the record out, with the reason.
  @Test func excludesRecordsThatAFilterCannotHave() throws {
    try withTree { directory in
      let header = "tree/records500/00000/00005_hr.hea"
      try directory.write(
        directory.text(header).replacingOccurrences(of: "_hr 12 500 ", with: "_hr 12 300 "), to: header)
      let converter = try PTBXLTree.converter(directory) { $0.filters = [.notch(frequency: 200)] }
      #expect(try converter.run().manifest.counts.excluded == 1)
      let entry = try #require(ledger(directory).first { $0.fate == .excluded })
      #expect(entry.id == "5" && entry.rule == .recordProcessing)
      #expect(entry.reason?.contains("filter 1 (notch): 200.0 Hz is not below 150.0 Hz") == true)
    }
  }

  /// What suits no record at all is the recipe's fault.
  @Test func refusesARecipeThatSuitsNoRecord() throws {
    try withTree { directory in
      let filtered = try PTBXLTree.converter(directory) { $0.filters = [.notch(frequency: 300)] }
      let fast = try PTBXLTree.converter(directory) { $0.rate = .hertz(100_000) }
      for (converter, reason) in [
        (filtered, "filter 1 (notch): 300.0 Hz"), (fast, "at 500.0 Hz is not brought to"),
      ] {
        let error = try error { try converter.run() }
        #expect(error.message.contains(reason) && error.advice?.contains("no record") == true)
        #expect(!directory.exists("shards"))
      }
    }
  }

  /// Strictness asks how a conversion ended, not who ended it.
  @Test func strictnessLooksAtWhatIsThere() throws {
    try withTree { directory in
      try directory.change("tree/records500/00000/00005_hr.dat") { $0[6000] ^= 4 }
      let converter = try PTBXLTree.converter(directory)
      #expect(try converter.run().manifest.counts.excluded == 1)
      var strict = converter
      strict.isStrict = true
      let finished = try error { try strict.run() }
      #expect(finished.message.contains("1 wfdb.checksum") && finished.advice?.contains("--lenient") == true)
      try directory.remove("shards/manifest.json")
      #expect(try error { try strict.run() }.message == finished.message)
      #expect(try converter.run().resumedShards == 4)
    }
  }

  /// A rehearsal is refused where the conversion would be, and changes nothing.
  @Test func aRehearsalLooksAtTheOutput() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      let before = try contents(directory)
      #expect(try PTBXLTree.converter(directory).rehearse().outline.records == 12)
      var other = try PTBXLTree.converter(directory) { $0.rate = .hertz(100) }
      #expect(try error { try other.rehearse() }.message.contains("rate was native, is 100.0 Hz"))
      try directory.remove("shards/manifest.json")
      #expect(try error { try other.rehearse() }.message.contains("rate was native, is 100.0 Hz"))
      other.restart = true
      #expect(try other.rehearse().outline.records == 12)
      #expect(try contents(directory) == before.filter { $0.key != "manifest.json" })
      try directory.write("mine", to: "full/notes.txt")
      #expect(
        try error { try PTBXLTree.converter(directory, to: "full").rehearse() }.message.contains("notes.txt"))
    }
  }

  @Test func storesTheFilesIntegersAndTheTablesColumns() throws {
    let tree = PTBXLTree()
    try withTree(tree) { directory in
      _ = try PTBXLTree.converter(directory).run()
      let set = try ShardSet(directory.path("shards"))
      for record in 0..<set.count {
        let row = try #require(tree.rows.first { "\($0.id)" == set.id(record) })
        #expect(try set.counts(record, from: 0, count: 500) == row.record.samples)
        let (shard, place) = set.location(record)
        #expect(shard.columns.scale[(12 * place)..<(12 * place + 12)].allSatisfy { $0 == 1 })
        #expect(shard.columns.leadMask[place] == 0x0FFF)
        #expect(set.rate(record) == 500)
        #expect(set.fold(record) == UInt8(row.fold))
        #expect(shard.columns.sex[place] == (row.sex == "0" ? 2 : 1))
        #expect(shard.columns.age[place] == (row.id == 3 ? 90 : Float(20 + row.id)))
        #expect(shard.columns.recordFlags[place] == (row.id == 3 ? RecordFlags.ageCapped.rawValue : 0))
        let codes = try PythonDictionary.parse(row.codes)
        #expect(set.statements(record).map(\.code) == codes.map { "scp:\($0.key)" })
        let labels = Int(shard.columns.labelOffset[place])..<Int(shard.columns.labelOffset[place + 1])
        #expect(Array(shard.columns.labelValue[labels]) == codes.map { Float($0.value / 100) })
        #expect(
          set.patientKey(record) == RecordKey.key(source: "ptb-xl", id: String(row.patient.dropLast(2))))
        #expect(set.key(record) == RecordKey.key(source: "ptb-xl", id: "\(row.id)"))
      }
    }
  }

  @Test func beginsTheSignalOnAPage() throws {
    try withTree { directory in
      let report = try PTBXLTree.converter(directory).run()
      for shard in report.manifest.shards {
        let header = try SafetensorsHeader(contentsOf: directory.path("shards/\(shard.file)"))
        #expect(header.dataOffset % 16384 == 0)
        #expect(header.tensors.map(\.name) == ["signal"] + ShardColumns.all.map(\.name))
      }
    }
  }

  @Test(arguments: [nil, 100.0]) func makesTheSameBytesAtAnyNumberOfJobs(rate: Double?) throws {
    try withTree { directory in
      for jobs in [1, 2, 5] {
        var converter = try PTBXLTree.converter(directory, to: "shards\(jobs)") { recipe in
          recipe.rate = rate.map { .hertz($0) } ?? .native
        }
        converter.jobs = jobs
        _ = try converter.run()
      }
      let reference = try contents(directory, "shards1")
      #expect(reference.keys.contains("manifest.json"))
      #expect(try contents(directory, "shards2") == reference)
      #expect(try contents(directory, "shards5") == reference)
    }
  }

  /// A tree that was moved, and one behind a trailing slash, give the same bytes: no path is stored.
  @Test func storesNoPath() throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory, to: "a").run()
      try FileManager.default.moveItem(atPath: directory.path("tree"), toPath: directory.path("moved"))
      var converter = Converter(
        sources: [try Datasets.open(directory.path("moved/"))], output: directory.path("b"))
      converter.shardBytes = 3 * 500 * 24
      _ = try converter.run()
      #expect(try contents(directory, "a") == contents(directory, "b"))
    }
  }

  @Test(arguments: [1, 2, 3, 4]) func goesOnAfterAnInterruption(shards: Int) throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory, to: "whole").run()
      let converter = try PTBXLTree.converter(directory)
      // All four shards done and no manifest is a state of its own.
      if shards < 4 {
        try interrupted(converter, afterShards: shards)
      } else {
        _ = try converter.run()
        try directory.remove("shards/manifest.json")
      }
      let report = try converter.run()
      #expect(report.resumedShards == shards && !report.wasComplete)
      #expect(try contents(directory) == contents(directory, "whole"))
    }
  }

  /// What may be found after a kill or worse; in each case the damaged shards alone are made again.
  enum Damage: CaseIterable {
    case shardGone, ledgerGone, shardCut, shardBit, ledgerBit, journalCut, journalGone, journalEmpty,
      partialFiles
  }

  @Test(arguments: Damage.allCases) func mendsWhatAnInterruptionLeft(damage: Damage) throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory, to: "whole").run()
      let converter = try PTBXLTree.converter(directory)
      try interrupted(converter, afterShards: 3)
      let shard = "shards/shards/s-00001-of-00004.safetensors"
      let ledger = "shards/ledger/s-00001.jsonl"
      let journal = "shards/journal.jsonl"
      var expected = 2
      switch damage {
      case .shardGone: try directory.remove(shard)
      case .ledgerGone: try directory.remove(ledger)
      case .shardCut: try directory.change(shard) { $0.removeLast(100) }
      case .shardBit: try directory.change(shard) { $0[20000] ^= 1 }
      case .ledgerBit: try directory.change(ledger) { $0[50] ^= 1 }
      case .journalCut: try directory.change(journal) { $0.removeLast(20) }
      case .journalGone:
        try directory.remove(journal)
        expected = 0
      case .journalEmpty:
        try directory.write("", to: journal)
        expected = 0
      case .partialFiles:
        try directory.write("junk", to: "shards/shards/.s-00003-of-00004.safetensors.partial")
        try directory.write("junk", to: "shards/.manifest.json.partial")
        expected = 3
      }
      let report = try converter.run()
      #expect(report.resumedShards == expected)
      #expect(try contents(directory) == contents(directory, "whole"))
      let hidden = try FileManager.default.subpathsOfDirectory(atPath: directory.path("shards"))
      #expect(!hidden.contains { $0.hasSuffix(".partial") })
    }
  }

  @Test func doesNothingOnceItIsFinished() throws {
    try withTree { directory in
      let converter = try PTBXLTree.converter(directory)
      let first = try converter.run()
      let path = directory.path("shards/\(first.manifest.shards[0].file)")
      let written = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      let before = try Directory(path: directory.path("shards")).contents()
      let records = Atomic(0)
      let second = try converter.run { event in
        if case .record = event { records.add(1, ordering: .relaxed) }
      }
      #expect(second.wasComplete && second.manifest.fingerprint == first.manifest.fingerprint)
      #expect(records.load(ordering: .relaxed) == 0)
      #expect(try Directory(path: directory.path("shards")).contents() == before)
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == written)
    }
  }

  enum Change: CaseIterable {
    case rate, derive, exclude, seed, shardSize, limit, source

    /// What the refusal has to name.
    var name: String {
      switch self {
      case .rate: "rate was native, is 100.0 Hz"
      case .derive: "leads.derive"
      case .exclude: "exclude"
      case .seed: "seed was 0, is 1"
      case .shardSize: "shard size"
      case .limit: "limit was none, is 5"
      case .source: "ptb-xl with 11 records"
      }
    }

    func apply(_ converter: inout Converter, _ directory: Directory) throws {
      switch self {
      case .rate: converter.recipe.rate = .hertz(100)
      case .derive: converter.recipe.leads.derive = false
      case .exclude: converter.recipe.exclude = []
      case .seed: converter.recipe.seed = 1
      case .shardSize: converter.shardBytes *= 2
      case .limit: converter.limit = 5
      case .source:
        try PTBXLTree(count: 11).write(to: Directory(path: directory.path("tree")))
        converter.sources = [try Datasets.open(directory.path("tree"))]
      }
    }
  }

  @Test(arguments: Change.allCases, [false, true])
  func refusesAnotherConversionWithTheDifference(change: Change, isFinished: Bool) throws {
    try withTree { directory in
      var converter = try PTBXLTree.converter(directory)
      if isFinished { _ = try converter.run() } else { try interrupted(converter, afterShards: 1) }
      let before = try Directory(path: directory.path("shards")).contents()
      try change.apply(&converter, directory)
      let error = try error { try converter.run() }
      #expect(error.code == .invalidArgument)
      #expect(error.description.contains(change.name) && error.description.contains("--restart"))
      #expect(try Directory(path: directory.path("shards")).contents() == before)
      converter.restart = true
      let report = try converter.run()
      #expect(!report.wasComplete && report.resumedShards == 0)
      var fresh = converter
      fresh.restart = false
      fresh.output = directory.path("fresh")
      _ = try fresh.run()
      #expect(try contents(directory) == contents(directory, "fresh"))
    }
  }

  /// Jobs decide nothing.
  @Test func goesOnWithAnotherNumberOfJobs() throws {
    try withTree { directory in
      var converter = try PTBXLTree.converter(directory)
      converter.jobs = 1
      try interrupted(converter, afterShards: 2)
      converter.jobs = 3
      #expect(try converter.run().resumedShards == 2)
    }
  }

  @Test func refusesAFolderThatHoldsSomethingElse() throws {
    try withTree { directory in
      try directory.write("precious", to: "shards/thesis.txt")
      let converter = try PTBXLTree.converter(directory)
      let error = try error { try converter.run() }
      #expect(error.code == .invalidArgument && error.description.contains("thesis.txt"))
      #expect(try directory.text("shards/thesis.txt") == "precious")
    }
  }

  @Test func restartRemovesNothingOfOthers() throws {
    try withTree { directory in
      var converter = try PTBXLTree.converter(directory)
      _ = try converter.run()
      try directory.write("precious", to: "shards/thesis.txt")
      converter.restart = true
      converter.recipe.rate = .hertz(100)
      _ = try converter.run()
      #expect(try directory.text("shards/thesis.txt") == "precious")
    }
  }

  @Test func refusesASecondConversionAtWork() throws {
    try withTree { directory in
      try FileManager.default.createDirectory(
        atPath: directory.path("shards"), withIntermediateDirectories: true)
      let lock = try DirectoryLock(directory.path("shards"))
      let error = try error { try PTBXLTree.converter(directory).run() }
      withExtendedLifetime(lock) {}
      #expect(error.code == .inputOutput && error.description.contains("another conversion"))
    }
  }

  /// One bad record among good ones: how it is bad, and the rule that it is left out for.
  enum Fault: CaseIterable {
    case signalGone, headerGone, signalCut, signalLong, signalEmpty, sampleChanged, headerEmpty, headerBinary,
      headerAbsurd
    case leadTwice, unit, format, pathInHeader, rate, digest, gain

    var rule: Rule {
      switch self {
      case .signalGone, .headerGone: .pairingMissingFile
      case .signalCut, .signalLong: .wfdbLength
      case .sampleChanged: .wfdbChecksum
      case .signalEmpty: .recordDuration
      case .leadTwice: .leadsDuplicate
      case .unit: .unitsUnknown
      case .digest: .fileSHA256
      case .rate: .recordRate
      case .headerEmpty, .headerBinary, .headerAbsurd, .format, .pathInHeader, .gain:
        .recordUnreadable
      }
    }

    func apply(_ tree: Directory, _ base: String) throws {
      func edit(_ old: String, _ new: String) throws {
        let text = try tree.text("\(base).hea")
        #expect(text.contains(old))
        try tree.write(text.replacingOccurrences(of: old, with: new), to: "\(base).hea")
      }
      switch self {
      case .signalGone: try tree.remove("\(base).dat")
      case .headerGone: try tree.remove("\(base).hea")
      case .signalCut: try tree.change("\(base).dat") { $0.removeLast(17) }
      case .signalLong: try tree.change("\(base).dat") { $0 += [0, 0] }
      case .signalEmpty: try tree.change("\(base).dat") { $0 = [] }
      case .sampleChanged: try tree.change("\(base).dat") { $0[6000] ^= 4 }
      case .headerEmpty: try tree.write("", to: "\(base).hea")
      case .headerBinary: try tree.change("\(base).hea") { $0 = $0.map { $0 ^ 0xA5 } }
      case .headerAbsurd: try edit(" 12 500 500", " 12 500 281474976710657")
      case .leadTwice: try edit(" aVL".uppercased(), " AVR")
      case .unit: try edit("/mV", "/mmHg")
      case .format: try edit(" 16 1000", " 213 1000")
      case .pathInHeader: try edit("00005_hr.dat", "../00000/00005_hr.dat")
      // 10,000 samples out of each would be made.
      case .rate: try edit(" 12 500 500", " 12 0.01 500")
      case .digest:
        let sum = String(repeating: "0", count: 64)
        try tree.write("\(sum)  \(base).hea\n\(sum)  elsewhere.hea\n", to: "SHA256SUMS.txt")
      // A sample of 1e303 µV is in no scale.
      case .gain: try edit("1000.0(0)/mV", "1e-300(3)/mV")
      }
    }
  }

  @Test(arguments: Fault.allCases) func leavesOutABadRecordAndSaysWhy(fault: Fault) throws {
    try withTree { directory in
      let base = "records500/00000/00005_hr"
      try fault.apply(Directory(path: directory.path("tree")), base)
      let converter = try PTBXLTree.converter(directory) { $0.rate = .hertz(100) }
      let report = try converter.run()
      #expect(report.manifest.counts == Manifest.Counts(planned: 12, stored: 11, repaired: 0, excluded: 1))
      let entries = try ledger(directory)
      #expect(entries.count == 12)
      let excluded = entries.filter { $0.fate == .excluded }
      #expect(excluded.map(\.id) == ["5"])
      #expect(excluded[0].rule == fault.rule)
      #expect(excluded[0].reason?.isEmpty == false)
      #expect(
        excluded[0].reason?.contains(directory.path) == false, "a path of this machine is in the ledger")
      #expect(excluded[0].files.map(\.path) == ["\(base).hea", "\(base).dat"])
      let set = try ShardSet(directory.path("shards"))
      #expect(Set((0..<set.count).map { set.id($0) }) == Set((1...12).filter { $0 != 5 }.map(String.init)))

      var strict = converter
      strict.isStrict = true
      strict.output = directory.path("strict")
      let error = try error { try strict.run() }
      #expect(error.record == "5" && error.description.contains(fault.rule.rawValue))
      #expect(!FileManager.default.fileExists(atPath: directory.path("strict/manifest.json")))
    }
  }

  @Test func keepsWhatTheRecipeDoesNotExclude() throws {
    try withTree { directory in
      try directory.change("tree/records500/00000/00005_hr.dat") { $0[6000] ^= 4 }
      _ = try PTBXLTree.converter(directory) { $0.exclude = [] }.run()
      let entry = try #require(try ledger(directory).first { $0.id == "5" })
      #expect(entry.fate == .stored && entry.flags.record == ["header_mismatch"])
      #expect(entry.findings.map(\.rule) == [.wfdbChecksum])
    }
  }

  @Test func namesWhatItMended() throws {
    try withTree { directory in
      let path = "tree/records500/00000/00005_hr.hea"
      let text = try directory.text(path)
      // The record name with an extension is one repair, a channel less to derive another.
      let lines = text.split(separator: "\n").map(String.init)
      try directory.write(
        lines.joined(separator: "\n").replacingOccurrences(of: "00005_hr 12", with: "00005_hr.mat 12"),
        to: path)
      let report = try PTBXLTree.converter(directory).run()
      #expect(report.manifest.counts == Manifest.Counts(planned: 12, stored: 12, repaired: 1, excluded: 0))
      let entry = try #require(try ledger(directory).first { $0.id == "5" })
      #expect(
        entry.fate == .repaired && entry.repairs.count == 1 && entry.flags.record == ["header_repaired"])
    }
  }

  /// Ten seconds at 500 Hz, all columns, both rates: stored without a finding worth a word, except of what was drawn.
  @Test func convertsASimulatedCollection() throws {
    try withDirectory { directory in
      try Simulation(layout: "ptb-xl", records: 10, seed: 5).write(to: directory.path("tree"), jobs: 2)
      let converter = try PTBXLTree.converter(directory) { $0.rate = .hertz(100) }
      let report = try converter.run()
      #expect(report.manifest.counts == Manifest.Counts(planned: 10, stored: 10, repaired: 0, excluded: 0))
      #expect(report.manifest.samples == 10 * 1000)
      let rules = try ledger(directory).flatMap { $0.findings.map(\.rule) }
      #expect(rules.allSatisfy { $0.severity < .error && $0 != .leadsIdentity && $0 != .wfdbInitialValue })
      let published = try Datasets.open(directory.path("tree")).publishedDigests
      for file in try ledger(directory).flatMap(\.files) {
        #expect(file.sha256 != nil && published[file.path] == file.sha256)
      }
    }
  }

  @Test func convertsATreeWithoutOneGoodRecord() throws {
    try withTree(PTBXLTree(count: 2)) { directory in
      for id in 1...2 { try directory.remove("tree/records500/00000/0000\(id)_hr.dat") }
      let report = try PTBXLTree.converter(directory).run()
      #expect(report.manifest.counts.excluded == 2 && report.manifest.counts.stored == 0)
      #expect(try ShardSet(directory.path("shards")).count == 0)
    }
  }

  /// Mean and deviation by an ordinary sum over the training folds.
  @Test func countsTheTrainingFoldsOnly() throws {
    let tree = PTBXLTree(count: 24)
    #expect(Set(tree.rows.map(\.fold)).isSuperset(of: [8, 9, 10]))
    try withTree(tree) { directory in
      let statistics = try PTBXLTree.converter(directory).run().manifest.statistics
      for lead in 0..<12 {
        let values = tree.rows.filter { $0.fold < 9 }.flatMap { row in
          stride(from: lead, to: row.record.samples.count, by: 12).map {
            Double(row.record.samples[$0]) / 1000
          }
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        #expect(statistics.samples[lead] == values.count)
        #expect(abs(statistics.mean[lead] - mean) < 1e-12)
        #expect(abs(statistics.standardDeviation[lead] - variance.squareRoot()) < 1e-12)
      }
    }
  }
}
