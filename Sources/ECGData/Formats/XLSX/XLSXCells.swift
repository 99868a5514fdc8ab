/// The cells of a sheet that hold something, read from its part.
final class XLSXCells: XLSXPart {
  /// In the order of the rows and, within a row, of the columns.
  private(set) var cells: [XLSXSheet.Cell] = []
  private let sheet: String
  private let strings: [String]
  private let kinds: [XLSXDates.Kind]?
  private let is1904: Bool

  private var isInData = false
  /// The last row and column, from 0; -1 before the first.
  private var row = -1
  private var column = -1
  private var isInRow = false
  private var isInCell = false
  private var phonetic = 0
  private var type = ""
  private var style = 0
  /// What `v`, or the runs of `is`, say; nil if there is neither.
  private var value: String?

  init(
    _ part: String, of archive: ZIPArchive, sheet: String, strings: [String], kinds: [XLSXDates.Kind]?,
    is1904: Bool
  ) throws {
    self.sheet = sheet
    self.strings = strings
    self.kinds = kinds
    self.is1904 = is1904
    try super.init(part, of: archive)
  }

  override func begin(_ element: Substring, _ attributes: [String: String]) throws {
    switch element {
    case "c" where isInRow: try beginCell(attributes)
    case "v" where isInCell, "t" where isInCell && phonetic == 0:
      text = ""
      wantsText = true
    case "row" where isInData: try beginRow(attributes)
    case "rPh": phonetic += 1
    case "sheetData": isInData = true
    default: break
    }
  }

  override func end(_ element: Substring) throws {
    switch element {
    case "c" where isInCell:
      if let content = try content(), content != .empty {
        cells.append(XLSXSheet.Cell(row: Int32(row), column: Int32(column), value: content))
      }
      isInCell = false
    case "v" where wantsText, "t" where wantsText:
      if element == "t" { value = (value ?? "") + text } else { value = text }
      wantsText = false
    case "row": isInRow = false
    case "rPh": phonetic -= 1
    case "sheetData": isInData = false
    default: break
    }
  }

  private func beginRow(_ attributes: [String: String]) throws {
    let last = row
    row += 1
    if let text = attributes["r"] {
      guard let number = Int(text), number >= 1 else { throw malformed("row \"\(text)\" is no row") }
      row = number - 1
    }
    guard row > last, row < XLSXReference.rowLimit else {
      throw malformed("row \(row + 1) comes behind row \(last + 1), or lies beyond \(XLSXReference.rowLimit)")
    }
    column = -1
    isInRow = true
  }

  private func beginCell(_ attributes: [String: String]) throws {
    guard !isInCell else { throw malformed("a cell lies in \(place)") }
    let last = column
    column += 1
    if let text = attributes["r"] {
      guard let reference = XLSXReference(text), reference.row == row else {
        throw malformed("a cell of row \(row + 1) is named \"\(text)\"")
      }
      column = reference.column
    }
    guard column > last, column < XLSXReference.columnLimit else {
      throw malformed("\(place) is out of order, or lies beyond XFD")
    }
    isInCell = true
    type = attributes["t"] ?? "n"
    value = nil
    style = 0
    guard let text = attributes["s"], let kinds else { return }
    guard let index = Int(text), kinds.indices.contains(index) else {
      throw malformed("\(place) has style \(text) of \(kinds.count)")
    }
    style = index
  }

  private var place: String {
    "sheet \"\(sheet)\", cell \(XLSXReference(row: row, column: column).description)"
  }

  private func content() throws -> XLSXCell? {
    guard let value else { return nil }
    switch type {
    case "s":
      guard let index = Int(value.trimmingSpaces()), strings.indices.contains(index) else {
        throw malformed("\(place): shared text \"\(value)\" of \(strings.count) is not there")
      }
      return .text(strings[index])
    case "str", "inlineStr": return .text(XLSXText.unescaped(value))
    case "e": return .error(value)
    case "d": return .date(value)
    case "b":
      switch value.trimmingSpaces() {
      case "": return nil
      case "0", "false": return .bool(false)
      case "1", "true": return .bool(true)
      default: throw malformed("\(place): \"\(value)\" is no boolean")
      }
    case "n": return try number(value.trimmingSpaces())
    default: throw malformed("\(place) is of the unknown type \"\(type)\"")
    }
  }

  private func number(_ text: String) throws -> XLSXCell? {
    if text.isEmpty { return nil }
    guard let number = DecimalNumber.value(text.utf8) else {
      throw malformed("\(place): \"\(text)\" is no number")
    }
    // A cell without a style has the first, which a broken part may lack.
    guard let kinds, kinds.indices.contains(style), case let kind = kinds[style], kind != .number,
      let date = XLSXDates.text(number, kind: kind, is1904: is1904)
    else {
      return .number(number)
    }
    return .date(date)
  }
}
