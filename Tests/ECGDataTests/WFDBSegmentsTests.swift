import ECGData
import TestSupport
import Testing

/// Multi-segment records of fixed and variable layout.
@Suite struct WFDBSegmentsTests {
  func segment(
    _ name: String, _ signals: [WFDBWriter.Signal], _ samples: [Int32], in directory: Directory,
    format: WFDBFormat = .int16
  ) throws {
    try WFDBWriter.write(
      recordName: name, rate: 100, signals: signals, samples: samples, format: format, to: directory.path)
  }

  /// Lead I everywhere; V from the second segment on, at half the layout's gain; a gap of 3 frames between.
  func variable(_ directory: Directory, gain: Double = 100) throws -> String {
    try directory.write(
      "m_layout 2 100 0\n~ 0 200/mV 12 0 0 0 0 I\n~ 0 200(10)/mV 12 0 0 0 0 V\n", to: "m_layout.hea")
    try segment("m_1", [.init(name: "I", gain: 200)], [1, 2, 3, 4], in: directory)
    try segment(
      "m_2", [.init(name: "V", gain: gain, baseline: 4), .init(name: "I", gain: 200)], [7, 5, 8, 6],
      in: directory)
    return try directory.write("m/4 2 100 9\nm_layout 0\nm_1 4\n~ 3\nm_2 2\n", to: "m.hea")
  }

  func digital(_ recording: Recording) throws -> [Int32] {
    guard case .digital(let samples) = recording.samples else {
      Issue.record("the samples are not digital")
      return []
    }
    return samples
  }

  let none = Recording.missing

