/// A CSV file of numbers as one recording: a row an instant, a column a lead.
enum CSVSignal {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - id: the record's id.
  ///   - leads: names of the columns, whatever the file says; nil to take the file's own.
  ///   - defaultLeads: names of the columns of a file that has none; nil if such a file is refused.
  ///   - rate: in Hz.
  ///   - microvoltsPerUnit: what 1 stands for.
  /// - Returns: the recording, in microvolt.
  /// - Throws: `ECGError` if names and columns are not as many, or nothing names them.
  static func recording(
    _ path: String, id: String, leads: [String]?, defaultLeads: [String]? = nil, rate: Double,
    microvoltsPerUnit: Double
  ) throws -> Recording {
    let matrix = try CSVMatrix(contentsOf: path)
    guard let names = leads ?? matrix.names ?? defaultLeads else {
      throw ECGError(
        .unsupported, "has no row of lead names", file: path, record: id,
        advice: "name its columns by --source-leads")
    }
    guard names.count == matrix.columnCount else {
      throw ECGError(
        .malformed,
        "has \(matrix.columnCount) columns, not the \(names.count) leads \(names.joined(separator: " "))",
        file: path, record: id)
    }
    return try Recording(
      id: id, rate: rate, channels: names.map { Recording.Channel(name: $0, unit: "uV", gain: 1) },
      samples: .physical(
        microvoltsPerUnit == 1 ? matrix.values : matrix.values.map { $0 * microvoltsPerUnit }))
  }
}
