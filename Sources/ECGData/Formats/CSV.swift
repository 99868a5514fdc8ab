/// Comma-separated values with quotes (RFC 4180), as tables of public collections are written.
///
/// Quoted fields may hold commas, doubled quotes and line ends. Bytes that are not UTF-8 become U+FFFD. A
/// byte order mark is skipped.
struct CSVTable: Sendable {
  /// The column names of the first row.
  let columns: [String]
  /// The other rows, each as wide as `columns`.
  let rows: [[String]]
  private let indices: [String: Int]

  /// Reads a table whose first row names the columns.
  ///
  /// - Throws: `ECGError.Code.malformed` with the line of a ragged row or an open quote.
  init(contentsOf path: String) throws {
    try self.init(bytes: File.read(path), file: path)
  }

  /// Parses a table; `file` is only named in errors.
  init(bytes: [UInt8], file: String) throws {
    var records = try CSVTable.parse(bytes[...], file: file)
    guard !records.isEmpty else { throw ECGError(.malformed, "is empty", file: file) }
    let header = records.removeFirst()
    columns = header.fields
    if let ragged = records.first(where: { $0.fields.count != header.fields.count }) {
      throw ECGError(
        .malformed, "\(ragged.fields.count) fields where the header has \(header.fields.count)", file: file,
        line: ragged.line)
    }
    rows = records.map(\.fields)
    indices = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The index of a column.
  ///
  /// - Throws: `ECGError.Code.malformed` if the table lacks it.
  func index(of column: String, file: String) throws -> Int {
    guard let index = indices[column] else {
      throw ECGError(.malformed, "has no column \"\(column)\"", file: file)
    }
    return index
  }

  /// A field as it is written: in quotes if it holds a comma, a quote or a line end.
  static func quoted(_ field: String) -> String {
    let quote = UInt8(ascii: "\"")
    // Bytes, not characters: a line end of CR LF is one of those, and so is a quote with an accent behind it.
    guard field.utf8.contains(where: { ",\"\n\r".utf8.contains($0) }) else { return field }
    let doubled = field.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
    return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
  }

  private static func parse(_ bytes: ArraySlice<UInt8>, file: String) throws -> [(
    line: Int, fields: [String]
  )] {
    let quote = UInt8(ascii: "\"")
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
    var records: [(line: Int, fields: [String])] = []
    var fields: [String] = []
    var field: [UInt8] = []
    var line = 1
    var startLine = 1
    var isQuoted = false
    var index = bytes.startIndex
    func endField() {
      fields.append(String(decoding: field, as: UTF8.self))
      field.removeAll(keepingCapacity: true)
    }
    func endRecord() {
      endField()
      // A blank line is no record.
      if fields != [""] { records.append((startLine, fields)) }
      fields = []
    }
    while index < bytes.endIndex {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      if isQuoted {
        if byte != quote {
          field.append(byte)
        } else if index < bytes.endIndex, bytes[index] == quote {
          field.append(quote)
          index += 1
        } else {
          isQuoted = false
        }
        continue
      }
      switch byte {
      case quote where field.isEmpty: isQuoted = true
      case UInt8(ascii: ","): endField()
      case UInt8(ascii: "\r") where index < bytes.endIndex && bytes[index] == UInt8(ascii: "\n"): break
      case UInt8(ascii: "\n"):
        endRecord()
        startLine = line
      default: field.append(byte)
      }
    }
    guard !isQuoted else {
      throw ECGError(.malformed, "a quote is never closed", file: file, line: startLine)
    }
    if !field.isEmpty || !fields.isEmpty { endRecord() }
    return records
  }
}
