/// One line of JSON put together by hand: the bytes of ``JSONText/line(_:)`` at a tenth of its cost, for lines that
/// are written by the million.
///
///     var line = JSONLine()
///     line.object {
///       $0.field("id", record.id)
///       $0.field("rate", record.rate)
///     }
///
/// Keys come in the order that they are given in: the caller sorts them by their bytes.
struct JSONLine {
  /// The text so far, in UTF-8.
  private(set) var bytes: [UInt8] = []

  /// An object of the fields that `body` adds.
  mutating func object(_ body: (inout JSONLine) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    body(&self)
    close("}")
  }

  /// A field that is an object.
  mutating func field(_ key: StaticString, object body: (inout JSONLine) -> Void) {
    begin(key)
    object(body)
    bytes.append(UInt8(ascii: ","))
  }

  /// A field that is an array of what `body` adds for each element.
  mutating func field<Element>(
    _ key: StaticString, _ elements: [Element], each body: (inout JSONLine, Element) -> Void
  ) {
    begin(key)
    bytes.append(UInt8(ascii: "["))
    for element in elements {
      body(&self, element)
      bytes.append(UInt8(ascii: ","))
    }
    close("]")
    bytes.append(UInt8(ascii: ","))
  }

  /// A field of text; none for nil.
  mutating func field(_ key: StaticString, _ value: String?) {
    guard let value else { return }
    begin(key)
    append(value)
    bytes.append(UInt8(ascii: ","))
  }

  /// A field that is an array of texts.
  mutating func field(_ key: StaticString, _ values: [String]) {
    field(key, values) { $0.append($1) }
  }

  /// A whole number; none for nil.
  mutating func field(_ key: StaticString, _ value: Int?) {
    guard let value else { return }
    begin(key)
    bytes += "\(value),".utf8
  }

  /// A number as briefly as it can be read back, whole ones without a point; none for nil.
  mutating func field(_ key: StaticString, _ value: Double?) {
    guard let value else { return }
    begin(key)
    guard value.isFinite else {
      append(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
      return bytes.append(UInt8(ascii: ","))
    }
    let text = value.description
    bytes += (text.hasSuffix(".0") ? text.dropLast(2) : text[...]).utf8
    bytes.append(UInt8(ascii: ","))
  }

  /// A field that is an object of values under names that are known only now; sorts them.
  mutating func field<Value>(
    _ key: StaticString, _ values: [String: Value], each body: (inout JSONLine, Value) -> Void
  ) {
    begin(key)
    bytes.append(UInt8(ascii: "{"))
    for (name, value) in values.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      append(name)
      bytes.append(UInt8(ascii: ":"))
      body(&self, value)
      bytes.append(UInt8(ascii: ","))
    }
    close("}")
    bytes.append(UInt8(ascii: ","))
  }

  /// A text as an element of an array.
  mutating func append(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { text in
      if text.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
        for byte in text { JSONLine.append(byte, to: &bytes) }
      } else {
        bytes += text
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Texts as an element of an object or array.
  mutating func append(_ texts: [String]) {
    bytes.append(UInt8(ascii: "["))
    for text in texts {
      append(text)
      bytes.append(UInt8(ascii: ","))
    }
    close("]")
  }

  private mutating func begin(_ key: StaticString) {
    bytes.append(UInt8(ascii: "\""))
    key.withUTF8Buffer { bytes += $0 }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  /// Ends an object or array: the comma behind its last element goes.
  private mutating func close(_ bracket: Unicode.Scalar) {
    if bytes.last == UInt8(ascii: ",") { bytes.removeLast() }
    bytes.append(UInt8(ascii: bracket))
  }

  private static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
    let short: Unicode.Scalar? =
      switch byte {
      case 0x08: "b"
      case 0x09: "t"
      case 0x0A: "n"
      case 0x0C: "f"
      case 0x0D: "r"
      case 0x22: "\""
      case 0x5C: "\\"
      default: nil
      }
    if let short {
      bytes += [0x5C, UInt8(ascii: short)]
    } else if byte < 0x20 {
      bytes += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
    } else {
      bytes.append(byte)
    }
  }
}
