/// A table of texts whose columns have names, read whole: a CSV file or a sheet of a workbook.
protocol TextTable: Sendable {
  /// The file, as errors name it.
  var file: String { get }
  /// The names of the columns, as they are written; names may be empty or occur twice.
  var columns: [String] { get }
  /// The number of rows, that of the names left out.
  var rowCount: Int { get }
  /// The text of a field; empty where a row has none.
  subscript(row: Int, column: Int) -> String { get }
  /// The 1-based line of the file, or row of the sheet, on which a row begins.
  func line(ofRow row: Int) -> Int
}

extension TextTable {
  /// The index of the first column of this name.
  ///
  /// - Throws: `ECGError.Code.malformed` if the table lacks it.
  func index(of column: String) throws -> Int {
    guard let index = columns.firstIndex(of: column) else {
      throw ECGError(.malformed, "has no column \"\(column)\"", file: file)
    }
    return index
  }

  /// The fields of a row that are not empty, by column, those of some columns left out.
  func fields(ofRow row: Int, except used: Set<Int>) -> [String: String] {
    var fields: [String: String] = [:]
    for (index, column) in columns.enumerated() where !used.contains(index) {
      let text = self[row, index]
      if !text.isEmpty { fields[column] = text }
    }
    return fields
  }

  /// The rows in order, each a collection of its fields; a field is made when it is asked for.
  var rows: TextRows<Self> { TextRows(table: self) }
}

/// The rows of a table.
struct TextRows<Table: TextTable>: RandomAccessCollection, Sendable {
  fileprivate let table: Table

  var startIndex: Int { 0 }
  var endIndex: Int { table.rowCount }
  subscript(row: Int) -> TextRow<Table> { TextRow(table: table, row: row) }
}

/// The fields of one row of a table, as many as it has columns.
struct TextRow<Table: TextTable>: RandomAccessCollection, Sendable {
  fileprivate let table: Table
  fileprivate let row: Int

  var startIndex: Int { 0 }
  var endIndex: Int { table.columns.count }
  /// The 1-based line of the file, or row of the sheet, on which this row begins.
  var line: Int { table.line(ofRow: row) }
  subscript(column: Int) -> String { table[row, column] }
}
