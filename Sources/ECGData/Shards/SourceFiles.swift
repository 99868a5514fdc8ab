import Synchronization

/// Sizes and digests of source files; a file that many records share is hashed once.
final class SourceFiles: Sendable {
  private let shared = Mutex<[String: LedgerEntry.SourceFile]>([:])

  /// What a ledger tells of a file.
  ///
  /// - Parameters:
  ///   - path: relative to the source.
  ///   - root: the source.
  ///   - isShared: whether other records are in the same file.
  /// - Returns: size and digest; neither for a file that cannot be read.
  func describe(_ path: String, below root: String, isShared: Bool) -> LedgerEntry.SourceFile {
    guard isShared else { return SourceFiles.describe(path, below: root) }
    // Held while hashing: whoever asks for the same file waits for it anyway.
    return shared.withLock { known in
      let place = File.join(root, path)
      if let file = known[place] { return file }
      let file = SourceFiles.describe(path, below: root)
      known[place] = file
      return file
    }
  }

  private static func describe(_ path: String, below root: String) -> LedgerEntry.SourceFile {
    guard let file = try? FileHandleForReading(File.join(root, path)),
      let digest = try? Digest.sha256(file: file)
    else {
      return LedgerEntry.SourceFile(path: path)
    }
    return LedgerEntry.SourceFile(path: path, bytes: file.size, sha256: digest)
  }
}
