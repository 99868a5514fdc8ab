/// What a variable of a MAT-file holds.
public enum MATValue: Sendable, Equatable {
  /// Numbers.
  case numeric(MATArray)
  /// Truth values.
  case logical(MATLogicalArray)
  /// Text.
  case char(MATCharArray)
  /// A cell array.
  case cell(MATCellArray)
  /// A structure array.
  case structure(MATStructArray)
  /// What is not read, by its class: sparse arrays, objects, function handles, and what is opaque (strings in
  /// double quotes, tables, dates); of version 7.3 also cells, structure arrays and complex numbers.
  case unsupported(className: String)
  /// What an outline leaves out; class and dimensions are nil where it does not reach. See
  /// ``MATFile/outline(of:)``.
  case notRead(className: String?, dimensions: [Int]?)

  /// The class, as MATLAB's `class` would name it.
  public var className: String {
    switch self {
    case .numeric(let array): array.type.name
    case .logical: "logical"
    case .char: MATClass.char.name
    case .cell: MATClass.cell.name
    case .structure: MATClass.structure.name
    case .unsupported(let name): name
    case .notRead(let name, _): name ?? "unknown"
    }
  }

  /// Rows, columns and what follows; nil where the value is not read.
  public var dimensions: [Int]? {
    switch self {
    case .numeric(let array): array.dimensions
    case .logical(let array): array.dimensions
    case .char(let array): array.dimensions
    case .cell(let array): array.dimensions
    case .structure(let array): array.dimensions
    case .unsupported: nil
    case .notRead(_, let dimensions): dimensions
    }
  }

  /// The numbers; nil if it holds none.
  public var array: MATArray? {
    if case .numeric(let array) = self { array } else { nil }
  }

  /// The structures; nil if it holds none.
  public var structure: MATStructArray? {
    if case .structure(let array) = self { array } else { nil }
  }

  /// The cells; nil if it holds none.
  public var cell: MATCellArray? {
    if case .cell(let array) = self { array } else { nil }
  }

  /// The text of a character array of one row or none; nil for anything else.
  public var text: String? {
    if case .char(let array) = self { array.text } else { nil }
  }
}

/// Truth values, column by column; a numeric array with the flag `logical` in the file.
public struct MATLogicalArray: Sendable, Equatable {
  /// Rows, columns and what follows.
  public var dimensions: [Int]
  /// The values, the first index fastest.
  public var values: [Bool]

  /// An array; its values are as many as its dimensions say.
  public init(dimensions: [Int], values: [Bool]) {
    self.dimensions = dimensions
    self.values = values
  }
}

/// A character array.
public struct MATCharArray: Sendable, Equatable {
  /// Rows, columns and what follows, in UTF-16 code units or as the file has it.
  public var dimensions: [Int]
  /// Each row's text, the rows of one page after those of the one before; blanks at a row's end are kept.
  ///
  /// An array of 1 × 0 is one empty row; any other without characters has no rows.
  public var rows: [String]

  /// An array as the file has it.
  init(dimensions: [Int], rows: [String]) {
    self.dimensions = dimensions
    self.rows = rows
  }

  /// One row.
  public init(_ text: String) {
    self.init(dimensions: [text.isEmpty ? 0 : 1, text.utf16.count], rows: text.isEmpty ? [] : [text])
  }

  /// Several rows, padded with blanks to the longest as MATLAB's `char` does.
  public init(rows: [String]) {
    let length = rows.map(\.utf16.count).max() ?? 0
    self.init(
      dimensions: [rows.count, length],
      rows: length == 0 ? [] : rows.map { $0 + String(repeating: " ", count: length - $0.utf16.count) })
  }

  /// The text of one row or none; nil if there are several.
  public var text: String? { rows.count > 1 ? nil : rows.first ?? "" }
}

/// A cell array.
public struct MATCellArray: Sendable, Equatable {
  /// Rows, columns and what follows.
  public var dimensions: [Int]
  /// The cells, the first index fastest.
  public var values: [MATValue]

  /// An array; its cells are as many as its dimensions say.
  public init(dimensions: [Int], values: [MATValue]) {
    self.dimensions = dimensions
    self.values = values
  }
}

/// A structure array.
public struct MATStructArray: Sendable, Equatable {
  /// Rows, columns and what follows.
  public var dimensions: [Int]
  /// The fields' names, in the file's order.
  public var fields: [String]
  /// Each structure's values in the order of ``fields``, structure after structure, the first index fastest.
  public var values: [MATValue]

  /// An array; its values are as many as its dimensions and fields say.
  public init(dimensions: [Int], fields: [String], values: [MATValue]) {
    self.dimensions = dimensions
    self.fields = fields
    self.values = values
  }

  /// One structure.
  public init(_ values: KeyValuePairs<String, MATValue>) {
    self.init(dimensions: [1, 1], fields: values.map(\.key), values: values.map(\.value))
  }

  /// A field of a single structure; nil if there is none of the name, or not one structure.
  public subscript(field: String) -> MATValue? {
    values.count == fields.count ? self[0, field] : nil
  }

  /// A field of the structure at a place, counted from 0 with the first index fastest; nil if there is none.
  public subscript(index: Int, field: String) -> MATValue? {
    guard let column = fields.firstIndex(of: field), index >= 0, index < values.count / fields.count else {
      return nil
    }
    return values[index * fields.count + column]
  }
}
