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
