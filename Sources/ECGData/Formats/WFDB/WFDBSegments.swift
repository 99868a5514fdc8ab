/// The segments of a multi-segment record (header(5), "multi-segment records").
///
/// In a variable layout the first segment has no samples and describes the signals; each other segment holds
/// some of them, found by their descriptions. In a fixed layout all segments hold the same signals in the same
/// order. Segments are opened only when a range touches them.
struct WFDBSegments: Sendable {
  /// The signals of the record.
  let layout: [WFDBHeader.Signal]
  /// Frames of all segments.
  let frameCount: Int
  /// What the headers tell.
  let findings: [Finding]

  private let header: WFDBHeader
  private let folder: WFDBFolder
  private let id: String
  private let mode: WFDBMode
  private let isVariable: Bool

  /// A part of the record that lies in one segment.
  struct Part: Sendable {
    var entry: WFDBHeader.Segment
    /// The segment's first frame in the record.
    var start: Int
    /// The frames asked for, counted in the record.
    var frames: Range<Int>
  }

  /// An opened segment.
  ///
  /// One is open at a time: a record may have more of them than a process may have files.
  private struct Opened {
    /// Nil for a gap, or (when lenient) a segment that is absent.
    var segment: WFDBSegment?
    /// The segment's signal that each of the layout's is, or nil.
    var sources: [Int?] = []
    var findings: [Finding] = []
  }

  init(_ header: WFDBHeader, folder: WFDBFolder, id: String, mode: WFDBMode) throws {
    self.header = header
    self.folder = folder
    self.id = id
    self.mode = mode
    let segments = header.segments ?? []
    let isVariable = segments.first.map { $0.frameCount == 0 && !$0.isGap } ?? false
    self.isVariable = isVariable
    var total = 0
    for segment in segments {
      let (sum, overflow) = total.addingReportingOverflow(segment.frameCount)
      guard !overflow, sum <= 1 << 48 else {
        throw ECGError(.malformed, "its segments have more frames than any record", rule: .wfdbSegments)
      }
      total = sum
    }
    frameCount = total
    var findings = header.repairs.map { Finding(record: id, rule: .wfdbHeader, $0.message) }
    if let declared = header.frameCount, declared != total {
      findings.append(
        Finding(
          record: id, rule: .wfdbSegments,
          "the segments have \(total) frames, the record line says \(declared)"))
    }
    let described = segments.filter { !$0.isGap && (isVariable || $0.frameCount > 0) }
    let (first, description) = try WFDBSegments.description(
      among: isVariable ? Array(described.prefix(1)) : described, folder: folder, mode: mode)
    let layout = description.signals
    self.layout = layout
    findings += description.repairs.map {
      Finding(record: id, rule: .wfdbHeader, "segment \(first.name): \($0.message)")
    }
    guard !layout.isEmpty else {
      throw ECGError(.malformed, "segment \(first.name) describes no signals", rule: .wfdbSegments)
    }
    if layout.count != header.signalCount {
      findings.append(
        Finding(
          record: id, rule: .wfdbSegments,
          "segment \(first.name) describes \(layout.count) signals, the record line declares \(header.signalCount)"
        ))
    }
    for (index, signal) in layout.enumerated() where signal.gain == nil {
      findings.append(
        Finding(
          record: id, rule: .unitsAssumed,
          "channel \(index) \(signal.description) has no gain; 200 per \(signal.unit) is assumed"))
    }
    self.findings = findings
  }

  /// The first header that describes the record's signals; a fixed layout has them in every segment.
  private static func description(
    among segments: [WFDBHeader.Segment], folder: WFDBFolder, mode: WFDBMode
  ) throws -> (WFDBHeader.Segment, WFDBHeader) {
    var absent: ECGError?
    for segment in segments {
      do {
        return (segment, try header(of: segment, folder: folder, mode: mode))
      } catch let error as ECGError where error.code == .notFound && mode == .lenient {
        absent = absent ?? error
      }
    }
    throw absent
      ?? ECGError(.malformed, "has no segment that describes its signals", rule: .wfdbSegments)
  }

  private static func header(of segment: WFDBHeader.Segment, folder: WFDBFolder, mode: WFDBMode) throws
    -> WFDBHeader
  {
    let own = folder.segment(segment.name)
    let path = own.header
    // Opened as any file that a header names: no link leads out of the folder.
    do { _ = try folder.open(segment.name + ".hea") } catch let error as ECGError
      where error.code == .notFound
    {
      throw ECGError(
        .notFound, "segment \(segment.name) is absent", file: path, advice: "fetch it again from the source")
    }
    var header = try WFDBHeader(own, mode: mode)
    guard header.segments == nil else {
      throw ECGError(.malformed, "a segment cannot have segments", file: path, rule: .wfdbSegments)
    }
    try header.compareName(with: own, mode: mode)
    return header
  }

