import Foundation

/// One label as its source states it.
public struct Statement: Codable, Sendable, Hashable {
  /// The code with its vocabulary, such as `scp:NORM` or `snomed:164889003`.
  public var code: String
  /// The source's own value: PTB-XL's likelihood / 100 (0 means "unknown", not "absent"), else 1.
  public var value: Float

  /// A label.
  public init(code: String, value: Float) {
    self.code = code
    self.value = value
  }
}

extension Statement {
  /// Labels on one line, `scp:NORM=1;scp:SR=0`: what would break it is written as in a URL (`%3B` for a semicolon).
  static func text(_ statements: [Statement]) -> String {
    statements.map { statement in
      let code = statement.code.utf8.flatMap { byte in
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "%") || byte == UInt8(ascii: ";")
          ? Array("%\([byte].hexadecimal)".utf8) : [byte]
      }
      let value = statement.value.description
      return
        "\(String(decoding: code, as: UTF8.self))=\(value.hasSuffix(".0") ? value.dropLast(2) : value[...])"
    }.joined(separator: ";")
  }

  /// The labels of such a line; nil if it is none.
  static func parse(_ text: String) -> [Statement]? {
    var statements: [Statement] = []
    for part in text.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
      guard let sign = part.lastIndex(of: UInt8(ascii: "=")),
        let value = Float(String(decoding: part[part.index(after: sign)...], as: UTF8.self)),
        let code = String(decoding: part[..<sign], as: UTF8.self).removingPercentEncoding,
        let colon = code.utf8.firstIndex(of: UInt8(ascii: ":")), colon != code.utf8.startIndex,
        code.utf8[..<colon].allSatisfy({ (0x61...0x7A).contains($0) })
      else { return nil }
      statements.append(Statement(code: code, value: value))
    }
    return statements
  }
}

/// The sex as the source states it; raw values are the shard's.
public enum Sex: UInt8, Codable, Sendable {
  /// Not given.
  case unknown = 0
  /// Female.
  case female = 1
  /// Male.
  case male = 2
}
