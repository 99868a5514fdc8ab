/// The order of an epoch's items: one full permutation, a function of seed and epoch alone, so the same for any number of
/// ranks, threads or batches.
///
/// Permutations are Fisher and Yates's from the last place down, partners by Lemire's method on SplitMix64 that starts at
/// the first 8 bytes of SHA-256("epoch", seed, epoch).
public enum EpochOrder: Sendable, Equatable {
  /// All items in one permutation.
  case shuffled
  /// The shards permuted; their items in stored order, permuted within stretches of so many: what is read together lies
  /// together, as spinning and remote disks want it. A conversion has shuffled the records into shards already.
  case window(Int)
  /// As stored.
  case stored

  /// Lengths that a window may have.
  static let windows = 1...999_999_999

  /// The algorithm's name in saved states.
  public static let algorithm = "fisher-yates/lemire/splitmix64/sha256"

  /// The order's name in saved states.
  var name: String {
    switch self {
    case .shuffled: EpochOrder.algorithm
    case .window(let length): "window(\(length))/\(EpochOrder.algorithm)"
    case .stored: "stored"
    }
  }

  /// An order as commands take it: `shuffled`, `stored`, `window:4096`.
  ///
  /// - Throws: `ECGError.Code.invalidArgument`.
  public init(_ text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts[0], parts.count > 1 ? Int(parts[1]) : nil, parts.count) {
    case ("shuffled", _, 1): self = .shuffled
    case ("stored", _, 1): self = .stored
    case ("window", let length?, 2)
    where EpochOrder.windows.contains(length) && parts[1].allSatisfy(\.isNumber):
      self = .window(length)
    default:
      throw ECGError(
        .invalidArgument, "\"\(text)\" is no order",
        advice: "choose shuffled, stored, or window:K for K records")
    }
  }

  /// The order of an epoch.
  ///
  /// - Parameters:
  ///   - shardStarts: the first item of each shard that has any, ascending from 0, and the number of items.
  ///   - seed: the stream's.
  ///   - epoch: from 0.
  /// - Returns: the items' places, in the order of their delivery.
  func places(shardStarts: [Int], seed: UInt64, epoch: Int) -> [UInt32] {
    let count = shardStarts.last ?? 0
    var order = [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
      for place in 0..<count { buffer[place] = UInt32(truncatingIfNeeded: place) }
      initialized = count
    }
    var generator = SplitMix64("epoch", seed, UInt64(truncatingIfNeeded: epoch))
    switch self {
    case .stored: break
    case .shuffled: EpochOrder.shuffle(&order, 0..<count, &generator)
    case .window(let length):
      var shards = Array(0..<max(0, shardStarts.count - 1))
      EpochOrder.shuffle(&shards, shards.indices, &generator)
      var next = 0
      for shard in shards {
        for place in shardStarts[shard]..<shardStarts[shard + 1] {
          order[next] = UInt32(truncatingIfNeeded: place)
          next += 1
        }
      }
      for start in stride(from: 0, to: count, by: length) {
        EpochOrder.shuffle(&order, start..<(start + min(count - start, length)), &generator)
      }
    }
    return order
  }

  static func shuffle<Element>(_ values: inout [Element], _ range: Range<Int>, _ generator: inout SplitMix64)
  {
    for size in stride(from: range.count, to: 1, by: -1) {
      values.swapAt(range.lowerBound + size - 1, range.lowerBound + generator.index(below: size))
    }
  }
}
