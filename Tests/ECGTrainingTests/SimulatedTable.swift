import ECGData

/// The table of a simulated PTB-XL.
enum SimulatedTable {
  /// Changes a column of it.
  static func change(_ raw: String, _ name: String, _ edit: (inout [String]) -> Void) throws {
    let path = "\(raw)/ptbxl_database.csv"
    var (columns, rows) = try TextFile.table(path)
    let place = columns.firstIndex(of: name) ?? 0
    var column = rows.map { $0[place] }
    edit(&column)
    for row in rows.indices { rows[row][place] = column[row] }
    try TextFile.write(
      ([columns] + rows).map { TextFile.csv($0) + "\n" }.joined(), to: path)
  }
}
