extension RecordPicture.Mark {
  /// Findings whose messages name the leads that they are about.
  private static let rules: Set<Rule> = [
    .leadsFlat, .leadsSaturated, .leadsIdentity, .leadsDropout, .leadsChest, .leadsSlipped, .samplesMissing,
    .signalPowerline, .signalWander, .signalNoise,
  ]

  /// Places of one finding in one lead, beyond which the whole lead is marked.
  private static let mostPlaces = 40

  /// Marks of what was found in a record: the leads that a message names, dropouts, gaps and padding where they are, and all
  /// else as lines below the paper.
  ///
  /// - Parameters:
  ///   - findings: of the record, or of the part that `signal` is.
  ///   - signal: what they were found in.
  ///   - origin: where in the record the signal begins, in seconds.
  /// - Returns: marks in the findings' order.
  public static func marks(of findings: [Finding], in signal: PhysicalSignal, from origin: Double = 0)
    -> [RecordPicture.Mark]
  {
    let needsScan = findings.contains { [.leadsDropout, .samplesPadded].contains($0.rule) }
    let scan = needsScan ? SignalScan(signal) : nil
    func seconds(_ frames: Range<Int>) -> ClosedRange<Double> {
      let begin = origin + Double(frames.lowerBound) / signal.rate
      return begin...max(begin, origin + Double(frames.upperBound) / signal.rate)
    }
    func marks(_ lead: Lead, _ places: [Range<Int>], _ rule: Rule, _ words: String) -> [RecordPicture.Mark] {
      let count = places.reduce(0) { $0 + $1.count }
      let text =
        "\(rule.rawValue): \(lead.name) \(words) for \(SVG.decimal(Double(count) / signal.rate, digits: 3)) s"
      guard places.count <= mostPlaces else {
        return [Self(lead: lead, text: text + " in \(places.count) places")]
      }
      return places.map { Self(lead: lead, seconds: seconds($0), text: text) }
    }
    return findings.flatMap { finding -> [RecordPicture.Mark] in
      let text = "\(finding.rule.rawValue): \(finding.message)"
      let leads = rules.contains(finding.rule) ? leads(in: finding.message) : []
      let places: [RecordPicture.Mark]
      switch finding.rule {
      case .leadsDropout:
        places = leads.flatMap { marks($0, scan?[$0].dropouts ?? [], .leadsDropout, "stands still") }
      case .samplesMissing where leads.allSatisfy(signal.mask.contains):
        places = leads.flatMap { marks($0, gaps(in: $0, of: signal), .samplesMissing, "has no samples") }
      case .samplesPadded:
        let count = signal.frameCount
        let (start, end) = (scan?.padding.start ?? 0, scan?.padding.end ?? 0)
        places = [0..<start, max(start, count - end)..<count].filter { !$0.isEmpty }.map {
          Self(seconds: seconds($0), text: "\(finding.rule.rawValue): no lead has a signal")
        }
      default:
        places = leads.map { Self(lead: $0, text: text) }
      }
      return places.isEmpty ? [Self(text: text)] : places
    }
  }

  /// The leads whose names a message has as words.
  private static func leads(in message: String) -> [Lead] {
    let words = Set(message.split { !$0.isLetter && !$0.isNumber }.map(String.init))
    return Lead.allCases.filter { words.contains($0.name) }
  }

  /// Runs of missing samples.
  private static func gaps(in lead: Lead, of signal: PhysicalSignal) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var begin: Int?
    for frame in 0...signal.frameCount {
      let isMissing =
        frame < signal.frameCount && signal.microvolts[frame * Lead.count + lead.rawValue].isNaN
      if isMissing {
        begin = begin ?? frame
      } else if let first = begin {
        gaps.append(first..<frame)
        begin = nil
      }
    }
    return gaps
  }
}
