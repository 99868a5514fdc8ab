/// Second moments of some leads, second by second: all that hypotheses about their order, signs and scales need.
///
/// Each second is taken about its own mean, so that offsets and slow wander do not count.
struct LimbLeadMoments {
  /// How many leads.
  let width: Int
  /// Mean products in µV², shape [seconds, width, width].
  private(set) var products: [Double] = []
  /// The smallest step between neighbouring samples of a lead, the median over the leads, in µV: the quantisation.
  private(set) var quantum = 0.0
  /// The share of seconds, the worst ones, that a figure leaves out.
  ///
  /// An exchanged lead is wrong throughout. What is wrong for an instant is not: nine of 300 CODE-15 records have
  /// spikes of some mV in one limb lead, from resampling, within less than a second.
  static let omittedShare = 0.2

  /// The number of seconds.
  var count: Int { products.count / max(1, width * width) }

  /// - Parameters:
  ///   - signal: the leads, of which frames that lack a sample of any of `leads` do not count.
  ///   - leads: which.
  init(_ signal: PhysicalSignal, _ leads: [Lead]) {
    width = leads.count
    let places = leads.map(\.rawValue)
    let frames = signal.frameCount
    let blocks = signal.rate >= 1 ? max(1, Int(Double(frames) / signal.rate)) : 1
    var least = [Double](repeating: .infinity, count: width)
    var previous = [Double](repeating: .nan, count: width)
    var values = [Double](repeating: 0, count: width)
    signal.microvolts.withUnsafeBufferPointer { samples in
      for block in 0..<blocks {
        let range = (block * frames / blocks)..<((block + 1) * frames / blocks)
        var origin: [Double]?
        var sums = [Double](repeating: 0, count: width)
        var squares = [Double](repeating: 0, count: width * width)
        var present = 0.0
        for frame in range {
          var isWhole = true
          for (index, place) in places.enumerated() {
            let value = samples[frame * Lead.count + place]
            isWhole = isWhole && !value.isNaN
            values[index] = value
          }
          guard isWhole else { continue }
          present += 1
          // The first sample as origin keeps offsets of whole millivolts from costing digits.
          let start = origin ?? values
          origin = start
          for row in 0..<width {
            let step = abs(values[row] - previous[row])
            if step > 0, step < least[row] { least[row] = step }
            previous[row] = values[row]
            values[row] -= start[row]
            sums[row] += values[row]
          }
          for row in 0..<width {
            for column in row..<width { squares[row * width + column] += values[row] * values[column] }
          }
        }
        guard present > 1 else { continue }
        for row in 0..<width {
          for column in 0..<width {
            let (a, b) = (min(row, column), max(row, column))
            products.append(
              squares[a * width + b] / present - sums[row] / present * (sums[column] / present))
          }
        }
      }
    }
    let steps = least.filter(\.isFinite).sorted()
    if !steps.isEmpty { quantum = steps[steps.count / 2] }
  }

  /// The root mean square, over all seconds but the worst, of what a form of shape [width, width] makes of the
  /// products.
  func typical(_ weights: [Double]) -> Double {
    typical { second in
      var sum = 0.0
      for index in weights.indices { sum += weights[index] * products[second * weights.count + index] }
      return sum
    }
  }

  /// The same of any figure that a second has; negative ones, which rounding makes, count as zero.
  func typical(_ square: (Int) -> Double) -> Double {
    let squares = (0..<count).map { max(0, square($0)) }.sorted()
    let kept = squares.prefix(LimbLeadMoments.kept(squares.count))
    return kept.isEmpty ? 0 : (kept.reduce(0, +) / Double(kept.count)).squareRoot()
  }

  /// How many of a number of seconds count.
  static func kept(_ count: Int) -> Int { count - Int(Double(count) * omittedShare) }
}
