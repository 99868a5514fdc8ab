/// Writes WFDB records: a header and one signal file, in any format of signal(5) but null.
///
/// The header has the form of PTB-XL's: `FILE 16 GAIN(BASELINE)/UNIT RESOLUTION 0 INITIAL CHECKSUM 0 NAME`,
/// one line a signal (header(5) and signal(5) of the WFDB Applications Guide). Samples that the format cannot
/// hold are refused, never clipped.
public enum WFDBWriter {
  /// What a header says of one signal, beside what follows from the samples.
  public struct Signal: Sendable, Equatable {
    /// The lead's name, the rest of its header line.
    public var name: String
    /// Counts in one physical unit.
    public var gain: Double
    /// The count of physical zero.
    public var baseline: Int
    /// The physical unit, without blanks.
    public var unit: String
    /// The converter's resolution in bits.
    public var resolution: Int
    /// Samples in a frame.
    public var samplesPerFrame: Int

    /// Describes a signal; by default one of 1000 counts a millivolt.
    public init(
      name: String, gain: Double = 1000, baseline: Int = 0, unit: String = "mV", resolution: Int = 16,
      samplesPerFrame: Int = 1
    ) {
      self.name = name
      self.gain = gain
      self.baseline = baseline
      self.unit = unit
      self.resolution = resolution
      self.samplesPerFrame = samplesPerFrame
    }
  }

  /// The two files of a record.
  public struct Files: Sendable, Equatable {
    /// The text of `NAME.hea`.
    public var header: [UInt8]
    /// The bytes of `NAME.dat`.
    public var data: [UInt8]
  }

