import Foundation

/// Whole files, read with their size checked and written so that a name never shows half a file.
enum File {
  /// Files larger than this are never read whole: 4 GiB.
  static let wholeFileLimit = 1 << 32

  /// Reads a file.
  ///
  /// - Throws: `notFound`, `inputOutput`, or `unsupported` for a file over the limit.
  static func read(_ path: String, limit: Int = wholeFileLimit) throws -> [UInt8] {
    let file = try FileHandleForReading(path)
    guard file.size <= limit else {
      throw ECGError(
        .unsupported, "\(file.size) bytes are more than the \(limit) that this is read at", file: path)
    }
    return try file.read(at: 0, count: file.size)
  }

  /// Reads a text file as UTF-8; bytes that are none become U+FFFD.
  static func readText(_ path: String, limit: Int = wholeFileLimit) throws -> String {
    String(decoding: try read(path, limit: limit), as: UTF8.self)
  }

  /// The first line of a text file, as far as its first bytes go: 64 KiB unless told.
  static func firstLine(of path: String, limit: Int = 1 << 16) throws -> String {
    let file = try FileHandleForReading(path)
    var count = 1 << 16
    while true {
      let start = try file.read(at: 0, count: min(file.size, count, limit))
      let line = start.prefix { $0 != 0x0A && $0 != 0x0D }
      if line.count < start.count || start.count == min(file.size, limit) {
        return String(decoding: line, as: UTF8.self)
      }
      count *= 2
    }
  }

  /// Whether something exists at the path.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether the path is a directory.
  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Size in bytes of a regular file; nil if there is none.
  static func size(of path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Whether the path itself is a symbolic link.
  static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// The path without links, `.` and `..`; nil if nothing exists there.
  static func resolved(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }

  /// Makes a directory and those above it; others may do the same meanwhile.
  static func makeDirectory(_ path: String) throws {
    guard !isDirectory(path), mkdir(path, 0o777) != 0 else { return }
    if errno == ENOENT {
      try makeDirectory(folder(of: path))
      if mkdir(path, 0o777) == 0 { return }
    }
    let number = errno
    guard number == EEXIST, isDirectory(path) else { throw ECGError.system("made", path, number) }
  }

  /// Names in a directory, sorted, hidden ones left out; empty if there is no such directory.
  static func list(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { !$0.hasPrefix(".") }
      .sorted()
  }

  /// Names in a directory, sorted, and whether each is a folder; hidden ones and links to folders are left out.
  static func entries(_ path: String) -> [(name: String, isFolder: Bool)] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var entries: [(name: String, isFolder: Bool)] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard !name.hasPrefix(".") else { continue }
      switch Int32(entry.pointee.d_type) {
      case Int32(DT_DIR): entries.append((name, true))
      case Int32(DT_REG): entries.append((name, false))
      default:
        // A link, or a file system that does not tell.
        let isFolder = isDirectory(join(path, name))
        if !isFolder || !isLink(join(path, name)) { entries.append((name, isFolder)) }
      }
    }
    return entries.sorted { $0.name < $1.name }
  }

  /// Removes a file if it is there.
  static func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw ECGError.system("removed", path) }
  }

  /// Writes a file under a hidden temporary name beside the goal, and renames it.
  ///
  /// It is synced first, unless it need not survive a loss of power.
  static func write(_ bytes: some Sequence<UInt8>, to path: String, isDurable: Bool = true) throws {
    let file = try AtomicFile(path)
    try file.append(Array(bytes))
    try file.commit(isDurable: isDurable)
  }

  /// Writes all bytes at the place of an open file.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, of path: String) throws {
    var done = 0
    while done < bytes.count {
      let count = Foundation.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ECGError.system("written", path) }
      done += count
    }
  }

  /// `folder/name`, without doubling the slash; `name` alone if it is absolute or the folder is empty.
  static func join(_ folder: String, _ name: String) -> String {
    if folder.isEmpty || name.hasPrefix("/") { return name }
    return folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// The path without its last component; `.` if there is none.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component of a path.
  static func name(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Makes a rename in a folder durable.
  static func syncFolder(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { throw ECGError.system("opened", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw ECGError.system("synced", path) }
  }
}

/// A file open for reading at any offset, from any thread.
final class FileHandleForReading: Sendable {
  let path: String
  let size: Int
  private let descriptor: Int32
  private let modified: timespec

  /// Opens a regular file, through a symbolic link only if `followsLink`.
  init(_ path: String, followsLink: Bool = true) throws {
    self.path = path
    // Without O_NONBLOCK the opening of a pipe would wait for a writer.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else { throw ECGError.system("read", path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw ECGError(.inputOutput, "is no regular file", file: path)
    }
    size = Int(status.st_size)
    modified = status.st_mtim
  }

  deinit { close(descriptor) }

  /// That the file ends before what it had when it was opened.
  var wasCut: ECGError {
    ECGError(.mismatch, "was cut off while it was read", file: path, advice: "restore the file")
  }

  /// Refuses a file that was written to, cut off, or replaced since it was opened.
  ///
  /// - Throws: `ECGError.Code.mismatch`.
  func checkUnchanged() throws {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ECGError.system("read", path) }
    if Int(status.st_size) < size { throw wasCut }
    guard Int(status.st_size) == size, status.st_mtim.tv_sec == modified.tv_sec,
      status.st_mtim.tv_nsec == modified.tv_nsec
    else {
      throw ECGError(.mismatch, "was changed while it was read", file: path, advice: "restore the file")
    }
    guard status.st_nlink > 0 else {
      throw ECGError(
        .mismatch, "was removed or replaced while it was read", file: path,
        advice: "begin again with the file that is there now")
    }
  }

  /// The whole file in memory, read as it is touched.
  func map() throws -> FileMapping {
    let pages = mmap(nil, max(1, size), PROT_READ, MAP_SHARED, descriptor, 0)
    guard let pages, pages != MAP_FAILED else { throw ECGError.system("mapped", path) }
    return FileMapping(bytes: UnsafeRawPointer(pages), count: max(1, size))
  }

  /// Fills a buffer from an offset.
  ///
  /// - Throws: `inputOutput` if the file ends before the buffer is full, `mismatch` if it did not when it was opened.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw ECGError.system("read", path) }
      guard count > 0 else {
        if offset + buffer.count <= size { throw wasCut }
        throw ECGError(
          .inputOutput, "ends at byte \(offset + done), \(buffer.count - done) bytes too early", file: path)
      }
      done += count
    }
  }

  /// `count` bytes from an offset; memory is taken only if the file is that long.
  func read(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= size, count <= size - offset else {
      throw ECGError(.malformed, "\(count) bytes at \(offset) lie beyond its end at \(size)", file: path)
    }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(
        at: offset,
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
      initialized = count
    }
  }
}

