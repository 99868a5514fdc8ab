/// A record as it is stored: twelve canonical leads, int16, time-major, a scale for each lead.
public struct TwelveLeadSignal: Sendable {
  /// Counts, shape [frames, 12]; `Int16.min` is a missing sample, and absent leads are missing throughout.
  public var counts: [Int16]
  /// µV per count, shape [12]; 1 for absent leads.
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
  /// Brings a recording into canonical order and, if asked, to another rate.
  ///
  /// A recorded integer lead at its own rate is copied unchanged (less its baseline) with the scale that its
  /// gain means; everything else goes through microvolts and the quantiser.
  ///
  /// - Parameters:
  ///   - recording: as read.
  ///   - resampler: from the recording's rate to the wanted one; nil keeps the recording's own.
  ///   - derive: whether absent limb leads are derived.
  /// - Throws: `ECGError` with the rule that is broken: a duplicate lead, or a unit that is no voltage.
  public init(_ recording: Recording, resampler: PolyphaseResampler?, derive: Bool) throws {
    let normalizer = try LeadNormalizer(names: recording.channels.map(\.name), derive: derive)
    let frames = resampler?.outputCount(recording.frameCount) ?? recording.frameCount
    rate = resampler?.outputRate ?? recording.rate
    mask = normalizer.mask
    leadFlags = [LeadFlags](repeating: [], count: Lead.count)
    scale = [Float](repeating: 1, count: Lead.count)
    counts = [Int16](repeating: Quantizer.missing, count: frames * Lead.count)
    for (lead, source) in normalizer.sources.enumerated() {
      switch source {
      case .absent:
        continue
      case .channel(let channel):
        try checkScale(recording, channel)
        if !recording.channels[channel].isCalibrated { leadFlags[lead].insert(.uncalibrated) }
        if try resampler == nil && copy(recording, channel: channel, lead: lead) { break }
        try store(recording.microvolts(channel: channel), resampler, lead: lead)
      case .derived(let first, let a, let second, let b):
        leadFlags[lead].insert(.derived)
        let p = try recording.microvolts(channel: first)
        let q = try recording.microvolts(channel: second)
        try store(zip(p, q).map { a * $0 + b * $1 }, resampler, lead: lead)
      }
      inspect(recording, source, lead: lead)
    }
  }

  /// Refuses gains that no recorder has: a count stands for 1 pV to 1 V.
  private func checkScale(_ recording: Recording, _ channel: Int) throws {
    let microvolts = try recording.microvoltsPerUnit(channel: channel) / abs(recording.channels[channel].gain)
    guard (1e-6...1e6).contains(microvolts) else {
      throw ECGError(
        .malformed,
        "channel \(recording.channels[channel].name) has a gain of \(recording.channels[channel].gain) per "
          + recording.channels[channel].unit)
    }
  }

  private mutating func store(_ microvolts: [Double], _ resampler: PolyphaseResampler?, lead: Int) throws {
    scale[lead] = try Quantizer.quantize(resampler?(microvolts) ?? microvolts, into: &counts, lead: lead)
  }

  /// Copies integer samples less their baseline; false if they are no integers or do not fit.
  private mutating func copy(_ recording: Recording, channel: Int, lead: Int) throws -> Bool {
    guard case .digital(let samples) = recording.samples else { return false }
    let width = recording.channels.count
    let baseline = Int32(clamping: recording.channels[channel].baseline)
    let unitsPerCount = try recording.microvoltsPerUnit(channel: channel) / recording.channels[channel].gain
    for frame in 0..<recording.frameCount {
      let sample = samples[frame * width + channel]
      if sample == Recording.missing { continue }
      let (value, overflow) = sample.subtractingReportingOverflow(baseline)
      guard !overflow, let count = Int16(exactly: value), count != Quantizer.missing else {
        for undone in 0..<frame { counts[undone * Lead.count + lead] = Quantizer.missing }
        return false
      }
      counts[frame * Lead.count + lead] = count
    }
    scale[lead] = Float(unitsPerCount)
    return true
  }

  /// Sets the flags that the samples themselves tell.
  private mutating func inspect(_ recording: Recording, _ source: LeadNormalizer.Source, lead: Int) {
    var low = Int16.max
    var high = Int16.min
    var hasMissing = false
    for frame in 0..<frameCount {
      let count = counts[frame * Lead.count + lead]
      if count == Quantizer.missing {
        hasMissing = true
      } else {
        low = min(low, count)
        high = max(high, count)
      }
    }
    if hasMissing { leadFlags[lead].insert(.missingSamples) }
    if low >= high, frameCount > 0 { leadFlags[lead].insert(.flat) }
    if case .channel(let channel) = source, recording.isSaturated(channel: channel) {
      leadFlags[lead].insert(.saturated)
    }
  }
}

extension Recording {
  /// Whether a sample stands at the limit that the channel's stated resolution sets.
  func isSaturated(channel: Int) -> Bool {
    guard case .digital(let samples) = samples, let bits = channels[channel].resolution,
      (8...31).contains(bits)
    else {
      return false
    }
    let limit = Int32(1) << Int32(bits - 1) - 1
    return stride(from: channel, to: samples.count, by: channels.count).contains {
      samples[$0] != Recording.missing && (samples[$0] >= limit || samples[$0] <= -limit)
    }
  }
}
