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

  /// The stronger mains of each column; nil where neither stands out.
  static func all(in bands: SignalBands) -> [Powerline?] {
    let width = bands.leads.count
    let length = min(bands.frameCount, Int((2 * bands.rate).rounded()))
    var best = [Powerline?](repeating: nil, count: width)
    guard length > 1 else { return best }
    let spectrum = Goertzel(bands, length: length)
    for mains in [50.0, 60.0] {
      let multiples = (1...4).map { mains * Double($0) }.filter { $0 + 1 < bands.rate / 2 }
      var excess = [Double](repeating: 0, count: width)
      var prominence = [Double](repeating: 0, count: width)
      for frequency in multiples {
        let around = [-0.4, 0, 0.4].map { frequency + $0 }
        let away = [-5.0, -4, -3, 3, 4, 5].map { frequency + $0 }.filter { $0 + 1 < bands.rate / 2 }
        let powers = spectrum.powers(at: around + away)
        let (peaks, beside) = (powers.prefix(around.count), powers.dropFirst(around.count))
        for column in 0..<width {
          let peak = peaks.map { $0[column] }.max() ?? 0
          let floors = beside.map { $0[column] }.sorted()
          let floor = (floors[(floors.count - 1) / 2] + floors[floors.count / 2]) / 2
          let ratio = peak / max(floor, .leastNormalMagnitude)
          if frequency == mains { prominence[column] = ratio }
          if ratio >= leastProminence { excess[column] += peak - floor }
        }
      }
      for column in 0..<width {
        let amplitude = excess[column].squareRoot()
        guard prominence[column] >= leastProminence, amplitude >= leastAmplitude,
          amplitude > best[column]?.amplitude ?? 0
        else { continue }
        best[column] = Powerline(
          frequency: mains, amplitude: amplitude, prominence: prominence[column])
      }
    }
    return best
  }
}

/// Mean power of single frequencies over windows that follow each other.
private struct Goertzel {
  typealias Lanes = SIMD4<Double>

  /// Weighted samples: for each window and group of four columns, `length` rows.
  private var rows: [Lanes] = []
  private let length: Int
  private let windows: Int
  private let groups: Int
  private let width: Int
  private let rate: Double
  private let scale: Double

  init(_ bands: SignalBands, length: Int) {
    self.length = length
    windows = bands.frameCount / length
    width = bands.leads.count
    groups = (width + 3) / 4
    rate = bands.rate
    let weights = (0..<length).map { 0.5 - 0.5 * PortableMath.cosPi(2 * (Double($0) + 0.5) / Double(length)) }
    let sum = weights.reduce(0, +)
    // The power of a sine of amplitude a is a²/2.
    scale = 2 / (sum * sum)
    rows.reserveCapacity(windows * groups * length)
    for window in 0..<windows {
      for group in 0..<groups {
        for index in 0..<length {
          var row = Lanes.zero
          for lane in 0..<min(4, width - 4 * group) {
            let place = (window * length + index) * width + 4 * group + lane
            // Without its wander the signal leaks nothing into the mains.
            row[lane] = (bands.bridged[place] - bands.wander[place]) * weights[index]
          }
          rows.append(row)
        }
      }
    }
  }

  /// The power of each column at some frequencies, in µV²; shape [frequencies, columns].
  func powers(at frequencies: [Double]) -> [[Double]] {
    stride(from: 0, to: frequencies.count, by: Lanes.scalarCount).flatMap { start in
      powers(ofFour: Array(frequencies[start..<min(start + Lanes.scalarCount, frequencies.count)]))
    }
  }

  /// A recursion waits for its last step: four of them run side by side.
  private func powers(ofFour frequencies: [Double]) -> [[Double]] {
    let cosines = (0..<4).map { index in
      2 * PortableMath.cosPi(2 * frequencies[min(index, frequencies.count - 1)] / rate)
    }
    var powers = [[Double]](repeating: [Double](repeating: 0, count: 4 * groups), count: 4)
    let (p, q, r, s) = (cosines[0], cosines[1], cosines[2], cosines[3])
    rows.withUnsafeBufferPointer { rows in
      for window in 0..<windows {
        for group in 0..<groups {
          var (pLast, qLast, rLast, sLast) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
          var (pBefore, qBefore, rBefore, sBefore) = (pLast, qLast, rLast, sLast)
          let start = (window * groups + group) * length
          for row in rows.extracting(start..<(start + length)) {
            (pLast, pBefore) = (row + pLast * p - pBefore, pLast)
            (qLast, qBefore) = (row + qLast * q - qBefore, qLast)
            (rLast, rBefore) = (row + rLast * r - rBefore, rLast)
            (sLast, sBefore) = (row + sLast * s - sBefore, sLast)
          }
          let ends = [(pLast, pBefore), (qLast, qBefore), (rLast, rBefore), (sLast, sBefore)]
          for (index, (last, before)) in ends.enumerated() {
            let value = (last * last + before * before - last * before * cosines[index]) * scale
            for lane in 0..<4 { powers[index][4 * group + lane] += max(0, value[lane]) / Double(windows) }
          }
        }
      }
    }
    return powers.prefix(frequencies.count).map { Array($0.prefix(width)) }
  }
}
