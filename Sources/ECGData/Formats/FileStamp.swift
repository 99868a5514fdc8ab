import Foundation

/// What tells that a file was written to or replaced: its place on the disk, its size and its times, of which the last
/// change of any kind cannot be set back.
public struct FileStamp: Sendable, Equatable {
  private let numbers: [Int]

  /// The stamp of what is at a path now; nil if that is nothing.
  init?(of path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    numbers = [
      Int(truncatingIfNeeded: status.st_dev), Int(truncatingIfNeeded: status.st_ino), Int(status.st_size),
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }

  /// The stamp as text.
  var text: String { numbers.map(String.init).joined(separator: " ") }

  /// The stamps of a record's files; none of one that shares its file with others.
  static func ofOwnFiles(of record: SourceRecord, below root: String) -> [FileStamp?] {
    record.row == nil ? record.files.map { FileStamp(of: File.join(root, $0)) } : []
  }
}
