/// The tables that are compiled into the library.
///
/// They are its own, so a fault in one is a fault of the build: it shows as an empty table, and the tests of each table
/// see it.
enum EmbeddedTable {
  /// The rows of a CSV of this many columns, without its header.
  static func rows(_ bytes: [UInt8], width: Int) -> [[String]] {
    guard let table = try? CSVTable(bytes: bytes, file: "embedded table"), table.columns.count == width else {
      return []
    }
    return table.rows.map { Array($0) }
  }

  /// A list of values in YAML.
  static func values<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> [Value] {
    (try? YAML.decode([Value].self, from: String(decoding: bytes, as: UTF8.self))) ?? []
  }
}
