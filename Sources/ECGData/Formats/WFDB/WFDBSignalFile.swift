/// One signal file of an ordinary record: consecutive signals whose samples share it.
///
/// The file is a row of frames; a frame holds each signal's samples one after another.
struct WFDBSignalFile: Sendable {
  /// The name in the header.
  let name: String
  let format: WFDBFormat
  /// The signals, as indices into the header's.
  let signals: Range<Int>
  /// Samples of each signal in a frame.
  let widths: [Int]
  /// Frames by which each signal is late.
  let skews: [Int]
  /// What the differences of each signal start from.
  let initialValues: [Int32]
  /// Samples in a frame.
  let frameSize: Int
  /// Bytes before the first sample, or samples of a FLAC file.
  let offset: Int
  /// The open file; nil for a null signal.
  let handle: FileHandleForReading?
  /// Whole frames that the file holds; nil for a null signal, or a FLAC file that does not tell.
  let frameCount: Int?

  /// Opens the file.
  ///
  /// - Throws: `ECGError` if the format is unknown, the file cannot be opened, or the signals disagree on how
  ///   it is stored.
  init(_ header: WFDBHeader, signals: Range<Int>, folder: WFDBFolder) throws {
    let lines = header.signals[signals]
    let first = lines[signals.lowerBound]
    name = first.fileName
    guard let format = WFDBFormat(rawValue: first.format) else {
      throw ECGError(
        .unsupported,
        "signal \(signals.lowerBound) has format \(first.format), which signal(5) does not have",
        file: folder.path(of: name))
    }
    self.format = format
    self.signals = signals
    widths = lines.map { $0.samplesPerFrame }
    skews = lines.map { $0.skew }
    initialValues = lines.map { Int32(clamping: $0.initialValue ?? $0.adcZero) }
    frameSize = widths.reduce(0, +)
    offset = first.byteOffset
    for (index, line) in zip(signals, lines)
    where line.format != first.format || (line.byteOffset != offset && line.byteOffset != 0) {
      throw ECGError(
        .malformed,
        "signals \(signals.lowerBound) and \(index) share \(name) with different formats or offsets",
        file: folder.path(of: name))
    }
    guard format != .null else {
      handle = nil
      frameCount = nil
      return
    }
    do {
      handle = try folder.open(name)
    } catch let error as ECGError where error.code == .notFound {
      throw ECGError(
        .notFound, "the signal file does not exist", file: folder.path(of: name),
        advice: "fetch it again from the source")
    }
    if let handle, format.isCompressed {
      frameCount = try WFDBSignalFile.compressedFrames(handle, format, offset: offset, widths: widths)
    } else {
      frameCount = format.sampleCount(max(0, (handle?.size ?? 0) - offset)) / frameSize
    }
  }

  /// Frames of a FLAC file by its own header, which is checked against the WFDB header.
  private static func compressedFrames(
    _ handle: FileHandleForReading, _ format: WFDBFormat, offset: Int, widths: [Int]
  ) throws -> Int? {
    let stream = try FLACReader(handle)
    guard stream.channels == widths.count, stream.bits <= format.bits else {
      throw ECGError(
        .malformed,
        "holds \(stream.channels) channels of \(stream.bits) bits, the header describes \(widths.count) of "
          + "\(format.bits)", file: handle.path)
    }
    guard Set(widths).count == 1 else {
      throw ECGError(
        .malformed, "FLAC signals of one file have equally many samples a frame", file: handle.path)
    }
    return stream.sampleCount.map { max(0, $0 - offset) / widths[0] }
  }

  /// What is wrong with the file's length, in words; nil if nothing is.
  ///
  /// - Parameters:
  ///   - declared: the frames that the header states, if it does.
  ///   - shortest: the frames of the shortest file.
  /// - Returns: the problem.
  func lengthProblem(declared: Int?, shortest: Int) -> String? {
    guard let handle, let frameCount else { return nil }
    let payload = max(0, handle.size - offset)
    let expected = declared ?? shortest
    let samples = expected.multipliedReportingOverflow(by: frameSize)
    let (unitSamples, unitBytes) = format.unit
    if format.isCompressed {
      guard expected != frameCount else { return nil }
    } else if !samples.overflow, samples.partialValue < 1 << 56,
      let least = format.byteCount(samples.partialValue)
    {
      // The last unit of packed samples may be cut short or filled up.
      let whole = (samples.partialValue + unitSamples - 1) / unitSamples * unitBytes
      if (least...max(least, whole)).contains(payload), handle.size >= offset { return nil }
    }
    let spare = format.isCompressed ? 0 : payload - (format.byteCount(frameCount * frameSize) ?? payload)
    let found = "\(name) holds \(frameCount) frames\(spare > 0 ? " and \(spare) bytes" : "")"
    if let declared { return "\(found), the header declares \(declared)" }
    return frameCount == shortest ? found : "\(found), another file of the record \(shortest)"
  }

