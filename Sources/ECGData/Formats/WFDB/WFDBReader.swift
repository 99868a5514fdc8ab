/// Reads WFDB records: a header and the signal files or segments that it names.
///
/// Every read is verified against what the header states of each signal: length, initial value and checksum
/// (header(5), signal(5)), and a MATLAB container against its own header. The reference toolkits do not: one
/// never checks, the other stops checking at a byte offset. What disagrees is returned as findings; how much
/// is refused is the caller's ``WFDBMode``.
///
///     let reading = try WFDBReader.read("records500/00000/00001_hr")
///     guard reading.findings.isEmpty else { … }
///
/// An opened record reads any range, without holding the rest in memory:
///
///     let record = try WFDBReader("s00001-2896-10-10-00-31")
///     let minute = try record.read(0..<7500, channels: [0])
///
/// All formats of signal(5) are read (see ``WFDBFormat``), several samples a frame, skewed signals, and
/// multi-segment records of fixed and variable layout. EDF files are not.
public struct WFDBReader: Sendable {
  /// How signals of several samples a frame become rows of one rate.
  public enum Form: Sendable {
    /// One row a frame: the mean of each signal's samples, its fraction cut off, as the WFDB library's
    /// low-resolution mode has it.
    case smoothed
    /// One row for each sample of the fastest signal, at its rate; the others' samples are held.
    case expanded
  }

  /// A recording and everything in its files that disagrees with its header.
  public struct Reading: Sendable {
    /// The recording; of a shorter file than declared what there is, read in ``WFDBMode/lenient`` alone.
    public var recording: Recording
    /// The header.
    public var header: WFDBHeader
    /// Disagreements, by rule.
    public var findings: [Finding]
    /// Whether all declared samples of each signal file were read, so that its checksums could be compared.
    public var isWhole: Bool

    /// What breaks the specification in the record's own header and was read all the same.
    ///
    /// Those of segments are among the findings, by the rule `wfdb.header`, as these are too.
    public var repairs: [WFDBRepair] { header.repairs }
  }

  /// The header, repaired as far as the mode allows.
  public let header: WFDBHeader
  /// The channels in the header's order; of a multi-segment record its layout's.
  public let channels: [Recording.Channel]
  /// Samples of each channel in a frame.
  public let samplesPerFrame: [Int]
  /// Frames of the record; of a shorter file than declared, if lenient, those that are there.
  public let frameCount: Int
  /// What opening the record tells: repairs, lengths, containers, gains.
  public let findings: [Finding]
  /// The record's id in findings and recordings.
  public let id: String

  /// See ``init(_:id:mode:within:sparseLimit:)``.
  private let sparseLimit: Int
  private let mode: WFDBMode
  private let path: String
  private let content: Content

  private enum Content: Sendable {
    case single(WFDBSegment)
    case segments(WFDBSegments)
  }

  /// Opens a record by the path of its header, with or without `.hea`.
  ///
  /// - Parameters:
  ///   - path: the header's path.
  ///   - id: the record's id in its collection; the record's name unless told.
  ///   - mode: what is refused.
  ///   - root: a folder whose files the header's may link to, beside those of the header's own folder.
  ///   - sparseLimit: bytes that a reading may take if they are more than four times its files': what gaps,
  ///     null signals, held samples and compression claim is backed by no bytes of a file.
  /// - Throws: `ECGError` naming file and record if header or signal files cannot be read, or the mode forbids
  ///   what they hold.
  public init(
    _ path: String, id: String? = nil, mode: WFDBMode = .standard, within root: String? = nil,
    sparseLimit: Int = 1 << 30
  ) throws {
    let headerPath = path.hasSuffix(".hea") ? path : path + ".hea"
    self.path = headerPath
    self.mode = mode
    self.sparseLimit = sparseLimit
    do {
      var header = try WFDBHeader(contentsOf: headerPath, mode: mode)
      let folder = WFDBFolder(header: headerPath, root: root)
      try header.compareName(with: folder, mode: mode)
      self.id = id ?? header.recordName
      if header.segments == nil {
        guard !header.signals.isEmpty else { throw ECGError(.malformed, "has no signals") }
        let segment = try WFDBSegment(header, folder: folder, id: self.id, mode: mode)
        self.header = segment.header
        content = .single(segment)
        channels = header.signals.map(\.channel)
        samplesPerFrame = header.signals.map(\.samplesPerFrame)
        frameCount = mode == .lenient ? segment.presentFrames : segment.frameCount
        findings = segment.findings
      } else {
        self.header = header
        let segments = try WFDBSegments(header, folder: folder, id: self.id, mode: mode)
        content = .segments(segments)
        channels = segments.layout.map(\.channel)
        samplesPerFrame = segments.layout.map(\.samplesPerFrame)
        frameCount = segments.frameCount
        findings = segments.findings
      }
      guard !frameCount.multipliedReportingOverflow(by: samplesPerFrame.max() ?? 1).overflow else {
        throw ECGError(.malformed, "declares more samples than any record has", rule: .wfdbLength)
      }
      if mode == .strict { try refuseErrors(in: findings) }
    } catch let error as ECGError {
      throw error.located(file: headerPath, record: id)
    }
  }

