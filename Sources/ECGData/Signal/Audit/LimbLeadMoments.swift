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

  /// The number of seconds.
  var count: Int { products.count / max(1, width * width) }

  /// Takes the moments of the leads in one pass; frames that lack a sample of any of them do not count.
  init(_ signal: PhysicalSignal, _ leads: [Lead]) {
    // A frame's leads in one vector, zeros behind them.
    typealias Frame = SIMD8<Double>
    width = leads.count
    let rows = LimbLaws(leads)?.differences
    let columns = leads.indices.map { column in
      var weights = Frame.zero
      for row in leads.indices { weights[row] = rows?[row * leads.count + column] ?? 0 }
      return weights
    }
    let frames = signal.frameCount
    let blocks = signal.rate >= 1 ? max(1, Int(Double(frames) / signal.rate)) : 1
    let keptEvery = (blocks - 1) / LimbLeadMoments.mostSeconds + 1
    var least = Frame(repeating: .infinity)
    var previous: Frame?
    var (differenceSquares, greatest) = (Frame.zero, Frame.zero)
    var total = 0.0
    let places = leads.map(\.rawValue)
    signal.microvolts.withUnsafeBufferPointer { samples in
      for block in 0..<blocks {
        var origin: Frame?
        var sums = Frame.zero
        var squares = [Frame](repeating: .zero, count: width)
        var present = 0.0
        squares.withUnsafeMutableBufferPointer { squares in
          for frame in (block * frames / blocks)..<((block + 1) * frames / blocks) {
            var values = Frame.zero
            for index in 0..<width { values[index] = samples[frame * Lead.count + places[index]] }
            guard values == values else { continue }
            present += 1
            let step = values - (previous ?? values)
            let size = step.replacing(with: -step, where: step .< 0)
            least = least.replacing(with: size, where: (size .> 0) .& (size .< least))
            previous = values
            var difference = Frame.zero
            for index in 0..<width { difference += columns[index] * values[index] }
            differenceSquares += difference * difference
            let distance = difference.replacing(with: -difference, where: difference .< 0)
            greatest = greatest.replacing(with: distance, where: distance .> greatest)
            // The first sample as origin keeps offsets of whole millivolts from costing digits.
            let start = origin ?? values
            origin = start
            let centred = values - start
            sums += centred
            for index in 0..<width { squares[index] += centred * centred[index] }
          }
        }
        guard present > 1 else { continue }
        total += present
        guard block.isMultiple(of: keptEvery) else { continue }
        for row in 0..<width {
          for column in 0..<width {
            products.append(squares[row][column] / present - sums[row] / present * (sums[column] / present))
          }
        }
      }
    }
    differences = leads.indices.map { (total > 0 ? differenceSquares[$0] / total : 0, greatest[$0]) }
    let steps = leads.indices.map { least[$0] }.filter(\.isFinite).sorted()
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
