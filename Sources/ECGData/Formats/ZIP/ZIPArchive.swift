import CZlib

/// A ZIP container (PKWARE APPNOTE 6.3.10) of stored and deflated entries, as workbooks are.
///
/// The central directory is what counts; each local header must agree with it, and no two entries may share a
/// byte. ZIP64, encryption, several disks and other methods are refused.
struct ZIPArchive: Sendable {
  /// An entry of the central directory.
  struct Entry: Sendable {
    let name: String
    fileprivate let method: UInt16
    fileprivate let crc: UInt32
    /// The bytes of the file that hold it.
    fileprivate let range: Range<Int>
    /// The number of bytes it inflates to, as it claims.
    let size: Int
  }

  /// The largest file: 256 MiB.
  static let fileLimit = 256 << 20
  /// The largest entry that is inflated: 512 MiB.
  static let entryLimit = 512 << 20
  /// What all entries together may claim: 1 GiB.
  static let totalLimit = 1 << 30
  /// How many times its compressed size an entry may claim beyond its first MiB: deflate reaches 1032, sheets
  /// of numbers 30.
  static let ratioLimit = 256

  /// The file, as errors name it.
  let file: String
  /// In the order of the central directory.
  let entries: [Entry]
  private let bytes: [UInt8]
  private let indices: [String: Int]

  /// Opens a file.
  ///
  /// - Throws: `ECGError.Code.malformed` if its directory is broken, `unsupported` for what is not read.
  init(contentsOf path: String) throws {
    try self.init(bytes: File.read(path, limit: ZIPArchive.fileLimit), file: path)
  }

  /// Opens an archive in memory; `file` is only named in errors.
  init(bytes: [UInt8], file: String) throws {
    self.bytes = bytes
    self.file = file
    entries = try ZIPDirectory(bytes: bytes, file: file).entries()
    var indices: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      guard indices.updateValue(index, forKey: entry.name.lowercased()) == nil else {
        throw ECGError(.malformed, "two entries are named \"\(entry.name)\"", file: file)
      }
    }
    self.indices = indices
    let total = entries.reduce(0) { $0 + $1.size }
    guard total <= ZIPArchive.totalLimit else {
      throw ECGError(
        .unsupported,
        "its entries claim \(total) bytes, more than the \(ZIPArchive.totalLimit) that are read",
        file: file)
    }
  }

  /// Whether there is an entry of this name, whatever the case.
  func contains(_ name: String) -> Bool { indices[name.lowercased()] != nil }

  /// The bytes of an entry, whatever the case of its name; its size and CRC-32 are verified.
  ///
  /// - Throws: `notFound` if there is none, `malformed` if it does not inflate to its size, `mismatch` for
  ///   another CRC, `unsupported` for another method or beyond the limits.
  func read(_ name: String) throws -> [UInt8] {
    guard let entry = indices[name.lowercased()].map({ entries[$0] }) else {
      throw ECGError(.notFound, "has no entry \"\(name)\"", file: file)
    }
    let content: [UInt8]
    switch entry.method {
    case 0:
      guard entry.size == entry.range.count else {
        throw ECGError(
          .malformed, "\(entry.name): \(entry.range.count) stored bytes claim to be \(entry.size)", file: file
        )
      }
      content = Array(bytes[entry.range])
    case 8:
      let beyond = entry.size - (1 << 20)
      guard entry.size <= ZIPArchive.entryLimit, beyond <= entry.range.count * ZIPArchive.ratioLimit else {
        throw ECGError(
          .unsupported,
          "\(entry.name): \(entry.range.count) bytes claim to inflate to \(entry.size), beyond the limit of "
            + "\(ZIPArchive.ratioLimit) times and \(ZIPArchive.entryLimit)", file: file)
      }
      content = try inflate(entry)
    default:
      throw ECGError(
        .unsupported, "\(entry.name): is compressed by method \(entry.method)", file: file,
        advice: "save the file again with deflate")
    }
    let crc = UInt32(
      truncatingIfNeeded: content.withUnsafeBufferPointer { CZlib.crc32_z(0, $0.baseAddress, $0.count) })
    guard crc == entry.crc else {
      throw ECGError(
        .mismatch, "\(entry.name): the bytes do not have its CRC-32", file: file, advice: "fetch it again")
    }
    return content
  }

  /// Inflates into as many bytes as the entry claims, and no more.
  private func inflate(_ entry: Entry) throws -> [UInt8] {
    func fail() -> ECGError {
      ECGError(
        .malformed,
        "\(entry.name): the data at byte \(entry.range.lowerBound) do not inflate to \(entry.size) bytes",
        file: file, advice: "fetch it again")
    }
    // One byte more, so that an entry of none has a buffer too.
    return try [UInt8](unsafeUninitializedCapacity: entry.size + 1) { output, initialized in
      var stream = z_stream()
      guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        throw ECGError(.inputOutput, "zlib cannot begin: memory is short", file: file)
      }
      defer { inflateEnd(&stream) }
      try bytes.withUnsafeBufferPointer { source in
        // zlib's fields are of four bytes; both sizes lie below 1 GiB.
        stream.next_in = UnsafeMutablePointer(
          mutating: source.baseAddress.map { $0 + entry.range.lowerBound })
        stream.avail_in = UInt32(entry.range.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(entry.size + 1)
        guard CZlib.inflate(&stream, Z_FINISH) == Z_STREAM_END, stream.avail_in == 0, stream.avail_out == 1
        else {
          throw fail()
        }
      }
      initialized = entry.size
    }
  }
}

