import CKernels

/// A record's leads split into the bands that audits measure: wander below 0.5 Hz, the ECG from 0.5 to 40 Hz,
/// noise above 40 Hz.
///
/// 0.5 to 40 Hz is the monitoring band of Kligfield et al., Circulation 115:1306–1324 (2007). The filters are
/// Butterworth of order 2 run forwards and backwards; gaps are bridged by straight lines. What lies low is filtered at a
/// low rate, of means over equal numbers of frames: the ECG at 200 Hz or more, wander at 50 Hz or more.
struct SignalBands {
  /// The leads that have samples, in canonical order; all other columns are zero.
  let leads: [Lead]
  let rate: Double
  let frameCount: Int
  /// All samples, time-major [frames, 12], gaps bridged.
  let bridged: [Double]
  /// How many frames one row of ``coarse`` is the mean of.
  let step: Int
  /// Means of the samples, [frames / step, 12].
  let coarse: [Double]
  /// Those from 0.5 to 40 Hz.
  let ecg: [Double]
  /// Root mean square of each lead about its mean from 0.5 to 40 Hz in µV, shape [12].
  let ecgPower: [Double]
  /// The same below 0.5 Hz.
  let wander: [Double]
  /// The same above 40 Hz; zeros if the rate leaves no room for it.
  let noise: [Double]

  /// Rows of ``coarse`` and ``ecg`` a second.
  var coarseRate: Double { rate / Double(step) }
  /// Rows of ``coarse`` and ``ecg``.
  var coarseCount: Int { coarse.count / Lead.count }

  /// Splits a signal.
  ///
  /// It is nil for less than a second, a rate below 50 Hz, or without any sample.
  init?(_ signal: PhysicalSignal) {
    guard signal.rate >= 50, signal.duration >= 1 else { return nil }
    rate = signal.rate
    frameCount = signal.frameCount
    var samples = signal.microvolts
    leads = SignalBands.bridge(&samples)
    guard !leads.isEmpty else { return nil }
    bridged = samples
    // A rate from a broken header must not overflow.
    step = max(1, Int(min(rate / 200, 1e6)))
    coarse = step > 1 ? SignalBands.means(of: samples, over: step) : samples
    let slowStep = max(1, Int(min(rate / 50, 1e6)))
    let slow = SignalBands.means(of: samples, over: slowStep)
    let upper = min(40, 0.4 * rate)
    guard !slow.isEmpty,
      let low = try? SecondOrderSections.butter(
        order: 2, band: .lowpass(0.5), rate: rate / Double(slowStep)),
      let middle = try? SecondOrderSections.butter(
        order: 2, band: .bandpass(low: 0.5, high: upper), rate: rate / Double(step)),
      let high = try? SecondOrderSections.butter(order: 2, band: .highpass(upper), rate: rate)
    else { return nil }
    wander = SignalBands.deviations(of: slow, by: low)
    ecg = middle.zeroPhase(timeMajor: coarse, leads: Lead.count)
    ecgPower = ecg.withUnsafeBufferPointer(SignalBands.deviations)
    noise =
      rate > 90
      ? SignalBands.deviations(of: samples, by: high) : [Double](repeating: 0, count: Lead.count)
  }

  /// Bridges gaps in [frames, 12] and makes absent leads zero; returns the leads that have samples.
  private static func bridge(_ samples: inout [Double]) -> [Lead] {
    let ranges = SampleRange.ofLeads(in: samples)
    return Lead.allCases.filter { lead in
      let range = ranges[lead.rawValue]
      if !range.hasMissing, range.low.isFinite, range.high.isFinite { return true }
      return samples.withUnsafeMutableBufferPointer { samples in
        var isPresent = false
        for place in stride(from: lead.rawValue, to: samples.count, by: Lead.count) {
          // Only files of physical values can hold an infinity, and it is no measurement.
          if samples[place].isInfinite { samples[place] = .nan }
          isPresent = isPresent || !samples[place].isNaN
        }
        MissingSamples.bridge(samples, lead: lead.rawValue, of: Lead.count)
        return isPresent
      }
    }
  }

  /// Means over `length` rows of twelve; what is left at the end is in none.
  private static func means(of rows: [Double], over length: Int) -> [Double] {
    let count = rows.count / Lead.count / length
    return [Double](unsafeUninitializedCapacity: count * Lead.count) { means, initialized in
      einthoven_means_12(einthoven_best_variant(), rows, count, length, means.baseAddress)
      initialized = count * Lead.count
    }
  }

  /// Standard deviation of each of twelve columns, filtered.
  private static func deviations(of rows: [Double], by filter: SecondOrderSections) -> [Double] {
    rows.withUnsafeBufferPointer { filter.withZeroPhase(ofTwelve: $0, deviations) }
  }

  /// Standard deviation of each of twelve columns.
  private static func deviations(_ rows: UnsafeBufferPointer<Double>) -> [Double] {
    let count = rows.count / Lead.count
    var (sums, squares) = (
      [Double](repeating: 0, count: Lead.count), [Double](repeating: 0, count: Lead.count)
    )
    einthoven_powers_12(einthoven_best_variant(), rows.baseAddress, count, &sums, &squares)
    return zip(sums, squares).map { sum, square in
      let mean = sum / Double(count)
      return max(0, square / Double(count) - mean * mean).squareRoot()
    }
  }
}
