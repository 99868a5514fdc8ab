import Synchronization

/// How counts become the numbers that a model sees.
public enum Normalization: String, Codable, Sendable, CaseIterable {
  /// Millivolt less the lead's mean, by its standard deviation, both over the training folds, from the manifest or a trained encoder.
  case perLead = "per-lead"
  /// The same with mean and standard deviation of the lead in the whole record, of which the crop is a part.
  case perRecord = "per-record"
  /// Less the median, by 1/1.349 of the interquartile range (for normal samples the standard deviation), both of the
  /// lead in the whole record: neither wander at its end nor an artefact moves it much. Where half of a lead's samples
  /// are equal, so that there is no such range, the standard deviation stands in for it.
  case robust
  /// Millivolt.
  case none
}

/// The centre and spread of each lead of the records that were asked for, so that a record is summed or sorted once.
///
/// Records beyond the first 65,536 are gone through for each of their crops; memory does not grow with the collection.
final class RecordSpreads: Sendable {
  private let known = Mutex<[Int: [LeadSpread]]>([:])

  /// The twelve leads of a record.
  ///
  /// - Parameters:
  ///   - record: its place in the shard set.
  ///   - compute: goes through the whole record.
  /// - Returns: shape [12].
  /// - Throws: what `compute` throws.
  func leads(of record: Int, _ compute: () throws -> [LeadSpread]) rethrows -> [LeadSpread] {
    if let leads = known.withLock({ $0[record] }) { return leads }
    let leads = try compute()
    known.withLock { if $0.count < 1 << 16 { $0[record] = leads } }
    return leads
  }
}

/// Where the samples of one lead of one record lie and how far they spread, in counts.
struct LeadSpread: Sendable, Equatable {
  /// Mean or median.
  var centre: Double
  /// Standard deviation, or the interquartile range by 1.349; 0 for a lead that is constant or has no samples.
  var spread: Double

  /// Mean and standard deviation (n, not n − 1), from exact sums.
  ///
  /// - Parameters:
  ///   - counts: shape [frames, 12], `Int16.min` is missing.
  ///   - lead: one of the twelve.
  init(momentsOf counts: [Int16], lead: Lead) {
    var (number, first, second) = (0, Int64(0), Int64(0))
    for index in stride(from: lead.rawValue, to: counts.count, by: Lead.count) {
      let value = Int64(counts[index])
      if value == Int64(Quantizer.missing) { continue }
      number += 1
      first += value
      second += value * value
    }
    let size = Double(max(1, number))
    centre = Double(first) / size
    let squares = Int128(number) * Int128(second) - Int128(first) * Int128(first)
    spread = Double(squares).squareRoot() / size
  }

  /// Median and interquartile range, the quantiles interpolated between samples (Hyndman and Fan's type 7, as
  /// `numpy.percentile`).
  ///
  /// - Parameters:
  ///   - counts: shape [frames, 12], `Int16.min` is missing.
  ///   - lead: one of the twelve.
  init(quartilesOf counts: [Int16], lead: Lead) {
    var line: [Int16] = []
    line.reserveCapacity(counts.count / Lead.count)
    for index in stride(from: lead.rawValue, to: counts.count, by: Lead.count)
    where counts[index] != Quantizer.missing {
      line.append(counts[index])
    }
    line.sort()
    func quantile(_ share: Double) -> Double {
      guard let last = line.last else { return 0 }
      let place = share * Double(line.count - 1)
      let below = Int(place)
      let lower = Double(line[below])
      let upper = below + 1 < line.count ? Double(line[below + 1]) : Double(last)
      return lower + (place - Double(below)) * (upper - lower)
    }
    centre = quantile(0.5)
    let range = quantile(0.75) - quantile(0.25)
    spread = range > 0 ? range / 1.349 : LeadSpread(momentsOf: counts, lead: lead).spread
  }
}
