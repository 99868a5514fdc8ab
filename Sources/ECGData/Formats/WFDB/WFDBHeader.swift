/// A WFDB header as its file states it, with the defaults of the specification filled in.
///
/// Source: WFDB Applications Guide, header(5). Where a published file breaks it, ``WFDBMode`` decides whether
/// the header is read all the same, and ``repairs`` says what was done; anything else is refused.
public struct WFDBHeader: Sendable, Equatable {
  /// One signal specification line.
  public struct Signal: Sendable, Equatable {
    /// The file that holds the samples, relative to the header; `~` for none.
    public var fileName: String
    /// The storage format, such as 16 or 212.
    public var format: Int
    /// Samples of this signal in one frame.
    public var samplesPerFrame = 1
    /// Frames by which this signal is late.
    public var skew = 0
    /// Bytes before the first sample; of FLAC files, samples.
    public var byteOffset = 0
    /// Counts per physical unit; nil if the header gives none or 0, which means "not calibrated".
    public var gain: Double?
    /// The count that stands for 0 units; the ADC zero unless stated.
    public var baseline = 0
    /// Physical unit; mV unless stated.
    public var unit = "mV"
    /// Resolution of the converter in bits, if stated.
    public var resolution: Int?
    /// The count in the middle of the converter's range.
    public var adcZero = 0
    /// The first sample, if stated.
    public var initialValue: Int?
    /// The 16-bit sum of all samples, modulo 65536, if stated.
    public var checksum: UInt16?
    /// Block size in bytes, 0 for ordinary files.
    public var blockSize = 0
    /// Free text, usually the lead's name.
    public var description = ""

    /// The gain that WFDB assumes where none is given, in counts per mV.
    public static let defaultGain = 200.0

    /// The channel that the line describes.
    var channel: Recording.Channel {
      Recording.Channel(
        name: description, unit: unit, gain: gain ?? Signal.defaultGain, baseline: baseline,
        isCalibrated: gain != nil, resolution: resolution, adcZero: adcZero)
    }
  }

  /// One segment of a multi-segment record.
  public struct Segment: Sendable, Equatable {
    /// The segment's record name; `~` for a gap.
    public var name: String
    /// Its length in frames; 0 for a layout.
    public var frameCount: Int

    /// Whether nothing was recorded.
    public var isGap: Bool { name == "~" }
  }

  /// The record's name without path or extension.
  public var recordName: String
  /// Frames per second; 250 unless stated.
  public var rate = 250.0
  /// Counter frequency; the frame rate unless stated.
  public var counterRate: Double?
  /// Counter value of frame 0.
  public var counterBase = 0.0
  /// Frames in the record; nil if the header leaves it out or says 0.
  public var frameCount: Int?
  /// Time of day of frame 0, as written.
  public var baseTime: String?
  /// Date of frame 0, as written.
  public var baseDate: String?
  /// The signals; empty for a multi-segment record.
  public var signals: [Signal] = []
  /// The number of signals that the record line declares.
  public var signalCount = 0
  /// The segments, or nil for an ordinary record.
  public var segments: [Segment]?
  /// The comment lines without their `#`, in order.
  public var comments: [String] = []
  /// The info strings: the comments after the last signal or segment line.
  public var info: [String] = []
  /// What breaks the specification and was read all the same.
  public var repairs: [WFDBRepair] = []

  /// Time of day of frame 0 in seconds since midnight, nil if there is none.
  ///
  /// `31:25.894` is 31 minutes after midnight, as for the WFDB library.
  public var baseSeconds: Double? { baseTime.flatMap { WFDBHeader.seconds(of: $0) } }

  /// `hours:minutes:seconds`, `minutes:seconds` or `seconds` as seconds; nil if it is none of them.
  ///
  /// Only the last part may have a fraction, and only the first may be 60 or more.
  public static func seconds(of text: String) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count) else { return nil }
    var total = 0.0
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      guard !part.isEmpty, part.utf8.allSatisfy({ (48...57).contains($0) || (isLast && $0 == 46) }),
        let value = Double(part), index == 0 || value < 60
      else { return nil }
      total = total * 60 + value
    }
    return total
  }
}