  /// Samples of the fastest channel in a frame.
  private var fastest: Int { samplesPerFrame.max() ?? 1 }

  private func rows(of form: Form) -> Int { form == .smoothed ? 1 : fastest }

  /// Rows a second of a form.
  public func rate(of form: Form = .smoothed) -> Double { header.rate * Double(rows(of: form)) }

  /// Rows of the record in a form.
  public func rowCount(of form: Form = .smoothed) -> Int { frameCount * rows(of: form) }

  /// Reads a range of rows.
  ///
  /// - Parameters:
  ///   - range: rows of the form; nil means all.
  ///   - chosen: indices into ``channels``, in the order wanted; nil means all.
  ///   - form: how several samples a frame become rows.
  /// - Returns: the samples as counts or, where the range's segments differ in gain so that no counts are common
  ///   to them, in physical units, with the findings of the record and of the files read. Checksums are compared
  ///   of files that are read whole; see ``verify(_:form:)``.
  /// - Throws: `ECGError`: `invalidArgument` for a range or channel that the record lacks, `mismatch` for an
  ///   incomplete or (when strict) disagreeing record, `unsupported` for more memory than allowed.
  public func read(_ range: Range<Int>? = nil, channels chosen: [Int]? = nil, form: Form = .smoothed) throws
    -> Reading
  {
    try located {
      let reading = try reading(request(range, chosen, form))
      if mode == .strict { try refuseErrors(in: reading.findings) }
      return reading
    }
  }

  /// Reads a range of rows in blocks, so that only one is in memory.
  ///
  /// All blocks are counts, or all are physical values, as ``read(_:channels:form:)`` of the whole range.
  ///
  /// - Parameters:
  ///   - range: rows of the form; nil means all.
  ///   - chosen: indices into ``channels``, in the order wanted; nil means all.
  ///   - form: how several samples a frame become rows.
  ///   - size: rows of a block; the last may have fewer.
  ///   - body: takes each block.
  /// - Throws: as ``read(_:channels:form:)``, and what `body` throws.
  /// - Complexity: O(rows), but of format 8, whose samples hang on all before, O(rows · blocks).
  public func forEachBlock(
    of range: Range<Int>? = nil, channels chosen: [Int]? = nil, form: Form = .smoothed, rows size: Int,
    _ body: (Recording) throws -> Void
  ) throws {
    try located {
      let whole = try request(range, chosen, form)
      for start in stride(from: whole.range.lowerBound, to: whole.range.upperBound, by: max(1, size)) {
        var block = whole
        block.range = start..<min(start + max(1, size), whole.range.upperBound)
        try body(reading(block).recording)
      }
    }
  }

  /// Whether the samples of a range are counts, not physical values; always but for segments.
  ///
  /// - Throws: as ``read(_:channels:form:)``.
  public func hasCounts(_ range: Range<Int>? = nil, channels chosen: [Int]? = nil, form: Form = .smoothed)
    throws
    -> Bool
  {
    try located { try request(range, chosen, form).isDigital }
  }

  /// Verifies every file that a range of rows touches, from end to end, without keeping a sample.
  ///
  /// - Parameters:
  ///   - range: rows of the form; nil means all.
  ///   - form: how several samples a frame become rows.
  /// - Returns: all that disagrees.
  /// - Throws: `ECGError` if a file cannot be read, or the mode forbids what is found.
  public func verify(_ range: Range<Int>? = nil, form: Form = .smoothed) throws -> [Finding] {
    try located {
      let range = range ?? 0..<rowCount(of: form)
      try check(range, of: rowCount(of: form))
      var findings = findings
      switch content {
      case .single(let segment): findings += try segment.read(0..<segment.presentFrames, nil).findings
      case .segments(let segments): findings += try segments.verify(frames(of: range, form))
      }
      findings += framesFinding(form)
      if mode == .strict { try refuseErrors(in: findings) }
      return findings
    }
  }

  /// Opens a record and reads it whole.
  ///
  /// - Parameters:
  ///   - path: the header's path, with or without `.hea`.
  ///   - id: the record's id in its collection; the record's name unless told.
  ///   - mode: what is refused.
  ///   - root: a folder whose files the header's may link to, beside those of the header's own folder.
  ///   - form: how several samples a frame become rows.
  /// - Returns: the recording, its header and all that disagrees.
  /// - Throws: `ECGError` as ``init(_:id:mode:within:sparseLimit:)`` and ``read(_:channels:form:)``.
  public static func read(
    _ path: String, id: String? = nil, mode: WFDBMode = .standard, within root: String? = nil,
    form: Form = .smoothed
  ) throws -> Reading {
    try WFDBReader(path, id: id, mode: mode, within: root).read(form: form)
  }

