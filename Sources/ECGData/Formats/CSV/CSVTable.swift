/// Comma-separated values with quotes (RFC 4180), as tables of public collections are written.
///
/// The file's bytes are kept once, with four bytes a row that tell where it begins; a field is looked for and becomes a
/// text when it is asked for, so that a table of some million rows takes little more than its file. Lines may end
/// with LF, CR LF or CR; blank lines are no rows; a byte order mark is skipped; bytes that are not UTF-8 become
/// U+FFFD. See ``CSVScanner`` for quotes.
final class CSVTable: TextTable {
  let file: String
  let columns: [String]
  let rowCount: Int
  private let bytes: [UInt8]
  private let delimiter: UInt8
  /// Where rows begin, that of the names left out.
  private let starts: [UInt32]

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
    let rows = try bytes.withUnsafeBufferPointer {
      try CSVTable.scan(
        CSVScanner(bytes: $0, delimiter: delimiter, file: file), width: columns?.count, hasHeader,
        expected: hasHeader ? "the header has" : columns == nil ? "the first row has" : "the caller names")
    }
    guard rows.first != nil || columns != nil else { throw ECGError(.malformed, "is empty", file: file) }
    self.file = file
    self.bytes = bytes
    self.delimiter = delimiter
    starts = rows.starts
    rowCount = starts.count
    let names = bytes.withUnsafeBufferPointer { bytes in
      let scanner = CSVScanner(bytes: bytes, delimiter: delimiter, file: file)
      return (0..<rows.width).map {
        hasHeader ? scanner.text(scanner.field($0, ofRowAt: rows.first ?? 0)) : "\($0 + 1)"
      }
    }
    self.columns = columns ?? names
  }

  subscript(row: Int, column: Int) -> String {
    precondition(row >= 0 && row < rowCount && column >= 0 && column < columns.count)
    return bytes.withUnsafeBufferPointer {
      let scanner = CSVScanner(bytes: $0, delimiter: delimiter, file: file)
      return scanner.text(scanner.field(column, ofRowAt: Int(starts[row])))
    }
  }

  func line(ofRow row: Int) -> Int {
    bytes.withUnsafeBufferPointer {
      CSVScanner(bytes: $0, delimiter: delimiter, file: file).line(at: Int(starts[row]))
    }
  }

  /// Where rows begin, the first apart if it has the names; all are as wide as the first, or as `width`.
  private static func scan(_ scanner: CSVScanner, width: Int?, _ hasHeader: Bool, expected: String) throws
    -> (
      first: Int?, starts: [UInt32], width: Int
    )
  {
    var first: Int?
    var starts: [UInt32] = []
    var width = width
    var start = scanner.skippingBlankLines(try scanner.start())
    while start < scanner.bytes.count {
      let row = start
      var count = 1
      var end = try scanner.endOfField(start)
      while scanner.continues(end) {
        guard count < CSVScanner.columnLimit else {
          throw ECGError(
            .unsupported, "has more than \(CSVScanner.columnLimit) columns", file: scanner.file,
            line: scanner.line(at: row))
        }
        count += 1
        end = try scanner.endOfField(end + 1)
      }
      if first != nil || !hasHeader {
        starts.append(UInt32(truncatingIfNeeded: row))
        // A row takes a byte at least, so this is never more than the bytes allow.
        if starts.count == 1 { starts.reserveCapacity(scanner.rowEstimate(end - row)) }
      }
      first = first ?? row
      guard count == width ?? count else {
        throw ECGError(
          .malformed, "\(count) fields where \(expected) \(width ?? count)", file: scanner.file,
          line: scanner.line(at: row))
      }
      width = count
      start = scanner.skippingBlankLines(scanner.nextLine(end))
    }
    return (first, starts, width ?? 0)
  }
}