  /// What the header of a MATLAB v4 file around the samples says otherwise than the WFDB header.
  func containerProblems(declared: Int?) -> [String] {
    guard let handle, name.lowercased().hasSuffix(".mat") else { return [] }
    let start = try? handle.read(at: 0, count: min(handle.size, MATv4Header.sizeLimit))
    guard let matrix = start.flatMap({ MATv4Header($0) }) else {
      return offset == 0 ? [] : ["\(name) does not begin with a MATLAB v4 header"]
    }
    let formats: [MATv4Header.ElementType: WFDBFormat] = [
      .int16: matrix.isLittleEndian ? .int16 : .int16BigEndian, .uint16: .offset16, .uint8: .offset8,
      .int32: .int32,
    ]
    var problems: [String] = []
    func compare(_ what: String, _ inside: Int, _ stated: Int) {
      if inside != stated {
        problems.append("\(name) has \(inside) \(what) inside, the header says \(stated)")
      }
    }
    compare("bytes before the samples", matrix.byteCount, offset)
    compare("rows", matrix.rows, frameSize)
    if let declared { compare("columns", matrix.columns, declared) }
    if formats[matrix.type] != format || matrix.isComplex {
      problems.append("\(name) holds a matrix of another type than format \(format.rawValue)")
    }
    return problems
  }
}

/// Reads a signal file's frames in order and sums them up on the way.
struct WFDBSignalCursor {
  let file: WFDBSignalFile
  /// The frame that is read next.
  private(set) var next: Int
  private let start: Int
  /// Sums modulo 2^32 of each place in a row of whole frames.
  private var sums: [Int32]
  /// The first sample of each signal, if it was read.
  private(set) var firstSamples: [Int32] = []
  private var last: [Int32]
  private var flac: FLACReader?
  private var bytes: [UInt8] = []
  private let isLenient: Bool
  /// Where a FLAC stream broke, if lenient: from this frame on samples are missing.
  private(set) var brokenAt: Int?

  /// Goes to a frame that the file holds.
  ///
  /// - Complexity: O(1), but of format 8, which stores differences, O(frame).
  /// - Throws: `ECGError` if the file cannot be read there.
  init(_ file: WFDBSignalFile, from frame: Int, isLenient: Bool) throws {
    self.isLenient = isLenient
    self.file = file
    start = frame
    next = file.format == .difference8 ? 0 : frame
    // Rows of many frames make the loops over narrow frames long enough for the vector unit.
    let row = file.handle == nil ? 0 : file.frameSize * max(1, 192 / max(1, file.frameSize))
    sums = [Int32](repeating: 0, count: row)
    last = file.initialValues
    if file.format.isCompressed, let handle = file.handle {
      let stream = try FLACReader(handle)
      let (sample, overflow) = frame.multipliedReportingOverflow(by: file.widths.first ?? 1)
      let (place, carry) = sample.addingReportingOverflow(file.offset)
      guard !overflow, !carry else { throw ECGError(.malformed, "has no frame \(frame)", file: handle.path) }
      do {
        try stream.seek(to: place)
        flac = stream
      } catch let error as ECGError {
        guard isLenient else { throw error }
        brokenAt = frame
      }
    }
    try skip(to: frame)
  }

  /// Runs over differences up to a frame.
  private mutating func skip(to frame: Int) throws {
    guard next < frame else { return }
    let sums = sums
    let block = max(1, 65_536 / file.frameSize)
    var scratch = [Int32](repeating: 0, count: min(block, frame - next) * file.frameSize)
    while next < frame {
      let count = min(block, frame - next) * file.frameSize
      try scratch.withUnsafeMutableBufferPointer { try read(into: .init(rebasing: $0[..<count])) }
    }
    self.sums = sums
    firstSamples = []
  }

  /// Fills `samples` [frames, frame size] with the next frames; missing ones are ``Recording/missing``.
  ///
  /// - Throws: `ECGError` if the file ends before.
  mutating func read(into samples: UnsafeMutableBufferPointer<Int32>) throws {
    guard let handle = file.handle, !samples.isEmpty else { return }
    let frames = samples.count / file.frameSize
    if file.format.isCompressed {
      try decompress(handle, into: samples)
    } else {
      try decode(handle, into: samples)
    }
    if file.format == .difference8 { integrate(samples) }
    if next == 0 {
      var place = 0
      firstSamples = file.widths.map { width in
        defer { place += width }
        return samples[place]
      }
    }
    add(samples)
    next += frames
  }

