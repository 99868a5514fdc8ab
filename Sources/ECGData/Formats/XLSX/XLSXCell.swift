/// What a cell of a sheet holds.
enum XLSXCell: Sendable, Equatable {
  /// Nothing, or a style alone.
  case empty
  /// Text as it stands, blanks at its ends included; also the result of a formula.
  case text(String)
  /// A number; also the result of a formula.
  case number(Double)
  /// TRUE or FALSE.
  case bool(Bool)
  /// A number that is shown as a date, as ISO 8601: `2019-03-01`, `2019-03-01T08:15:00` with milliseconds if
  /// there are any, a time of day `08:15:00` where the date is day 0, a duration in hours `26:03:00`.
  case date(String)
  /// An error such as `#N/A`.
  case error(String)

  /// The content as a field of a table: integers without a fraction, other numbers with the fewest digits that
  /// read back, TRUE and FALSE, nothing for an empty cell.
  var text: String {
    switch self {
    case .empty: ""
    case .text(let text), .date(let text), .error(let text): text
    case .number(let value): DecimalNumber.text(value)
    case .bool(let value): value ? "TRUE" : "FALSE"
    }
  }
}

/// The place of a cell, from 0 at A1.
struct XLSXReference: Sendable, Equatable {
  /// Rows and columns of a sheet: XFD1048576 is the last cell.
  static let rowLimit = 1_048_576
  static let columnLimit = 16_384

  var row: Int
  var column: Int

  init(row: Int, column: Int) {
    self.row = row
    self.column = column
  }

  /// Reads `B7`; nil if it is none or lies beyond XFD1048576.
  init?(_ text: String) {
    var column = 0
    var row = 0
    var letters = 0
    var isRow = false
    for byte in text.utf8 {
      switch byte {
      case 0x41...0x5A where !isRow && letters < 3:
        letters += 1
        column = column * 26 + Int(byte) - 0x40
      case 0x30...0x39 where letters > 0 && row <= XLSXReference.rowLimit && (isRow || byte != 0x30):
        isRow = true
        row = row * 10 + Int(byte) - 0x30
      default: return nil
      }
    }
    guard isRow, row <= XLSXReference.rowLimit, column <= XLSXReference.columnLimit else { return nil }
    self.init(row: row - 1, column: column - 1)
  }

  /// As it is written: `B7`.
  var description: String { XLSXReference.letters(column) + "\(row + 1)" }

  /// The letters of a column, `A` for 0.
  static func letters(_ column: Int) -> String {
    var letters: [UInt8] = []
    var rest = column + 1
    while rest > 0 {
      letters.append(UInt8(0x41 + (rest - 1) % 26))
      rest = (rest - 1) / 26
    }
    return String(decoding: letters.reversed(), as: UTF8.self)
  }
}
