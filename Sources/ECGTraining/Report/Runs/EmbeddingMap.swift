internal import ECGData

/// Where test records' features lie on their first two principal components, `embedding.csv`.
struct EmbeddingMap: Sendable {
  /// A record's place among the test records, and its coordinates.
  struct Point: Sendable {
    var record: Int
    var x: Double
    var y: Double
  }

  /// In the order of the test records; of many records some.
  let points: [Point]

  /// Reads the file; nil if there is none.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - records: Ids of the test records, some or all of which the file has in their order.
  /// - Throws: `ECGError` naming the file, and the line of what is no number or no such record.
  init?(_ path: String, of records: [String]) throws {
    guard TextFile.exists(path) else { return nil }
    let (columns, rows) = try TextFile.table(path)
    guard columns == ["record", "pc1", "pc2"] else {
      throw ECGError(.malformed, "its columns are not record, pc1, pc2", file: path)
    }
    var points: [Point] = []
    var place = records.startIndex
    for (number, row) in rows.enumerated() {
      func refuse(_ code: ECGError.Code, _ message: String) -> ECGError {
        ECGError(code, message, file: path, record: row[0], line: number + 2)
      }
      guard let found = records[place...].firstIndex(of: row[0]) else {
        throw refuse(.mismatch, "is no test record behind that of the line before")
      }
      guard let x = Double(row[1]), let y = Double(row[2]), x.isFinite, y.isFinite else {
        throw refuse(.malformed, "has no two numbers")
      }
      points.append(Point(record: found, x: x, y: y))
      place = found + 1
    }
    self.points = points
  }
}