  /// The parts of a range, in order.
  func parts(of frames: Range<Int>) -> [Part] {
    var parts: [Part] = []
    var start = 0
    for entry in header.segments ?? [] {
      let extent = start..<(start + entry.frameCount)
      start = extent.upperBound
      guard extent.overlaps(frames) else { continue }
      parts.append(Part(entry: entry, start: extent.lowerBound, frames: extent.clamped(to: frames)))
    }
    return parts
  }

  /// Opens the segment of a part.
  ///
  /// - Throws: `ECGError` if it is absent or incomplete, unless lenient.
  private func open(_ part: Part) throws -> Opened {
    let entry = part.entry
    var opened = Opened()
    guard !entry.isGap else { return opened }
    func note(_ rule: Rule, _ message: String, severity: Severity? = nil) {
      opened.findings.append(
        Finding(record: id, rule: rule, "segment \(entry.name): \(message)", severity: severity))
    }
    do {
      let own = try WFDBSegments.header(of: entry, folder: folder, mode: mode)
      let segment = try WFDBSegment(
        own, folder: folder.segment(entry.name), id: id, prefix: "segment \(entry.name): ", mode: mode,
        frameCount: entry.frameCount)
      opened.findings += segment.findings
      opened.segment = segment
      if segment.frameCount != entry.frameCount {
        note(.wfdbSegments, "has \(segment.frameCount) frames, the record says \(entry.frameCount)")
      }
      if own.rate != header.rate {
        note(.wfdbSegments, "has \(own.rate) frames a second, the record \(header.rate)")
      }
      opened.sources = sources(in: segment.header.signals, note)
      guard segment.presentFrames < part.frames.upperBound - part.start, mode != .lenient else {
        return opened
      }
      throw ECGError(
        .mismatch, "segment \(entry.name) holds \(segment.presentFrames) frames of \(entry.frameCount)",
        advice: "fetch it again, or read what is there leniently", rule: .wfdbLength)
    } catch let error as ECGError where error.code == .notFound && mode == .lenient {
      note(.pairingMissingFile, "is absent; its samples are missing")
      return opened
    }
  }

  /// Which signal of a segment is which of the layout; nil where it has none in the same unit.
  private func sources(
    in signals: [WFDBHeader.Signal], _ note: (Rule, String, Severity?) -> Void
  ) -> [Int?] {
    var free = Dictionary(grouping: signals.indices.reversed(), by: { signals[$0].description })
    let sources: [Int?] = layout.enumerated().map { index, signal in
      if !isVariable {
        guard signals.indices.contains(index) else { return nil }
        if signals[index].description != signal.description {
          note(
            .wfdbSegments, "signal \(index) is \(signals[index].description), not \(signal.description)", nil)
        }
        return index
      }
      return free[signal.description]?.popLast()
    }
    let found = Set(sources.compactMap { $0 })
    for index in signals.indices where !found.contains(index) {
      note(.wfdbSegments, "signal \(signals[index].description) is not in the layout", .warning)
    }
    return zip(sources, layout).map { source, signal in
      guard let source, signals[source].unit != signal.unit else { return source }
      note(
        .wfdbSegments,
        "signal \(signal.description) is in \(signals[source].unit), not in \(signal.unit); it is left out",
        nil)
      return nil
    }
  }

  /// Verifies the files of all segments that a range touches.
  func verify(_ frames: Range<Int>) throws -> [Finding] {
    var names: Set<String> = []
    return try parts(of: frames).flatMap { part in
      // A segment that stands in several places is told of once.
      guard names.insert(part.entry.name).inserted else { return [Finding]() }
      let opened = try open(part)
      return opened.findings
        + (try opened.segment.map { try $0.read(0..<$0.presentFrames, nil).findings } ?? [])
    }
  }

  /// What the headers of a range's segments tell: the bytes of their files, and whether the samples of all have
  /// counts in common.
  func survey(_ frames: Range<Int>, _ selection: WFDBSegment.Selection) throws -> (
    byteCount: Int, isDigital: Bool
  ) {
    var survey = (byteCount: 256, isDigital: true)
    var names: Set<String> = []
    // A segment that stands in several places is one file.
    for part in parts(of: frames) where names.insert(part.entry.name).inserted {
      let opened = try open(part)
      survey.byteCount += opened.segment?.byteCount ?? 0
      survey.isDigital = survey.isDigital && selection.signals.allSatisfy { scale(of: $0, in: opened) != nil }
    }
    return survey
  }

