import ECGData
import TestSupport
import Testing

/// Every format of signal(5): what is written is read, in whole and in any part.
@Suite struct WFDBFormatTests {
  static let stored = WFDBFormat.allCases.filter { $0 != .null }

  /// Extremes, a missing sample, and steps that are small enough for differences.
  static func samples(_ format: WFDBFormat, count: Int) -> [Int32] {
    var generator = SplitMix64("formats", UInt64(format.rawValue))
    if format == .difference8 { return (0..<count).map { _ in Int32(generator.index(below: 128)) - 64 } }
    let extreme = Int32.max >> Int32(32 - format.bits)
    let edges = [extreme, -extreme, Recording.missing, 0, -1, 1]
    return (0..<count).map { index in
      index < edges.count ? edges[index] : Int32(truncatingIfNeeded: generator.next()) % extreme
    }
  }

  func write(_ format: WFDBFormat, _ samples: [Int32], widths: [Int], to directory: Directory) throws
    -> String
  {
    let signals = widths.enumerated().map {
      WFDBWriter.Signal(name: "S\($0)", resolution: format.bits, samplesPerFrame: $1)
    }
    try WFDBWriter.write(
      recordName: "rec", rate: 250, signals: signals, samples: samples, format: format, to: directory.path)
    return directory.path("rec")
  }

  func digital(_ recording: Recording) throws -> [Int32] {
    guard case .digital(let samples) = recording.samples else {
      Issue.record("the samples are not digital")
      return []
    }
    return samples
  }

  /// One to five signals, so that packed samples end within a unit in every way.
  @Test(arguments: stored, 1...5) func readsWhatIsWritten(format: WFDBFormat, signals: Int) throws {
    try withDirectory { directory in
      for frames in [1, 2, 3, 7, 1001] {
        let samples = WFDBFormatTests.samples(format, count: frames * signals)
        let path = try write(format, samples, widths: .init(repeating: 1, count: signals), to: directory)
        let reading = try WFDBReader.read(path, mode: .strict)
        #expect(reading.findings.isEmpty && reading.isWhole)
        #expect(try digital(reading.recording) == samples)
        #expect(reading.header.signals.allSatisfy { $0.format == format.rawValue })
      }
    }
  }