  private mutating func decode(
    _ handle: FileHandleForReading, into samples: UnsafeMutableBufferPointer<Int32>
  ) throws {
    let unit = file.format.unit
    let (first, overflow) = next.multipliedReportingOverflow(by: file.frameSize)
    let lead = first % unit.samples
    guard !overflow, let skipped = file.format.byteCount(first - lead),
      let count = file.format.byteCount(lead + samples.count)
    else { throw ECGError(.malformed, "has no frame \(next)", file: handle.path) }
    if bytes.count < count { bytes = [UInt8](repeating: 0, count: count) }
    try bytes.withUnsafeMutableBytes { buffer in
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      try handle.read(at: file.offset + skipped, into: part)
      if lead == 0 {
        file.format.decode(UnsafeRawBufferPointer(part), into: samples)
      } else {
        var whole = [Int32](repeating: 0, count: lead + samples.count)
        whole.withUnsafeMutableBufferPointer { whole in
          file.format.decode(UnsafeRawBufferPointer(part), into: whole)
          for index in samples.indices { samples[index] = whole[lead + index] }
        }
      }
    }
  }

  /// FLAC keeps a sample of each signal together; a frame keeps each signal's samples together.
  private mutating func decompress(
    _ handle: FileHandleForReading, into samples: UnsafeMutableBufferPointer<Int32>
  ) throws {
    let channels = file.widths.count
    let width = file.widths[0]
    let whole = (flac?.read(into: samples) ?? 0) / width
    if whole * file.frameSize < samples.count {
      guard isLenient else {
        throw ECGError(
          .malformed, "the FLAC stream is broken at frame \(next + whole)", file: handle.path,
          advice: "fetch it again, or read what is there leniently", rule: .wfdbLength)
      }
      flac = nil
      brokenAt = brokenAt ?? next + whole
      for place in (whole * file.frameSize)..<samples.count { samples[place] = Recording.missing }
    }
    guard width > 1 else { return }
    var frame = [Int32](repeating: 0, count: channels * width)
    for start in stride(from: 0, to: samples.count, by: channels * width) {
      for place in frame.indices { frame[place] = samples[start + place % width * channels + place / width] }
      for place in frame.indices { samples[start + place] = frame[place] }
    }
  }

  /// Differences become samples; overflow wraps, as a sum of 32 bits does.
  private mutating func integrate(_ samples: UnsafeMutableBufferPointer<Int32>) {
    var place = 0
    while place < samples.count {
      for (signal, width) in file.widths.enumerated() {
        for _ in 0..<width {
          last[signal] &+= samples[place]
          samples[place] = last[signal]
          place += 1
        }
      }
    }
  }

  /// Sums the samples up and turns the format's missing value into ours.
  private mutating func add(_ samples: UnsafeMutableBufferPointer<Int32>) {
    // Without a missing value of its own, a format has none to replace.
    let missing = file.format.missing ?? Recording.missing
    typealias Vector = SIMD16<Int32>
    let lanes = Vector.scalarCount
    let size = MemoryLayout<Int32>.stride
    let ours = Vector(repeating: Recording.missing)
    let theirs = Vector(repeating: missing)
    let bytes = UnsafeMutableRawBufferPointer(samples)
    sums.withUnsafeMutableBytes { sums in
      let row = sums.count / size
      var start = 0
      while start < samples.count {
        let count = min(row, samples.count - start)
        var place = 0
        while place + lanes <= count {
          let sample = bytes.loadUnaligned(fromByteOffset: (start + place) * size, as: Vector.self)
          let sum = sums.loadUnaligned(fromByteOffset: place * size, as: Vector.self) &+ sample
          sums.storeBytes(of: sum, toByteOffset: place * size, as: Vector.self)
          bytes.storeBytes(
            of: sample.replacing(with: ours, where: sample .== theirs), toByteOffset: (start + place) * size,
            as: Vector.self)
          place += lanes
        }
        while place < count {
          let sample = samples[start + place]
          let sum = sums.loadUnaligned(fromByteOffset: place * size, as: Int32.self) &+ sample
          sums.storeBytes(of: sum, toByteOffset: place * size, as: Int32.self)
          samples[start + place] = sample == missing ? Recording.missing : sample
          place += 1
        }
        start += count
      }
    }
  }

  /// The 16-bit sum of each signal over the frames read.
  var checksums: [UInt16] {
    var bySignal = [Int32](repeating: 0, count: file.widths.count)
    let signals = file.widths.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    for (place, sum) in sums.enumerated() { bySignal[signals[place % file.frameSize]] &+= sum }
    return bySignal.map { UInt16(truncatingIfNeeded: $0) }
  }

  /// Whether all of `frames` frames were read.
  func hasRead(all frames: Int) -> Bool { start == 0 && next == frames && brokenAt == nil }
}
