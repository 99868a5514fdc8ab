import Foundation

/// The amplitudes of a collection's records, as a histogram that any number of workers can fill and merge.
///
///     var all = CollectionAmplitude()
///     all.add(audit)                      // each record's AmplitudeAudit
///     all.merge(other)                    // exact, whatever the order
///     all.verdict?.ratio                  // 4.9: nearly five times too large
///
/// A single record may be three times as large as another; the middle of fifty is not. So a collection in a
/// wrong unit is named where none of its records could be.
public struct CollectionAmplitude: Sendable, Equatable {
  /// What is wrong with a collection's unit or gain.
  public struct Verdict: Sendable, Equatable {
    /// How many times the amplitude is that of other collections.
    public var ratio: Double
    /// The known faults within a factor of 1.6 of the ratio, the nearest first; it may be none.
    public var explanations: [GainFault]
  }

  /// Fewer records are not judged.
  public static let leastCount = 50
  /// Median amplitudes of collections, in µV.
  ///
  /// Those measured lie between 0.81 (Georgia) and 1.22 mV (CPSC-Extra); the limits leave room for a draw of fifty
  /// records. CODE-15 % read as mV has 1.80 mV, and is beyond.
  static let plausible = 590.0...1500.0
  /// The middle of the medians of collections, in µV.
  static let reference = 1000.0

  /// Bins of a hundredth of a decade from 1 nV to 1000 kV.
  private static let decades = -3.0...12.0
  private static let binsPerDecade = 100.0
  private var counts: [Int]
  /// The number of records.
  public private(set) var count = 0

  /// An empty histogram.
  public init() {
    let (low, high) = (CollectionAmplitude.decades.lowerBound, CollectionAmplitude.decades.upperBound)
    counts = [Int](repeating: 0, count: Int((high - low) * CollectionAmplitude.binsPerDecade))
  }

  /// Adds a record.
  public mutating func add(_ audit: AmplitudeAudit) {
    let place =
      (log10(audit.amplitude) - CollectionAmplitude.decades.lowerBound) * CollectionAmplitude.binsPerDecade
    guard place.isFinite else { return }
    counts[min(max(0, Int(place)), counts.count - 1)] += 1
    count += 1
  }

  /// Adds the records of another part of the collection.
  public mutating func merge(_ other: CollectionAmplitude) {
    for index in counts.indices { counts[index] += other.counts[index] }
    count += other.count
  }

  /// The median amplitude in µV, exact to 1.2 %; nil without any record.
  public var median: Double? {
    guard count > 0 else { return nil }
    var below = 0.0
    for (index, number) in counts.enumerated() where number > 0 {
      let next = below + Double(number)
      if next >= Double(count) / 2 {
        // Records of a bin are taken to be spread evenly.
        let part = (Double(count) / 2 - below) / Double(number)
        let decade =
          CollectionAmplitude.decades.lowerBound
          + (Double(index) + part) / CollectionAmplitude.binsPerDecade
        return pow(10, decade)
      }
      below = next
    }
    return nil
  }

  /// What is wrong with the amplitudes; nil if nothing is, or below ``leastCount`` records.
  public var verdict: Verdict? {
    guard count >= CollectionAmplitude.leastCount, let median,
      !CollectionAmplitude.plausible.contains(median)
    else { return nil }
    let ratio = median / CollectionAmplitude.reference
    return Verdict(ratio: ratio, explanations: GainFault.explaining(ratio: ratio, within: log10(1.6)))
  }
}
