import CKernels

/// Number, mean and standard deviation of each lead's samples in mV, gathered in one pass.
///
/// A record is summed exactly, in integers; records and parts of a collection are joined in Double by Chan, Golub and
/// LeVeque's rule (Am Stat 37, 1983, equations 1.5), which loses nothing to an offset that is large against the
/// signal. Joining the same parts in the same order gives the same bits, whoever gathered them.
///
///     var training = LeadStatistics()
///     for part in parts { training.merge(part) }
public struct LeadStatistics: Codable, Sendable, Equatable {
  /// Samples counted, shape [12]; missing ones are left out.
  public private(set) var count = [Int](repeating: 0, count: Lead.count)
  /// Means in mV, shape [12]; 0 where nothing was counted.
  public private(set) var mean = [Double](repeating: 0, count: Lead.count)
  /// Sums of squared differences from the mean in mV², shape [12].
  private var squares = [Double](repeating: 0, count: Lead.count)

  /// Nothing counted.
  public init() {}

  /// Standard deviations (of the samples themselves: n, not n − 1) in mV, shape [12]; 0 where nothing was counted.
  public var standardDeviation: [Double] {
    zip(squares, count).map { $1 > 0 ? ($0 / Double($1)).squareRoot() : 0 }
  }

  /// Adds a stored record.
  ///
  /// - Parameters:
  ///   - counts: shape [frames, 12]; `Int16.min` is missing. At most 2^31 frames.
  ///   - scale: µV per count, shape [12].
  /// - Complexity: O(frames).
  mutating func add(_ counts: [Int16], scale: ArraySlice<Float>) {
    var number = [Int](repeating: 0, count: Lead.count)
    var first = [Int](repeating: 0, count: Lead.count)
    var second = [Int](repeating: 0, count: Lead.count)
    einthoven_sums(counts, counts.count / Lead.count, &number, &first, &second)
    for (lead, scale) in scale.enumerated() where number[lead] > 0 {
      let millivolts = Double(scale) / 1000
      let size = Double(number[lead])
      // n Σx² − (Σx)² is exact.
      let spread = Int128(number[lead]) * Int128(second[lead]) - Int128(first[lead]) * Int128(first[lead])
      merge(
        lead, number[lead], Double(first[lead]) / size * millivolts,
        Double(spread) / size * (millivolts * millivolts))
    }
  }

  /// Joins what was gathered elsewhere.
  ///
  /// - Parameter other: of other records.
  public mutating func merge(_ other: LeadStatistics) {
    for lead in 0..<Lead.count where other.count[lead] > 0 {
      merge(lead, other.count[lead], other.mean[lead], other.squares[lead])
    }
  }

  /// Joins what a manifest states of other records.
  mutating func merge(_ other: Manifest.Statistics) {
    for lead in 0..<Lead.count where other.samples[lead] > 0 {
      let spread = other.standardDeviation[lead]
      merge(lead, other.samples[lead], other.mean[lead], spread * spread * Double(other.samples[lead]))
    }
  }

  private mutating func merge(_ lead: Int, _ number: Int, _ mean: Double, _ squares: Double) {
    let total = Double(count[lead] + number)
    let difference = mean - self.mean[lead]
    self.mean[lead] += difference * (Double(number) / total)
    self.squares[lead] += squares + difference * difference * (Double(count[lead]) * Double(number) / total)
    count[lead] += number
  }
}
