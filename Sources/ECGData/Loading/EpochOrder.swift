/// The order of records in an epoch: one full permutation, the same for any number of ranks, threads or
/// batches.
///
/// Fisher–Yates from the last place down, partners by Lemire's method on SplitMix64 that starts at the first
/// 8 bytes of SHA-256("epoch", seed, epoch).
public enum EpochOrder {
  /// The algorithm's name in saved states.
  public static let algorithm = "fisher-yates/lemire/splitmix64/sha256"

  /// The permutation of `0 ..< count` for an epoch.
  public static func permutation(count: Int, seed: UInt64, epoch: Int) -> [Int] {
    var order = Array(0..<count)
    var generator = SplitMix64("epoch", seed, UInt64(epoch))
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, generator.index(below: last + 1))
    }
    return order
  }
}
