/// Defects of the samples.
extension SimulatedDefect {
  /// Plants the defect in a recording; a kind that is not of the samples leaves it as it is.
  ///
  /// - Parameters:
  ///   - samples: time-major `[T, 12]` in mV; NaN becomes a missing sample.
  ///   - layout: the collection's, whose unit decides what a wrong one is.
  func alter(_ samples: inout [Double], layout: String) {
    let width = Lead.count
    let count = samples.count / width
    let frames = frames(of: count) ?? 0..<count
    func change(_ leads: [Lead], in frames: Range<Int>, _ body: (Double) -> Double) {
      for frame in frames {
        for lead in leads {
          samples[frame * width + lead.rawValue] = body(samples[frame * width + lead.rawValue])
        }
      }
    }
    switch kind {
    case .missingSamples: change(leads, in: frames) { _ in .nan }
    case .flatLead, .zeroChestLeads: change(leads, in: frames) { _ in 0 }
    case .zeroRecord: samples = [Double](repeating: 0, count: samples.count)
    case .saturated: clip(&samples)
    case .dropout:
      for lead in leads {
        change([lead], in: frames) { [value = samples[frames.lowerBound * width + lead.rawValue]] _ in value }
      }
    case .shortRecord: samples.removeLast(samples.count - frames.upperBound * width)
    case .oddPadding:
      change(Lead.allCases, in: 0..<frames.lowerBound) { _ in 0 }
      change(Lead.allCases, in: frames.upperBound..<count) { _ in 0 }
    case .invertedLimbLead, .invertedChestLead: change(leads, in: frames) { -$0 }
    case .swappedLimbLeads, .swappedChestLeads: reorder(&samples, leads, as: leads.reversed())
    case .leadOrder: reorder(&samples, leads, as: [.aVL, .aVF, .aVR])
    case .doubleAmplitude, .duplicateScaled: samples = samples.map { $0 * (scale ?? 1) }
    // A header says its unit itself.
    case .wrongUnit where !Kind.wfdb.contains(layout):
      // Of µV taken for mV; Chapman–Shaoxing's converter ends at 33 mV, so a slip by ten there.
      let factor = layout == Chapman.name ? 10.0 : 1000.0
      samples = samples.map { $0 * factor }
    default: break
    }
  }

  /// Cuts a lead at a quarter of its range from both ends, as an amplifier of too small a range does.
  private func clip(_ samples: inout [Double]) {
    for lead in leads {
      let places = stride(from: lead.rawValue, to: samples.count, by: Lead.count)
      let (low, high) = places.reduce((Double.infinity, -Double.infinity)) {
        (min($0.0, samples[$1]), max($0.1, samples[$1]))
      }
      let margin = (high - low) / 4
      for place in places { samples[place] = min(max(samples[place], low + margin), high - margin) }
    }
  }

  /// Lets the channels of some leads hold others.
  private func reorder(_ samples: inout [Double], _ leads: [Lead], as others: [Lead]) {
    for start in stride(from: 0, to: samples.count, by: Lead.count) {
      let values = others.map { samples[start + $0.rawValue] }
      for (lead, value) in zip(leads, values) { samples[start + lead.rawValue] = value }
    }
  }
}
