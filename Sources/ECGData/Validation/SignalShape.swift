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
  /// Samples are joined by straight lines and integrated: a mean over 40 ms at 500 Hz is that at 100 Hz then.
  ///
  /// - Returns: nil for a lead that has no samples or never moves.
  /// - Complexity: O(frames + spans).
  init?(of lead: Lead, in signal: PhysicalSignal, spans: Int) {
    guard signal.mask.contains(lead), signal.frameCount > 0, spans > 1 else { return nil }
    let means = signal.microvolts.withUnsafeBufferPointer {
      SignalShape.means(of: $0, lead.rawValue, spans: spans)
    }
    guard let means else { return nil }
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

  /// Means of the lines between the samples of a lead of twelve over equal spans, less the mean of all.
  ///
  /// What is behind the last sample is as it. Nil if there is no sample.
  private static func means(of samples: UnsafeBufferPointer<Double>, _ lead: Int, spans: Int) -> [Double]? {
    let count = samples.count / Lead.count
    var (sum, present) = (0.0, 0)
    for index in 0..<count {
      let value = samples[index * Lead.count + lead]
      if !value.isNaN { (sum, present) = (sum + value, present + 1) }
    }
    guard present > 0, sum.isFinite else { return nil }
    let mean = sum / Double(present)
    func height(_ index: Int) -> Double {
      let value = samples[index * Lead.count + lead]
      return value.isNaN ? 0 : value - mean
    }
    let perSpan = Double(count) / Double(spans)
    var (sample, area, before) = (0, 0.0, 0.0)
    var (here, next) = (height(0), height(min(1, count - 1)))
    return (1...spans).map { span in
      let edge = span == spans ? Double(count) : Double(span) * perSpan
      while Double(sample + 1) <= edge {
        area += (here + next) / 2
        sample += 1
        (here, next) = (next, height(min(sample + 1, count - 1)))
      }
      let part = edge - Double(sample)
      let reached = area + part * (here + part * (next - here) / 2)
      defer { before = reached }
      return (reached - before) / perSpan
    }
  }
}
