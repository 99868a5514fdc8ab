import CZlib
import Crypto

/// Checksums of files and samples.
enum Digest {
  /// SHA-256 of bytes, in hexadecimal.
  static func sha256(_ bytes: some Sequence<UInt8>) -> String {
    SHA256.hash(data: Array(bytes)).hexadecimal
  }

  /// SHA-256 of a file, in hexadecimal, read in pieces that stay in the cache.
  ///
  /// - Throws: `inputOutput`, and `interrupted` once the end was asked for.
  static func sha256(file: FileHandleForReading, until end: Interruption = Interruption()) throws -> String {
    var hash = SHA256()
    try ScratchMemory.with(1 << 18, of: UInt8.self) { piece in
      var offset = 0
      while offset < file.size {
        try end.check(Interruption.resumes)
        let part = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(piece)[..<min(piece.count, file.size - offset)])
        try file.read(at: offset, into: part)
        hash.update(bufferPointer: UnsafeRawBufferPointer(part))
        offset += part.count
      }
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