  /// Reads the segments of a range into one matrix of the layout's signals.
  ///
  /// Where each segment's gain divides the layout's, its samples are scaled to the layout's counts exactly;
  /// else all become physical values.
  ///
  /// - Parameters:
  ///   - frames: counted in the record.
  ///   - selection: signals of the layout.
  ///   - isDigital: as ``survey(_:_:)`` tells.
  /// - Returns: the samples [frames · rows, signals], what disagrees, and whether every file was read whole.
  /// - Throws: `ECGError` if a segment is absent or incomplete (unless lenient), or cannot be read.
  func read(_ frames: Range<Int>, _ selection: WFDBSegment.Selection, isDigital: Bool) throws -> (
    samples: Recording.Samples, findings: [Finding], isWhole: Bool
  ) {
    let width = selection.signals.count
    let count = frames.count * selection.rows * width
    var digital = [Int32](repeating: Recording.missing, count: isDigital ? count : 0)
    var physical = [Double](repeating: .nan, count: isDigital ? 0 : count)
    var findings: [Finding] = []
    var isWhole = true
    var names: Set<String> = []
    for part in parts(of: frames) {
      let opened = try open(part)
      let isFirst = names.insert(part.entry.name).inserted
      if isFirst { findings += opened.findings }
      guard let segment = opened.segment else { continue }
      let columns = selection.signals.indices.filter { opened.sources[selection.signals[$0]] != nil }
      let signals = columns.compactMap { opened.sources[selection.signals[$0]] }
      let widest = signals.map { segment.header.signals[$0].samplesPerFrame }.max() ?? 1
      if selection.isSmoothed, widest > layout.map(\.samplesPerFrame).max() ?? 1, isFirst {
        findings.append(
          Finding(
            record: id, rule: .wfdbFrames,
            "segment \(part.entry.name): has up to \(widest) samples a frame; the mean of each frame is read")
        )
      }
      guard widest <= selection.rows || selection.isSmoothed else {
        throw ECGError(
          .unsupported, "segment \(part.entry.name) has more samples a frame than the layout",
          rule: .wfdbSegments)
      }
      let end = min(part.frames.upperBound - part.start, segment.presentFrames)
      let own = (part.frames.lowerBound - part.start)..<max(end, part.frames.lowerBound - part.start)
      let read = try segment.read(
        own, WFDBSegment.Selection(signals: signals, rows: selection.rows, isSmoothed: selection.isSmoothed))
      if isFirst { findings += read.findings }
      isWhole = isWhole && read.isWhole
      let first = (part.frames.lowerBound - frames.lowerBound) * selection.rows
      for (place, column) in columns.enumerated() {
        let signal = segment.header.signals[signals[place]].channel
        let goal = layout[selection.signals[column]].channel
        let scale = scale(of: selection.signals[column], in: opened) ?? 1
        for row in 0..<(own.count * selection.rows) {
          let sample = read.samples[row * columns.count + place]
          guard sample != Recording.missing else { continue }
          let target = (first + row) * width + column
          if isDigital {
            digital[target] = Int32((Int(sample) - signal.baseline) * scale + goal.baseline)
          } else {
            physical[target] = (Double(sample) - Double(signal.baseline)) / signal.gain
          }
        }
      }
    }
    return (isDigital ? .digital(digital) : .physical(physical), findings, isWhole)
  }

  /// The whole number of the layout's counts in one of the segment's; nil if there is none, or the samples
  /// could leave 32 bits.
  private func scale(of signal: Int, in opened: Opened) -> Int? {
    guard let segment = opened.segment, let source = opened.sources[signal] else { return 1 }
    let own = segment.header.signals[source]
    let goal = layout[signal].channel
    let from = own.channel
    if from.gain == goal.gain, from.baseline == goal.baseline { return 1 }
    let ratio = goal.gain / from.gain
    guard let scale = Int(exactly: ratio), scale.magnitude < 1 << 31,
      let bits = WFDBFormat(rawValue: own.format)?.bits, bits < 32
    else { return nil }
    let extreme = ((1 << max(bits - 1, 0)) + abs(from.baseline)).multipliedReportingOverflow(by: abs(scale))
    guard !extreme.overflow, extreme.partialValue < Int(Int32.max) - abs(goal.baseline) else { return nil }
    return scale
  }
}
