import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ECGData

/// Each layout as our own adapters read it; `tools/python/check_simulated.py` has stock readers read them.
@Suite struct SimulationLayoutTests {
  /// Layouts that this build can write: those of the CODE group's HDF5 files need libhdf5.
  static let layouts = Simulation.layouts.filter { layout in
    #if HDF5
    true
    #else
    layout != "code-15" && layout != "code-test"
    #endif
  }

  /// Writes a collection into a directory of its own.
  static func withTree<Result>(
    _ layout: String, records: Int, seed: UInt64 = 11, jobs: Int = 2,
    _ body: (Directory, Simulation) throws -> Result
  ) throws -> Result {
    try withDirectory { directory in
      let tree = Directory(path: directory.path("tree"))
      let simulation = try Simulation(layout: layout, records: records, seed: seed)
      try simulation.write(to: tree.path, jobs: jobs)
      return try body(tree, simulation)
    }
  }

  /// Half a step of what a layout stores, in µV, and what single precision rounds besides.
  private static let tolerances = [
    "chapman": 2.44, "chapman-wfdb": 2.94, "challenge": 0.5 * 1000 / 306, "code-test": 0.002,
    "code-15": 0.002,
  ]

  @Test func everyLayoutIsAnAdapters() {
    #expect(Simulation.layouts.count == 9)
    #expect(Set(Simulation.layouts).isSubset(of: Datasets.all.map { $0.name }))
  }

  @Test(arguments: layouts) func isReadAsSimulated(layout: String) throws {
    try Self.withTree(layout, records: 14) { tree, simulation in
      let dataset = try Datasets.open(tree.path)
      #expect(type(of: dataset).name == layout)
      #expect(dataset.unlistedFiles() == [])
      let found = Dictionary(uniqueKeysWithValues: dataset.records.map { ($0.id, $0) })
      #expect(dataset.records.count { $0.exclusion == nil } == 14)
      var patients: [String: Int] = [:]
      for index in 0..<14 {
        let simulated = simulation.record(index)
        let record = try #require(found[simulated.id], "\(simulated.id)")
        let age = layout == "ptb-xl" ? min(simulated.ecg.patient.age, 90) : simulated.ecg.patient.age
        #expect(record.age == Float(age))
        #expect("\(record.sex)" == simulated.ecg.patient.sex.rawValue)
        #expect(Set(record.statements) == Set(try simulation.content(of: index).labels))
        if let patient = record.patient {
          #expect(patients[patient, default: simulated.patient] == simulated.patient)
          patients[patient] = simulated.patient
        }
        let signal = try simulation.form.signal(of: simulated)
        let recording = try dataset.read(record).recording
        let read = try PhysicalSignal(recording, derive: false)
        #expect(read.rate == signal.rate && read.frameCount == signal.count, "\(simulated.id)")
        let tolerance = Self.tolerances[layout, default: 0.5] + 1e-6
        let differences = zip(read.microvolts, signal.samples).map { abs($0 - 1000 * $1) }
        #expect((differences.max() ?? .infinity) <= tolerance, "\(simulated.id)")
      }
      // No two names of a patient, where patients are named.
      #expect(patients.isEmpty || Set(patients.values).count == patients.count)
      let rules = Set((dataset.findings + dataset.records.flatMap(\.findings)).map(\.rule.rawValue))
      #expect(rules.isSubset(of: ["record.placeholder", "labels.none", "wfdb.header"]), "\(rules)")
    }
  }

  @Test(arguments: layouts) func sameBytesAtAnyNumberOfJobs(layout: String) throws {
    let one = try Self.withTree(layout, records: 10, jobs: 1) { tree, _ in try tree.contents() }
    let three = try Self.withTree(layout, records: 10, jobs: 3) { tree, _ in try tree.contents() }
    #expect(one == three && one.count > 4)
    let other = try Self.withTree(layout, records: 10, seed: 12) { tree, _ in try tree.contents() }
    #expect(one["simulation/records.csv"] != other["simulation/records.csv"])
  }

