/// What ``SignalAudit`` says of signal quality and amplitude.
extension SignalAudit {
  /// Flat, railed, dropped-out and padded samples: one pass, for every record.
  ///
  /// Constant leads and those at the limit of their converter are flagged already and not told again.
  static func scanFindings(in signal: PhysicalSignal, record id: String) -> [Finding] {
    let scan = SignalScan(signal)
    var findings: [Finding] = []
    func isAsked(_ lead: Lead) -> Bool { signal.isRecorded(lead) && scan[lead].isPresent }
    let still = scan.nearlyFlatLeads.filter(isAsked)
    if !still.isEmpty {
      let texts = still.map { "\($0.name) (\(rounded(scan[$0].peakToPeak)) µV)" }
      findings.append(
        Finding(record: id, rule: .leadsFlat, "\(texts.joined(separator: " ")) nearly constant"))
    }
    let railed = Lead.allCases.filter {
      isAsked($0) && scan[$0].rail != nil && !signal.leadFlags[$0.rawValue].contains(.saturated)
    }
    if !railed.isEmpty {
      let texts = railed.map { "\($0.name) (\(railText(scan[$0])))" }
      findings.append(Finding(record: id, rule: .leadsSaturated, "\(texts.joined(separator: " ")) cut off"))
    }
    let dropped = Lead.allCases.filter { isAsked($0) && !scan[$0].dropouts.isEmpty }
    if !dropped.isEmpty {
      let texts = dropped.map { lead in
        let frames = scan[lead].dropouts.reduce(0) { $0 + $1.count }
        let begin = scan[lead].dropouts.first?.lowerBound ?? 0
        return "\(lead.name) (\(seconds(frames, signal)) s from \(seconds(begin, signal)) s)"
      }
      findings.append(
        Finding(record: id, rule: .leadsDropout, "\(texts.joined(separator: " ")) stands still"))
    }
    if !scan.padding.isEmpty {
      findings.append(
        Finding(
          record: id, rule: .samplesPadded,
          "no signal in the first \(scan.padding.start) and last \(scan.padding.end) frames"))
    }
    return findings
  }

  /// Rules that need spectra and beats, a few milliseconds a record, with the amplitude for the collection's audit and the
  /// heart rate in 1/min.
  static func deepFindings(in signal: PhysicalSignal, record id: String) -> (
    findings: [Finding], amplitude: AmplitudeAudit?, heartRate: Double?
  ) {
    guard let bands = SignalBands(signal) else { return ([], nil, nil) }
    var findings: [Finding] = []
    let spectra = LeadSpectrum.all(
      of: bands, leastPowerline: leastPowerline, share: leastPowerlineShare
    ).filter {
      signal.isRecorded($0.lead)
    }
    func tell(_ rule: Rule, _ texts: [String]) {
      if !texts.isEmpty { findings.append(Finding(record: id, rule: rule, texts.joined(separator: " "))) }
    }
    let amplitude = AmplitudeAudit(spectra)
    let isImpossible = amplitude?.verdict == .tooSmall || amplitude?.verdict == .tooLarge
    // In a wrong unit, limits in µV say nothing of the signal.
    if !isImpossible { tellBands(spectra, tell) }
    if let amplitude, isImpossible {
      let size = amplitude.verdict == .tooLarge ? "large" : "small"
      findings.append(
        Finding(
          record: id, rule: .unitsAmplitude,
          "\(millivolts(amplitude.amplitude)) mV is too \(size) for an ECG" + text(amplitude.explanations)))
    }
    // A rhythm and its readability take a few beats.
    guard signal.duration >= 5 else { return (findings, amplitude, nil) }
    // Of constant leads the filters leave rounding.
    guard spectra.contains(where: { $0.amplitude > 1e-6 }) else {
      tell(.qualityUnacceptable, ["no lead moves"])
      return (findings, amplitude, nil)
    }
    let envelope = QRSEnvelope(bands)
    let rhythm = envelope.flatMap { HeartRate.Rhythm($0, rate: signal.rate) }
    if let rhythm {
      if !rhythm.isPlausible {
        findings.append(
          Finding(record: id, rule: .signalHeartRate, "a heart rate of \(rounded(rhythm.perMinute)) a minute")
        )
      }
    } else {
      findings.append(Finding(record: id, rule: .signalHeartRate, "no QRS complexes that the leads share"))
    }
    findings += envelope.flatMap { LeadTiming(bands, $0) }.map { timingFindings($0, record: id) } ?? []
    let quality = SignalQuality(bands, envelope)
    if quality.score < SignalQuality.leastScore {
      findings.append(
        Finding(
          record: id, rule: .qualityUnacceptable,
          "\(Double(Int(100 * quality.score)) / 100): beats of \(quality.leastAgreeing.name) agree by "
            + "\(Double(Int(100 * quality.agreement)) / 100), wander \(rounded(quality.wander)) µV, "
            + "least range in a second \(rounded(quality.activity)) µV"))
    }
    return (findings, amplitude, rhythm?.perMinute)
  }

