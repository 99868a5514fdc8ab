/// Comma-separated values with quotes (RFC 4180), as tables of public collections are written.
///
/// The file's bytes are kept once, with four bytes a field that tell where it begins; a field becomes a text
/// when it is asked for, so that a table of some million rows takes little more than its file. Lines may end
/// with LF, CR LF or CR; blank lines are no rows; a byte order mark is skipped; bytes that are not UTF-8 become
/// U+FFFD. See ``CSVScanner`` for quotes.
final class CSVTable: TextTable {
  let file: String
  let columns: [String]
  let rowCount: Int
  private let bytes: [UInt8]
  private let delimiter: UInt8
  /// Where fields begin, row after row.
  private let starts: [UInt32]
  /// Where the last field of each row ends.
  private let ends: [UInt32]
  /// The row of `starts` that is row 0: 1 behind a row of names.
  private let firstRow: Int

  /// Reads a table whose first row names the columns, or one without such a row: its columns are "1", "2", ….
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - hasHeader: whether the first row names the columns.
  ///   - delimiter: what stands between fields, `;` or a tab in some files; never guessed.
  /// - Throws: `ECGError.Code.malformed` with the line of a ragged row, an open quote or a NUL byte, and for a
  ///   file without a row.
  convenience init(contentsOf path: String, hasHeader: Bool = true, delimiter: UInt8 = UInt8(ascii: ","))
    throws
  {
    try self.init(bytes: File.read(path), file: path, hasHeader: hasHeader, delimiter: delimiter)
  }

  /// Reads a table without a row of names, whose columns are these.
  ///
  /// - Parameters:
  ///   - path: the file, which may have no rows.
  ///   - columns: the name of each column.
  ///   - delimiter: what stands between fields.
  /// - Throws: as above, and if the rows have another number of fields.
  convenience init(contentsOf path: String, columns: [String], delimiter: UInt8 = UInt8(ascii: ",")) throws {
    try self.init(
      bytes: File.read(path), file: path, hasHeader: false, columns: columns, delimiter: delimiter)
  }

  /// Parses a table; `file` is only named in errors.
  init(
    bytes: [UInt8], file: String, hasHeader: Bool = true, columns: [String]? = nil,
    delimiter: UInt8 = UInt8(ascii: ",")
  ) throws {
    guard bytes.count < UInt32.max else {
      throw ECGError(.unsupported, "\(bytes.count) bytes are more than a table is read at", file: file)
    }
    let fields = try bytes.withUnsafeBufferPointer {
      try CSVTable.scan(
        CSVScanner(bytes: $0, delimiter: delimiter, file: file), width: columns?.count,
        expected: hasHeader ? "the header has" : columns == nil ? "the first row has" : "the caller names")
    }
    guard fields.ends.count > 0 || columns != nil else { throw ECGError(.malformed, "is empty", file: file) }
    self.file = file
    self.bytes = bytes
    self.delimiter = delimiter
    starts = fields.starts
    ends = fields.ends
    firstRow = hasHeader ? 1 : 0
    rowCount = fields.ends.count - firstRow
    let names = bytes.withUnsafeBufferPointer { bytes in
      let scanner = CSVScanner(bytes: bytes, delimiter: delimiter, file: file)
      return (0..<fields.width).map {
        hasHeader
          ? scanner.text(
            CSVTable.range(row: 0, column: $0, width: fields.width, starts: fields.starts, ends: fields.ends))
          : "\($0 + 1)"
      }
    }
    self.columns = columns ?? names
  }

  subscript(row: Int, column: Int) -> String {
    precondition(row >= 0 && row < rowCount && column >= 0 && column < columns.count)
    let range = CSVTable.range(
      row: row + firstRow, column: column, width: columns.count, starts: starts, ends: ends)
    return bytes.withUnsafeBufferPointer { CSVScanner.text(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  func line(ofRow row: Int) -> Int {
    bytes.withUnsafeBufferPointer {
      CSVScanner(bytes: $0, delimiter: delimiter, file: file).line(
        at: Int(starts[(row + firstRow) * columns.count]))
    }
  }

  /// The bytes of a field: up to the delimiter before the next one, or the end of the row.
  @inline(__always)
  private static func range(row: Int, column: Int, width: Int, starts: [UInt32], ends: [UInt32]) -> Range<Int>
  {
    let field = row * width + column
    return Int(starts[field])..<(column + 1 < width ? Int(starts[field + 1]) - 1 : Int(ends[row]))
  }

  /// Where fields begin and rows end; all rows are as wide as the first, or as `width`.
  private static func scan(_ scanner: CSVScanner, width: Int?, expected: String) throws -> (
    starts: [UInt32], ends: [UInt32], width: Int
  ) {
    var starts: [UInt32] = []
    var ends: [UInt32] = []
    var width = width
    var start = scanner.skippingBlankLines(try scanner.start())
    while start < scanner.bytes.count {
      let row = start
      let first = starts.count
      var end = try scanner.endOfField(start)
      starts.append(UInt32(truncatingIfNeeded: start))
      while scanner.continues(end) {
        guard starts.count - first < CSVScanner.columnLimit else {
          throw ECGError(
            .unsupported, "has more than \(CSVScanner.columnLimit) columns", file: scanner.file,
            line: scanner.line(at: row))
        }
        start = end + 1
        end = try scanner.endOfField(start)
        starts.append(UInt32(truncatingIfNeeded: start))
      }
      ends.append(UInt32(truncatingIfNeeded: end))
      let count = starts.count - first
      if ends.count == 1 {
        // A field takes a byte at least, so this is never more than the bytes allow.
        let rows = scanner.rowEstimate(end - row)
        ends.reserveCapacity(rows)
        starts.reserveCapacity(rows * count)
      }
      guard count == width ?? count else {
        throw ECGError(
          .malformed, "\(count) fields where \(expected) \(width ?? count)", file: scanner.file,
          line: scanner.line(at: row))
      }
      width = count
      start = scanner.skippingBlankLines(scanner.nextLine(end))
    }
    return (starts, ends, width ?? 0)
  }
}
