@testable import ECGData

/// Crops of plain arrays for tests of augmentations.
struct AugmentedCrop: Equatable {
  /// Lead-major, [12][frames].
  var leads: [[Float]]
  /// The last four values of all rows.
  var beyond: [Float]
  /// The state of the generator afterwards.
  var state: UInt64

  subscript(lead: Int) -> [Float] { leads[lead] }

  var count: Int { leads[0].count }
}

extension Augmentation {
  /// Applies it to rows of twelve leads, time-major.
  func applied(
    to rows: [Float], rate: Double = 100, unit: [Float] = [Float](repeating: 1, count: 12),
    state: UInt64 = 1
  ) -> AugmentedCrop {
    let crop = CropRows(capacity: rows.count / 12)
    crop.fill(rows)
    var generator = SplitMix64(state: state)
    apply(to: crop, rate: rate, valuesPerMillivolt: unit, generator: &generator)
    return crop.read(generator)
  }
}

extension CropRows {
  func fill(_ values: [Float]) {
    count = values.count / 12
    for (index, value) in values.enumerated() { rows[index / 12 * 16 + index % 12] = value }
  }

  func read(_ generator: SplitMix64) -> AugmentedCrop {
    AugmentedCrop(
      leads: (0..<12).map { lead in (0..<count).map { rows[16 * $0 + lead] } },
      beyond: (0..<count).flatMap { row in (12..<16).map { rows[16 * row + $0] } },
      state: generator.state)
  }

  /// Rows of twelve leads that differ everywhere: lead k at frame t is a random number.
  static func noise(_ count: Int, seed: UInt64 = 0) -> [Float] {
    var generator = SplitMix64("crop rows", seed)
    return (0..<12 * count).map { _ in Float(generator.normal()) }
  }

  /// Rows in which every lead counts the frames.
  static func ramp(_ count: Int) -> [Float] { (0..<12 * count).map { Float($0 / 12) } }
}

/// Figures of a sample of numbers.
struct SampleFigures {
  let numbers: [Double]

  var mean: Double { numbers.reduce(0, +) / Double(numbers.count) }

  /// A moment about the mean by the power of the standard deviation; the second is the variance itself.
  func moment(_ order: Int) -> Double {
    let mean = self.mean
    func central(_ order: Int) -> Double {
      numbers.reduce(0.0) { sum, x in sum + (0..<order).reduce(1.0) { power, _ in power * (x - mean) } }
        / Double(numbers.count)
    }
    return order == 2
      ? central(2) : central(order) / (0..<order).reduce(1.0) { p, _ in p * central(2).squareRoot() }
  }

  /// Kolmogorov and Smirnov's distance from a distribution, by the root of the number; above 1.95 once in a thousand.
  func distance(from distribution: (Double) -> Double) -> Double {
    let count = Double(numbers.count)
    return numbers.sorted().enumerated().reduce(0) { worst, item in
      let expected = distribution(item.element)
      return max(worst, expected - Double(item.offset) / count, Double(item.offset + 1) / count - expected)
    } * count.squareRoot()
  }
}
