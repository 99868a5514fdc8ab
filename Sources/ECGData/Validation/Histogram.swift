import Foundation

/// How many values fall into each of many narrow bins: a distribution that takes no more memory for a million values than for
/// a thousand, and that can be filled in parts and merged.
public struct Histogram: Sendable, Equatable {
  /// How wide the bins are.
  public enum Scale: Sendable, Equatable {
    /// All of one width, with an edge at 0.
    case linear(width: Double)
    /// So many to a factor of ten, with an edge at 1.
    case logarithmic(binsPerDecade: Int)

    /// Where a value lies, counted in bins from the edge at 0 or 1.
    func place(_ value: Double) -> Double {
      switch self {
      case .linear(let width): value / width
      case .logarithmic(let count): value > 0 ? log10(value) * Double(count) : -.infinity
      }
    }

    /// The value at a place.
    func value(_ place: Double) -> Double {
      switch self {
      case .linear(let width): place * width
      case .logarithmic(let count): pow(10, place / Double(count))
      }
    }
  }

  private struct Bin: Equatable {
    var count = 0
    var sum = 0.0
  }

  /// How wide the bins are.
  public let scale: Scale
  /// The number of values.
  public private(set) var count = 0
  /// The lowest value; nil without any.
  public private(set) var minimum: Double?
  /// The highest value; nil without any.
  public private(set) var maximum: Double?
  /// By place; those without values are left out.
  private var bins: [Int: Bin] = [:]

  /// Bins to either side of the first; what lies beyond falls into the last.
  private static let mostBins = 5_000.0

  init(_ scale: Scale) { self.scale = scale }

  /// Counts a value; one that is no finite number is left out.
  mutating func add(_ value: Double) {
    guard value.isFinite else { return }
    let place = max(-Histogram.mostBins, min(scale.place(value).rounded(.down), Histogram.mostBins))
    bins[Int(place), default: Bin()].count += 1
    bins[Int(place), default: Bin()].sum += value
    count += 1
    minimum = min(minimum ?? value, value)
    maximum = max(maximum ?? value, value)
  }

  /// Adds the values of another histogram of the same scale.
  mutating func merge(_ other: Histogram) {
    for (place, bin) in other.bins {
      bins[place, default: Bin()].count += bin.count
      bins[place, default: Bin()].sum += bin.sum
    }
    count += other.count
    if let low = other.minimum { minimum = min(minimum ?? low, low) }
    if let high = other.maximum { maximum = max(maximum ?? high, high) }
  }

  /// The value below which a share of all values lies: the mean of the bin that it falls into.
  ///
  /// - Parameter share: from 0 to 1; 0.5 is the median.
  /// - Returns: nil without any value.
  public func quantile(_ share: Double) -> Double? {
    var below = 0
    for (_, bin) in bins.sorted(by: { $0.key < $1.key }) {
      below += bin.count
      if Double(below) >= share * Double(count) { return bin.sum / Double(bin.count) }
    }
    return nil
  }

  /// How many values fall into `width` bins at a time: bars that a picture has room for, by their number from the edge at 0
  /// or 1.
  func bars(of width: Int) -> [Int: Int] {
    bins.reduce(into: [:]) { bars, bin in
      bars[Int((Double(bin.key) / Double(width)).rounded(.down)), default: 0] += bin.value.count
    }
  }
}

extension Histogram: Encodable {
  private enum Key: String, CodingKey {
    case count, minimum, p05, median, p95, maximum, bins
  }

  private struct Range: Encodable {
    var from: Double
    var to: Double
    var count: Int
  }

  /// Encodes count, minimum, p05, median, p95, maximum (left out without any value) and the bins that have values.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(count, forKey: .count)
    try container.encodeIfPresent(minimum, forKey: .minimum)
    try container.encodeIfPresent(quantile(0.05), forKey: .p05)
    try container.encodeIfPresent(quantile(0.5), forKey: .median)
    try container.encodeIfPresent(quantile(0.95), forKey: .p95)
    try container.encodeIfPresent(maximum, forKey: .maximum)
    let ranges = bins.sorted { $0.key < $1.key }.map { place, bin in
      Range(from: scale.value(Double(place)), to: scale.value(Double(place + 1)), count: bin.count)
    }
    try container.encode(ranges, forKey: .bins)
  }
}
