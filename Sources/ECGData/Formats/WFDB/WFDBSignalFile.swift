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