  /// Encodes a record.
  ///
  /// - Parameters:
  ///   - recordName: letters, digits, `_` and `-`; also the name of the signal file.
  ///   - rate: frames a second.
  ///   - signals: what the header says of each.
  ///   - samples: frames, each with the samples of each signal one after another; of signals with one sample a
  ///     frame simply [T, signals]. ``Recording/missing`` is a missing sample.
  ///   - format: how they are stored. FLAC takes at most 8 signals, with equally many samples a frame.
  ///   - comments: lines behind the signals, without their `#`.
  /// - Returns: the bytes of both files.
  /// - Throws: ``ECGError`` (`invalidArgument`) if the samples are no whole number of frames, or a sample, name
  ///   or unit is one that the format or header cannot hold.
  public static func encode(
    recordName: String, rate: Double, signals: [Signal], samples: [Int32], format: WFDBFormat = .int16,
    comments: [String] = []
  ) throws -> Files {
    func invalid(_ message: String) -> ECGError { ECGError(.invalidArgument, message, record: recordName) }
    let widths = signals.map(\.samplesPerFrame)
    guard widths.allSatisfy({ (1...1_000_000).contains($0) }), signals.count <= WFDBHeader.signalLimit else {
      throw invalid("a signal has 1 to 1,000,000 samples a frame, and there are at most 65,536")
    }
    let frameSize = widths.reduce(0, +)
    guard frameSize > 0, samples.count.isMultiple(of: frameSize) else {
      throw invalid("\(samples.count) samples are no frames of \(frameSize)")
    }
    let isNamed =
      !recordName.isEmpty && recordName.utf8.allSatisfy(WFDBHeader.isNameByte)
      && ![".mat", ".hea", ".dat"].contains { recordName.hasSuffix($0) }
    let areRead = signals.allSatisfy {
      $0.gain.isNormal && (0...64).contains($0.resolution) && Int32(exactly: $0.baseline) != nil
    }
    guard isNamed, areRead, rate.isNormal, rate > 0, format != .null else {
      throw invalid("a record of this name, rate, format, gain, resolution or baseline cannot be written")
    }
    for text in signals.flatMap({ [$0.name, $0.unit] }) + comments
    where text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
      throw invalid("a header line cannot hold \"\(text)\"")
    }
    for signal in signals
    where signal.unit.isEmpty
      || signal.unit.utf8.contains(where: { $0 == 0x20 || (0x09...0x0D).contains($0) })
    {
      throw invalid("unit \"\(signal.unit)\" is empty or has a blank")
    }
    var sums = [Int32](repeating: 0, count: frameSize)
    let stored = try store(samples, format, frameSize: frameSize, sums: &sums, invalid)
    var text = "\(recordName) \(signals.count) \(number(rate)) \(samples.count / frameSize)\n"
    var place = 0
    for signal in signals {
      let width = signal.samplesPerFrame
      let sum = UInt16(truncatingIfNeeded: sums[place..<(place + width)].reduce(0, &+))
      let code = width == 1 ? "\(format.rawValue)" : "\(format.rawValue)x\(width)"
      text += "\(recordName).dat \(code) \(signal.gain)(\(signal.baseline))/\(signal.unit) "
      text += "\(signal.resolution) 0 \(stored.isEmpty ? 0 : stored[place]) \(sum) 0 \(signal.name)\n"
      place += width
    }
    for comment in comments { text += "#\(comment)\n" }
    let data = try bytes(stored, format, widths: widths, rate: rate, invalid)
    return Files(header: Array(text.utf8), data: data)
  }

  /// The samples as the format has them, and their sums by place in the frame.
  private static func store(
    _ samples: [Int32], _ format: WFDBFormat, frameSize: Int, sums: inout [Int32],
    _ invalid: (String) -> ECGError
  ) throws -> [Int32] {
    let range = format.range
    var stored = samples
    var place = 0
    for index in stored.indices {
      if stored[index] == Recording.missing {
        guard let missing = format.missing else {
          throw invalid("format \(format.rawValue) has no missing samples")
        }
        stored[index] = missing
      } else if !range.contains(stored[index]) {
        throw invalid("sample \(index) is \(stored[index]), beyond format \(format.rawValue)")
      }
      sums[place] &+= stored[index]
      place = place + 1 == frameSize ? 0 : place + 1
    }
    return stored
  }

  private static func bytes(
    _ stored: [Int32], _ format: WFDBFormat, widths: [Int], rate: Double, _ invalid: (String) -> ECGError
  ) throws -> [UInt8] {
    let frameSize = widths.reduce(0, +)
    if format.isCompressed {
      let width = widths[0]
      guard widths.allSatisfy({ $0 == width }) else {
        throw invalid("FLAC signals of one file have equally many samples a frame")
      }
      // A frame keeps each signal's samples together, FLAC a sample of each signal.
      let channels = widths.count
      let interleaved =
        width == 1
        ? stored
        : stored.indices.map { index in
          let place = index % frameSize
          return stored[index - place + place % channels * width + place / channels]
        }
      return try FLACEncoder.encode(
        interleaved, channels: channels, bits: format.bits, rate: rate * Double(width))
    }
    guard format == .difference8 else { return format.encode(stored) }
    // The first sample is the header's initial value: its difference is 0.
    var differences = [Int32](repeating: 0, count: stored.count)
    var last: [Int32] = []
    var place = 0
    for (signal, width) in widths.enumerated() {
      last.append(stored.isEmpty ? 0 : stored[place])
      for start in stride(from: place, to: stored.count, by: frameSize) {
        for index in start..<(start + width) {
          guard let step = Int8(exactly: stored[index] &- last[signal]) else {
            throw invalid("sample \(index) differs by more than the 8 bits of format 8")
          }
          differences[index] = Int32(step)
          last[signal] = stored[index]
        }
      }
      place += width
    }
    return format.encode(differences)
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
  }

  /// Writes `NAME.hea` and `NAME.dat` into a directory that exists, over files of the same name.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) as
  ///   ``encode(recordName:rate:signals:samples:format:comments:)``, or (`inputOutput`) if a file cannot be
  ///   written.
  public static func write(
    recordName: String, rate: Double, signals: [Signal], samples: [Int32], format: WFDBFormat = .int16,
    comments: [String] = [], to directory: String
  ) throws {
    try write(
      encode(
        recordName: recordName, rate: rate, signals: signals, samples: samples, format: format,
        comments: comments), recordName: recordName, to: directory)
  }

  /// Writes an encoded record into a directory that exists.
  static func write(_ files: Files, recordName: String, to directory: String) throws {
    for (suffix, bytes) in [("dat", files.data), ("hea", files.header)] {
      try File.write(bytes, to: File.join(directory, "\(recordName).\(suffix)"), isDurable: false)
    }
  }
}
