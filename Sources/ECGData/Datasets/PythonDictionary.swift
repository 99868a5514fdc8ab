/// A Python dictionary literal of text to numbers, as PTB-XL's `scp_codes` column has it: `{'NORM': 80.0,
/// 'SR': 0.0}`.
enum PythonDictionary {
  /// The entries in their order.
  ///
  /// - Throws: `ECGError.Code.malformed` for anything else.
  static func parse(_ text: String) throws -> [(key: String, value: Double)] {
    let malformed = ECGError(.malformed, "\"\(text)\" is no dictionary of text to numbers")
    let trimmed = text.trimmingSpaces()
    guard trimmed.hasPrefix("{"), trimmed.hasSuffix("}"), trimmed.count >= 2 else { throw malformed }
    let body = trimmed.dropFirst().dropLast().trimmingSpaces()
    if body.isEmpty { return [] }
    return try body.split(separator: ",").map { entry in
      let pair = entry.split(separator: ":").map { $0.trimmingSpaces() }
      guard pair.count == 2, let quote = pair[0].first, quote == "'" || quote == "\"", pair[0].last == quote,
        pair[0].count > 2, let value = Double(pair[1]), value.isFinite
      else { throw malformed }
      return (String(pair[0].dropFirst().dropLast()), value)
    }
  }
}
