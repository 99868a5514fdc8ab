import CKernels

/// The twelve leads of a recording in microvolt and canonical order, at its own rate: what audits look at, and what
/// filters and resamplers work on.
public struct PhysicalSignal: Sendable {
  /// Samples in µV, time-major [frames, 12]; NaN is a missing sample, and absent leads are missing throughout.
  public var microvolts: [Double]
  /// Sampling rate in Hz.
  public var rate: Double
  /// The leads that are recorded or derived.
  public var mask: LeadMask
  /// What is known of each lead, shape [12].
  public var leadFlags: [LeadFlags]

  /// Samples per lead.
  public var frameCount: Int { microvolts.count / Lead.count }

  /// Duration in seconds.
  public var duration: Double { Double(frameCount) / rate }

  /// One lead in µV, NaN where missing; shape [frames].
  public subscript(lead: Lead) -> [Double] {
    microvolts.withUnsafeBufferPointer { samples in
      let count = samples.count / Lead.count
      return [Double](unsafeUninitializedCapacity: count) { line, initialized in
        for frame in 0..<count { line[frame] = samples[frame * Lead.count + lead.rawValue] }
        initialized = count
      }
    }
  }

  /// Whether a lead was recorded by itself, not derived from others.
  public func isRecorded(_ lead: Lead) -> Bool {
    mask.contains(lead) && !leadFlags[lead.rawValue].contains(.derived)
  }
}

extension PhysicalSignal {
  /// Brings a recording's channels into canonical order and microvolts.
  ///
  /// - Parameters:
  ///   - recording: as read.
  ///   - derive: whether absent limb leads are derived.
  /// - Throws: ``ECGError`` with the rule that is broken: a lead that occurs twice, a unit that is no voltage, or a
  ///   gain that no recorder has.
  public init(_ recording: Recording, derive: Bool) throws {
    try self.init(recording, LeadNormalizer(recording, derive: derive))
  }

  init(_ recording: Recording, _ normalizer: LeadNormalizer) throws {
    rate = recording.rate
    mask = normalizer.mask
    leadFlags = [LeadFlags](repeating: [], count: Lead.count)
    for lead in Lead.allCases where normalizer.substituted.contains(lead) {
      leadFlags[lead.rawValue].insert(.substituted)
    }
    microvolts = try recording.canonicalMicrovolts(normalizer) ?? []
    let isComplete = !microvolts.isEmpty
    let saturated = recording.saturatedChannels()
    if !isComplete { microvolts = [Double](repeating: .nan, count: recording.frameCount * Lead.count) }
    for (lead, source) in normalizer.sources.enumerated() {
      switch source {
      case .absent:
        continue
      case .channel(let channel):
        try take(recording, channel, lead, saturated)
        if !isComplete { store(try recording.microvolts(channel: channel), lead) }
      case .inverted(let channel):
        try take(recording, channel, lead, saturated)
        leadFlags[lead].insert(.inverted)
        store(try recording.microvolts(channel: channel).map { -$0 }, lead)
      case .derived(let first, let a, let second, let b):
        leadFlags[lead].insert(.derived)
        try take(recording, first, lead, saturated)
        try take(recording, second, lead, saturated)
        let isSubstitute = [first, second].contains {
          LeadName(recording.channels[$0].name)?.kind == .substitute
        }
        if isSubstitute { leadFlags[lead].insert(.substituted) }
        let p = try recording.microvolts(channel: first)
        let q = try recording.microvolts(channel: second)
        store(zip(p, q).map { a * $0 + b * $1 }, lead)
      }
    }
    for (lead, range) in zip(Lead.allCases, SampleRange.ofLeads(in: microvolts)) where mask.contains(lead) {
      if range.hasMissing { leadFlags[lead.rawValue].insert(.missingSamples) }
      if range.low == range.high { leadFlags[lead.rawValue].insert(.flat) }
    }
  }

  /// Checks a channel's scale and notes what is known of the channel.
  private mutating func take(_ recording: Recording, _ channel: Int, _ lead: Int, _ saturated: [Bool]) throws
  {
    try recording.checkScale(channel: channel)
    if !recording.channels[channel].isCalibrated { leadFlags[lead].insert(.uncalibrated) }
    if saturated[channel] { leadFlags[lead].insert(.saturated) }
  }

  private mutating func store(_ line: [Double], _ lead: Int) {
    microvolts.withUnsafeMutableBufferPointer { samples in
      for (frame, value) in line.enumerated() { samples[frame * Lead.count + lead] = value }
    }
  }
}

extension Recording {
  /// All samples in µV at once, where the channels are the twelve leads in canonical order; else nil.
  fileprivate func canonicalMicrovolts(_ normalizer: LeadNormalizer) throws -> [Double]? {
    guard channels.count == Lead.count,
      normalizer.sources == channels.indices.map({ LeadNormalizer.Source.channel($0) })
    else { return nil }
    let steps = channels.map { (Voltage.microvolts(perUnit: $0.unit) ?? .nan) / $0.gain }
    switch samples {
    case .physical(let values):
      guard channels.allSatisfy({ Voltage.microvolts(perUnit: $0.unit) == 1 }) else { return nil }
      return values
    case .digital(let counts):
      return [Double](unsafeUninitializedCapacity: counts.count) { microvolts, count in
        einthoven_microvolts(
          einthoven_best_variant(), counts, frameCount, channels.map { Double($0.baseline) }, steps,
          microvolts.baseAddress)
        count = counts.count
      }
    }
  }

  /// Refuses gains that no recorder has: a count stands for 1 pV to 1 V.
  fileprivate func checkScale(channel: Int) throws {
    let microvolts = try microvoltsPerUnit(channel: channel) / abs(channels[channel].gain)
    guard (1e-6...1e6).contains(microvolts) else {
      throw ECGError(
        .malformed,
        "channel \(channels[channel].name) has a gain of \(channels[channel].gain) per "
          + channels[channel].unit)
    }
  }

  /// Of each channel, whether a sample stands at the limit that its stated resolution sets.
  fileprivate func saturatedChannels() -> [Bool] {
    let none = [Bool](repeating: false, count: channels.count)
    guard case .digital(let counts) = samples, channels.contains(where: { $0.resolution != nil }) else {
      return none
    }
    var low = [Int32](repeating: 0, count: channels.count)
    var high = low
    einthoven_count_ranges(einthoven_best_variant(), counts, frameCount, channels.count, &low, &high)
    return channels.indices.map { channel in
      guard let bits = channels[channel].resolution, (8...31).contains(bits), low[channel] <= high[channel]
      else {
        return false
      }
      let limit = Int64(1) << Int64(bits - 1) - 1
      let zero = Int64(clamping: channels[channel].adcZero)
      return Int64(high[channel]) - zero >= limit || Int64(low[channel]) - zero <= -limit
    }
  }
}
