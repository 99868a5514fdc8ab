/// Shards one after the other: their records are numbered through.
struct ShardSequence: Sendable {
  let shards: [ShardReader]
  /// Shard i holds the records `first[i] ..< first[i + 1]`.
  let first: [Int]

  init(_ shards: [ShardReader]) {
    self.shards = shards
    var first = [0]
    for shard in shards { first.append(first[first.count - 1] + shard.count) }
    self.first = first
  }

  /// The number of records.
  var count: Int { first[first.count - 1] }

  /// Shard and place in it of a record.
  ///
  /// - Complexity: O(log shards).
  func location(_ record: Int) -> (shard: ShardReader, row: Int) {
    let shard = index(of: record)
    return (shards[shard], record - first[shard])
  }

  /// The shard of a record, a place among all.
  ///
  /// - Complexity: O(log shards).
  func index(of record: Int) -> Int {
    var (low, high) = (0, shards.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if first[middle] <= record { low = middle } else { high = middle }
    }
    return low
  }
}
