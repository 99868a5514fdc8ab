/// A sheet of a workbook: the cells that hold something, wherever they are.
struct XLSXSheet: Sendable {
  /// A cell that holds something.
  struct Cell: Sendable, Equatable {
    /// From 0.
    let row: Int32
    let column: Int32
    let value: XLSXCell
  }

  /// The file, as errors name it.
  let file: String
  let name: String
  /// By row, then by column.
  let cells: [Cell]
  /// Where each row that holds something begins in `cells`, and their number at the end.
  fileprivate let rowStarts: [Int]

  init(file: String, name: String, cells: [Cell]) {
    self.file = file
    self.name = name
    self.cells = cells
    var starts = cells.indices.filter { $0 == 0 || cells[$0 - 1].row != cells[$0].row }
    starts.append(cells.count)
    rowStarts = starts
  }

  /// The content of a cell, by row and column from 0.
  subscript(row: Int, column: Int) -> XLSXCell {
    // The first row that is not above.
    var (low, high) = (0, rowStarts.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if Int(cells[rowStarts[middle]].row) < row { low = middle + 1 } else { high = middle }
    }
    guard low < rowStarts.count - 1, Int(cells[rowStarts[low]].row) == row else { return .empty }
    return cell(ofRow: low, column)
  }

  /// The content of a column of the row that is this one among those that hold something.
  fileprivate func cell(ofRow index: Int, _ column: Int) -> XLSXCell {
    var (low, high) = (rowStarts[index], rowStarts[index + 1])
    // Most rows are full, so the cell lies where its column says.
    let guess = low + column
    if guess < high, Int(cells[guess].column) == column { return cells[guess].value }
    while low < high {
      let middle = (low + high) / 2
      if Int(cells[middle].column) < column { low = middle + 1 } else { high = middle }
    }
    return low < rowStarts[index + 1] && Int(cells[low].column) == column ? cells[low].value : .empty
  }
}

/// A sheet as a table: its first row names the columns, rows that hold nothing are none.
///
/// There are as many columns as the widest row has; those that the first row does not name have empty names.
struct XLSXTable: TextTable {
  let columns: [String]
  /// The sheet whose texts these are.
  let sheet: XLSXSheet
  var file: String { sheet.file }
  var rowCount: Int { sheet.rowStarts.count - 2 }

  /// The first sheet of a workbook.
  ///
  /// - Throws: as `XLSXWorkbook`, and `ECGError.Code.malformed` if the sheet holds nothing.
  init(contentsOf path: String) throws { try self.init(XLSXWorkbook(contentsOf: path).sheet()) }

  /// - Throws: `ECGError.Code.malformed` if the sheet holds nothing.
  init(_ sheet: XLSXSheet) throws {
    guard let last = sheet.cells.map(\.column).max() else {
      throw ECGError(.malformed, "sheet \"\(sheet.name)\" is empty", file: sheet.file)
    }
    self.sheet = sheet
    columns = (0...Int(last)).map { sheet.cell(ofRow: 0, $0).text }
  }

  subscript(row: Int, column: Int) -> String { sheet.cell(ofRow: row + 1, column).text }

  func line(ofRow row: Int) -> Int { Int(sheet.cells[sheet.rowStarts[row + 1]].row) + 1 }
}
