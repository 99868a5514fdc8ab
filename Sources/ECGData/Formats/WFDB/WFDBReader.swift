/// Reads WFDB records: a header and the signal files that it names.
///
/// Every read is verified against what the header states of each signal: length, initial value and checksum
/// (header(5), signal(5)). The reference toolkits do not: one never checks, the other stops checking at a
/// byte offset.
///
///     let reading = try WFDBReader.read("records500/00000/00001_hr")
///     guard reading.findings.isEmpty else { … }
///
/// Format 16 with a byte offset is read; other formats, several samples a frame, skews and segments are
/// refused by name.
public enum WFDBReader {
  /// A recording and everything in its files that disagrees with its header.
  public struct Reading: Sendable {
    /// The recording; cut to the whole frames that exist if the file is shorter than declared.
    public var recording: Recording
    /// The header.
    public var header: WFDBHeader
    /// Disagreements, by rule.
    public var findings: [Finding]
  }

  /// Reads a record by the path of its header, with or without `.hea`.
  ///
  /// - Parameters:
  ///   - path: the header's path.
  ///   - id: the record's id in its collection; the record's name unless told.
  /// - Returns: the recording, its header and all that disagrees.
  /// - Throws: `ECGError` naming file and record if header or signals cannot be read at all.
  public static func read(_ path: String, id: String? = nil) throws -> Reading {
    let headerPath = path.hasSuffix(".hea") ? path : path + ".hea"
    do {
      let header = try WFDBHeader(contentsOf: headerPath)
      return try read(header, folder: File.folder(of: headerPath), id: id ?? header.recordName)
    } catch let error as ECGError {
      throw error.located(file: headerPath, record: id)
    }
  }

  private static func read(_ header: WFDBHeader, folder: String, id: String) throws -> Reading {
    guard header.segments == nil else {
      throw ECGError(.unsupported, "multi-segment records are not read", record: id)
    }
    guard !header.signals.isEmpty else { throw ECGError(.malformed, "has no signals", record: id) }
    var findings = header.notes.map { Finding(record: id, rule: .wfdbHeader, $0) }
    let groups = try fileGroups(header, id: id)
    let columns = try groups.map { try SignalFile(header.signals[$0], folder: folder, id: id) }
    let present = columns.map(\.frameCount).min() ?? 0
    for (column, group) in zip(columns, groups) {
      findings += column.lengthFindings(declared: header.frameCount, signals: group.count, id: id)
    }
    let frames = min(present, header.frameCount ?? present)
    let width = header.signals.count
    var samples = [Int32](repeating: 0, count: frames * width)
    for (column, group) in zip(columns, groups) {
      findings += column.decode(
        into: &samples, width: width, first: group.lowerBound, frames: frames,
        isWhole: header.frameCount.map { $0 == frames } ?? true, id: id)
    }
    let channels = header.signals.map { signal in
      Recording.Channel(
        name: signal.description, unit: signal.unit, gain: signal.gain ?? WFDBHeader.Signal.defaultGain,
        baseline: signal.baseline, isCalibrated: signal.gain != nil, resolution: signal.resolution)
    }
    for (index, channel) in channels.enumerated() where !channel.isCalibrated {
      findings.append(
        Finding(
          record: id, rule: .unitAssumed,
          "channel \(index) \(channel.name) has no gain; 200 per mV is assumed"))
    }
    let recording = try Recording(id: id, rate: header.rate, channels: channels, samples: .digital(samples))
    return Reading(recording: recording, header: header, findings: findings)
  }

