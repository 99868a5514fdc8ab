/// The course of one lead without its offset and its size: the same for a copy that was scaled, shifted or resampled.
///
/// It is told by its steps: wander, which many records share, hardly counts.
struct SignalShape: Sendable {
  /// Differences between the means over equal spans of the lead, of unit length; shape [spans − 1].
  let values: [Double]
  /// Their length before, in µV.
  let size: Double

  /// Takes the shape of a lead, missing samples at its mean.
  ///
  /// Samples are joined by straight lines and integrated: a mean over 20 ms at 500 Hz is that at 100 Hz then.
  ///
  /// - Returns: nil for a lead that has no samples or never moves.
  /// - Complexity: O(frames + spans).
  init?(of lead: Lead, in signal: PhysicalSignal, spans: Int) {
    guard signal.mask.contains(lead), signal.frameCount > 0, spans > 1 else { return nil }
    var line = signal[lead]
    var (sum, present) = (0.0, 0)
    for value in line where !value.isNaN { (sum, present) = (sum + value, present + 1) }
    guard present > 0, sum.isFinite else { return nil }
    let mean = sum / Double(present)
    for index in line.indices { line[index] = line[index].isNaN ? 0 : line[index] - mean }
    let means = SignalShape.integrals(of: line, spans: spans)
    var values = zip(means.dropFirst(), means).map { $0 - $1 }
    size = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Less than rounding to whole counts makes of nothing.
    guard size.isFinite, size > 0.01 * Double(spans).squareRoot() else { return nil }
    for index in values.indices { values[index] /= size }
    self.values = values
  }

  /// The cosine of the angle to another shape of as many spans, from −1 to 1.
  func similarity(to other: SignalShape) -> Double {
    zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Means of the lines between samples over equal spans; what is behind the last sample is as it.
  private static func integrals(of line: [Double], spans: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: spans)
    let perSample = Double(spans) / Double(line.count)
    for index in line.indices {
      let (here, next) = (line[index], line[min(index + 1, line.count - 1)])
      let (begin, end) = (Double(index) * perSample, Double(index + 1) * perSample)
      var (span, place) = (min(Int(begin), spans - 1), begin)
      while place < end {
        let stop = span == spans - 1 ? end : min(end, Double(span + 1))
        let (from, to) = ((place - begin) / perSample, (stop - begin) / perSample)
        sums[span] += (stop - place) * (here + (next - here) * (from + to) / 2)
        (span, place) = (min(span + 1, spans - 1), stop)
      }
    }
    return sums
  }
}
