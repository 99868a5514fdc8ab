/// One of the eight collections of the challenge of 2021: what its records are called, and in what they differ.
///
/// Source: the training data, version 1.0.3, and its headers.
struct ChallengeCollection: Sendable {
  /// The folder below `training`.
  var folder: String
  /// What names begin with.
  var prefix: String
  /// Digits of a name, at least.
  var digits = 5
  /// The number of the first record.
  var first = 1
  /// Records in the original.
  var count: Int
  /// Sampling rate in Hz.
  var rate = 500
  /// Counts in one mV.
  ///
  /// The headers of St Petersburg's records have 1,000 times their recorders' 306, a published fault.
  var gain = 1000
  var unit = "mV"
  var hasSymptoms = true
  var sexes = ("Male", "Female")
  /// The mains' frequency in Hz of its country.
  var mainsFrequency = 50.0
  /// A length in seconds.
  var duration: @Sendable (inout SplitMix64) -> Double = { _ in 10 }

  /// The name of a record, counted from 0.
  func id(_ number: Int) -> String { prefix + padded(first + number, digits) }

  static let all = [
    ChallengeCollection(folder: "chapman_shaoxing", prefix: "JS", count: 10_247),
    ChallengeCollection(
      folder: "cpsc_2018", prefix: "A", digits: 4, count: 6_877,
      duration: { CPSC2018Labels.duration(using: &$0) }),
    ChallengeCollection(
      folder: "cpsc_2018_extra", prefix: "Q", digits: 4, count: 3_453,
      duration: { CPSC2018Labels.duration(using: &$0) }),
    // 52 of the originals are shorter than 10 s.
    ChallengeCollection(
      folder: "georgia", prefix: "E", count: 10_344, hasSymptoms: false, mainsFrequency: 60,
      duration: { $0.uniform() < 52 / 10_344 ? ($0.uniform(5..<10) * 500).rounded() / 500 : 10 }),
    ChallengeCollection(folder: "ningbo", prefix: "JS", first: 10_647, count: 34_905),
    // Of the lengths of 10 to 120 s, 38.4 and 115.2 are the usual ones.
    ChallengeCollection(
      folder: "ptb", prefix: "S", digits: 4, count: 516, rate: 1000, unit: "mv", hasSymptoms: false,
      duration: { generator in
        let draw = generator.uniform()
        return draw < 0.3 ? 38.4 : draw < 0.9 ? 115.2 : generator.uniform(10_000..<120_000).rounded() / 1000
      }),
    ChallengeCollection(folder: "ptb-xl", prefix: "HR", count: 21_837, unit: "mv"),
    ChallengeCollection(
      folder: "st_petersburg_incart", prefix: "I", digits: 4, count: 74, rate: 257, gain: 306,
      sexes: ("M", "F"), duration: { _ in 1800 }),
  ]
}

/// Which collection each record of a mixture is of: each keeps its proportion at any number of records, as nearly as whole
/// numbers allow.
enum ChallengeMixture {
  /// Records until all eight are used up.
  static let period = ChallengeCollection.all.reduce(0) { $0 + $1.count }

  /// Collections by record, and how many of the same came before.
  private static let table: (order: [UInt8], rank: [Int32]) = {
    let counts = ChallengeCollection.all.map(\.count)
    var taken = [Int](repeating: 0, count: counts.count)
    var order: [UInt8] = []
    var rank: [Int32] = []
    for number in 1...period {
      // The one that is furthest behind, in records times the period; of equals the first.
      var next = 0
      var most = Int.min
      for (candidate, count) in counts.enumerated() where taken[candidate] < count {
        let behind = count * number - taken[candidate] * period
        if behind > most { (next, most) = (candidate, behind) }
      }
      order.append(UInt8(next))
      rank.append(Int32(taken[next]))
      taken[next] += 1
    }
    return (order, rank)
  }()

  static var order: [UInt8] { table.order }
  static var rank: [Int32] { table.rank }
}
