@testable import ECGData

/// `c`, a byte of options, a CSV file: what can be read can be written, and reads the same.
func checkCSV(_ input: [UInt8]) {
  guard let options = input.first else { return }
  let bytes = Array(input.dropFirst())
  let delimiter = options & 2 == 0 ? UInt8(ascii: ",") : UInt8(ascii: ";")
  check {
    let table = try CSVTable(bytes: bytes, file: "t.csv", hasHeader: options & 1 == 0, delimiter: delimiter)
    let rows = table.rows.map(Array.init)
    expect(rows.allSatisfy { $0.count == table.columns.count }, "rows are as wide as the names")
    expect(rows.isEmpty || table.line(ofRow: rows.count - 1) >= rows.count, "rows have lines")
    let again = try CSVTable(
      bytes: CSVTable.encode(columns: table.columns, rows: rows, delimiter: delimiter), file: "again.csv",
      delimiter: delimiter)
    expect(again.columns == table.columns && again.rows.map(Array.init) == rows, "a table comes back")
  }
  check {
    let matrix = try CSVMatrix(bytes: bytes, file: "m.csv", delimiter: delimiter)
    expect(matrix.values.count == matrix.rowCount * matrix.columnCount, "values are rows × columns")
    expect(matrix.values.count <= bytes.count + 1, "a value has a byte")
    guard matrix.rowCount > 0 else { return }
    let encoded = try CSVMatrix.encode(
      names: nil, values: matrix.values, columnCount: matrix.columnCount, delimiter: delimiter)
    // A single column's missing values are quoted, so that no row is blank.
    let again = try CSVMatrix(bytes: encoded, file: "again.csv", delimiter: delimiter)
    expect(
      again.names == nil
        && again.values.elementsEqual(matrix.values) {
          $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN
        },
      "numbers come back")
  }
}

/// `z`, a workbook as a whole: the container is what is broken.
func checkWorkbook(_ bytes: [UInt8]) {
  check {
    let workbook = try XLSXWorkbook(bytes: bytes, file: "w.xlsx")
    for name in workbook.sheetNames { check { try checkSheet(workbook.sheet(name)) } }
  }
}

/// `x`, parts of a workbook, each behind a form feed: sheet, shared texts, styles, workbook.
func checkParts(_ bytes: [UInt8]) {
  let parts = bytes.split(separator: 0x0C, maxSplits: 3, omittingEmptySubsequences: false).map { Array($0) }
  let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
  func relation(_ id: String, _ kind: String, _ target: String) -> String {
    "<Relationship Id=\"\(id)\" Type=\"\(relations)/\(kind)\" Target=\"\(target)\"/>"
  }
  let workbook = "<workbook xmlns:r=\"r\"><sheets><sheet name=\"a\" r:id=\"s\"/></sheets></workbook>"
  let entries: [(name: String, content: [UInt8])] = [
    ("_rels/.rels", Array("<R>\(relation("w", "officeDocument", "w.xml"))</R>".utf8)),
    (
      "_rels/w.xml.rels",
      Array(
        "<R>\(relation("s", "worksheet", "s.xml"))\(relation("t", "sharedStrings", "t.xml"))\(relation("y", "styles", "y.xml"))</R>"
          .utf8)
    ),
    ("w.xml", parts.count > 3 ? parts[3] : Array(workbook.utf8)), ("s.xml", parts[0]),
    ("t.xml", parts.count > 1 ? parts[1] : Array("<sst><si><t>a</t></si></sst>".utf8)),
    ("y.xml", parts.count > 2 ? parts[2] : Array("<s><cellXfs><xf numFmtId=\"14\"/></cellXfs></s>".utf8)),
  ]
  check { try checkWorkbook(ZIPArchive.encode(entries)) }
}

/// A sheet is in order, and what it holds comes back.
private func checkSheet(_ sheet: XLSXSheet) throws {
  for cell in sheet.cells {
    expect(sheet[Int(cell.row), Int(cell.column)] == cell.value, "a cell is found")
  }
  let table = try XLSXTable(sheet)
  expect(table.rowCount < sheet.cells.count, "a row holds something")
  guard table.columns.count < 64 else { return }
  let rows = [table.columns] + table.rows.map(Array.init)
  let bytes = try XLSXSheet.encode(name: "a", rows: rows.map { $0.map { .text($0) } })
  let again = try XLSXTable(XLSXWorkbook(bytes: bytes, file: "again.xlsx").sheet())
  expect([again.columns] + again.rows.map(Array.init) == rows, "a table comes back")
}