  /// What is asked for, checked.
  private struct Request {
    var range: Range<Int>
    var selection: WFDBSegment.Selection
    var isDigital = true
    var form: Form
  }

  private func request(_ range: Range<Int>?, _ chosen: [Int]?, _ form: Form) throws -> Request {
    let range = range ?? 0..<rowCount(of: form)
    let chosen = chosen ?? Array(channels.indices)
    try check(range, of: rowCount(of: form))
    guard chosen.allSatisfy(channels.indices.contains) else {
      throw ECGError(.invalidArgument, "has \(channels.count) channels, numbered from 0")
    }
    let frames = frames(of: range, form)
    let selection = WFDBSegment.Selection(
      signals: chosen, rows: rows(of: form), isSmoothed: form == .smoothed)
    var request = Request(range: range, selection: selection, form: form)
    switch content {
    case .single(let segment):
      try checkPresent(frames, segment)
      try checkSize(frames, selection, size: 4, backing: segment.byteCount)
    case .segments(let segments):
      let survey = try segments.survey(frames, selection)
      request.isDigital = survey.isDigital
      try checkSize(frames, selection, size: survey.isDigital ? 4 : 8, backing: survey.byteCount)
    }
    return request
  }

  private func reading(_ request: Request) throws -> Reading {
    let rows = request.selection.rows
    let frames = frames(of: request.range, request.form)
    var result: (samples: Recording.Samples, findings: [Finding], isWhole: Bool)
    switch content {
    case .single(let segment):
      let read = try segment.read(frames, request.selection)
      result = (.digital(read.samples), read.findings, read.isWhole)
    case .segments(let segments):
      result = try segments.read(frames, request.selection, isDigital: request.isDigital)
    }
    let recording = try Recording(
      id: id, rate: rate(of: request.form), channels: request.selection.signals.map { channels[$0] },
      samples: result.samples)
    let excess = request.range.lowerBound - frames.lowerBound * rows
    return Reading(
      recording: excess == 0 && request.range.count == recording.frameCount
        ? recording : recording.frames(excess..<(excess + request.range.count)),
      header: header, findings: findings + result.findings + framesFinding(request.form),
      isWhole: result.isWhole)
  }

  /// The frames that a range of rows touches.
  private func frames(of range: Range<Int>, _ form: Form) -> Range<Int> {
    let rows = rows(of: form)
    let (whole, rest) = range.upperBound.quotientAndRemainder(dividingBy: rows)
    return range.lowerBound / rows..<(rest == 0 ? whole : whole + 1)
  }

  /// What the smoothed form loses.
  private func framesFinding(_ form: Form) -> [Finding] {
    guard form == .smoothed, fastest > 1 else { return [] }
    return [
      Finding(
        record: id, rule: .wfdbFrames,
        "has up to \(fastest) samples a frame; the mean of each frame is read")
    ]
  }

  private func located<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as ECGError {
      throw error.located(file: path, record: id)
    }
  }

  private func check(_ range: Range<Int>, of count: Int) throws {
    guard range.lowerBound >= 0, range.upperBound <= count else {
      throw ECGError(
        .invalidArgument, "has samples 0 to \(count), not \(range.lowerBound) to \(range.upperBound)")
    }
  }

  private func checkPresent(_ frames: Range<Int>, _ segment: WFDBSegment) throws {
    guard frames.upperBound > segment.presentFrames, mode != .lenient else { return }
    let problem = findings.first { $0.rule == .wfdbLength }?.message
    throw ECGError(
      .mismatch, problem ?? "holds \(segment.presentFrames) frames of \(segment.frameCount)",
      advice: "fetch it again, or read what is there leniently", rule: .wfdbLength)
  }

  /// A header must not take memory that no file stands for.
  private func checkSize(
    _ frames: Range<Int>, _ selection: WFDBSegment.Selection, size: Int, backing: Int
  ) throws {
    let row = selection.rows * selection.signals.count * size
    let (bytes, overflow) = frames.count.multipliedReportingOverflow(by: row)
    guard overflow || bytes / 4 > backing, overflow || bytes > sparseLimit else { return }
    throw ECGError(
      .unsupported,
      "\(frames.count) frames of \(selection.signals.count) channels are claimed by files of \(backing) bytes",
      advice: "read a part of it")
  }

  private func refuseErrors(in findings: [Finding]) throws {
    guard let first = findings.first(where: { $0.severity == .error }) else { return }
    let others = findings.count { $0.severity == .error } - 1
    throw ECGError(
      .mismatch, first.message + (others > 0 ? ", and \(others) more errors" : ""), record: id,
      rule: first.rule)
  }
}

extension WFDBHeader {
  /// Notes a record line whose name is not that of the file.
  mutating func compareName(with folder: WFDBFolder, mode: WFDBMode) throws {
    guard recordName != folder.recordName else { return }
    repairs.append(
      try WFDBRepair(
        .recordName, "the record line names \(recordName), the file \(folder.recordName)"
      ).allowed(in: mode, file: folder.header))
  }
}
