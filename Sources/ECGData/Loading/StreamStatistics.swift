/// Who waited for whom in a stream, and what was read.
public struct StreamStatistics: Sendable {
  /// Seconds that the consumer waited for batches.
  public internal(set) var waitedSeconds = 0.0
  /// Seconds that reading threads waited for room, all of them together.
  public internal(set) var readersWaitedSeconds = 0.0
  /// Bytes that were read from shards.
  public var readBytes: Int { tally.readBytes }
  /// Records whose samples were compared with their CRC-32.
  public var verifiedRecords: Int { tally.verifiedRecords }
  /// Batches that lay ready when one was taken, that one included; the mean over all that were taken.
  public var queueDepth: Double { Double(ready) / Double(max(1, deliveries)) }

  var tally = StreamTally()
  var deliveries = 0
  var ready = 0
}