/// Reads a central directory and verifies that the entries lie where it says.
private struct ZIPDirectory {
  let bytes: [UInt8]
  let file: String

  func entries() throws -> [ZIPArchive.Entry] {
    let end = try endRecord()
    let (disk, firstDisk, here, count) = (
      number(end + 4, 2), number(end + 6, 2), number(end + 8, 2), number(end + 10, 2)
    )
    let (size, start) = (number(end + 12, 4), number(end + 16, 4))
    guard count != 0xFFFF, size != 0xFFFF_FFFF, start != 0xFFFF_FFFF else {
      throw ECGError(.unsupported, "is a ZIP64 archive", file: file, advice: "save it again without ZIP64")
    }
    guard disk == 0, firstDisk == 0, here == count else {
      throw ECGError(.unsupported, "is one of several disks of an archive", file: file)
    }
    guard start + size == end else {
      throw broken("the central directory of \(size) bytes at \(start) does not end at \(end)")
    }
    var entries: [ZIPArchive.Entry] = []
    var spans: [Range<Int>] = []
    var offset = start
    for _ in 0..<count {
      let next = try entry(at: offset, directory: start..<end)
      entries.append(next.entry)
      spans.append(next.span)
      offset = next.end
    }
    guard offset == end else { throw broken("the central directory has \(end - offset) bytes too many") }
    spans.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    for (first, second) in zip(spans, spans.dropFirst()) where second.lowerBound < first.upperBound {
      throw broken("two entries overlap at byte \(second.lowerBound)")
    }
    return entries
  }

  /// Where the end of central directory record lies: behind it is only its comment.
  private func endRecord() throws -> Int {
    var offset = bytes.count - 22
    while offset >= 0, offset >= bytes.count - 22 - 0xFFFF {
      if number(offset, 4) == 0x0605_4B50, offset + 22 + number(offset + 20, 2) == bytes.count {
        return offset
      }
      offset -= 1
    }
    throw ECGError(
      .malformed, "is no ZIP archive, or ends too early: it has no end of central directory", file: file,
      advice: "fetch it again")
  }

  /// The entry of a record of the directory, the bytes of its local header and data, and the record's end.
  private func entry(at offset: Int, directory: Range<Int>) throws -> (
    entry: ZIPArchive.Entry, span: Range<Int>, end: Int
  ) {
    guard directory.upperBound - offset >= 46, number(offset, 4) == 0x0201_4B50 else {
      throw broken("there is no entry of the central directory at byte \(offset)")
    }
    let nameLength = number(offset + 28, 2)
    let end = offset + 46 + nameLength + number(offset + 30, 2) + number(offset + 32, 2)
    guard end <= directory.upperBound else {
      throw broken("the entry at byte \(offset) leaves the central directory")
    }
    let nameBytes = bytes[(offset + 46)..<(offset + 46 + nameLength)]
    let name = String(decoding: nameBytes, as: UTF8.self)
    let (flags, method) = (number(offset + 8, 2), number(offset + 10, 2))
    let (compressed, size, local) = (number(offset + 20, 4), number(offset + 24, 4), number(offset + 42, 4))
    guard compressed != 0xFFFF_FFFF, size != 0xFFFF_FFFF, local != 0xFFFF_FFFF else {
      throw ECGError(
        .unsupported, "\(name): is a ZIP64 entry", file: file, advice: "save it again without ZIP64")
    }
    // Bits 0, 6 and 13: encrypted, strongly encrypted, masked.
    guard flags & 0x2041 == 0 else {
      throw ECGError(.unsupported, "\(name): is encrypted", file: file, advice: "save it without a password")
    }
    guard local + 30 <= directory.lowerBound, number(local, 4) == 0x0403_4B50 else {
      throw broken("\(name): there is no local header at byte \(local)")
    }
    let data = local + 30 + number(local + 26, 2) + number(local + 28, 2)
    guard data + compressed <= directory.lowerBound else {
      throw broken("\(name): \(compressed) bytes at \(data) reach into the central directory")
    }
    guard number(local + 26, 2) == nameLength, number(local + 8, 2) == method,
      bytes[(local + 30)..<(local + 30 + nameLength)].elementsEqual(nameBytes)
    else {
      throw broken("\(name): the local header at byte \(local) is of another entry")
    }
    let entry = ZIPArchive.Entry(
      name: name, method: UInt16(method), crc: UInt32(number(offset + 16, 4)),
      range: data..<(data + compressed),
      size: size)
    return (entry, local..<(data + compressed), end)
  }

  /// A little-endian number; callers have checked that it lies in the file.
  private func number(_ offset: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  private func broken(_ message: String) -> ECGError {
    ECGError(.malformed, message, file: file, advice: "fetch it again")
  }
}
