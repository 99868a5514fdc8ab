import TestSupport
import Testing

@testable import ECGData

/// Each adapter on a tree in the layout that its collection is published in.
@Suite struct DatasetTests {
  @Test func hasATreeOfEachAdapter() {
    #expect(DatasetFixture.all.count == 15)
    #expect(Set(DatasetFixture.all.map(\.adapter)) == Set(Datasets.all.map { $0.name }))
  }

  @Test(arguments: DatasetFixture.all) func recognisesTheLayout(tree: DatasetFixture) throws {
    let dataset = try tree.open()
    #expect(type(of: dataset).name == tree.adapter && !dataset.recognition.isEmpty)
    #expect(
      type(of: try Datasets.open(tree.path + "/", as: tree.adapter, options: tree.sourceOptions)).name
        == tree.adapter)
    if tree.isGeneric {
      let failure = try error { try Datasets.open(tree.path, options: tree.sourceOptions) }
      #expect(failure.code == .unsupported && failure.message.contains("no known collection"))
    }
  }

  /// Options that no layout tells are asked for by name, one line each.
  @Test(arguments: [
    ("hdf5", ["--source-rate", "--source-unit", "--source-leads"]),
    ("csv", ["--source-rate", "--source-unit"]),
  ])
  func asksForWhatFilesDoNotTell(folder: String, names: [String]) throws {
    let tree = try DatasetFixture.named(folder)
    var options = SourceOptions()
    for name in names {
      let failure = try error { try Datasets.open(tree.path, as: folder, options: options) }
      #expect(failure.code == .invalidArgument && failure.description.contains(name))
      #expect(!failure.description.contains("\n") && failure.file == tree.path)
      switch name {
      case "--source-rate": options.rate = tree.sourceOptions.rate
      case "--source-unit": options.microvoltsPerUnit = tree.sourceOptions.microvoltsPerUnit
      default: options.leads = tree.sourceOptions.leads
      }
    }
    #expect(try Datasets.open(tree.path, as: folder, options: options).records.count == tree.records.count)
  }

  /// Layouts that hold in others: WFDB headers of any kind, those of the challenges' names, any CSV or HDF5 files.
  private static let alsoFits: [String: Set<String>] = [
    "ptb-xl": ["wfdb", "csv"], "cpsc2018": ["csv"], "cpsc2018-wfdb": ["challenge", "wfdb"],
    "chapman": ["csv"],
    "chapman-wfdb": ["challenge", "wfdb", "csv"], "challenge": ["wfdb"], "code-test": ["hdf5", "csv"],
    "code-15": ["hdf5", "csv"], "code": ["wfdb", "csv"], "sph": ["hdf5", "csv"],
  ]

  @Test(arguments: DatasetFixture.all) func refusesOtherLayoutsByName(tree: DatasetFixture) throws {
    let fits = DatasetTests.alsoFits[tree.adapter, default: []].union([tree.adapter])
    for other in Datasets.all where !fits.contains(other.name) && !tree.folder.contains("/") {
      let failure = try error { try Datasets.open(tree.path, as: other.name, options: tree.sourceOptions) }
      #expect(failure.code == .unsupported, "\(other.name): \(failure)")
      #expect(failure.message == "does not have the layout of \(other.name)" && failure.file == tree.path)
    }
  }

  @Test(arguments: DatasetFixture.all) func tellsWhatTheTablesTell(tree: DatasetFixture) throws {
    let dataset = try tree.open()
    #expect(dataset.records.count == tree.records.count)
    #expect(Set(dataset.records.map(\.id)) == Set(tree.records.keys))
    for record in dataset.records {
      let expected = try #require(tree.records[record.id])
      #expect(record.patient == expected.patient && record.fold == expected.fold, "\(record.id)")
      #expect(record.age.isNaN ? expected.age == nil : record.age == expected.age, "\(record.id)")
      #expect("\(record.sex)" == expected.sex, "\(record.id)")
      #expect(record.statements == expected.labels.map(\.statement), "\(record.id)")
    }
    #expect(dataset.findings.map { [$0.record, $0.rule.rawValue] } == tree.findings)
    #expect(dataset.unlistedFiles() == tree.unlisted)
    #expect(dataset.patientCount == Set(tree.records.values.compactMap(\.patient)).count)
  }

  /// Signals, and all that is found on the way to them.
  @Test(arguments: DatasetFixture.all) func readsWhatWasWritten(tree: DatasetFixture) throws {
    let dataset = try tree.open()
    for record in dataset.records {
      let expected = try #require(tree.records[record.id])
      if let excluded = expected.excluded {
        let failure = try error { try dataset.reading(of: record) }
        let rule = failure.rule ?? (failure.code == .notFound ? .pairingMissingFile : .recordUnreadable)
        #expect(rule.rawValue == excluded && !failure.description.contains("\n"), "\(record.id): \(failure)")
        continue
      }
      let (recording, findings, errata) = try dataset.reading(of: record)
      let rules = Set((record.findings + findings).map(\.rule.rawValue))
      #expect(rules.sorted() == expected.rules, "\(record.id)")
      #expect(errata == expected.errata, "\(record.id)")
      #expect(recording.id == record.id && recording.rate == expected.rate)
      #expect(recording.frameCount == expected.frames, "\(record.id)")
      for (frame, values) in [(0, expected.first), (recording.frameCount - 1, expected.last)] {
        let found = try recording.microvolts(frame: frame)
        #expect(DatasetTests.isSame(found, try #require(values)), "\(record.id): \(found)")
      }
    }
  }

  private static func isSame(_ found: [Double?], _ expected: [Double?]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { found, expected in
        guard let found, let expected else { return found == nil && expected == nil }
        return abs(found - expected) <= 1e-12 * abs(expected)
      }
  }

  /// What is planned before reading is what is read, padding aside; text files tell no length.
  @Test(arguments: DatasetFixture.all) func knowsTheExtentBeforeReading(tree: DatasetFixture) throws {
    let dataset = try tree.open()
    let padded = ["code-test": ["": 256], "code-15": ["exams_part0.hdf5": 4096, "exams_part1.hdf5": 1024]]
    for record in dataset.records {
      let expected = try #require(tree.records[record.id])
      guard expected.excluded == nil else {
        // Its fate is told when it is read; whoever plans counts on no trap here.
        _ = try? dataset.extent(of: record)
        continue
      }
      let extent = try dataset.extent(of: record)
      #expect(extent.rate == expected.rate, "\(record.id)")
      if let nominal = dataset.nominal(of: record).rate { #expect(nominal == expected.rate) }
      switch tree.adapter {
      case "chapman": #expect(extent.frames == 5000)
      case "csv": #expect(extent.frames > 0)
      default:
        let frames = padded[tree.adapter].map { $0[record.files[0]] ?? $0[""] } ?? expected.frames
        #expect(extent.frames == frames, "\(record.id)")
      }
    }
  }

  /// Rows of a chunk are one block; rows that are read by themselves are in none.
  @Test(arguments: DatasetFixture.all) func groupsTheRowsOfAChunk(tree: DatasetFixture) throws {
    let dataset = try tree.open()
    let blocks = Dictionary(grouping: dataset.records.filter { dataset.block(of: $0) != nil }) {
      dataset.block(of: $0) ?? ""
    }.mapValues { $0.map(\.id) }
    switch tree.adapter {
    case "code-15":
      #expect(
        blocks == [
          "exams_part1.hdf5#0": ["201", "202"], "exams_part1.hdf5#1": ["203", "204"],
          "exams_part1.hdf5#2": ["0 in row 5 of exams_part1.hdf5"],
        ])
    case "hdf5": #expect(blocks == ["more/data.h5#0": ["x-1", "x-2"], "more/data.h5#1": ["ä-3"]])
    default: #expect(blocks.isEmpty)
    }
  }

  /// Age and sex are told also where they stand behind the signal, and no outline reaches them.
  @Test(arguments: [600, 5000]) func readsFieldsInAnyOrder(frames: Int) throws {
    let values = (0..<12 * frames).map { Double($0 * $0 % 997) / 128 }
    let structure = MATStructArray([
      "data": .numeric(MATArray(dimensions: [12, frames], .double(values))),
      "age": .numeric(MATArray(dimensions: [1, 1], .double([62]))), "sex": .char(MATCharArray("Female")),
    ])
    try withDirectory { directory in
      let bytes = try MATWriter.level5([MATFile.Variable(name: "ECG", value: .structure(structure))])
      try directory.write(bytes, to: "TrainingSet1/A0001.mat")
      let header = "Recording,First_label,Second_label,Third_label\n"
      try directory.write(header + "A0001,1,,\n", to: "REFERENCE.csv")
      let dataset = try Datasets.open(directory.path)
      let record = try #require(dataset.records.first)
      #expect(record.age == 62 && record.sex == .female && record.findings.isEmpty)
      #expect(try dataset.extent(of: record).frames == frames)
    }
  }
}

