/// A record's signals as WFDB writes them.
struct WFDBSignals: Sendable {
  /// Frames a second.
  var rate: Double
  var signals: [WFDBWriter.Signal]
  /// [frames, signals].
  var samples: [Int32]
  /// 16 unless counts need more.
  var format = WFDBFormat.int16

  /// The channels and counts that were recorded if the shard still has them, else the leads and counts that are stored, and
  /// why.
  static func of(
    _ record: ExportedRecord, _ counts: [Int16]
  ) throws -> (signals: WFDBSignals, departure: Export.Departure?) {
    switch channels(of: record) {
    case .success(let channels): return (recorded(record, counts, channels), nil)
    case .failure(let obstacle): return (try stored(record, counts), obstacle.departure)
    }
  }

  private struct Obstacle: Error { var departure: Export.Departure }

  /// A recorded channel, and the stored lead that has its counts less the baseline; nil for a channel without samples.
  private typealias Channel = (channel: LedgerEntry.Channel, lead: Lead?)

  /// Finds the lead that each recorded channel is stored as.
  private static func channels(of record: ExportedRecord) -> Result<[Channel], Obstacle> {
    func not(_ departure: Export.Departure) -> Result<[Channel], Obstacle> {
      .failure(Obstacle(departure: departure))
    }
    let entry = record.entry
    if record.flags.contains(.filtered) { return not(.filtered) }
    if record.flags.contains(.resampled) { return not(.resampled) }
    // Of segments, which need have no counts in common, a record's list of files has the header alone.
    guard entry.files.count > 1, entry.files[0].path.hasSuffix(".hea"), let rate = entry.rate,
      Float(rate) == Float(record.rate), !entry.channels.isEmpty
    else { return not(.notDigital) }
    if entry.findings.contains(where: { $0.rule == .wfdbFrames }) { return not(.averaged) }
    var used = LeadMask()
    var channels: [Channel] = []
    for channel in entry.channels {
      guard let name = LeadName(channel.name), !used.contains(name.lead) else { return not(.otherChannels) }
      used.insert(LeadMask(name.lead))
      // The only channel of its lead is not used for it alone if it has no samples.
      guard record.mask.contains(name.lead), !record.leadFlags[name.lead.rawValue].contains(.derived) else {
        channels.append((channel, nil))
        continue
      }
      let sign: Double = name.kind == .inverted ? -1 : 1
      // As the counts were taken over; a lead that was quantised instead has a coarser scale.
      guard let microvolts = Voltage.microvolts(perUnit: channel.unit),
        Float(sign * (microvolts / channel.gain)) == record.scale[name.lead.rawValue],
        let baseline = Int32(exactly: channel.baseline),
        !baseline.addingReportingOverflow(baseline < 0 ? -32768 : 32767).overflow
      else { return not(.rescaled) }
      channels.append((channel, name.lead))
    }
    return .success(channels)
  }

  private static func recorded(
    _ record: ExportedRecord, _ counts: [Int16], _ channels: [Channel]
  ) -> WFDBSignals {
    var samples = [Int32](repeating: Recording.missing, count: record.frames * channels.count)
    var (low, high) = (Int32.max, Int32.min)
    for (place, (channel, lead)) in channels.enumerated() {
      guard let lead else { continue }
      let baseline = Int32(clamping: channel.baseline)
      for frame in 0..<record.frames {
        let count = counts[frame * Lead.count + lead.rawValue]
        guard count != Quantizer.missing else { continue }
        let sample = Int32(count) + baseline
        samples[frame * channels.count + place] = sample
        low = min(low, sample)
        high = max(high, sample)
      }
    }
    let formats = [WFDBFormat.int16, .int24, .int32]
    return WFDBSignals(
      rate: record.entry.rate ?? record.rate,
      signals: channels.map {
        WFDBWriter.Signal(
          name: $0.channel.name, gain: $0.channel.gain, baseline: $0.channel.baseline, unit: $0.channel.unit)
      },
      samples: samples,
      format: formats.first { low > high || $0.range.contains(low) && $0.range.contains(high) } ?? .int32)
  }

  /// The leads that were recorded, by themselves or as what they stand for: what is derived follows from them.
  private static func stored(_ record: ExportedRecord, _ counts: [Int16]) throws -> WFDBSignals {
    let leads = Lead.allCases.filter {
      record.mask.contains($0) && !record.leadFlags[$0.rawValue].contains(.derived)
    }
    guard !leads.isEmpty else { throw ECGError(.malformed, "has no recorded lead", record: record.entry.id) }
    var samples = [Int32](repeating: Recording.missing, count: record.frames * leads.count)
    for (place, lead) in leads.enumerated() {
      for frame in 0..<record.frames {
        let count = counts[frame * Lead.count + lead.rawValue]
        if count != Quantizer.missing { samples[frame * leads.count + place] = Int32(count) }
      }
    }
    return WFDBSignals(
      rate: record.rate,
      signals: leads.map {
        WFDBWriter.Signal(name: $0.name, gain: 1000 / Double(record.scale[$0.rawValue]))
      },
      samples: samples)
  }
}

extension ExportedRecord {
  /// What the header tells of patient and labels, in the form that the challenges' headers have and ``WFDBCollection`` reads.
  ///
  /// - Parameter name: the record's name, beside which its id is told where the two differ.
  /// - Returns: the lines without their `#`.
  func comments(name: String) -> [String] {
    var comments: [String] = []
    if name != entry.id { comments.append("Record: \(entry.id)") }
    if !age.isNaN { comments.append("Age: \(ageText)") }
    if sex != .unknown { comments.append("Sex: \(sex == .male ? "Male" : "Female")") }
    if let patient = entry.patient { comments.append("Patient ID: \(patient)") }
    if let diagnoses = RecordComments.diagnoses(statements) {
      if !statements.isEmpty { comments.append("Dx: \(diagnoses)") }
    } else {
      comments.append("Labels: \(Statement.text(statements))")
    }
    return comments.map { comment in
      // What would end the line.
      String(decoding: comment.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }
  }
}
