import Synchronization

/// Memory for what a computation needs only while it runs, kept for the next one.
///
/// What takes its memory here asks the system for it with the first records and, for others of their size, never again.
enum ScratchMemory {
  /// Free blocks by the binary logarithm of their size, as addresses.
  private static let free = Mutex([[UInt]](repeating: [], count: greatestKept + 1))
  /// Blocks up to 2^24 bytes are kept: those of a record of minutes; an hour's are given back.
  private static let greatestKept = 24
  private static let alignment = 64

  /// Calls `body` with uninitialised room for `count` elements, aligned to 64 bytes.
  ///
  /// The room may be as large as the caller's input allows; it is not asked for on a file's word.
  static func with<Element: BitwiseCopyable, Result>(
    _ count: Int, of _: Element.Type, _ body: (UnsafeMutableBufferPointer<Element>) throws -> Result
  ) rethrows -> Result {
    let bytes = max(alignment, count * MemoryLayout<Element>.stride)
    let size = Int.bitWidth - (bytes - 1).leadingZeroBitCount
    let block = take(size) ?? .allocate(byteCount: 1 << size, alignment: alignment)
    defer { give(block, size) }
    return try body(
      UnsafeMutableBufferPointer(start: block.bindMemory(to: Element.self, capacity: count), count: count))
  }

  private static func take(_ size: Int) -> UnsafeMutableRawPointer? {
    guard size <= greatestKept else { return nil }
    return free.withLock { $0[size].popLast() }.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
  }

  private static func give(_ block: UnsafeMutableRawPointer, _ size: Int) {
    guard size <= greatestKept else { return block.deallocate() }
    free.withLock { $0[size].append(UInt(bitPattern: block)) }
  }
}
