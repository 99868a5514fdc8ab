import Foundation

/// JSON as this library writes it: sorted keys, so that the same content is the same bytes.
enum JSONText {
  /// One line.
  static func line(_ value: some Encodable) throws -> String {
    try encode(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  /// Indented, for files that people open.
  static func pretty(_ value: some Encodable) throws -> String {
    try encode(value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
  }

  /// Decodes a file.
  ///
  /// - Throws: `ECGError.Code.malformed` naming the file and the key at fault.
  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], file: String) throws -> Value
  {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw ECGError(.malformed, "its JSON is not as it should be: \(describe(error))", file: file)
    }
  }

  /// A string as a JSON literal.
  static func quoted(_ text: String) -> String {
    var line = JSONLine()
    line.append(text)
    return String(decoding: line.bytes, as: UTF8.self)
  }

  private static func encode(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) throws -> String
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = format
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private static func describe(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      let keys = context.codingPath.map(\.stringValue)
      return keys.isEmpty ? "" : " at \(keys.joined(separator: "."))"
    }
    switch error {
    case .keyNotFound(let key, let context): return "no key \"\(key.stringValue)\"\(path(context))"
    case .typeMismatch(_, let context): return "wrong type\(path(context))"
    case .valueNotFound(_, let context): return "no value\(path(context))"
    case .dataCorrupted(let context): return "corrupt\(path(context))"
    @unknown default: return "unreadable"
    }
  }
}
