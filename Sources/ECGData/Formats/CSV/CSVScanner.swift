import Foundation

/// Finds the fields of comma-separated values (RFC 4180), where they begin and end.
///
/// Quoted fields may hold delimiters, doubled quotes and line ends. A quote within a field that does not begin
/// with one is a character like others, and so is what follows the closing quote. Lines end with LF, CR LF or
/// CR.
struct CSVScanner {
  static let quote = UInt8(ascii: "\"")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  /// More columns are not read: a file of delimiters alone would fill memory with names.
  static let columnLimit = 1 << 20

  let bytes: UnsafeBufferPointer<UInt8>
  let delimiter: UInt8
  let file: String

  /// Where the text begins: behind a byte order mark.
  ///
  /// - Throws: `malformed` if there is a NUL byte, which no text has, or `unsupported` for UTF-16.
  func start() throws -> Int {
    if let base = bytes.baseAddress, let zero = memchr(base, 0, bytes.count) {
      let offset = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(zero))
      throw ECGError(
        .malformed, "holds a NUL byte, so it is no UTF-8 text", file: file, line: line(at: offset),
        advice: "if it is UTF-16, save it as UTF-8")
    }
    return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// Where the field that begins at `start` ends: at a delimiter, a line end or the end of the bytes.
  ///
  /// - Throws: `malformed` if its quote is never closed.
  @inline(__always)
  func endOfField(_ start: Int) throws -> Int {
    var index = start
    if index < bytes.count, bytes[index] == CSVScanner.quote { index = try endOfQuotes(start) }
    while index < bytes.count {
      let byte = bytes[index]
      if byte == delimiter || byte == CSVScanner.lineFeed || byte == CSVScanner.carriageReturn { break }
      index += 1
    }
    return index
  }

  /// Behind the closing quote.
  private func endOfQuotes(_ start: Int) throws -> Int {
    var index = start + 1
    while index < bytes.count {
      guard bytes[index] == CSVScanner.quote else {
        index += 1
        continue
      }
      guard index + 1 < bytes.count, bytes[index + 1] == CSVScanner.quote else { return index + 1 }
      index += 2
    }
    throw ECGError(.malformed, "a quote is never closed", file: file, line: line(at: start))
  }

  /// Whether the field that ends here is followed by another.
  @inline(__always)
  func continues(_ end: Int) -> Bool { end < bytes.count && bytes[end] == delimiter }

  /// Behind the line end at `end`, if there is one.
  @inline(__always)
  func nextLine(_ end: Int) -> Int {
    guard end < bytes.count else { return end }
    let isPair =
      bytes[end] == CSVScanner.carriageReturn && end + 1 < bytes.count
      && bytes[end + 1] == CSVScanner.lineFeed
    return end + (isPair ? 2 : 1)
  }

  /// Behind the blank lines at `start`: they are no rows.
  @inline(__always)
  func skippingBlankLines(_ start: Int) -> Int {
    var index = start
    while index < bytes.count,
      bytes[index] == CSVScanner.lineFeed || bytes[index] == CSVScanner.carriageReturn
    {
      index += 1
    }
    return index
  }

  /// The bytes of a row's field; the row was scanned before, so its quotes are closed.
  ///
  /// - Complexity: O(bytes of the row before the field).
  func field(_ column: Int, ofRowAt start: Int) -> Range<Int> {
    var start = start
    for _ in 0..<column { start = ((try? endOfField(start)) ?? bytes.count - 1) + 1 }
    return start..<((try? endOfField(start)) ?? bytes.count)
  }

  /// The text of a field without its quotes; bytes that are not UTF-8 become U+FFFD.
  func text(_ range: Range<Int>) -> String {
    let field = UnsafeBufferPointer(rebasing: bytes[range])
    guard field.first == CSVScanner.quote else { return String(decoding: field, as: UTF8.self) }
    var text: [UInt8] = []
    text.reserveCapacity(field.count)
    var isQuoted = true
    var index = 1
    while index < field.count {
      if isQuoted, field[index] == CSVScanner.quote {
        index += 1
        guard index < field.count, field[index] == CSVScanner.quote else {
          isQuoted = false
          continue
        }
      }
      text.append(field[index])
      index += 1
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The 1-based line of a byte.
  func line(at offset: Int) -> Int {
    var line = 1
    var index = 0
    while index < offset {
      let isEnd = bytes[index] == CSVScanner.lineFeed || bytes[index] == CSVScanner.carriageReturn
      if isEnd { line += 1 }
      index = isEnd ? nextLine(index) : index + 1
    }
    return line
  }

  /// About the number of rows, if they are as long as one of `length` bytes.
  func rowEstimate(_ length: Int) -> Int { bytes.count / max(1, length) + 1 }
}
