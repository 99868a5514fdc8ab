/// A CSV file of numbers, as signals are published: a row an instant, a column a lead, or the other way round.
///
/// The first row is names if none of its fields is a number, and numbers if all are (an empty field counts as
/// either): names that are numbers cannot be told. A field that is empty or NaN is missing: NaN. Numbers may
/// have blanks around them, and quotes.
struct CSVMatrix: Sendable {
  /// The names of the columns, if the first row has names.
  let names: [String]?
  let rowCount: Int
  let columnCount: Int
  /// Row-major: [rowCount, columnCount].
  let values: [Double]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - delimiter: what stands between fields; never guessed.
  /// - Throws: `ECGError.Code.malformed` with line and column of what is no number, the line of a ragged row,
  ///   and for a file without a row.
  init(contentsOf path: String, delimiter: UInt8 = UInt8(ascii: ",")) throws {
    try self.init(bytes: File.read(path), file: path, delimiter: delimiter)
  }

  /// Parses a file's bytes; `file` is only named in errors.
  init(bytes: [UInt8], file: String, delimiter: UInt8 = UInt8(ascii: ",")) throws {
    self = try bytes.withUnsafeBufferPointer {
      try CSVMatrix(CSVScanner(bytes: $0, delimiter: delimiter, file: file))
    }
  }

  private init(_ scanner: CSVScanner) throws {
    let bytes = scanner.bytes
    var index = scanner.skippingBlankLines(try scanner.start())
    guard index < bytes.count else { throw ECGError(.malformed, "is empty", file: scanner.file) }
    let first = try CSVMatrix.firstRow(scanner, index)
    columnCount = first.width
    names = first.names
    if first.names != nil { index = scanner.skippingBlankLines(first.next) }
    var values: [Double] = []
    // A field takes a byte at least, so this is never more than the bytes allow.
    values.reserveCapacity(scanner.rowEstimate(first.length) * columnCount)
    var rowCount = 0
    while index < bytes.count {
      let start = index
      var column = 0
      while true {
        let field = index
        let (value, end) = DecimalNumber.scan(bytes, field)
        if end > field, value.isFinite, CSVMatrix.endsField(scanner, end) {
          values.append(value)
          index = end
        } else {
          index = try scanner.endOfField(field)
          guard let value = CSVMatrix.number(scanner, field..<index) else {
            let name = first.names.flatMap { column < $0.count ? " (\($0[column]))" : nil } ?? ""
            throw ECGError(
              .malformed,
              "column \(column + 1)\(name): \"\(scanner.text(field..<index).prefix(40))\" is no number",
              file: scanner.file, line: scanner.line(at: start))
          }
          values.append(value)
        }
        column += 1
        // A row that is too long ends where it is seen to be, so that it takes no memory.
        guard column <= columnCount, scanner.continues(index) else { break }
        index += 1
      }
      guard column == columnCount else {
        throw ECGError(
          .malformed,
          column > columnCount
            ? "more than \(columnCount) fields, the number of the first row"
            : "\(column) fields where the first row has \(columnCount)", file: scanner.file,
          line: scanner.line(at: start))
      }
      rowCount += 1
      index = scanner.skippingBlankLines(scanner.nextLine(index))
    }
    self.rowCount = rowCount
    self.values = values
  }

  /// The width of the first row, its fields if they are names, and where the next row begins.
  private static func firstRow(_ scanner: CSVScanner, _ start: Int) throws -> (
    width: Int, names: [String]?, length: Int, next: Int
  ) {
    var fields: [Range<Int>] = []
    var index = start
    while true {
      let end = try scanner.endOfField(index)
      fields.append(index..<end)
      guard fields.count <= CSVScanner.columnLimit else {
        throw ECGError(
          .unsupported, "has more than \(CSVScanner.columnLimit) columns", file: scanner.file,
          line: scanner.line(at: start))
      }
      guard scanner.continues(end) else {
        index = end
        break
      }
      index = end + 1
    }
    let filled = fields.filter { !scanner.text($0).trimmingSpaces().isEmpty }
    let numbers = filled.count { number(scanner, $0) != nil }
    guard numbers == 0 || numbers == filled.count else {
      throw ECGError(
        .malformed, "the first row is neither names nor numbers: \(numbers) of \(filled.count) are numbers",
        file: scanner.file, line: scanner.line(at: start))
    }
    let isNames = numbers == 0 && !filled.isEmpty
    return (
      fields.count, isNames ? fields.map { scanner.text($0) } : nil, index - start, scanner.nextLine(index)
    )
  }

  @inline(__always)
  private static func endsField(_ scanner: CSVScanner, _ end: Int) -> Bool {
    guard end < scanner.bytes.count else { return true }
    let byte = scanner.bytes[end]
    return byte == scanner.delimiter || byte == CSVScanner.lineFeed || byte == CSVScanner.carriageReturn
  }

  /// The number in a field that may have quotes and blanks; NaN if it is empty or says so, nil if it is none.
  private static func number(_ scanner: CSVScanner, _ range: Range<Int>) -> Double? {
    let text = scanner.text(range).trimmingSpaces()
    if text.isEmpty || ["nan", "+nan", "-nan"].contains(text.lowercased()) { return .nan }
    return DecimalNumber.value(text.utf8)
  }
}

extension CSVMatrix {
  /// Writes numbers that read back to the last bit; a missing one is an empty field.
  ///
  /// - Parameters:
  ///   - names: the names of the columns; nil for none.
  ///   - values: row-major, [rows, columns].
  ///   - columnCount: the number of columns.
  ///   - delimiter: what stands between fields.
  /// - Returns: the bytes of the file.
  /// - Throws: `ECGError.Code.invalidArgument` if the counts do not fit, or a number is infinite.
  static func encode(
    names: [String]?, values: [Double], columnCount: Int, delimiter: UInt8 = UInt8(ascii: ",")
  ) throws -> [UInt8] {
    guard columnCount > 0, values.count % columnCount == 0, names?.count ?? columnCount == columnCount,
      !values.contains(where: \.isInfinite)
    else {
      throw ECGError(.invalidArgument, "\(values.count) values are no table of \(columnCount) columns")
    }
    return try CSVTable.encode(
      columns: names,
      rows: stride(from: 0, to: values.count, by: columnCount).lazy.map { row in
        values[row..<(row + columnCount)].map(DecimalNumber.text)
      }, delimiter: delimiter)
  }
}
