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

  /// A record: a row of a shard.
  struct Place {
    let shard: ShardReader
    /// The shard's place among all.
    let shardIndex: Int
    let row: Int
    /// The record's place among all.
    let record: Int

    var key: UInt64 { shard.columns.recordKey[row] }
    var frameCount: Int { shard.frameCount(of: row) }
    var id: String { shard.id(of: row) }
    var leads: LeadMask { LeadMask(rawValue: shard.columns.leadMask[row]) }
  }

  /// Where a record is.
  ///
  /// - Complexity: O(log shards).
  func place(_ record: Int) -> Place {
    let index = index(of: record)
    return Place(shard: shards[index], shardIndex: index, row: record - first[index], record: record)
  }

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