  @Test func readsAVariableLayout() throws {
    try withDirectory { directory in
      let record = try WFDBReader(variable(directory))
      #expect(record.frameCount == 9 && record.channels.map(\.name) == ["I", "V"])
      let reading = try record.read()
      #expect(reading.findings.isEmpty && reading.isWhole)
      // (7 − 4) · 2 + 10 = 16: twice the gain, another baseline.
      let expected = [
        1, none, 2, none, 3, none, 4, none, none, none, none, none, none, none, 5, 16, 6, 18,
      ]
      #expect(try digital(reading.recording) == expected)
      #expect(reading.recording.physical(channel: 1)[7] == 0.03)
      #expect(
        try digital(record.read(2..<8, channels: [1, 0]).recording) == [
          none, 3, none, 4, none, none, none, none, none, none, 16, 5,
        ])
      #expect(try record.verify().isEmpty)
    }
  }

  /// 200/mV is no multiple of 150/mV: no counts are common to the segments.
  @Test func readsPhysicalValuesWhereGainsDoNotDivide() throws {
    try withDirectory { directory in
      let record = try WFDBReader(variable(directory, gain: 150))
      guard case .physical(let values) = try record.read().recording.samples else {
        Issue.record("no counts are exact here")
        return
      }
      #expect(values[0] == 0.005 && values[1].isNaN && values[15] == 3.0 / 150 && values[17] == 4.0 / 150)
      // A range that does without the odd segment has counts.
      #expect(try digital(record.read(0..<4, channels: [0]).recording) == [1, 2, 3, 4])
      #expect(try digital(record.read(0..<9, channels: [0]).recording).suffix(2) == [5, 6])
    }
  }

  @Test func readsAFixedLayout() throws {
    try withDirectory { directory in
      let signals: [WFDBWriter.Signal] = [.init(name: "I"), .init(name: "II")]
      try segment("f_1", signals, [1, 2, 3, 4], in: directory)
      try segment("f_2", signals, [5, 6], in: directory, format: .packed12)
      let path = try directory.write("f/3 2 100 5\nf_1 2\n~ 2\nf_2 1\n", to: "f.hea")
      let reading = try WFDBReader.read(path, mode: .strict)
      #expect(try digital(reading.recording) == [1, 2, 3, 4, none, none, none, none, 5, 6])
      try directory.change("f_2.dat") { $0[0] ^= 1 }
      let findings = try WFDBReader(path).read(4..<5).findings
      #expect(findings.map(\.rule) == [.wfdbInitialValue, .wfdbChecksum])
      #expect(findings.allSatisfy { $0.message.contains("f_2") })
      #expect(try WFDBReader(path).read(0..<4).findings.isEmpty)
      #expect(try WFDBReader(path).verify(0..<1).isEmpty && WFDBReader(path).verify().count == 2)
    }
  }

  /// An absent segment is named; ranges that avoid it are read; lenient readers get missing samples.
  @Test func namesAbsentSegments() throws {
    try withDirectory { directory in
      let path = try variable(directory)
      try directory.remove("m_2.dat")
      let record = try WFDBReader(path)
      #expect(try digital(record.read(0..<4, channels: [0]).recording) == [1, 2, 3, 4])
      let error = try error { try record.read() }
      #expect(error.code == .notFound && error.description.contains("m_2.dat"))
      let lenient = try WFDBReader.read(path, mode: .lenient)
      #expect(lenient.findings.map(\.rule) == [.pairingMissingFile])
      #expect(lenient.findings[0].message.contains("m_2"))
      #expect(try digital(lenient.recording).suffix(4) == [none, none, none, none])
      try directory.remove("m_2.hea")
      #expect(try error2 { try record.verify() }.message.contains("m_2"))
      #expect(try WFDBReader.read(path, mode: .lenient).findings.map(\.rule) == [.pairingMissingFile])
    }
  }

  private func error2(_ body: () throws -> [Finding]) throws -> ECGError { try error { _ = try body() } }

  /// In a fixed layout any segment tells the signals; what is cut of one is missing, of differences too.
  @Test func readsOnWithoutTheFirstSegment() throws {
    try withDirectory { directory in
      try segment("f_2", [.init(name: "I")], [5, 6, 7], in: directory, format: .difference8)
      let path = try directory.write("f/2 1 100 5\nf_1 2\nf_2 3\n", to: "f.hea")
      #expect(try error { try WFDBReader.read(path) }.code == .notFound)
      #expect(try digital(WFDBReader.read(path, mode: .lenient).recording) == [none, none, 5, 6, 7])
      try directory.change("f_2.dat") { $0.removeLast() }
      let cut = try WFDBReader(path, mode: .lenient)
      #expect(try digital(cut.read(4..<5).recording) == [none])
      #expect(try digital(cut.read().recording) == [none, none, 5, 6, none])
      #expect(try cut.read().findings.map(\.rule) == [.pairingMissingFile, .wfdbLength])
    }
  }

  @Test(arguments: [
    ("m/4 2 100 8\nm_layout 0\nm_1 4\n~ 3\nm_2 2\n", Rule.wfdbSegments),
    ("m/4 2 100 8\nm_layout 0\nm_1 3\n~ 3\nm_2 2\n", .wfdbSegments),
    ("m/4 3 100 9\nm_layout 0\nm_1 4\n~ 3\nm_2 2\n", .wfdbSegments),
    ("m/4 2 200 9\nm_layout 0\nm_1 4\n~ 3\nm_2 2\n", .wfdbSegments),
  ])
  func saysWhereHeadersDisagree(header: String, rule: Rule) throws {
    try withDirectory { directory in
      let path = try variable(directory)
      try directory.write(header, to: "m.hea")
      let findings = try WFDBReader.read(path).findings
      #expect(findings.contains { $0.rule == rule && $0.severity == .error })
      #expect(try error { try WFDBReader.read(path, mode: .strict) }.rule == rule)
    }
  }

  @Test(arguments: [
    "m/1 2 100 4\nm 4\n", "m/1 2 100 4\n~ 4\n", "m/2 2 100 4\nm_layout 0\nm_layout 0\n",
    "m/1 2 100\nm_none 4\n",
  ])
  func refusesWhatIsNoRecord(header: String) throws {
    try withDirectory { directory in
      _ = try variable(directory)
      let path = try directory.write(header, to: "m.hea")
      // The third is empty, and that is all.
      if header.contains("m_layout") {
        #expect(try WFDBReader.read(path).recording.frameCount == 0)
      } else {
        #expect(throws: ECGError.self) { try WFDBReader.read(path, mode: .lenient) }
      }
    }
  }

  @Test func leavesOutAUnitThatIsAnother() throws {
    try withDirectory { directory in
      let path = try variable(directory)
      try segment(
        "m_2", [.init(name: "V", gain: 200, unit: "uV"), .init(name: "I", gain: 200)], [7, 5, 8, 6],
        in: directory)
      let reading = try WFDBReader.read(path)
      #expect(reading.findings.map(\.rule) == [.wfdbSegments])
      #expect(try digital(reading.recording).suffix(4) == [5, none, 6, none])
    }
  }

  /// More segments than a process may have files open.
  @Test func readsThousandsOfSegments() throws {
    try withDirectory { directory in
      let count = 1500
      var lines = "l/\(count) 1 100 \(count)\n"
      for index in 0..<count {
        try directory.write(
          "l_\(index) 1 100 1\nl_\(index).dat 16 200 16 0 \(index) \(index) 0 I\n", to: "l_\(index).hea")
        try directory.write(WFDBFixture.bytes([Int16(index)]), to: "l_\(index).dat")
        lines += "l_\(index) 1\n"
      }
      let path = try directory.write(lines, to: "l.hea")
      #expect(try digital(WFDBReader.read(path, mode: .strict).recording) == (0..<Int32(count)).map { $0 })
    }
  }

  /// A renamed file is looked for under the segment's name, never under the record's.
  @Test func repairsSegmentsUnderTheirOwnNames() throws {
    try withDirectory { directory in
      let path = try variable(directory)
      try directory.write([9, 0, 9, 0, 9, 0, 9, 0], to: "m.dat")
      let bytes = try directory.read("m_2.dat")
      try directory.remove("m_2.dat")
      let absent = try WFDBReader.read(path, mode: .lenient)
      #expect(absent.findings.map(\.rule) == [.pairingMissingFile])
      #expect(try digital(absent.recording).suffix(4) == [none, none, none, none])
      try directory.write(bytes, to: "m_2.mat")
      let renamed = try WFDBReader.read(path, mode: .lenient)
      #expect(renamed.findings.contains { $0.rule == .wfdbHeader && $0.message.contains("m_2.mat") })
      #expect(try digital(renamed.recording).suffix(4) == [5, 16, 6, 18])
    }
  }

  /// A segment that stands in a hundred thousand places is one file.
  @Test func refusesToMultiplyASegment() throws {
    try withDirectory { directory in
      try segment("s", [.init(name: "I")], .init(repeating: 7, count: 5000), in: directory)
      let path = try directory.write(
        "m/100000 1 500 500000000\n" + String(repeating: "s 5000\n", count: 100_000), to: "m.hea")
      #expect(try error { try WFDBReader.read(path, mode: .lenient) }.code == .unsupported)
      #expect(try digital(WFDBReader(path).read(4998..<5002).recording) == [7, 7, 7, 7])
    }
  }

  /// All blocks of a range are counts, or none is.
  @Test func readsBlocksOfOneKind() throws {
    try withDirectory { directory in
      let record = try WFDBReader(variable(directory, gain: 150))
      #expect(try record.hasCounts(0..<4) && !record.hasCounts() && record.hasCounts(channels: [0]))
      var blocks: [Recording] = []
      try record.forEachBlock(rows: 4) { blocks.append($0) }
      #expect(blocks.map(\.frameCount) == [4, 4, 1])
      let whole = try record.read().recording
      for channel in 0...1 {
        let joined = blocks.flatMap { $0.physical(channel: channel) }
        #expect(
          zip(joined, whole.physical(channel: channel)).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
      }
      for block in blocks {
        guard case .physical = block.samples else {
          Issue.record("a block of counts among physical values")
          continue
        }
      }
    }
  }

  @Test func saysWhereASegmentHasMoreSamplesThanTheLayout() throws {
    try withDirectory { directory in
      let path = try variable(directory)
      try segment(
        "m_2", [.init(name: "V", gain: 200, samplesPerFrame: 2), .init(name: "I", gain: 200)],
        [7, 9, 5, 8, 6, 6], in: directory)
      #expect(try WFDBReader(path).read().findings.contains { $0.rule == .wfdbFrames })
      #expect(try error { try WFDBReader(path).read(form: .expanded) }.rule == .wfdbSegments)
    }
  }
}