/// A file in memory.
///
/// Reading what was cut off since raises SIGBUS.
final class FileMapping: @unchecked Sendable {
  let bytes: UnsafeRawPointer
  private let count: Int

  fileprivate init(bytes: UnsafeRawPointer, count: Int) {
    self.bytes = bytes
    self.count = count
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes), count) }
}

/// A file that gets its name only when it is whole: hidden temporary name, fsync, rename, fsync of the
/// folder.
final class AtomicFile {
  private let path: String
  /// Where the bytes are until ``commit()``.
  let temporaryPath: String
  private var descriptor: Int32

  init(_ path: String) throws {
    self.path = path
    temporaryPath = File.join(File.folder(of: path), ".\(File.name(of: path)).partial")
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let error = ECGError.system("written", path)
      guard File.isDirectory(File.folder(of: path)) else {
        throw ECGError(.notFound, "cannot be written: its folder does not exist", file: path)
      }
      throw error
    }
  }

  /// Abandoned without a commit: leaves nothing behind.
  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporaryPath)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    try File.write(bytes, to: descriptor, of: path)
  }

  func append<Element: BitwiseCopyable>(_ values: [Element]) throws {
    try values.withUnsafeBytes { try append($0) }
  }

  /// Makes the bytes durable under their temporary name, so that they can be read back.
  func sync() throws {
    guard fsync(descriptor) == 0 else { throw ECGError.system("synced", path) }
  }

  func commit(isDurable: Bool = true) throws {
    if isDurable { try sync() }
    guard rename(temporaryPath, path) == 0 else { throw ECGError.system("renamed", path) }
    close(descriptor)
    descriptor = -1
    if isDurable { try File.syncFolder(File.folder(of: path)) }
  }
}

/// A file that grows, and holds what was added whatever comes next; what a kill or a full disk cuts off is the last addition.
final class GrowingFile {
  private let path: String
  private let descriptor: Int32

  /// Opens a file that exists.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw ECGError.system("written", path) }
  }

  deinit { close(descriptor) }

  func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try File.write($0, to: descriptor, of: path) }
    guard fsync(descriptor) == 0 else { throw ECGError.system("synced", path) }
  }
}

extension ECGError {
  /// The error of the system call that just failed, or that ended with this number.
  static func system(_ verb: String, _ path: String, _ number: Int32 = errno) -> ECGError {
    switch number {
    case ENOENT: return ECGError(.notFound, "does not exist", file: path)
    case EACCES, EPERM:
      return ECGError(.inputOutput, "may not be \(verb)", file: path, advice: "check its permissions")
    case ENOSPC, EDQUOT:
      return ECGError(
        .inputOutput, "cannot be \(verb): \(number == ENOSPC ? "the disk is full" : "the quota is used up")",
        file: path, advice: "make room, then run the same command again")
    case EFBIG:
      return ECGError(
        .inputOutput, "cannot be \(verb): it would be larger than a file may be here", file: path,
        advice: "raise the limit (ulimit -f), then run the same command again")
    default:
      return ECGError(.inputOutput, "cannot be \(verb): \(String(cString: strerror(number)))", file: path)
    }
  }
}