/// What the user tells is taken before what an adapter assumes.
@Suite struct DatasetOptionTests {
  private func reading(_ dataset: any Dataset, _ id: String) throws -> (
    recording: Recording, rules: Set<Rule>, errata: [String]
  ) {
    let record = try #require(dataset.records.first { $0.id == id })
    let (recording, findings, errata) = try dataset.reading(of: record)
    return (recording, Set(findings.map(\.rule)), errata)
  }

  @Test(arguments: [("code-15", "101"), ("code-15", "204"), ("code-test", "2")])
  func assumesNothingThatIsTold(folder: String, id: String) throws {
    let tree = try DatasetFixture.named(folder)
    // Exam 204 lies in the middle of its zeros.
    let padding: Set<Rule> = id == "204" ? [.samplesTrimmed] : [.samplesPadded, .samplesTrimmed]
    let assumed = try reading(tree.open(), id)
    #expect(assumed.rules == padding.union([.unitsAssumed, .leadsOrder]))
    let unit = try reading(tree.open { $0.microvoltsPerUnit = 1000 }, id)
    #expect(unit.rules == padding.union([.leadsOrder]))
    let leads = ["I", "II", "III", "aVF", "aVL", "aVR", "V6", "V5", "V4", "V3", "V2", "V1"]
    let ordered = try reading(tree.open { $0.leads = leads }, id)
    #expect(ordered.rules == padding.union([.unitsAssumed]))
    #expect(ordered.recording.channels.map(\.name) == leads)
    for channel in leads.indices {
      let values = try assumed.recording.microvolts(channel: channel)
      #expect(try unit.recording.microvolts(channel: channel) == values.map { 2 * $0 })
      #expect(try ordered.recording.microvolts(channel: channel) == values)
    }
    #expect(try error { try tree.open { $0.leads = ["I", "II"] } }.code == .invalidArgument)
    #expect(try error { try tree.open { $0.signal = "traces" } }.description.contains("traces"))
  }

