import ECGData

/// What one round has done.
struct Round {
  /// Pieces of work done, such as records read.
  var count: Int
  var seconds: Double
  /// A sum over the results of one pass, which both contestants have to agree on.
  var checksum: Int

  var rate: Double { Double(count) / seconds }
}

/// Times contestants in alternating rounds, so that what else the machine does meets them alike.
struct Duel {
  let rounds: Int
  /// The least length of a round.
  let seconds: Double

  struct Result {
    /// The median of our rounds' rates.
    var ours: Double
    /// The median of the peer's.
    var peer: Double?
    /// Of each round, ours divided by the peer's, ascending.
    var ratios: [Double]
  }

  /// Runs one round of each to warm up, then the rounds that count: ours, the peer's, ours, …, the peer's.
  ///
  /// - Throws: what a contestant throws, and ``ECGError`` (`mismatch`) if their results differ.
  func run(ours: (Double) throws -> Round, peer: ((Double) throws -> Round)?) throws -> Result {
    let expected = try ours(0).checksum
    if let found = try peer?(0).checksum, found != expected {
      throw ECGError(
        .mismatch, "ours sums to \(expected), the peer's to \(found): they did not do the same work")
    }
    var own: [Double] = []
    var others: [Double] = []
    for _ in 0..<rounds {
      own.append(try ours(seconds).rate)
      if let peer { others.append(try peer(seconds).rate) }
    }
    let ratios = zip(own, others).map { $0 / $1 }.sorted()
    return Result(ours: median(own), peer: others.isEmpty ? nil : median(others), ratios: ratios)
  }
}

/// Times whole passes until they have lasted `seconds`, at least one.
///
/// `pass` returns a sum over what it made: a result that is used cannot be optimised away.
func timed(_ count: Int, seconds: Double, pass: () throws -> Int) rethrows -> Round {
  let clock = ContinuousClock()
  let start = clock.now
  var round = Round(count: 0, seconds: 0, checksum: 0)
  repeat {
    round.checksum = try pass()
    round.count += count
    round.seconds = (clock.now - start) / .seconds(1)
  } while round.seconds < seconds
  return round
}

/// The middle of the values, or the mean of the two there.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}
