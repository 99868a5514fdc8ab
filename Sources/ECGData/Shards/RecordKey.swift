import Crypto

/// Stable 64-bit names of records and patients, and orders drawn from them.
public enum RecordKey {
  /// The first 8 bytes (little-endian) of SHA-256(source, 0x00, id).
  public static func key(source: String, id: String) -> UInt64 {
    var hash = SHA256()
    hash.update(data: Array(source.utf8) + [0] + Array(id.utf8))
    return littleEndian(hash.finalize().prefix(8))
  }

  /// A patient's key, 0 where the source has none.
  static func patient(source: String, id: String?) -> UInt64 {
    id.map { key(source: source, id: $0) } ?? 0
  }

  /// SHA-256(u64 seed, source, 0x00, id), by which records are ordered before they are packed into shards.
  static func order(seed: UInt64, source: String, id: String) -> [UInt8] {
    var hash = SHA256()
    withUnsafeBytes(of: seed.littleEndian) { hash.update(bufferPointer: $0) }
    hash.update(data: Array(source.utf8) + [0] + Array(id.utf8))
    return Array(hash.finalize())
  }

  /// The first 8 bytes of an order, which compare as the order does.
  static func prefix(ofOrder bytes: [UInt8]) -> UInt64 { littleEndian(bytes.prefix(8).reversed()) }

  /// The fold of a patient of a source without folds: 1 + SHA-256(patient) mod 10.
  static func fold(patient: String) -> UInt8 {
    UInt8(1 + littleEndian(SHA256.hash(data: Array(patient.utf8)).prefix(8)) % 10)
  }

  /// Bytes of `record_id`.
  static let fieldSize = 64

  /// An id in the 64 bytes of `record_id`: zero-padded, or cut to 47 bytes, `~` and 16 digits of its SHA-256.
  static func field(_ id: String) -> [UInt8] {
    var bytes = Array(id.utf8)
    if bytes.count > fieldSize {
      bytes = bytes.prefix(47) + [UInt8(ascii: "~")] + SHA256.hash(data: bytes).prefix(8).hexadecimal.utf8
    }
    return bytes + [UInt8](repeating: 0, count: fieldSize - bytes.count)
  }

  /// The same as text of at most 64 bytes, up to its first NUL; of a character that was cut nothing is left.
  static func text(_ id: String) -> String {
    let bytes = field(id).prefix { $0 != 0 }
    return String(validating: bytes, as: UTF8.self)
      ?? String(decoding: bytes, as: UTF8.self).replacing("\u{FFFD}", with: "")
  }

  private static func littleEndian(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
