/// The six abnormalities of CODE in the columns of a table: 1, 0 and not labelled are three different things, and all that
/// is stated is kept, 0 too.
struct CODELabels: Sendable {
  private let columns: [(name: String, index: Int)]

  /// Where the columns stand in the table.
  var indices: [Int] { columns.map(\.index) }

  /// Finds the columns; their order differs from table to table.
  ///
  /// - Throws: `ECGError.Code.malformed` naming the first that is missing.
  init(_ table: CSVTable) throws {
    columns = try Vocabulary.code.map { (name: $0, index: try table.index(of: $0)) }
  }

  /// The statements of a row: 1 or 0 each, none for a blank or NaN; a value that is neither is told of the record.
  func statements(_ table: CSVTable, row: Int, record: inout SourceRecord) -> [Statement] {
    var statements: [Statement] = []
    for column in columns {
      let text = table[row, column.index].trimmingSpaces()
      switch text.lowercased() {
      case "true", "1", "1.0": statements.append(Statement(code: "code:\(column.name)", value: 1))
      case "false", "0", "0.0": statements.append(Statement(code: "code:\(column.name)", value: 0))
      case "", "nan": break
      default:
        record.find(.labelsUnknownCode, "\(column.name) is \"\(text)\", neither 1 nor 0")
      }
    }
    return statements
  }

  /// An integer that a table may keep as a float, such as 15709.0; nil if it is none.
  static func identifier(_ text: String) -> Int? {
    Int(SourceRecord.withoutFraction(text.trimmingSpaces()))
  }
}
