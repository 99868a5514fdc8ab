import ECGData
import TestSupport
import Testing

@Suite struct WFDBReaderTests {
  func rules(_ reading: WFDBReader.Reading) -> [Rule] { reading.findings.map(\.rule) }

  func digital(_ reading: WFDBReader.Reading) throws -> [Int32] {
    guard case .digital(let samples) = reading.recording.samples else {
      Issue.record("the samples are not digital")
      return []
    }
    return samples
  }

  @Test func readsWhatTheFilesHold() throws {
    try withDirectory { directory in
      let fixture = WFDBFixture(samples: WFDBFixture.electrocardiogram(seed: 1, frames: 60))
      let path = try fixture.write(to: directory)
      let reading = try WFDBReader.read(path)
      #expect(reading.findings.isEmpty)
      #expect(try digital(reading) == fixture.samples.map(Int32.init))
      #expect(reading.recording.frameCount == 60 && reading.recording.rate == 500)
      #expect(reading.recording.id == "rec")
      #expect(reading.recording.channels.map(\.name) == WFDBFixture.capitalLeads)
      #expect(try WFDBReader.read(path + ".hea", id: "17").recording.id == "17")
    }
  }

  @Test func reportsEachWrongChecksumAndInitialValue() throws {
    try withDirectory { directory in
      let fixture = WFDBFixture(samples: WFDBFixture.electrocardiogram(seed: 2, frames: 50))
      let path = try fixture.write(to: directory)
      // One sample in the middle of lead III, and the first of lead V6.
      try directory.change("rec.dat") {
        $0[2 * (12 * 20 + 2)] ^= 1
        $0[2 * 11] ^= 1
      }
      let reading = try WFDBReader.read(path)
      #expect(Set(rules(reading)) == [.wfdbChecksum, .wfdbInitialValue])
      let messages = reading.findings.map(\.message)
      #expect(messages.count == 3)
      #expect(messages.contains { $0.contains("III") } && messages.contains { $0.contains("V6") })
    }
  }

  /// Declared 50 frames of 24 bytes: what is there, and what is said about it.
  @Test(arguments: [
    (1200, 50, false), (1199, 49, true), (1176, 49, true), (1, 0, true), (0, 0, true), (1224, 50, true),
    (1201, 50, true),
  ])
  func reportsTheLength(bytes: Int, frames: Int, isReported: Bool) throws {
    try withDirectory { directory in
      let fixture = WFDBFixture(samples: WFDBFixture.electrocardiogram(seed: 3, frames: 50))
      let path = try fixture.write(to: directory)
      try directory.change("rec.dat") { $0 = Array(($0 + [UInt8](repeating: 0, count: 100)).prefix(bytes)) }
      let reading = try WFDBReader.read(path, mode: .lenient)
      #expect(reading.recording.frameCount == frames)
      #expect(rules(reading) == (isReported ? [.wfdbLength] : []))
      if frames < 50 {
        let error = try error { try WFDBReader.read(path) }
        #expect(error.code == .mismatch && error.rule == .wfdbLength && error.message.contains("50"))
        let record = try WFDBReader(path)
        #expect(record.frameCount == 50)
        #expect(try record.read(0..<frames).recording.frameCount == frames)
      }
      #expect(try digital(reading) == fixture.samples.prefix(12 * frames).map(Int32.init))
    }
  }

  @Test func takesTheLengthFromTheFileIfTheHeaderHasNone() throws {
    try withDirectory { directory in
      let path = try directory.write("x 2\nx.dat 16\nx.dat 16\n", to: "x.hea")
      try directory.write([1, 0, 2, 0, 3, 0, 0xFF, 0xFF], to: "x.dat")
      let reading = try WFDBReader.read(path)
      #expect(try digital(reading) == [1, 2, 3, -1])
      #expect(reading.recording.rate == 250)
      #expect(rules(reading) == [.unitsAssumed, .unitsAssumed])
      #expect(reading.recording.channels.allSatisfy { !$0.isCalibrated && $0.gain == 200 })
    }
  }

  /// -32768 is no number of the converter but WFDB's mark; it counts in the checksum all the same.
  @Test func tellsMissingSamples() throws {
    try withDirectory { directory in
      let path = try WFDBFixture(leads: ["I"], gain: "200(10)/mV", samples: [-32768, 0, 210, -32767]).write(
        to: directory)
      let reading = try WFDBReader.read(path)
      #expect(reading.findings.isEmpty)
      #expect(try digital(reading) == [Recording.missing, 0, 210, -32767])
      let physical = reading.recording.physical(channel: 0)
      #expect(physical[0].isNaN)
      #expect(Array(physical[1...2]) == [-0.05, 1])
      #expect(try reading.recording.microvolts(channel: 0)[2] == 1000)
    }
  }

