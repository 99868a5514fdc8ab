internal import ECGData

/// Percentile intervals from resamples of the records (Efron and Tibshirani, 1993, chapter 13).
///
/// Records are drawn with replacement, as many as there are; or patients with all their records, where these are known: records
/// of one patient are not independent, and an interval by record is too narrow then.
public struct Bootstrap: Sendable {
  /// The resamples.
  public let resamples: Int
  private let seed: UInt64
  /// The records of each unit that is drawn.
  private let units: [[Int]]
  /// N.
  public let count: Int

  /// - Parameters:
  ///   - count: N, the records.
  ///   - patients: The patient of each; 0 is an unknown one, who has but this record. Left out: all are.
  ///   - resamples: How many; 1,000 give the second digit of an interval's ends, 10,000 the third.
  ///   - seed: Draws them.
  /// - Throws: `ECGError.Code.invalidArgument` for patients of other records.
  public init(
    records count: Int, patients: [UInt64]? = nil, resamples: Int = 10_000, seed: UInt64
  ) throws {
    (self.count, self.resamples, self.seed) = (count, resamples, seed)
    guard patients?.count ?? count == count else {
      throw ECGError(.invalidArgument, "\(patients?.count ?? 0) patients are not those of \(count) records")
    }
    guard let patients else {
      units = (0..<count).map { [$0] }
      return
    }
    var places: [UInt64: Int] = [:]
    var units: [[Int]] = []
    for (record, patient) in patients.enumerated() {
      if patient != 0, let place = places[patient] {
        units[place].append(record)
      } else {
        if patient != 0 { places[patient] = units.count }
        units.append([record])
      }
    }
    self.units = units
  }

  /// The 95 % interval of a figure.
  ///
  /// - Parameter figure: Computes it from how often each record counts; nil where it is undefined, and the resample left out.
  /// - Returns: nil if it is undefined in all.
  /// - Throws: What `figure` throws.
  public func interval(_ figure: ([Int]) throws -> Double?) rethrows -> Interval? {
    var generator = SplitMix64("bootstrap", seed)
    var values: [Double] = []
    values.reserveCapacity(resamples)
    for _ in 0..<resamples {
      var weights = [Int](repeating: 0, count: count)
      for _ in units {
        for record in units[generator.index(below: units.count)] { weights[record] += 1 }
      }
      if let value = try figure(weights) { values.append(value) }
    }
    return Interval(of: values)
  }

  /// An interval of 95 %.
  public struct Interval: Sendable, Equatable {
    /// The 2.5 % quantile.
    public var low: Double
    /// The 97.5 % quantile.
    public var high: Double

    init(low: Double, high: Double) { (self.low, self.high) = (low, high) }

    /// That of a figure's values in resamples; nil if there are none.
    init?(of values: [Double]) {
      guard !values.isEmpty else { return nil }
      let sorted = values.sorted()
      self.init(low: sorted.quantile(0.025), high: sorted.quantile(0.975))
    }
  }
}

extension [Double] {
  /// Of sorted numbers, by linear interpolation between order statistics: NumPy's default.
  fileprivate func quantile(_ share: Double) -> Double {
    let place = share * Double(count - 1)
    let low = Int(place)
    let high = Swift.min(low + 1, count - 1)
    return self[low] + (self[high] - self[low]) * (place - Double(low))
  }
}

extension ScoredRecords {
  /// The mean area under the ROC curve of records that count as often as is said of each.
  ///
  /// Classes without both outcomes are left out, as in that of all. Classes are ranked once.
  func resampledArea() -> ([Int]) -> Double? {
    let ranked = classes.indices.map { self.ranked($0) }
    return { weights in ClassFigures(classes: ranked.map { $0.area(weights) }).mean }
  }
}
