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

  /// Finds and averages the beats; nil without two recorded limb leads or a whole beat, and below 100 Hz (or beyond 1 MHz).
  init?(_ signal: PhysicalSignal) {
    guard (100...1e6).contains(signal.rate), let limb = AverageBeat.limbLeads(signal) else { return nil }
    let precordial: [[Double]?] = [Lead.V1, .V2, .V3, .V4, .V5, .V6].map { lead in
      guard signal.isRecorded(lead), !signal.leadFlags[lead.rawValue].contains(.flat) else { return nil }
      var line = signal[lead]
      _ = MissingSamples.bridge(&line)
      return line
    }
    precordialCount = precordial.count { $0 != nil }
    let lines = [limb.i, limb.ii] + precordial.map { $0 ?? [] }
    let edges = (0...AverageBeat.count).map {
      AverageBeat.round((AverageBeat.start + AverageBeat.step * Double($0)) * signal.rate)
    }
    let beats = AverageBeat.peaks(lines, frames: signal.frameCount, rate: signal.rate).filter {
      $0 + edges[0] >= 0 && $0 + edges[AverageBeat.count] <= signal.frameCount
    }
    guard !beats.isEmpty else { return nil }
    bins = lines.flatMap { line -> [Double] in
      guard !line.isEmpty else { return [Double](repeating: 0, count: AverageBeat.count) }
      let medians = (0..<AverageBeat.count).map { bin in
        AverageBeat.median(
          beats.map { beat in
            let range = (beat + edges[bin])..<(beat + edges[bin + 1])
            return range.reduce(0) { $0 + line[$1] } / Double(range.count)
          })
      }
      let level = AverageBeat.baseline.reduce(0) { $0 + medians[$1] } / Double(AverageBeat.baseline.count)
      return medians.map { $0 - level }
    }
  }

  /// I and II, from whichever two bipolar leads are recorded.
  private static func limbLeads(_ signal: PhysicalSignal) -> (i: [Double], ii: [Double])? {
    let recorded = [Lead.I, .II, .III].filter { signal.isRecorded($0) }
    guard recorded.count > 1 else { return nil }
    let pair = recorded.prefix(2).map { lead in
      var line = signal[lead]
      _ = MissingSamples.bridge(&line)
      return line
    }
    func line(_ lead: Lead) -> [Double] {
      let (a, b) = LimbLaws.derivation(of: lead, from: recorded[0], recorded[1])
      return zip(pair[0], pair[1]).map { a * $0 + b * $1 }
    }
    return (line(.I), line(.II))
  }

  private static func peaks(_ lines: [[Double]], frames: Int, rate: Double) -> [Int] {
    let reach = max(1, round(0.01 * rate))
    guard frames > 2 * reach else { return [] }
    var slope = [Double](repeating: 0, count: frames)
    for line in lines where !line.isEmpty {
      for frame in reach..<(frames - reach) { slope[frame] += abs(line[frame + reach] - line[frame - reach]) }
    }
    var sums = [0.0]
    sums.reserveCapacity(frames + 1)
    for value in slope { sums.append(sums[sums.count - 1] + value) }
    let width = max(1, round(0.08 * rate)) | 1
    for frame in 0..<frames {
      slope[frame] =
        (sums[min(frames, frame + width / 2 + 1)] - sums[max(0, frame - width / 2)]) / Double(width)
    }
    // The usual maximum: the median over stretches of two seconds.
    let blocks = max(1, Int(Double(frames) / rate / 2))
    let length = frames / blocks
    let maxima = (0..<blocks).map { slope[($0 * length)..<(($0 + 1) * length)].max() ?? 0 }
    let threshold = 0.5 * median(maxima)
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

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
