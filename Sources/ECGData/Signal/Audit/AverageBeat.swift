import CKernels

/// The median beat of I, II and V1 to V6 in bins of 20 ms around the steepest part of QRS, about the level before it.
///
/// Beats are where the summed slopes of all eight leads, averaged over 80 ms, peak above half their usual maximum.
struct AverageBeat {
  /// Bins from 0.26 s before to 0.46 s after the peak.
  static let count = 36
  private static let (start, step) = (-0.26, 0.02)
  /// The level before QRS.
  private static let baseline = 8..<10
  /// Where P, QRS and T lie.
  static let (atrial, ventricular, repolarization) = (1..<8, 10..<17, 19..<33)
  /// From P to T.
  static let waves = 1..<33
  /// What an average beat may have of noise, in µV; keeps a silent segment from looking like a wave.
  static let noise = 30.0

  /// Values in µV, shape [8, count].
  private var bins: [Double]
  /// The number of precordial leads that are recorded and not constant; the others are zero.
  let precordialCount: Int

  /// A lead (I, II, V1 to V6) in a bin, in µV.
  subscript(lead: Int, bin: Int) -> Double { bins[lead * AverageBeat.count + bin] }

  /// The sum over some bins of the products of two leads, in µV².
  func product(_ a: Int, _ b: Int, over segment: Range<Int>) -> Double {
    segment.reduce(0) { $0 + self[a, $1] * self[b, $1] }
  }

  /// Finds and averages the beats; nil without two recorded limb leads or a whole beat, and below 100 Hz (or beyond 1 MHz).
  init?(_ signal: PhysicalSignal) {
    guard (100...1e6).contains(signal.rate), let (rows, leads) = AverageBeat.rows(signal) else { return nil }
    precordialCount = leads.count - 2
    let edges = (0...AverageBeat.count).map {
      AverageBeat.round((AverageBeat.start + AverageBeat.step * Double($0)) * signal.rate)
    }
    let beats = AverageBeat.peaks(rows, leads, rate: signal.rate).filter {
      $0 + edges[0] >= 0 && $0 + edges[AverageBeat.count] <= signal.frameCount
    }
    guard !beats.isEmpty else { return nil }
    bins = [Double](repeating: 0, count: 8 * AverageBeat.count)
    // Shape [12, beats]: all leads of a bin at once.
    var means = [Double](repeating: 0, count: Lead.count * beats.count)
    var row = [Double](repeating: 0, count: Lead.count)
    for bin in 0..<AverageBeat.count {
      for (index, beat) in beats.enumerated() {
        rows.withUnsafeBufferPointer { rows in
          einthoven_means_12(
            einthoven_best_variant(), rows.baseAddress.map { $0 + (beat + edges[bin]) * Lead.count }, 1,
            edges[bin + 1] - edges[bin], &row)
        }
        for lead in leads { means[lead * beats.count + index] = row[lead] }
      }
      for lead in leads {
        let place = lead < 2 ? lead : lead - Lead.V1.rawValue + 2
        bins[place * AverageBeat.count + bin] = AverageBeat.median(
          &means, (lead * beats.count)..<((lead + 1) * beats.count))
      }
    }
    for place in 0..<8 {
      let line = place * AverageBeat.count
      let level =
        AverageBeat.baseline.reduce(0) { $0 + bins[line + $1] } / Double(AverageBeat.baseline.count)
      for bin in 0..<AverageBeat.count { bins[line + bin] -= level }
    }
  }

  /// Samples without gaps, [frames, 12], I and II from whichever two bipolar leads are recorded, and the columns among I, II
  /// and V1 to V6 that are recorded and not constant; all others are zero where they have no sample.
  private static func rows(_ signal: PhysicalSignal) -> (rows: [Double], leads: [Int])? {
    let limb = [Lead.I, .II, .III].filter { signal.isRecorded($0) }
    guard limb.count > 1 else { return nil }
    var rows = signal.microvolts
    for lead in Lead.allCases where !signal.isWhole(lead) {
      rows.withUnsafeMutableBufferPointer {
        _ = MissingSamples.bridge($0, lead: lead.rawValue, of: Lead.count)
      }
    }
    if limb[0] != .I || limb[1] != .II {
      let (a, b) = (limb[0].rawValue, limb[1].rawValue)
      let first = LimbLaws.derivation(of: .I, from: limb[0], limb[1])
      let second = LimbLaws.derivation(of: .II, from: limb[0], limb[1])
      for row in stride(from: 0, to: rows.count, by: Lead.count) {
        let (x, y) = (rows[row + a], rows[row + b])
        rows[row] = first.0 * x + first.1 * y
        rows[row + 1] = second.0 * x + second.1 * y
      }
    }
    let precordial = [Lead.V1, .V2, .V3, .V4, .V5, .V6].filter {
      signal.isRecorded($0) && !signal.leadFlags[$0.rawValue].contains(.flat)
    }
    return (rows, [0, 1] + precordial.map(\.rawValue))
  }

  private static func peaks(_ rows: [Double], _ leads: [Int], rate: Double) -> [Int] {
    let frames = rows.count / Lead.count
    let reach = max(1, round(0.01 * rate))
    guard frames > 2 * reach else { return [] }
    var weights = [Double](repeating: 0, count: Lead.count)
    for lead in leads { weights[lead] = 1 }
    var slope = [Double](repeating: 0, count: frames)
    einthoven_slopes_12(einthoven_best_variant(), rows, frames, reach, weights, &slope)
    var sums = [0.0]
    sums.reserveCapacity(frames + 1)
    var sum = 0.0
    for value in slope {
      sum += value
      sums.append(sum)
    }
    let width = max(1, round(0.08 * rate)) | 1
    for frame in 0..<frames {
      slope[frame] =
        (sums[min(frames, frame + width / 2 + 1)] - sums[max(0, frame - width / 2)]) / Double(width)
    }
    // The usual maximum: the median over stretches of two seconds.
    let blocks = max(1, Int(Double(frames) / rate / 2))
    let length = frames / blocks
    var maxima = (0..<blocks).map { slope[($0 * length)..<(($0 + 1) * length)].max() ?? 0 }
    let threshold = 0.5 * median(&maxima, 0..<blocks)
    let refractory = round(0.3 * rate)
    var peaks: [Int] = []
    for frame in 1..<(frames - 1) {
      let value = slope[frame]
      guard value > threshold, value >= slope[frame - 1], value > slope[frame + 1] else { continue }
      if let last = peaks.last, frame - last < refractory {
        if value > slope[last] { peaks[peaks.count - 1] = frame }
      } else {
        peaks.append(frame)
      }
    }
    return peaks
  }

  private static func round(_ value: Double) -> Int { Int((value + 0.5).rounded(.down)) }

  /// The median of some of the values, which are sorted there.
  private static func median(_ values: inout [Double], _ some: Range<Int>) -> Double {
    values[some].sort()
    let middle = some.lowerBound + some.count / 2
    return some.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
  }
}

extension PhysicalSignal {
  /// Whether no sample of a lead is missing.
  fileprivate func isWhole(_ lead: Lead) -> Bool {
    mask.contains(lead) && !leadFlags[lead.rawValue].contains(.missingSamples)
  }
}
