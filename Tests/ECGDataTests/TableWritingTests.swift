import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Writes tables for `tools/python/check_tables.py` into the folder `EINTHOVEN_TABLES`, or a temporary one.
@Suite struct TableWritingTests {
  static let names = ["id", "text, quoted", "value", "flag"]

  @Test func writesTablesForOtherReaders() throws {
    try withDirectory { temporary in
      let folder = ProcessInfo.processInfo.environment["EINTHOVEN_TABLES"].map(Directory.init) ?? temporary
      func value(_ row: Int) -> Double { Double(row * row - 500) / 7 }
      func cells(_ row: Int) -> [XLSXCell] {
        let text = " \(row),\"\(row % 7)\"\n"
        return [.number(Double(row)), .text(text), .number(value(row)), .bool(row % 3 == 0)]
      }
      let rows = (0..<1000).map(cells)
      let texts = rows.map { $0.map(\.text) }
      let csv = try folder.write(
        CSVTable.encode(columns: TableWritingTests.names, rows: texts), to: "table.csv")
      #expect(try CSVTable(contentsOf: csv).rows.map(Array.init) == texts)
      let values = (0..<1000).flatMap { row -> [Double] in [Double(row), row % 10 == 0 ? .nan : value(row)] }
      let matrix = try folder.write(
        CSVMatrix.encode(names: ["id", "value"], values: values, columnCount: 2), to: "matrix.csv")
      #expect(try CSVMatrix(contentsOf: matrix).values.map(\.bitPattern) == values.map(\.bitPattern))
      let header = TableWritingTests.names.map { XLSXCell.text($0) }
      let book = try folder.write(XLSXSheet.encode(name: "a & b", rows: [header] + rows), to: "book.xlsx")
      #expect(try XLSXTable(XLSXWorkbook(contentsOf: book).sheet()).rows.map(Array.init) == texts)
    }
  }
}
