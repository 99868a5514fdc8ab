import CZlib
import Crypto

/// Checksums of files and samples.
enum Digest {
  /// SHA-256 of bytes, in hexadecimal.
  static func sha256(_ bytes: some Sequence<UInt8>) -> String {
    SHA256.hash(data: Array(bytes)).hexadecimal
  }

  /// SHA-256 of a file, in hexadecimal, read in pieces.
  static func sha256(file: FileHandleForReading) throws -> String {
    var hash = SHA256()
    var offset = 0
    while offset < file.size {
      let count = min(1 << 20, file.size - offset)
      hash.update(data: try file.read(at: offset, count: count))
      offset += count
    }
    return hash.finalize().hexadecimal
  }

  /// zlib's CRC-32.
  static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(truncatingIfNeeded: CZlib.crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
  }

  /// zlib's CRC-32 of an array's memory (little-endian).
  static func crc32<Element: BitwiseCopyable>(_ values: [Element]) -> UInt32 {
    values.isEmpty ? 0 : values.withUnsafeBytes { crc32($0) }
  }
}
