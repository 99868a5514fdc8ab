/// A record as it is stored: twelve canonical leads, int16, time-major, a scale for each lead.
public struct TwelveLeadSignal: Sendable {
  /// Counts, shape [frames, 12]; `Int16.min` is a missing sample, and absent leads are missing throughout.
  public var counts: [Int16]
  /// µV per count, shape [12]; 1 for absent leads.
  ///
  /// Negative where the counts are a file's own and have the opposite sign, by a negative gain or because the channel is
  /// an inverted lead: µV = count · scale holds for all.
  public var scale: [Float]
  /// Sampling rate in Hz.
  public var rate: Double
  /// The leads that are recorded or derived.
  public var mask: LeadMask
  /// What is known of each lead, shape [12].
  public var leadFlags: [LeadFlags]

  /// Samples per lead.
  public var frameCount: Int { counts.count / Lead.count }

  /// One lead in microvolt, NaN where missing; shape [frames].
  public func microvolts(_ lead: Lead) -> [Double] {
    let scale = Double(scale[lead.rawValue])
    return (0..<frameCount).map {
      let count = counts[$0 * Lead.count + lead.rawValue]
      return count == Quantizer.missing ? .nan : Double(count) * scale
    }
  }
}

extension TwelveLeadSignal {
  /// Brings a recording into canonical order at its own rate.
  ///
  /// A recorded integer lead is copied unchanged (less its baseline) with the scale that its gain means; everything
  /// else goes through microvolts and the quantiser.
  ///
  /// - Parameters:
  ///   - recording: as read.
  ///   - derive: whether absent limb leads are derived.
  /// - Throws: ``ECGError`` with the rule that is broken: a duplicate lead, or a unit that is no voltage.
  public init(_ recording: Recording, derive: Bool) throws {
    let normalizer = try LeadNormalizer(recording, derive: derive)
    try self.init(PhysicalSignal(recording, normalizer), of: recording, normalizer)
  }

  /// Quantises leads in microvolt.
  ///
  /// - Parameters:
  ///   - physical: filtered or resampled, as the case may be.
  ///   - step: the finest scale, in µV per count; a lead that it does not hold is flagged as rescaled.
  /// - Throws: ``ECGError`` (`malformed`) for samples that no scale holds.
  public init(_ physical: PhysicalSignal, step: Double = 1) throws {
    self.init(like: physical)
    let leads = try Quantizer.quantize(physical.microvolts, step: step, into: &counts)
    for lead in Lead.allCases where mask.contains(lead) {
      let found = leads[lead.rawValue]
      scale[lead.rawValue] = found.scale
      flag(lead.rawValue, hasMissing: found.hasMissing, isFlat: found.isFlat)
      if Double(found.scale) > step { leadFlags[lead.rawValue].insert(.rescaled) }
    }
  }

  /// Copies the counts of a recording where they fit, and quantises the rest.
  ///
  /// - Parameters:
  ///   - physical: the recording's leads, unprocessed.
  ///   - recording: as read.
  ///   - normalizer: what made the first of the second.
  ///   - step: the finest scale of what is quantised, in µV per count.
  /// - Throws: ``ECGError`` (`malformed`) for samples that no scale holds.
  init(
    _ physical: PhysicalSignal, of recording: Recording, _ normalizer: LeadNormalizer, step: Double = 1
  ) throws {
    guard case .digital(let samples) = recording.samples else {
      try self.init(physical, step: step)
      return
    }
    self.init(like: physical)
    var quantized: TwelveLeadSignal?
    for lead in Lead.allCases where mask.contains(lead) {
      let isCopied =
        switch normalizer.sources[lead.rawValue] {
        case .channel(let channel): try copy(samples, of: recording, channel, sign: 1, lead.rawValue)
        case .inverted(let channel): try copy(samples, of: recording, channel, sign: -1, lead.rawValue)
        case .derived, .absent: false
        }
      guard !isCopied else { continue }
      let whole = try quantized ?? TwelveLeadSignal(physical, step: step)
      quantized = whole
      copy(whole, lead.rawValue)
    }
  }

  /// All samples missing.
  private init(like physical: PhysicalSignal) {
    counts = [Int16](repeating: Quantizer.missing, count: physical.microvolts.count)
    scale = [Float](repeating: 1, count: Lead.count)
    rate = physical.rate
    mask = physical.mask
    leadFlags = physical.leadFlags
  }

  /// Copies integer samples less their baseline, the sign going into the scale; false if they do not fit.
  private mutating func copy(
    _ samples: [Int32], of recording: Recording, _ channel: Int, sign: Double, _ lead: Int
  ) throws -> Bool {
    let width = recording.channels.count
    let baseline = Int32(clamping: recording.channels[channel].baseline)
    let unitsPerCount = try recording.microvoltsPerUnit(channel: channel) / recording.channels[channel].gain
    var (low, high, hasMissing) = (Int16.max, Int16.min, false)
    let isCopied = samples.withUnsafeBufferPointer { samples in
      counts.withUnsafeMutableBufferPointer { counts in
        for frame in 0..<recording.frameCount {
          let sample = samples[frame * width + channel]
          if sample == Recording.missing {
            hasMissing = true
            continue
          }
          let (value, overflow) = sample.subtractingReportingOverflow(baseline)
          guard !overflow, let count = Int16(exactly: value), count != Quantizer.missing else {
            for undone in 0..<frame { counts[undone * Lead.count + lead] = Quantizer.missing }
            return false
          }
          counts[frame * Lead.count + lead] = count
          low = min(low, count)
          high = max(high, count)
        }
        return true
      }
    }
    guard isCopied else { return false }
    scale[lead] = Float(sign * unitsPerCount)
    flag(lead, hasMissing: hasMissing, isFlat: low == high)
    return true
  }

  /// Copies a lead of the same recording, quantised.
  private mutating func copy(_ other: TwelveLeadSignal, _ lead: Int) {
    for place in stride(from: lead, to: counts.count, by: Lead.count) { counts[place] = other.counts[place] }
    scale[lead] = other.scale[lead]
    leadFlags[lead] = other.leadFlags[lead]
  }

  /// Sets the flags that the stored samples themselves tell.
  private mutating func flag(_ lead: Int, hasMissing: Bool, isFlat: Bool) {
    leadFlags[lead].subtract([.missingSamples, .flat])
    if hasMissing { leadFlags[lead].insert(.missingSamples) }
    if isFlat { leadFlags[lead].insert(.flat) }
  }
}