  @Test(arguments: [
    ("cpsc2018", "A0001"), ("chapman", "MUSE_20180113_171327_27000"), ("sph", "A00001"), ("csv", "one"),
  ])
  func takesRateUnitAndLeads(folder: String, id: String) throws {
    let tree = try DatasetFixture.named(folder)
    let own = try reading(tree.open(), id).recording
    let leads = Array(Lead.names.reversed())
    let unit = folder == "chapman" ? 1.0 : 1000
    let dataset = try tree.open {
      $0.rate = 250
      $0.microvoltsPerUnit = 2 * unit
      $0.leads = leads
    }
    let told = try reading(dataset, id).recording
    let record = try #require(dataset.records.first { $0.id == id })
    #expect(told.rate == 250 && told.channels.map(\.name) == leads)
    #expect(try dataset.extent(of: record).rate == 250)
    for channel in leads.indices {
      #expect(try told.microvolts(channel: channel) == own.microvolts(channel: channel).map { 2 * $0 })
    }
  }

  @Test(arguments: [("E00001", 4880.0, "georgia"), ("HR00001", 200, "ptb-xl")])
  func correctsGainsUnlessTold(id: String, gain: Double, name: String) throws {
    let tree = try DatasetFixture.named("challenge")
    let corrected = try reading(tree.open(), id)
    #expect(corrected.errata == ["challenge.\(name)-gain"] && corrected.rules.contains(.erratumApplied))
    #expect(corrected.recording.channels.allSatisfy { $0.gain == 1000 })
    let own = try reading(tree.open { $0.errata = false }, id)
    #expect(own.errata.isEmpty && !own.rules.contains(.erratumApplied))
    #expect(own.recording.channels.allSatisfy { $0.gain == gain })
    // A right gain is left alone.
    #expect(try reading(tree.open(), "HR00002").errata.isEmpty)
  }

  @Test(
    arguments: [(0.5, nil), (.nan, nil), (2e6, nil), (nil, 0), (nil, -5), (nil, .infinity)]
      as [(Double?, Double?)])
  func refusesWhatNoSourceHas(rate: Double?, unit: Double?) throws {
    let failure = try error {
      try DatasetFixture.named("ptb-xl").open {
        $0.rate = rate
        $0.microvoltsPerUnit = unit
      }
    }
    #expect(failure.code == .invalidArgument && failure.message.contains(rate == nil ? "unit of" : "rate of"))
  }

  /// The digests that the collection publishes are those of its files.
  @Test func knowsPublishedDigests() throws {
    let tree = try DatasetFixture.named("ptb-xl")
    let digests = try tree.open().publishedDigests
    #expect(digests.count == 13)
    for (path, digest) in digests {
      #expect(try Digest.sha256(file: FileHandleForReading(tree.path + "/" + path)) == digest)
    }
  }
}
