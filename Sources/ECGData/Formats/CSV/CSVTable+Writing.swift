extension CSVTable {
  /// Writes a table that reads back as it was: a row of names, then the rows, each line ending with LF.
  ///
  /// - Parameters:
  ///   - columns: the names; nil for a table without them.
  ///   - rows: texts, as many a row as there are columns.
  ///   - delimiter: what stands between fields.
  /// - Returns: the bytes of the file.
  /// - Throws: `ECGError.Code.invalidArgument` if a row has another number of fields, or a field a NUL, which
  ///   is not read back.
  static func encode(columns: [String]?, rows: some Sequence<[String]>, delimiter: UInt8 = UInt8(ascii: ","))
    throws -> [UInt8]
  {
    var bytes: [UInt8] = []
    var width = columns?.count
    func append(_ row: [String]) throws {
      guard row.count == width ?? row.count, !row.isEmpty else {
        throw ECGError(.invalidArgument, "a row has \(row.count) fields, where others have \(width ?? 1)")
      }
      width = row.count
      for (index, field) in row.enumerated() {
        guard !field.utf8.contains(0) else { throw ECGError(.invalidArgument, "a field holds a NUL") }
        if index > 0 { bytes.append(delimiter) }
        // A row that is one empty field would be a blank line.
        bytes += (row == [""] ? "\"\"" : quoted(field, delimiter: delimiter)).utf8
      }
      bytes.append(CSVScanner.lineFeed)
    }
    if let columns { try append(columns) }
    for row in rows { try append(row) }
    return bytes
  }

  /// A field as it is written: in quotes if it holds a delimiter, a quote or a line end, or begins with a byte
  /// order mark.
  static func quoted(_ field: String, delimiter: UInt8) -> String {
    let quote = CSVScanner.quote
    // Bytes, not characters: a line end of CR LF is one of those, and so is a quote with an accent behind it.
    let isPlain = !field.utf8.contains {
      $0 == delimiter || $0 == quote || $0 == CSVScanner.lineFeed || $0 == CSVScanner.carriageReturn
    }
    guard !isPlain || field.utf8.starts(with: [0xEF, 0xBB, 0xBF]) else { return field }
    let doubled = field.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] }
    return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
  }

  /// A field of a file whose delimiter is the comma.
  static func quoted(_ field: String) -> String { quoted(field, delimiter: UInt8(ascii: ",")) }
}
