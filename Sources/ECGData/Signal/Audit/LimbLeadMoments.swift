import CKernels

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
  /// How far each lead is from what the others give, over all frames: mean square and greatest, in µV² and µV.
  private(set) var differences: [(square: Double, greatest: Double)] = []
  /// The share of seconds, the worst ones, that a figure leaves out.
  ///
  /// An exchanged lead is wrong throughout. What is wrong for an instant is not: nine of 300 CODE-15 records have
  /// spikes of some mV in one limb lead, from resampling, within less than a second.
  static let omittedShare = 0.2

  /// Of a longer record so many seconds are kept, evenly spread: hypotheses are tried on each.
  private static let mostSeconds = 120

  /// Samples of a vector.
  private static let lanes = 8

  /// The number of seconds.
  var count: Int { products.count / max(1, width * width) }

  /// Takes the moments of the leads in one pass; frames that lack a sample of any of them do not count.
  init(_ signal: PhysicalSignal, _ leads: [Lead]) {
    width = leads.count
    let places = leads.map(\.rawValue)
    // A frame's leads in one vector of eight, zeros behind them.
    var columns = [Double](repeating: 0, count: LimbLeadMoments.lanes * width)
    for (index, weight) in (LimbLaws(leads)?.differences ?? []).enumerated() {
      columns[index % width * LimbLeadMoments.lanes + index / width] = weight
    }
    let frames = signal.frameCount
    let blocks = signal.rate >= 1 ? max(1, Int(Double(frames) / signal.rate)) : 1
    let keptEvery = (blocks - 1) / LimbLeadMoments.mostSeconds + 1
    // The last frame, the smallest steps, and of the differences the sums of squares and the greatest.
    var steps = [.nan, .infinity, 0.0, 0.0].flatMap { repeatElement($0, count: LimbLeadMoments.lanes) }
    var sums = [Double](repeating: 0, count: LimbLeadMoments.lanes)
    var squares = columns
    var total = 0.0
    signal.microvolts.withUnsafeBufferPointer { samples in
      for block in 0..<blocks {
        let second = (block * frames / blocks)..<((block + 1) * frames / blocks)
        let present = Double(
          einthoven_moments(
            einthoven_best_variant(), samples.baseAddress.map { $0 + second.lowerBound * Lead.count },
            second.count, places, width, columns, &steps, &sums, &squares))
        guard present > 1 else { continue }
        total += present
        guard block.isMultiple(of: keptEvery) else { continue }
        for row in 0..<width {
          for column in 0..<width {
            products.append(
              squares[row * LimbLeadMoments.lanes + column] / present
                - sums[row] / present * (sums[column] / present))
          }
        }
      }
    }
    let (least, squared, greatest) = (
      LimbLeadMoments.lanes, 2 * LimbLeadMoments.lanes, 3 * LimbLeadMoments.lanes
    )
    differences = leads.indices.map { (total > 0 ? steps[squared + $0] / total : 0, steps[greatest + $0]) }
    let smallest = leads.indices.map { steps[least + $0] }.filter(\.isFinite).sorted()
    if !smallest.isEmpty { quantum = smallest[smallest.count / 2] }
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
