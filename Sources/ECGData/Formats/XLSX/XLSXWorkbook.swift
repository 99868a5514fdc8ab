/// A workbook of Office Open XML (ECMA-376, ISO/IEC 29500), transitional or strict: its sheets' values.
///
/// Formulas are not evaluated: a cell has the result that was stored. A cell with a date's number format is a
/// date, by the workbook's epoch of 1900 or 1904. Text keeps its blanks; runs of rich text are joined, phonetic
/// readings are left out.
struct XLSXWorkbook {
  /// The names of the sheets of cells, in their order; chart sheets are left out.
  let sheetNames: [String]
  /// Whether serial dates count from 1904.
  let is1904: Bool
  private let archive: ZIPArchive
  private let parts: [String]
  private let strings: [String]
  private let kinds: [XLSXDates.Kind]?

  /// Opens a file, and reads its shared texts and styles.
  ///
  /// - Throws: `ECGError.Code.malformed`, `mismatch` or `unsupported`, naming the part; see ``ZIPArchive`` and
  ///   ``XLSXPart`` for what is refused.
  init(contentsOf path: String) throws {
    try self.init(ZIPArchive(contentsOf: path))
  }

  /// Opens a workbook in memory; `file` is only named in errors.
  init(bytes: [UInt8], file: String) throws {
    try self.init(ZIPArchive(bytes: bytes, file: file))
  }

  private init(_ archive: ZIPArchive) throws {
    guard archive.contains("_rels/.rels"),
      let main = try XLSXRelations(of: "", in: archive).target("officeDocument")
    else {
      throw ECGError(.malformed, "is a ZIP archive, but no workbook", file: archive.file)
    }
    let relations = try XLSXRelations(of: main, in: archive)
    let workbook = try XLSXSheetList(main, of: archive)
    var parts: [String] = []
    var names: [String] = []
    for sheet in workbook.sheets {
      guard let relation = relations.relations[sheet.relation] else {
        throw workbook.malformed("sheet \"\(sheet.name)\" has no part")
      }
      guard relation.kind == "worksheet" else { continue }
      names.append(sheet.name)
      parts.append(relation.target)
    }
    self.archive = archive
    self.parts = parts
    sheetNames = names
    is1904 = workbook.is1904
    strings = try relations.target("sharedStrings").map { try XLSXStrings($0, of: archive).strings } ?? []
    kinds = try relations.target("styles").map { try XLSXStyles($0, of: archive).kinds }
  }

  /// Reads a sheet, the first one if no name is given.
  ///
  /// - Throws: `ECGError.Code.notFound` if there is none, `malformed` naming the cell.
  func sheet(_ name: String? = nil) throws -> XLSXSheet {
    guard let index = name.map({ sheetNames.firstIndex(of: $0) }) ?? (sheetNames.isEmpty ? nil : 0) else {
      throw ECGError(
        .notFound, name.map { "has no sheet \"\($0)\"" } ?? "has no sheet", file: archive.file,
        advice: sheetNames.isEmpty ? nil : "its sheets are \(sheetNames.joined(separator: ", "))")
    }
    let part = try XLSXCells(
      parts[index], of: archive, sheet: sheetNames[index], strings: strings, kinds: kinds, is1904: is1904)
    return XLSXSheet(file: archive.file, name: sheetNames[index], cells: part.cells)
  }
}

/// The names of a workbook's sheets, and its epoch.
private final class XLSXSheetList: XLSXPart {
  private(set) var sheets: [(name: String, relation: String)] = []
  private(set) var is1904 = false

  override func begin(_ element: Substring, _ attributes: [String: String]) throws {
    switch element {
    case "workbookPr": is1904 = ["1", "true"].contains(attributes["date1904"])
    case "sheet":
      // The relation's id has the prefix that the writer chose.
      let relation = attributes.filter { $0.key.hasSuffix(":id") }
      guard let name = attributes["name"], relation.count == 1, let id = relation.first?.value else {
        throw malformed("a sheet lacks its name or relation")
      }
      sheets.append((XLSXText.unescaped(name), id))
    default: break
    }
  }
}
