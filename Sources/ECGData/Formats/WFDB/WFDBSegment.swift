/// An ordinary record: one header and its signal files.
///
/// Multi-segment records are made of them.
struct WFDBSegment: Sendable {
  let header: WFDBHeader
  /// The record that findings are about.
  private let id: String
  /// What findings begin with: the segment's name in a multi-segment record.
  private let prefix: String
  private let mode: WFDBMode
  private let files: [WFDBSignalFile]
  /// Frames that the header declares, or else that all files hold.
  let frameCount: Int
  /// Frames that all files hold, at most the declared.
  let presentFrames: Int
  /// Disagreements that opening the files tells.
  let findings: [Finding]
  /// Bytes of the header and all signal files.
  let byteCount: Int

  /// Opens the signal files.
  ///
  /// - Parameters:
  ///   - stated: the header as parsed.
  ///   - folder: where the files are.
  ///   - id: the record that findings are about.
  ///   - prefix: what findings begin with.
  ///   - mode: what is refused.
  ///   - fallback: the length of a record that has neither its own nor a file.
  /// - Throws: `ECGError` if a file is absent or cannot be what the header says.
  init(
    _ stated: WFDBHeader, folder: WFDBFolder, id: String, prefix: String = "", mode: WFDBMode,
    frameCount fallback: Int? = nil
  ) throws {
    var header = stated
    try header.findRenamedFile(in: folder, mode: mode)
    self.header = header
    self.id = id
    self.prefix = prefix
    self.mode = mode
    files = try WFDBSegment.groups(header).map { try WFDBSignalFile(header, signals: $0, folder: folder) }
    let declared = header.frameCount ?? fallback
    let held = files.compactMap(\.frameCount).min()
    guard let length = declared ?? held else {
      throw ECGError(.malformed, "neither the header nor a file tells its length", rule: .wfdbHeader)
    }
    frameCount = length
    presentFrames = min(length, held ?? length)
    byteCount = files.compactMap { $0.handle?.size }.reduce(256, +)
    let frameSize = files.map { $0.handle == nil ? 0 : $0.frameSize }.reduce(0, +)
    guard presentFrames == 0 || frameSize <= max(byteCount, 1 << 20) else {
      throw ECGError(
        .unsupported, "frames of \(frameSize) samples are claimed by files of \(byteCount) bytes",
        rule: .wfdbLength)
    }
    var findings = header.repairs.map { Finding(record: id, rule: .wfdbHeader, prefix + $0.message) }
    for file in files {
      if let problem = file.lengthProblem(declared: declared, shortest: length) {
        findings.append(Finding(record: id, rule: .wfdbLength, prefix + problem))
      }
      findings += file.containerProblems(declared: declared).map {
        Finding(record: id, rule: .wfdbContainer, prefix + $0)
      }
    }
    for (index, signal) in header.signals.enumerated() where (signal.gain ?? 0) <= 0 {
      let name = "\(prefix)channel \(index) \(signal.description)".trimmingSpaces()
      findings.append(
        signal.gain.map { Finding(record: id, rule: .wfdbGain, "\(name) has a gain of \($0)") }
          ?? Finding(
            record: id, rule: .unitsAssumed, "\(name) has no gain; 200 per \(signal.unit) is assumed")
      )
    }
    let repeated = LeadNormalizer.repeatedLeads(header.signals.map(\.description))
    if !repeated.isEmpty {
      let names = repeated.map(\.name).joined(separator: " ")
      findings.append(
        Finding(record: id, rule: .leadsDuplicate, "\(prefix)several channels are lead \(names)"))
    }
    if presentFrames == 0, declared == nil {
      findings.append(
        Finding(record: id, rule: .wfdbLength, "\(prefix)its files hold no samples", severity: .warning))
    }
    self.findings = findings
  }

