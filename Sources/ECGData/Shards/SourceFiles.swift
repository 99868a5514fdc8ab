import Dispatch
import Synchronization

/// Sizes and digests of source files; a file that many records share is hashed once, beside the other work.
final class SourceFiles: Sendable {
  private let shared = Mutex<[String: Pending]>([:])
  /// One file at a time: they come from one disk.
  private let queue = DispatchQueue(label: "source digests", qos: .userInitiated)
  private let end = Interruption()

  /// Nobody waits for the digests any more.
  deinit { end.request() }

  /// What a ledger tells of a file; waits for the digest of one that ``begin(_:below:opened:)`` began.
  ///
  /// - Parameters:
  ///   - path: relative to the source.
  ///   - root: the source.
  /// - Returns: the path alone of a file that cannot be read.
  func describe(_ path: String, below root: String) -> LedgerEntry.SourceFile {
    let place = File.join(root, path)
    guard let pending = shared.withLock({ $0[place] }) else {
      return SourceFiles.describe(path, below: root, until: end)
    }
    return pending.value()
  }

  /// Has a file hashed that other records are in too, unless that is done or under way.
  ///
  /// - Parameters:
  ///   - path: relative to the source.
  ///   - root: the source.
  ///   - opened: what the file was before it was opened; nil if it is only now.
  func begin(_ path: String, below root: String, opened: FileStamp?) {
    let place = File.join(root, path)
    shared.withLock { known in
      guard known[place] == nil else { return }
      let pending = Pending(path, opened ?? FileStamp(of: place))
      known[place] = pending
      queue.async { [end] in pending.set(SourceFiles.describe(path, below: root, until: end)) }
    }
  }

  /// Refuses a shared file that is not as it was before it was opened.
  ///
  /// - Throws: `mismatch` naming the file.
  func checkUnchanged(_ path: String, below root: String) throws {
    let place = File.join(root, path)
    guard let pending = shared.withLock({ $0[place] }), FileStamp(of: place) != pending.stamp else { return }
    throw ECGError(
      .mismatch, "changed while it was converted", file: place,
      advice: "restore the file, or begin anew with --restart")
  }

  private static func describe(_ path: String, below root: String, until end: Interruption)
    -> LedgerEntry.SourceFile
  {
    guard let file = try? FileHandleForReading(File.join(root, path)),
      let digest = try? Digest.sha256(file: file, until: end)
    else {
      return LedgerEntry.SourceFile(path: path)
    }
    return LedgerEntry.SourceFile(path: path, bytes: file.size, sha256: digest)
  }

  /// What will be told of a file.
  private final class Pending: Sendable {
    /// What the file was before it was opened.
    let stamp: FileStamp?
    private let file: Mutex<LedgerEntry.SourceFile>
    private let group = DispatchGroup()

    init(_ path: String, _ stamp: FileStamp?) {
      self.stamp = stamp
      file = Mutex(LedgerEntry.SourceFile(path: path))
      group.enter()
    }

    func set(_ found: LedgerEntry.SourceFile) {
      file.withLock { $0 = found }
      group.leave()
    }

    func value() -> LedgerEntry.SourceFile {
      group.wait()
      return file.withLock { $0 }
    }
  }
}
