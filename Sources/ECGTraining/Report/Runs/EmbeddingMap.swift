internal import ECGData

/// Two principal components of the test records' features, `embedding.csv`.
struct EmbeddingMap: Sendable {
  static let file = "embedding.csv"

  /// A point a test record.
  let points: [(x: Double, y: Double)]

  /// Reads the file; nil if there is none.
  ///
  /// - Throws: `ECGError` naming the file, and the line of what is no number or no such record.
  init?(_ path: String, of records: [String]) throws {
    guard TextFile.exists(path) else { return nil }
    let (columns, rows) = try TextFile.table(path)
    guard columns == ["record", "pc1", "pc2"] else {
      throw ECGError(.malformed, "its columns are not record, pc1, pc2", file: path)
    }
    guard rows.map({ $0[0] }) == records else {
      throw ECGError(
        .mismatch, "its \(rows.count) records are not the \(records.count) of \(RunDirectory.predictions)",
        file: path)
    }
    points = try rows.enumerated().map { number, row in
      guard let x = Double(row[1]), let y = Double(row[2]), x.isFinite, y.isFinite else {
        throw ECGError(.malformed, "has no two numbers", file: path, record: row[0], line: number + 2)
      }
      return (x, y)
    }
  }
}
