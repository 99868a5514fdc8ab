/// A record's leads split into the bands that audits measure: wander below 0.5 Hz, the ECG from 0.5 to 40 Hz,
/// noise above 40 Hz.
///
/// 0.5 to 40 Hz is the monitoring band of Kligfield et al., Circulation 115:1306–1324 (2007). The filters are
/// Butterworth of order 2 run forwards and backwards; gaps are bridged by straight lines.
struct SignalBands {
  /// The leads that have samples, in canonical order; the columns of each band.
  let leads: [Lead]
  let rate: Double
  let frameCount: Int
  /// All samples, time-major [frames, leads], gaps bridged.
  let bridged: [Double]
  /// Below 0.5 Hz.
  let wander: [Double]
  /// From 0.5 to 40 Hz.
  let ecg: [Double]
  /// Above 40 Hz; empty if the rate leaves no room for it.
  let noise: [Double]

  /// Splits a signal.
  ///
  /// It is nil for less than a second, a rate below 50 Hz, or without any sample.
  init?(_ signal: PhysicalSignal) {
    guard signal.rate >= 50, signal.duration >= 1 else { return nil }
    var lines: [(lead: Lead, samples: [Double])] = []
    for lead in Lead.allCases {
      var line = signal[lead]
      guard line.contains(where: { $0.isFinite }) else { continue }
      // Only files of physical values can hold an infinity, and it is no measurement.
      for index in line.indices where line[index].isInfinite { line[index] = .nan }
      _ = MissingSamples.bridge(&line)
      lines.append((lead, line))
    }
    guard !lines.isEmpty else { return nil }
    let width = lines.count
    var joined = [Double](repeating: 0, count: signal.frameCount * width)
    for (column, line) in lines.enumerated() {
      for (frame, value) in line.samples.enumerated() { joined[frame * width + column] = value }
    }
    rate = signal.rate
    leads = lines.map(\.lead)
    frameCount = signal.frameCount
    bridged = joined
    let upper = min(40, 0.4 * rate)
    guard let low = try? SecondOrderSections.butter(order: 2, band: .lowpass(0.5), rate: rate),
      let middle = try? SecondOrderSections.butter(
        order: 2, band: .bandpass(low: 0.5, high: upper), rate: rate),
      let high = try? SecondOrderSections.butter(order: 2, band: .highpass(upper), rate: rate)
    else { return nil }
    wander = low.zeroPhase(timeMajor: joined, leads: width)
    ecg = middle.zeroPhase(timeMajor: joined, leads: width)
    noise = rate > 90 ? high.zeroPhase(timeMajor: joined, leads: width) : []
  }

  /// One column of a band.
  func line(_ band: [Double], _ column: Int) -> [Double] {
    band.isEmpty ? [] : (0..<frameCount).map { band[$0 * leads.count + column] }
  }

  /// Standard deviation of each column of a band; zeros for an empty one.
  func deviations(_ band: [Double]) -> [Double] {
    let width = leads.count
    guard !band.isEmpty else { return [Double](repeating: 0, count: width) }
    var (means, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    band.withUnsafeBufferPointer { band in
      for frame in 0..<frameCount {
        let row = band.extracting((frame * width)..<((frame + 1) * width))
        for column in 0..<width { means[column] += row[column] }
      }
      for column in 0..<width { means[column] /= Double(frameCount) }
      for frame in 0..<frameCount {
        let row = band.extracting((frame * width)..<((frame + 1) * width))
        for column in 0..<width {
          let difference = row[column] - means[column]
          squares[column] += difference * difference
        }
      }
    }
    return squares.map { ($0 / Double(frameCount)).squareRoot() }
  }
}
