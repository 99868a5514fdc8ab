import CKernels
import Synchronization

/// Interference of the mains in one lead.
///
/// The power at 50 or 60 Hz and its multiples below half the rate is compared with that 3, 4 and 5 Hz beside
/// them, where the ECG is as strong and the mains are not. Goertzel's recursion (Am. Math. Monthly 65:34, 1958)
/// measures each frequency in windows of 2 s with Hann's weights, whose main lobe of ±1 Hz makes drifting mains
/// and rates that are no multiple of 50 harmless.
public struct Powerline: Sendable, Equatable {
  /// 50 or 60 Hz.
  public internal(set) var frequency: Double
  /// Root mean square of the mains and their multiples, less what their neighbours have, in µV.
  public internal(set) var amplitude: Double
  /// Power of the fundamental over the median of its neighbours.
  public internal(set) var prominence: Double

  /// Mains must have this many times the power of their neighbours.
  static let leastProminence = 10.0
  /// Mains must have this many µV RMS: less is below the step of many converters.
  static let leastAmplitude = 2.0

  /// The stronger mains of each lead, shape [12]; nil where neither stands out, and where they have less than `least` µV RMS or
  /// than a share of the power above 0.5 Hz.
  static func all(in bands: SignalBands, least: Double, share: Double) -> [Powerline?] {
    let length = min(bands.frameCount, Int((2 * bands.rate).rounded()))
    var best = [Powerline?](repeating: nil, count: Lead.count)
    // The band above 40 Hz keeps 0.71 of 50 Hz, and the windows show a burst at most 1.17 times as large as it is.
    let leads = bands.leads.map(\.rawValue).filter { lead in
      let (ecg, noise) = (bands.ecgPower[lead], bands.noise[lead])
      let most = noise * (1.17 / 0.71)
      return most >= least && most * most >= share * (ecg * ecg + noise * noise)
    }
    guard length > 1, !leads.isEmpty else { return best }
    let spectrum = Goertzel(bands, length: length)
    for mains in [50.0, 60.0] where mains + 1 < bands.rate / 2 {
      let fundamental = Powerline.ratios(spectrum, at: mains, below: bands.rate / 2)
      guard leads.contains(where: { fundamental[$0].ratio >= leastProminence }) else { continue }
      var excess = fundamental.map { $0.ratio >= leastProminence ? $0.excess : 0 }
      for multiple in 2...4 where Double(multiple) * mains + 1 < bands.rate / 2 {
        let overtone = Powerline.ratios(spectrum, at: Double(multiple) * mains, below: bands.rate / 2)
        for lead in leads where overtone[lead].ratio >= leastProminence {
          excess[lead] += overtone[lead].excess
        }
      }
      for lead in leads {
        let amplitude = excess[lead].squareRoot()
        guard fundamental[lead].ratio >= leastProminence, amplitude >= leastAmplitude,
          amplitude > best[lead]?.amplitude ?? 0
        else { continue }
        best[lead] = Powerline(
          frequency: mains, amplitude: amplitude, prominence: fundamental[lead].ratio)
      }
    }
    return best
  }

  /// How the power at a frequency compares with that beside it, for each lead.
  private static func ratios(_ spectrum: Goertzel, at frequency: Double, below limit: Double) -> [(
    ratio: Double, excess: Double
  )] {
    let around = [-0.4, 0, 0.4].map { frequency + $0 }
    let away = [-5.0, -4, -3, 3, 4, 5].map { frequency + $0 }.filter { $0 + 1 < limit }
    let powers = spectrum.powers(at: around + away)
    let (peaks, beside) = (powers.prefix(around.count), powers.dropFirst(around.count))
    return (0..<Lead.count).map { lead in
      let peak = peaks.map { $0[lead] }.max() ?? 0
      let floors = beside.map { $0[lead] }.sorted()
      let floor = (floors[(floors.count - 1) / 2] + floors[floors.count / 2]) / 2
      return (peak / max(floor, .leastNormalMagnitude), peak - floor)
    }
  }
}

/// Mean power of single frequencies over windows that follow each other.
private struct Goertzel {
  private let bands: SignalBands
  private let length: Int
  private let weights: [Double]
  private let scale: Double

  init(_ bands: SignalBands, length: Int) {
    (self.bands, self.length) = (bands, length)
    weights = Goertzel.hann(length)
    let sum = weights.reduce(0, +)
    // The power of a sine of amplitude a is a²/2.
    scale = 2 / (sum * sum)
  }

  /// Hann's weights of the length asked for last: records mostly have one rate.
  private static let kept = Mutex<[Double]>([])

  private static func hann(_ length: Int) -> [Double] {
    kept.withLock { kept in
      if kept.count != length {
        kept = (0..<length).map {
          0.5 - 0.5 * PortableMath.cosPi(2 * (Double($0) + 0.5) / Double(length))
        }
      }
      return kept
    }
  }

  /// The power of each lead at some frequencies, in µV²; shape [frequencies, 12].
  func powers(at frequencies: [Double]) -> [[Double]] {
    stride(from: 0, to: frequencies.count, by: 3).flatMap { start in
      let some = frequencies[start..<min(start + 3, frequencies.count)]
      let cosines = (0..<3).map {
        2 * PortableMath.cosPi(2 * frequencies[min(start + $0, frequencies.count - 1)] / bands.rate)
      }
      let windows = bands.frameCount / length
      var sums = [Double](repeating: 0, count: 3 * Lead.count)
      var window = sums
      for index in 0..<windows {
        bands.bridged.withUnsafeBufferPointer { rows in
          einthoven_goertzel_12(
            einthoven_best_variant(), rows.baseAddress.map { $0 + index * length * Lead.count }, length,
            weights, cosines, &window)
        }
        for place in sums.indices { sums[place] += max(0, window[place]) * scale / Double(windows) }
      }
      return some.indices.map { Array(sums[(($0 - start) * Lead.count)..<(($0 - start + 1) * Lead.count)]) }
    }
  }
}
