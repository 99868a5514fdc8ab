extension XLSXSheet {
  /// Writes a workbook of one sheet; the bytes depend on nothing but these cells.
  ///
  /// Texts are written in their cells, dates as ISO 8601 texts of the date type, formulas and styles not at all.
  ///
  /// - Parameters:
  ///   - name: the sheet's, 1 to 31 characters without `[ ] : * ? / \`.
  ///   - rows: cells from A1 on; rows may be of different lengths.
  /// - Returns: the bytes of the file.
  /// - Throws: `ECGError.Code.invalidArgument` for a name that a sheet cannot have, a number that is not finite,
  ///   or more rows or columns than a sheet has.
  static func encode(name: String, rows: [[XLSXCell]]) throws -> [UInt8] {
    guard (1...31).contains(name.utf16.count), !name.contains(where: { "[]:*?/\\".contains($0) }) else {
      throw ECGError(.invalidArgument, "\"\(name)\" cannot be the name of a sheet")
    }
    guard rows.count <= XLSXReference.rowLimit, rows.allSatisfy({ $0.count <= XLSXReference.columnLimit })
    else {
      throw ECGError(.invalidArgument, "\(rows.count) rows are too many or too long for a sheet")
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    let documents = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    let packages = "http://schemas.openxmlformats.org/package/2006"
    let types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    var sheet = "<worksheet xmlns=\"\(main)\"><sheetData>"
    for (row, cells) in rows.enumerated() where cells.contains(where: { $0 != .empty }) {
      sheet += "<row r=\"\(row + 1)\">"
      for (column, cell) in cells.enumerated() {
        sheet += try element(cell, XLSXReference(row: row, column: column).description)
      }
      sheet += "</row>"
    }
    sheet += "</sheetData></worksheet>"
    let parts = [
      (
        "[Content_Types].xml",
        """
        <Types xmlns="\(packages)/content-types"><Default Extension="rels" \
        ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
        <Override PartName="/xl/workbook.xml" ContentType="\(types).sheet.main+xml"/>\
        <Override PartName="/xl/worksheets/sheet1.xml" ContentType="\(types).worksheet+xml"/></Types>
        """
      ),
      (
        "_rels/.rels",
        """
        <Relationships xmlns="\(packages)/relationships">\
        <Relationship Id="rId1" Type="\(documents)/officeDocument" Target="xl/workbook.xml"/></Relationships>
        """
      ),
      (
        "xl/workbook.xml",
        """
        <workbook xmlns="\(main)" xmlns:r="\(documents)"><sheets>\
        <sheet name="\(XLSXText.escaped(name))" sheetId="1" r:id="rId1"/></sheets></workbook>
        """
      ),
      (
        "xl/_rels/workbook.xml.rels",
        """
        <Relationships xmlns="\(packages)/relationships">\
        <Relationship Id="rId1" Type="\(documents)/worksheet" Target="worksheets/sheet1.xml"/></Relationships>
        """
      ),
      ("xl/worksheets/sheet1.xml", sheet),
    ]
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    return try ZIPArchive.encode(parts.map { ($0.0, Array((declaration + $0.1).utf8)) })
  }

  private static func element(_ cell: XLSXCell, _ place: String) throws -> String {
    switch cell {
    case .empty: return ""
    case .text(let text):
      return
        "<c r=\"\(place)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">\(XLSXText.escaped(text))</t></is></c>"
    case .number(let value):
      guard value.isFinite else {
        throw ECGError(.invalidArgument, "\(place): \(value) is no number of a sheet")
      }
      return "<c r=\"\(place)\"><v>\(DecimalNumber.text(value))</v></c>"
    case .bool(let value): return "<c r=\"\(place)\" t=\"b\"><v>\(value ? 1 : 0)</v></c>"
    case .date(let text): return "<c r=\"\(place)\" t=\"d\"><v>\(XLSXText.escaped(text))</v></c>"
    case .error(let text): return "<c r=\"\(place)\" t=\"e\"><v>\(XLSXText.escaped(text))</v></c>"
    }
  }
}