  /// Runs of consecutive signals that share a file; each null signal stands alone.
  private static func groups(_ header: WFDBHeader) throws -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var seen: Set<String> = []
    for (index, signal) in header.signals.enumerated() {
      let isNull = signal.format == WFDBFormat.null.rawValue
      if let last = groups.last, !isNull, header.signals[last.lowerBound].fileName == signal.fileName,
        header.signals[last.lowerBound].format != WFDBFormat.null.rawValue
      {
        groups[groups.count - 1] = last.lowerBound..<(index + 1)
      } else {
        guard isNull || seen.insert(signal.fileName).inserted else {
          throw ECGError(.malformed, "the signals of \(signal.fileName) do not stand together")
        }
        groups.append(index..<(index + 1))
      }
    }
    return groups
  }

  /// Where the samples of chosen signals go, and how many there are of a frame.
  struct Selection {
    /// The signals in the order of the columns.
    var signals: [Int]
    /// Rows that a frame becomes.
    var rows: Int
    /// Whether a row is the mean of a signal's samples in the frame; else each is kept and held.
    var isSmoothed: Bool
  }

  /// Reads frames into rows, and verifies every file that is read whole.
  ///
  /// - Parameters:
  ///   - frames: within the frames that are present.
  ///   - selection: nil reads only to verify.
  /// - Returns: the samples [frames · rows, signals], what disagrees, and whether all that was read was read
  ///   whole.
  /// - Throws: `ECGError` if a file cannot be read.
  func read(_ frames: Range<Int>, _ selection: Selection?) throws -> (
    samples: [Int32], findings: [Finding], isWhole: Bool
  ) {
    let isStored = files.contains { $0.handle != nil }
    // Beyond what is there, or with nothing to verify, there is nothing to read.
    guard frames.lowerBound < presentFrames, !frames.isEmpty, selection != nil || isStored else {
      return ([], [], !isStored)
    }
    var output = WFDBRows(selection, frames: frames)
    output.reserve(files.allSatisfy { !$0.format.isCompressed && $0.handle != nil })
    let end = min(presentFrames, frames.upperBound + (files.flatMap(\.skews).max() ?? 0))
    var cursors = try files.map {
      try WFDBSignalCursor($0, from: frames.lowerBound, isLenient: mode == .lenient)
    }
    let block = max(1, 65_536 / max(1, files.map(\.frameSize).max() ?? 1))
    var scratch: [Int32] = []
    var start = frames.lowerBound
    while start < end {
      let part = start..<min(start + block, end)
      if output.takesDirectly(files) {
        try output.append(part.count) { try cursors[0].read(into: $0) }
      } else {
        output.appendMissing(min(part.upperBound, frames.upperBound) - part.lowerBound)
        for index in cursors.indices where files[index].handle != nil {
          let count = part.count * files[index].frameSize
          if scratch.count < count { scratch = [Int32](repeating: 0, count: count) }
          try scratch.withUnsafeMutableBufferPointer { scratch in
            let samples = UnsafeMutableBufferPointer(rebasing: scratch[..<count])
            try cursors[index].read(into: samples)
            output.distribute(UnsafeBufferPointer(samples), frames: part, of: files[index])
          }
        }
      }
      start = part.upperBound
      // A stream may claim any length: behind its break there is nothing to verify.
      if selection == nil, cursors.allSatisfy({ $0.file.handle == nil || $0.brokenAt != nil }) { break }
    }
    return (output.samples, cursors.flatMap { disagreements($0) }, cursors.allSatisfy { isWhole($0) })
  }

  private func isWhole(_ cursor: WFDBSignalCursor) -> Bool {
    cursor.file.handle == nil || cursor.hasRead(all: frameCount)
  }

  /// What a file that was read disagrees with: initial values, and checksums if all of it was read.
  private func disagreements(_ cursor: WFDBSignalCursor) -> [Finding] {
    let signals = cursor.file.signals
    var findings: [Finding] = []
    func name(_ index: Int) -> String {
      let text = header.signals[index].description
      return prefix + "signal " + (text.isEmpty ? "\(index)" : text)
    }
    for (index, found) in zip(signals, cursor.firstSamples) {
      guard let stated = header.signals[index].initialValue, stated != Int(found) else { continue }
      findings.append(
        Finding(
          record: id, rule: .wfdbInitialValue,
          "\(name(index)) begins with \(found), the header says \(stated)"))
    }
    if let frame = cursor.brokenAt {
      findings.append(
        Finding(
          record: id, rule: .wfdbLength,
          "\(prefix)the FLAC stream in \(cursor.file.name) is broken at frame \(frame); what follows is missing"
        ))
    }
    // The sum covers all declared samples: of a part or a cut file it says nothing.
    guard cursor.file.handle != nil, cursor.hasRead(all: frameCount) else { return findings }
    for (index, found) in zip(signals, cursor.checksums) {
      guard let stated = header.signals[index].checksum, stated != found else { continue }
      findings.append(
        Finding(record: id, rule: .wfdbChecksum, "\(name(index)) sums to \(found), the header says \(stated)")
      )
    }
    return findings
  }
}

extension WFDBHeader {
  /// Looks for a signal file under the record's own name if the one named is not there.
  ///
  /// Files were renamed without their headers; only a header whose signals share one file can be repaired.
  mutating func findRenamedFile(in folder: WFDBFolder, mode: WFDBMode) throws {
    guard let name = signals.first?.fileName, signals.allSatisfy({ $0.fileName == name }),
      signals[0].format != WFDBFormat.null.rawValue, !name.contains("/"),
      !File.exists(folder.path(of: name))
    else { return }
    let stem = folder.recordName
    let suffix = name.lastIndex(of: ".").map { String(name[$0...]) } ?? ""
    guard
      let other = ["\(stem)\(suffix)", "\(stem).dat", "\(stem).mat"].first(where: {
        $0 != name && File.exists(folder.path(of: $0))
      })
    else { return }
    repairs.append(
      try WFDBRepair(
        .signalFileName, "the header names \(name), which does not exist; \(other) is beside it"
      ).allowed(in: mode, file: folder.header))
    for index in signals.indices { signals[index].fileName = other }
  }
}