  /// Runs of consecutive signals that share a file.
  private static func fileGroups(_ header: WFDBHeader, id: String) throws -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var seen: Set<String> = []
    for (index, signal) in header.signals.enumerated() {
      guard signal.format == 16, signal.samplesPerFrame == 1, signal.skew == 0 else {
        throw ECGError(
          .unsupported,
          "signal \(index) has format \(signal.format), \(signal.samplesPerFrame) samples a frame, skew \(signal.skew); "
            + "only format 16 with 1 and 0 is read", record: id)
      }
      guard !signal.fileName.contains("/") else {
        throw ECGError(.malformed, "signal \(index) names \"\(signal.fileName)\", a path", record: id)
      }
      if let last = groups.last, header.signals[last.lowerBound].fileName == signal.fileName {
        groups[groups.count - 1] = last.lowerBound..<(index + 1)
      } else {
        guard seen.insert(signal.fileName).inserted else {
          throw ECGError(.malformed, "the signals of \(signal.fileName) do not stand together", record: id)
        }
        groups.append(index..<(index + 1))
      }
    }
    return groups
  }
}

/// One signal file of format 16: frames of little-endian int16, one for each of its signals.
private struct SignalFile {
  let name: String
  let signals: ArraySlice<WFDBHeader.Signal>
  let bytes: [UInt8]
  let offset: Int
  let frameCount: Int
  let spareBytes: Int

  init(_ signals: ArraySlice<WFDBHeader.Signal>, folder: String, id: String) throws {
    self.signals = signals
    let first = signals[signals.startIndex]
    name = first.fileName
    let path = File.join(folder, name)
    offset = first.byteOffset
    do {
      bytes = try File.read(path)
    } catch let error as ECGError where error.code == .notFound {
      throw ECGError(
        .notFound, "the signal file does not exist", file: path, record: id,
        advice: "fetch it again from the source")
    } catch let error as ECGError {
      throw error.located(record: id)
    }
    let payload = max(0, bytes.count - offset)
    frameCount = payload / (2 * signals.count)
    spareBytes = payload % (2 * signals.count)
  }

  func lengthFindings(declared: Int?, signals: Int, id: String) -> [Finding] {
    let spare = spareBytes == 0 ? "" : " and \(spareBytes) bytes"
    guard let declared else {
      guard spareBytes > 0 else { return [] }
      return [Finding(record: id, rule: .wfdbLength, "\(name) holds \(frameCount) frames\(spare)")]
    }
    guard frameCount != declared || spareBytes > 0 else { return [] }
    return [
      Finding(
        record: id, rule: .wfdbLength,
        "\(name) holds \(frameCount) frames\(spare), the header declares \(declared)")
    ]
  }

  /// Widens the samples into `samples` [frames, width] from column `first` on and checks them against the
  /// header.
  func decode(
    into samples: inout [Int32], width: Int, first: Int, frames: Int, isWhole: Bool, id: String
  ) -> [Finding] {
    let count = signals.count
    var sums = [Int32](repeating: 0, count: count)
    samples.withUnsafeMutableBufferPointer { samples in
      sums.withUnsafeMutableBufferPointer { sums in
        bytes.withUnsafeBytes { bytes in
          for frame in 0..<frames {
            let source = offset + 2 * frame * count
            let target = frame * width + first
            for signal in 0..<count {
              let value = Int32(
                Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: source + 2 * signal, as: Int16.self)))
              sums[signal] &+= value
              samples[target + signal] = value == -32768 ? Recording.missing : value
            }
          }
        }
      }
    }
    var findings: [Finding] = []
    for (index, signal) in signals.enumerated() {
      let name = signal.description.isEmpty ? "\(first + index)" : signal.description
      if let stated = signal.initialValue, frames > 0 {
        let value = samples[first + index]
        let found = value == Recording.missing ? -32768 : Int(value)
        if found != stated {
          findings.append(
            Finding(
              record: id, rule: .wfdbInitialValue,
              "signal \(name) begins with \(found), the header says \(stated)"))
        }
      }
      // The sum covers all declared samples: of a cut file it says nothing.
      if isWhole, let stated = signal.checksum, stated != UInt16(truncatingIfNeeded: sums[index]) {
        let found = UInt16(truncatingIfNeeded: sums[index])
        findings.append(
          Finding(
            record: id, rule: .wfdbChecksum, "signal \(name) sums to \(found), the header says \(stated)"))
      }
    }
    return findings
  }
}