  /// Mains, wander and noise.
  private static func tellBands(_ spectra: [LeadSpectrum], _ tell: (Rule, [String]) -> Void) {
    tell(
      .signalPowerline,
      spectra.compactMap { spectrum in
        guard let mains = spectrum.powerline, mains.amplitude >= leastPowerline,
          spectrum.powerlineShare >= leastPowerlineShare
        else { return nil }
        return "\(spectrum.lead.name) (\(rounded(mains.frequency)) Hz, \(rounded(mains.amplitude)) µV RMS)"
      })
    tell(
      .signalWander,
      spectra.filter { $0.wander >= leastWander && $0.wanderShare >= 0.8 }
        .map { "\($0.lead.name) (\(rounded($0.wander)) µV RMS)" })
    tell(
      .signalNoise,
      spectra.filter { $0.noise >= leastNoise && $0.noiseShare >= leastNoiseShare }
        .map { "\($0.lead.name) (\(rounded($0.noise)) µV RMS)" })
  }

  /// What a collection's amplitudes say of its unit.
  static func findings(in amplitudes: CollectionAmplitude, of collection: String) -> [Finding] {
    guard let verdict = amplitudes.verdict, let median = amplitudes.median else { return [] }
    let isLarge = verdict.ratio > 1
    let times = isLarge ? verdict.ratio : 1 / verdict.ratio
    return [
      Finding(
        record: collection, rule: .unitsAmplitude,
        "the median of \(amplitudes.count) records is \(millivolts(median)) mV, about "
          + "\(Double(rounded(10 * times)) / 10) times too \(isLarge ? "large" : "small")"
          + text(verdict.explanations),
        // By a factor of three, no choice of patients explains it.
        severity: times >= 3 ? .error : .warning)
    ]
  }

  /// Mains below this many µV RMS are not told.
  private static let leastPowerline = 20.0
  /// Nor are those with less than this share of the lead's power.
  private static let leastPowerlineShare = 0.02
  /// Wander below this many µV RMS is not told.
  private static let leastWander = 500.0
  /// Noise above 40 Hz below this many µV RMS is not told.
  private static let leastNoise = 50.0
  /// Nor is that with less than this share of the lead's power.
  private static let leastNoiseShare = 0.3

  private static func text(_ faults: [GainFault]) -> String {
    faults.isEmpty ? "" : ": " + faults.prefix(3).map(\.cause).joined(separator: "; or ")
  }

  private static func railText(_ scan: LeadScan) -> String {
    switch scan.rail {
    case .low: "at \(rounded(scan.lowest)) µV"
    case .high: "at \(rounded(scan.highest)) µV"
    default: "at \(rounded(scan.lowest)) and \(rounded(scan.highest)) µV"
    }
  }

  /// Values from broken files can exceed an Int.
  private static func rounded(_ value: Double) -> Int {
    value.isNaN ? 0 : Int(min(max(value, -1e15), 1e15).rounded())
  }

  private static func seconds(_ frames: Int, _ signal: PhysicalSignal) -> Double {
    Double(rounded(100 * Double(frames) / signal.rate)) / 100
  }

  private static func millivolts(_ value: Double) -> Double {
    value >= 1 ? Double(rounded(value)) / 1000 : Double(rounded(value * 1e6)) / 1e9
  }
}