  @Test(arguments: stored) func readsAnyPart(format: WFDBFormat) throws {
    try withDirectory { directory in
      let samples = WFDBFormatTests.samples(format, count: 3 * 500)
      let record = try WFDBReader(write(format, samples, widths: [1, 1, 1], to: directory))
      var generator = SplitMix64("parts", UInt64(format.rawValue))
      for _ in 0..<40 {
        let start = generator.index(below: 501)
        let end = start + generator.index(below: 501 - start)
        let part = try record.read(start..<end)
        #expect(try digital(part.recording) == Array(samples[(3 * start)..<(3 * end)]))
        #expect(part.findings.isEmpty)
        let two = try record.read(start..<end, channels: [2, 0])
        #expect(
          try digital(two.recording) == (start..<end).flatMap { [samples[3 * $0 + 2], samples[3 * $0]] })
        #expect(two.recording.channels.map(\.name) == ["S2", "S0"])
      }
      for bad in [-1..<2, 0..<501, 501..<501] where bad.upperBound > 500 || bad.lowerBound < 0 {
        #expect(try error { try record.read(bad) }.code == .invalidArgument)
      }
      #expect(try error { try record.read(channels: [3]) }.code == .invalidArgument)
    }
  }

  /// Larger than a block of the reader, so that blocks join.
  @Test(arguments: stored) func readsLongRecords(format: WFDBFormat) throws {
    try withDirectory { directory in
      let samples = WFDBFormatTests.samples(format, count: 5 * 40_001)
      let path = try write(format, samples, widths: .init(repeating: 1, count: 5), to: directory)
      let record = try WFDBReader(path, mode: .strict)
      #expect(try digital(record.read().recording) == samples)
      #expect(try record.verify().isEmpty)
      #expect(try digital(record.read(39_000..<40_001).recording) == Array(samples[(5 * 39_000)...]))
    }
  }

  /// Several samples a frame: all of them, or their mean without its fraction.
  @Test(arguments: stored) func readsFrames(format: WFDBFormat) throws {
    try withDirectory { directory in
      let widths = format.isCompressed ? [4, 4] : [4, 1, 2]
      let size = widths.reduce(0, +)
      let frames = 300
      let samples = WFDBFormatTests.samples(format, count: size * frames)
      let record = try WFDBReader(write(format, samples, widths: widths, to: directory))
      let expanded = try record.read(form: .expanded)
      #expect(expanded.recording.rate == 1000 && expanded.recording.frameCount == 4 * frames)
      #expect(expanded.findings.isEmpty)
      var starts = [0]
      for width in widths { starts.append(starts[starts.count - 1] + width) }
      let held = (0..<(4 * frames)).flatMap { row in
        widths.indices.map { samples[row / 4 * size + starts[$0] + row % 4 * widths[$0] / 4] }
      }
      #expect(try digital(expanded.recording) == held)
      let part = try record.read(401..<807, channels: [0], form: .expanded)
      #expect(try digital(part.recording) == (401..<807).map { held[$0 * widths.count] })
      let smoothed = try record.read()
      #expect(smoothed.recording.rate == 250 && smoothed.findings.map(\.rule) == [.wfdbFrames])
      let means = (0..<frames).flatMap { frame in
        widths.indices.map { index -> Int32 in
          let place = frame * size + starts[index]
          let known = samples[place..<(place + widths[index])].filter { $0 != Recording.missing }.map(
            Int.init)
          return known.isEmpty ? Recording.missing : Int32(known.reduce(0, +) / known.count)
        }
      }
      #expect(try digital(smoothed.recording) == means)
    }
  }

  @Test(arguments: stored) func findsAFlippedBit(format: WFDBFormat) throws {
    try withDirectory { directory in
      let samples = WFDBFormatTests.samples(format, count: 400)
      let path = try write(format, samples, widths: [1, 1], to: directory)
      // In the last full unit, clear of the bits that packing leaves unused.
      try directory.change("rec.dat") { $0[$0.count - 3] ^= 0x10 }
      if format.isCompressed {
        #expect(throws: ECGError.self) { try WFDBReader.read(path, mode: .strict) }
      } else {
        #expect(try WFDBReader.read(path).findings.contains { $0.rule == .wfdbChecksum })
        #expect(try WFDBReader(path).verify().contains { $0.rule == .wfdbChecksum })
        #expect(try error { try WFDBReader.read(path, mode: .strict) }.rule == .wfdbChecksum)
      }
    }
  }

  /// Cut or broken, a stream is refused where it breaks; lenient, what stands before is kept.
  @Test(arguments: [WFDBFormat.flac8, .flac16, .flac24], [false, true])
  func keepsWhatABrokenStreamHolds(format: WFDBFormat, isCut: Bool) throws {
    try withDirectory { directory in
      let samples = WFDBFormatTests.samples(format, count: 2 * 30_000)
      let path = try write(format, samples, widths: [1, 1], to: directory)
      try directory.change("rec.dat") {
        if isCut { $0.removeLast($0.count / 3) } else { $0[$0.count / 2] ^= 4 }
      }
      let error = try error { try WFDBReader.read(path) }
      #expect(error.rule == .wfdbLength && error.message.contains("broken at frame"))
      let lenient = try WFDBReader(path, mode: .lenient)
      let reading = try lenient.read()
      let kept = try digital(reading.recording)
      let end = try #require(kept.lastIndex { $0 != Recording.missing })
      #expect(end > 8000 && end < 2 * 29_000)
      #expect(kept[...end] == samples[...end])
      #expect(reading.recording.frameCount == 30_000 && !reading.isWhole)
      #expect(reading.findings.map(\.rule) == [.wfdbLength])
      #expect(try digital(lenient.read(0..<100).recording) == Array(samples[..<200]))
      // Behind a broken block whole ones are found again; behind the end there are none.
      let rest = isCut ? .init(repeating: Recording.missing, count: 20) : Array(samples[59_980...])
      #expect(try digital(lenient.read(29_990..<30_000).recording) == rest)
    }
  }

  /// Found by fuzzing: a stream that claims 2^36 samples and breaks.
  @Test(.timeLimit(.minutes(1))) func verifiesAStreamThatClaimsTooMuch() throws {
    try withDirectory { directory in
      let path = try write(
        .flac16, WFDBFormatTests.samples(.flac16, count: 9000), widths: [1], to: directory)
      try directory.write("rec 1 250\nrec.dat 516 200\n", to: "rec.hea")
      try directory.change("rec.dat") {
        $0[21] |= 0x0F
        for place in 22..<26 { $0[place] = 0xFF }
      }
      let record = try WFDBReader(path, mode: .lenient)
      #expect(try record.verify().contains { $0.rule == .wfdbLength && $0.message.contains("frame 9000") })
      #expect(try error { try record.read() }.code == .unsupported)
      #expect(try digital(record.read(0..<9000).recording) == WFDBFormatTests.samples(.flac16, count: 9000))
      #expect(throws: ECGError.self) { try WFDBReader(path).verify() }
    }
  }

  @Test func refusesWhatAFormatCannotHold() throws {
    let signal = [WFDBWriter.Signal(name: "I")]
    func encode(_ samples: [Int32], _ format: WFDBFormat) throws {
      _ = try WFDBWriter.encode(recordName: "a", rate: 1, signals: signal, samples: samples, format: format)
    }
    for (value, format) in [
      (128, .offset8), (-128, .offset8), (512, .packed10), (2048, .packed12), (-2048, .packed12),
      (40_000, .int16), (-32768, .int16), (1 << 23, .int24), (-(1 << 23), .flac24),
    ] as [(Int32, WFDBFormat)] {
      #expect(try error { try encode([value], format) }.code == .invalidArgument)
    }
    #expect(try error { try encode([0, 200], .difference8) }.code == .invalidArgument)
    #expect(try error { try encode([Recording.missing], .difference8) }.code == .invalidArgument)
    #expect(try error { try encode([1], .null) }.code == .invalidArgument)
  }
}