  @Test func skipsBytesBeforeTheFirstSample() throws {
    try withDirectory { directory in
      let path = try directory.write("x 1 500 2\nx.mat 16+24 1000/mV 16 0 7 15 0 I\n", to: "x.hea")
      try directory.write([UInt8](repeating: 0xAA, count: 24) + [7, 0, 8, 0], to: "x.mat")
      let reading = try WFDBReader.read(path)
      // These 24 bytes are not what a MATLAB file begins with.
      #expect(rules(reading) == [.wfdbContainer])
      #expect(try digital(reading) == [7, 8])
      try directory.write([1, 2, 3], to: "x.mat")
      let short = try WFDBReader.read(path, mode: .lenient)
      #expect(short.recording.frameCount == 0)
      #expect(rules(short) == [.wfdbLength, .wfdbContainer])
    }
  }

  @Test func joinsSeveralFiles() throws {
    try withDirectory { directory in
      let lines = ["a.dat 16 200 16 0 1", "a.dat 16 200 16 0 2", "b.dat 16 200 16 0 5"]
      let path = try directory.write("x 3 500 2\n\(lines.joined(separator: "\n"))\n", to: "x.hea")
      try directory.write([1, 0, 2, 0, 3, 0, 4, 0], to: "a.dat")
      try directory.write([5, 0, 6, 0], to: "b.dat")
      let reading = try WFDBReader.read(path)
      #expect(reading.findings.isEmpty)
      #expect(try digital(reading) == [1, 2, 5, 3, 4, 6])
    }
  }

  /// Signal lines that the reader does not read, and the code of its refusal.
  @Test(
    arguments: [
      ("x.dat 213 200", .unsupported), ("../x.dat 16 200", .malformed), ("/x.dat 16 200", .malformed),
      ("./x.dat 16 200", .malformed), ("a/../x.dat 16 200", .malformed), ("gone.dat 16 200", .notFound),
      ("x.dat 516 200", .malformed),
    ] as [(String, ECGError.Code)])
  func refusesByName(line: String, code: ECGError.Code) throws {
    try withDirectory { directory in
      let path = try directory.write("rec 1 500 2\n\(line)\n", to: "rec.hea")
      try directory.write([1, 0, 2, 0], to: "x.dat")
      let error = try error { try WFDBReader.read(path, id: "42") }
      #expect(error.code == code)
      #expect(error.record == "42" && error.file?.hasPrefix(directory.path) == true)
    }
  }

  @Test func refusesAbsentSegmentsNoSignalsAndSplitFiles() throws {
    try withDirectory { directory in
      let multi = try directory.write("m/1 1 500 2\nx 2\n", to: "m.hea")
      #expect(try error { try WFDBReader.read(multi) }.code == .notFound)
      let empty = try directory.write("e 0 500 2\n", to: "e.hea")
      #expect(try error { try WFDBReader.read(empty) }.code == .malformed)
      let split = try directory.write("s 3 500 1\na.dat 16\nb.dat 16\na.dat 16\n", to: "s.hea")
      try directory.write([1, 0, 2, 0], to: "a.dat")
      try directory.write([1, 0], to: "b.dat")
      #expect(try error { try WFDBReader.read(split) }.code == .malformed)
      #expect(try error { try WFDBReader.read(directory.path("none")) }.code == .notFound)
    }
  }

  @Test(arguments: [
    ("V", 1e6), ("mV", 1e3), ("MV", 1e3), ("mv", 1e3), ("uV", 1), ("\u{B5}V", 1), ("\u{3BC}V", 1),
    ("nV", 1e-3),
  ])
  func knowsUnits(unit: String, factor: Double) throws {
    let channel = Recording.Channel(name: "I", unit: unit, gain: 2)
    let recording = try Recording(id: "x", rate: 1, channels: [channel], samples: .digital([4]))
    #expect(try recording.microvolts(channel: 0) == [2 * factor])
  }

  @Test func namesAUnitThatIsNoVoltage() throws {
    let channel = Recording.Channel(name: "RESP", unit: "mmHg", gain: 2)
    let recording = try Recording(id: "x", rate: 1, channels: [channel], samples: .digital([4]))
    let error = try error { try recording.microvolts(channel: 0) }
    #expect(error.rule == .unitsUnknown && error.message.contains("mmHg") && error.message.contains("RESP"))
  }
}
