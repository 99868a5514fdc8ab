import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Faults that other readers and pipelines have had, by name: none is ours.
@Suite struct PeerFaultTests {
  func read(_ header: String, _ bytes: [UInt8], mode: WFDBMode = .standard) throws -> WFDBReader.Reading {
    try withDirectory { directory in
      try directory.write(bytes, to: "x.dat")
      return try WFDBReader.read(directory.write(header, to: "x.hea"), mode: mode)
    }
  }

  func digital(_ recording: Recording) throws -> [Int32] {
    guard case .digital(let samples) = recording.samples else {
      Issue.record("the samples are not digital")
      return []
    }
    return samples
  }

  /// A reader that takes ASCII alone made volts of microvolts: a factor of a million.
  @Test(arguments: ["\u{B5}V", "\u{3BC}V"]) func unitMicrovoltIsNotReadAsVolt(unit: String) throws {
    let recording = try read("x 1 500 1\nx.dat 16 2/\(unit) 16 0 8 8 0 I\n", [8, 0]).recording
    #expect(recording.channels[0].unit == unit)
    #expect(try recording.microvolts(channel: 0) == [4])
  }

  @Test func rate5e2IsNotReadAs5() throws {
    #expect(try read("x 1 5e2 1\nx.dat 16 200 16 0 8 8 0 I\n", [8, 0]).recording.rate == 500)
  }

  /// Read as gain 1000 and a lead named ",5/mV 16 0 8 8 0 I".
  @Test func gainWithACommaIsRefused() throws {
    let error = try error {
      try read("x 1 500 1\nx.dat 16 1000,5/mV 16 0 8 8 0 I\n", [8, 0], mode: .lenient)
    }
    #expect(error.line == 2 && error.message.contains("gain \"1000,5\""))
  }

  /// High byte first, two and one samples a frame.
  @Test func format61WithSeveralSamplesAFrame() throws {
    let header = "x 2 100 2\nx.dat 61x2 200 16 0 1 12 0 I\nx.dat 61 200 16 0 3 9 0 II\n"
    let bytes: [UInt8] = [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6]
    try withDirectory { directory in
      try directory.write(bytes, to: "x.dat")
      let record = try WFDBReader(directory.write(header, to: "x.hea"), mode: .strict)
      #expect(try digital(record.read(form: .expanded).recording) == [1, 3, 2, 3, 4, 6, 5, 6])
      #expect(try digital(record.read().recording) == [1, 3, 4, 6])
    }
  }

  @Test func format0IsNotRejected() throws {
    let recording = try read("x 2 500 2\nx.dat 16 200 16 0 8 17 0 I\n~ 0 200 0 0 0 0 0 II\n", [8, 0, 9, 0])
      .recording
    #expect(try digital(recording) == [8, Recording.missing, 9, Recording.missing])
  }

  /// Names compared by case found no `AVR`, and the lead became a silent row of zeros.
  @Test(arguments: ["AVR", "aVR", "avr", "Avr"]) func leadNamesAreNotComparedByCase(name: String) throws {
    #expect(LeadName(name)?.lead == .aVR)
    #expect(try LeadNormalizer(names: [name], derive: false).mask == LeadMask(.aVR))
  }

  @Test func missingLeadsAreNoSilentZeros() throws {
    let recording = try Recording(
      id: "x", rate: 100, channels: [.init(name: "V1", unit: "mV", gain: 1000)], samples: .digital([5, 6, 7]))
    let signal = try TwelveLeadSignal(recording, derive: true)
    #expect(signal.mask == LeadMask(.V1))
    for lead in Lead.allCases where lead != .V1 {
      #expect(signal.microvolts(lead).allSatisfy { $0.isNaN })
    }
  }

  /// A filter over the flattened array made each lead's start from the end of another.
  @Test func filtersDoNotRunAcrossLeads() throws {
    func resampled(_ second: Int32) throws -> [Double] {
      let channels = ["I", "II"].map { Recording.Channel(name: $0, unit: "mV", gain: 1000) }
      let samples = (0..<500).flatMap { [Int32($0 % 90), second] }
      let recording = try Recording(id: "x", rate: 500, channels: channels, samples: .digital(samples))
      let resampler = try PolyphaseResampler(from: 500, to: 100)
      let physical = try PhysicalSignal(recording, derive: false)
      return try TwelveLeadSignal(SignalProcessing(resampler: resampler)(physical)).microvolts(.I)
    }
    #expect(try resampled(0) == resampled(30_000))
  }

  /// The table's rows stand in another order than the files; labels go by id.
  @Test func labelsAreJoinedByIdNotByRow() throws {
    var tree = PTBXLTree()
    tree.rows.reverse()
    try withTree(tree) { directory in
      let dataset = try Datasets.open(directory.path("tree"))
      for record in dataset.records {
        let row = try #require(tree.rows.first { String($0.id) == record.id })
        #expect(record.statements.allSatisfy { row.codes.contains($0.code.dropFirst(4)) })
        let samples = try digital(dataset.read(record).recording)
        #expect(samples == row.record.samples.map(Int32.init))
      }
    }
  }

  /// A set's order changes from run to run; a class's place must not.
  @Test func classOrderIsWrittenDown() throws {
    for task in LabelTask.all where task.name.hasPrefix("ptbxl.") {
      #expect(task.classes == task.classes.sorted())
    }
    #expect(try LabelTask.named("ptbxl.superclass").classes == ["CD", "HYP", "MI", "NORM", "STTC"])
  }

  @Test func aPatientInTwoFoldsIsReported() throws {
    var tree = PTBXLTree()
    tree.rows[1].patient = tree.rows[8].patient
    try withTree(tree) { directory in
      let report = try Validation().report(on: directory.path("tree"))
      #expect(report.findings.contains { $0.rule == .splitPatientLeak && $0.severity == .error })
    }
  }

  /// Samples of folds 9 and 10 change nothing in the mean and standard deviation.
  @Test func statisticsDoNotIncludeTheTestFolds() throws {
    func statistics(_ height: Int16) throws -> [Double] {
      var tree = PTBXLTree()
      tree.rows[0].fold = 9
      tree.rows[1].fold = 10
      for row in 0...1 {
        tree.rows[row].record.samples = tree.rows[row].record.samples.map { $0 % 50 + height }
      }
      return try withTree(tree) { directory in
        let statistics = try PTBXLTree.converter(directory).run().manifest.statistics
        return statistics.mean + statistics.standardDeviation
      }
    }
    #expect(try statistics(0) == statistics(9000))
  }

  /// Missing stays missing, in counts and in a shard.
  @Test func missingSamplesAreNotReplacedByMeans() throws {
    let recording = try Recording(
      id: "x", rate: 100, channels: [.init(name: "I", unit: "mV", gain: 1000)],
      samples: .digital([5, Recording.missing, 7]))
    #expect(recording.physical(channel: 0)[1].isNaN)
    let signal = try TwelveLeadSignal(recording, derive: false)
    #expect(signal.microvolts(.I)[0] == 5 && signal.microvolts(.I)[1].isNaN)
  }
}
