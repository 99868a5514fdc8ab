/// A recording as its file states it: native rate, original channels and, where the source has them, integer
/// samples.
///
/// Nothing has been normalised here: channels stand in the file's order under the file's names. It is what a
/// format reader returns and what ``LeadNormalizer`` takes.
public struct Recording: Sendable {
  /// One channel's description.
  public struct Channel: Sendable, Equatable {
    /// The channel's name as the file has it, such as `AVR`; empty if it has none.
    public var name: String
    /// The physical unit as the file has it, such as `mV`.
    public var unit: String
    /// Counts per unit; never 0.
    public var gain: Double
    /// The count that stands for 0 physical units.
    public var baseline: Int
    /// False where the file gives no gain and a default was assumed.
    public var isCalibrated: Bool
    /// The converter's resolution in bits, if the file states it.
    public var resolution: Int?
    /// The count in the middle of the converter's range.
    public var adcZero: Int

    /// Describes a channel.
    public init(
      name: String, unit: String, gain: Double, baseline: Int = 0, isCalibrated: Bool = true,
      resolution: Int? = nil, adcZero: Int = 0
    ) {
      self.name = name
      self.unit = unit
      self.gain = gain
      self.baseline = baseline
      self.isCalibrated = isCalibrated
      self.resolution = resolution
      self.adcZero = adcZero
    }
  }

  /// The samples, time-major [frames, channels].
  public enum Samples: Sendable {
    /// Counts of the converter; ``Recording/missing`` is a missing sample.
    case digital([Int32])
    /// Values in each channel's unit; NaN is a missing sample.
    case physical([Double])
  }

  /// The digital value that stands for a missing sample.
  public static let missing = Int32.min

  /// The record's id in its collection.
  public var id: String
  /// Sampling rate in Hz.
  public var rate: Double
  /// The channels, in the file's order.
  public var channels: [Channel]
  /// The samples, [frames, channels].
  public private(set) var samples: Samples
  /// Samples per channel.
  public private(set) var frameCount: Int

  /// Creates a recording.
  ///
  /// - Throws: `ECGError.Code.malformed` if the samples are no whole number of frames.
  public init(id: String, rate: Double, channels: [Channel], samples: Samples) throws {
    let count =
      switch samples {
      case .digital(let values): values.count
      case .physical(let values): values.count
      }
    guard channels.isEmpty ? count == 0 : count % channels.count == 0 else {
      throw ECGError(
        .malformed, "\(count) samples are no whole number of \(channels.count)-channel frames", record: id)
    }
    self.id = id
    self.rate = rate
    self.channels = channels
    self.samples = samples
    frameCount = channels.isEmpty ? 0 : count / channels.count
  }

  /// A part of the recording; the range lies within its frames.
  func frames(_ range: Range<Int>) -> Recording {
    var part = self
    let places = (range.lowerBound * channels.count)..<(range.upperBound * channels.count)
    switch samples {
    case .digital(let values): part.samples = .digital(Array(values[places]))
    case .physical(let values): part.samples = .physical(Array(values[places]))
    }
    part.frameCount = range.count
    return part
  }

  /// Whether a channel has any sample that is not missing.
  func hasSamples(channel: Int) -> Bool {
    let places = stride(from: channel, to: frameCount * channels.count, by: max(1, channels.count))
    return switch samples {
    case .digital(let values): places.contains { values[$0] != Recording.missing }
    case .physical(let values): places.contains { !values[$0].isNaN }
    }
  }

  /// One channel's samples in its own physical unit, NaN where missing; shape [frames].
  public func physical(channel: Int) -> [Double] {
    let gain = channels[channel].gain
    return values(ofChannel: channel, physical: { $0 }, digital: { $0 / gain })
  }

  /// One channel's samples in microvolt, NaN where missing; shape [frames].
  ///
  /// A count is multiplied by the microvolts that it stands for, so that where it stands for one, the whole number stays.
  ///
  /// - Throws: `ECGError.Code.unsupported` if the channel's unit is no voltage.
  public func microvolts(channel: Int) throws -> [Double] {
    let factor = try microvoltsPerUnit(channel: channel)
    let step = factor / channels[channel].gain
    return values(ofChannel: channel, physical: { $0 * factor }, digital: { $0 * step })
  }

  /// One channel's samples, converted; of counts what they are above the baseline.
  @inline(__always)
  private func values(
    ofChannel channel: Int, physical: (Double) -> Double, digital: (Double) -> Double
  ) -> [Double] {
    let width = channels.count
    switch samples {
    case .physical(let values):
      return (0..<frameCount).map { physical(values[$0 * width + channel]) }
    case .digital(let values):
      let baseline = Double(channels[channel].baseline)
      return values.withUnsafeBufferPointer { values in
        [Double](unsafeUninitializedCapacity: frameCount) { converted, count in
          for frame in 0..<frameCount {
            let sample = values[frame * width + channel]
            converted[frame] = sample == Recording.missing ? .nan : digital(Double(sample) - baseline)
          }
          count = frameCount
        }
      }
    }
  }

  /// How many microvolt the channel's unit is.
  ///
  /// - Throws: `ECGError.Code.unsupported` if the unit is no voltage.
  public func microvoltsPerUnit(channel: Int) throws -> Double {
    let unit = channels[channel].unit
    guard let factor = Voltage.microvolts(perUnit: unit) else {
      throw ECGError(
        .unsupported, "channel \(channels[channel].name) is in \"\(unit)\", no unit of voltage", record: id,
        rule: .unitsUnknown)
    }
    return factor
  }
}

/// Units of voltage by name.
enum Voltage {
  /// Microvolts in one `unit`, whatever the letters' case and either of Unicode's micro signs; nil if it is
  /// no voltage.
  ///
  /// `MV` is read as millivolt: no ECG is in megavolt, and published headers write `mv` and `MV`.
  static func microvolts(perUnit unit: String) -> Double? {
    switch unit.lowercased() {
    case "v", "volt": 1e6
    case "mv", "millivolt": 1e3
    case "uv", "\u{B5}v", "\u{3BC}v", "microvolt": 1
    case "nv", "nanovolt": 1e-3
    default: nil
    }
  }
}
