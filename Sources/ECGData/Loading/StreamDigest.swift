import Crypto

/// Hashes of what a stream delivers, by which two streams are compared.
public struct StreamDigest {
  private var order = SHA256()
  private var content = SHA256()

  /// Nothing delivered yet.
  public init() {}

  /// Adds a batch: its record keys, and its values as Float32 little-endian.
  public mutating func add(_ batch: Batch, of shards: ShardSet) {
    for record in batch.records {
      withUnsafeBytes(of: shards.key(record).littleEndian) { order.update(bufferPointer: $0) }
    }
    batch.withValues { content.update(bufferPointer: UnsafeRawBufferPointer($0)) }
  }

  /// SHA-256 over the record keys (u64 little-endian) in order, in hexadecimal.
  public var orderHash: String { order.finalize().hexadecimal }

  /// SHA-256 over the batches' values in order, in hexadecimal.
  public var contentHash: String { content.finalize().hexadecimal }
}