  /// A record depends on nothing but layout, seed and its place; of a greater collection the smaller is a part.
  @Test(arguments: layouts) func aGreaterCollectionBeginsWithTheSmaller(layout: String) throws {
    let small = try Self.withTree(layout, records: 3) { tree, _ in try tree.contents() }
    let great = try Self.withTree(layout, records: 7) { tree, _ in try tree.contents() }
    for (path, bytes) in small {
      let name = File.name(of: path)
      switch (path as NSString).pathExtension {
      case "hdf5", "xlsx": break
      case _ where name == "SHA256SUMS.txt" || name == "exams.csv" || name == "RECORDS":
        #expect(great[path] != nil)
      default: #expect(great[path]?.starts(with: bytes) == true, "\(path)")
      }
    }
    let pair = try [3, 7].map { try Simulation(layout: layout, records: $0, seed: 11) }
    for index in 0..<3 {
      let (one, two) = (try pair[0].content(of: index), try pair[1].content(of: index))
      #expect(
        one.row == two.row && one.rowID == two.rowID && one.cells == two.cells && one.labels == two.labels)
    }
  }

  /// The truth beside a collection: a line a record, with what was simulated.
  @Test(arguments: layouts) func tellsTheTruth(layout: String) throws {
    try withDirectory { directory in
      let tree = Directory(path: directory.path("tree"))
      var simulation = try Simulation(layout: layout, records: 8, seed: 3)
      simulation.noise = try SimulatedNoise("wander,pop=0.5")
      try simulation.write(to: tree.path, jobs: 2)
      let truth = try CSVTable(contentsOf: tree.path("simulation/records.csv"))
      let column = { (name: String) in try truth.index(of: name) }
      #expect(truth.rowCount == 8)
      for index in 0..<8 {
        let record = simulation.record(index)
        #expect(truth[index, try column("id")] == record.id)
        #expect(truth[index, try column("rhythm")] == record.ecg.rhythm.rawValue)
        let rate = try #require(Double(truth[index, try column("heart_rate")]))
        #expect(abs(rate - record.ecg.heartRate) < 1e-6)
        let codes = truth[index, try column("statements")].split(separator: " ").map {
          $0.prefix { $0 != ":" }
        }
        #expect(codes.map(String.init) == record.ecg.statements.map(\.code))
      }
      let artefacts = try CSVTable(contentsOf: tree.path("simulation/artefacts.csv"))
      let expected = (0..<8).flatMap { index in
        let record = simulation.record(index)
        return record.ecg.artefacts.map { "\(record.id) \($0.kind.rawValue)" }
      }
      #expect(artefacts.rows.map { "\($0[0]) \($0[1])" } == expected)
      #expect(expected.count { $0.hasSuffix("wander") } >= 8 && expected.contains { $0.hasSuffix("pop") })
      #expect(try tree.text("LICENSE.txt").contains("simulated"))
    }
  }

  @Test func whatIsInterruptedLeavesNothing() throws {
    try withDirectory { directory in
      let simulation = try Simulation(layout: "cpsc2018-wfdb", records: 300, seed: 1)
      let interruption = Interruption()
      for (name, exists) in [("new", false), ("old", true)] {
        let path = directory.path(name)
        if exists { try File.makeDirectory(path) }
        let failure = try error {
          try simulation.write(to: path, jobs: 2, interruption: interruption) { _ in interruption.request() }
        }
        #expect(failure.code == .interrupted && !failure.description.contains("\n"))
        #expect(File.exists(path) == exists)
        #expect(try FileManager.default.subpathsOfDirectory(atPath: directory.path).count == (exists ? 1 : 0))
      }
    }
  }

  /// What a run leaves that was killed is no collection, and the next run begins anew.
  @Test func aKilledRunIsBegunAnew() throws {
    try withDirectory { directory in
      try directory.write("x", to: "tree/.simulation.partial/training/ptb/g1/S0001.hea")
      let failure = try error { try Datasets.open(directory.path("tree")) }
      #expect(failure.code == .unsupported)
      try Simulation(layout: "challenge", records: 2, seed: 1).write(to: directory.path("tree"), jobs: 1)
      #expect(try Datasets.open(directory.path("tree")).records.count == 2)
      #expect(!File.exists(directory.path("tree/.simulation.partial")))
    }
  }

  @Test func refusesWhatItCannotDo() throws {
    try withDirectory { directory in
      let unknown = try error { try Simulation(layout: "mit-bih", records: 1, seed: 0) }
      #expect(unknown.code == .invalidArgument && unknown.description.contains("code-15"))
      for (layout, records) in [("cpsc2018", 100_000), ("challenge", 88_254), ("chapman-wfdb", -1)] {
        #expect(
          try error { try Simulation(layout: layout, records: records, seed: 0) }.code == .invalidArgument)
      }
      try directory.write("x", to: "file")
      for path in [directory.path, directory.path("file")] {
        let failure = try error {
          try Simulation(layout: "code", records: 1, seed: 0).write(to: path, jobs: 1)
        }
        #expect(failure.code == .invalidArgument && failure.file == path)
      }
      #expect(try directory.text("file") == "x")
    }
  }
}
