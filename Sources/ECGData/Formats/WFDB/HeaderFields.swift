/// The fields of one header line, separated by blanks and tabs.
///
/// Works on bytes: a collection has hundreds of thousands of headers, and characters are slow.
struct HeaderFields {
  /// The line's number in its file, from 1.
  let line: Int
  private let file: String
  private var remainder: ArraySlice<UInt8>

  init(_ text: ArraySlice<UInt8>, file: String, line: Int) {
    remainder = text
    self.file = file
    self.line = line
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  mutating func next() -> ArraySlice<UInt8>? {
    var start = remainder.startIndex
    let end = remainder.endIndex
    while start < end, HeaderFields.isBlank(remainder[start]) { start += 1 }
    guard start < end else {
      remainder = remainder[end...]
      return nil
    }
    var stop = start
    while stop < end, !HeaderFields.isBlank(remainder[stop]) { stop += 1 }
    defer { remainder = remainder[stop...] }
    return remainder[start..<stop]
  }

  /// What is left, without blanks around it.
  mutating func rest() -> String {
    var text = remainder
    remainder = remainder[remainder.endIndex...]
    while let first = text.first, HeaderFields.isBlank(first) { text = text.dropFirst() }
    while let last = text.last, HeaderFields.isBlank(last) { text = text.dropLast() }
    return String(decoding: text, as: UTF8.self)
  }

  /// All fields that are left.
  mutating func all() -> [ArraySlice<UInt8>] {
    var fields: [ArraySlice<UInt8>] = []
    while let field = next() { fields.append(field) }
    return fields
  }

  mutating func required(_ name: String) throws -> ArraySlice<UInt8> {
    guard let field = next() else { throw error("\(name) is missing") }
    return field
  }

  func integer(_ field: ArraySlice<UInt8>, _ name: String, in range: ClosedRange<Int>) throws -> Int {
    guard let value = HeaderFields.integer(field) else {
      throw error("\(name) \"\(field.text)\" is no integer")
    }
    guard range.contains(value) else { throw error("\(name) \(value) is out of range") }
    return value
  }

  /// A decimal number with an optional exponent; no commas, no `nan`, no hexadecimal.
  func number(_ field: ArraySlice<UInt8>, _ name: String) throws -> Double {
    if field.count < 16, let integer = HeaderFields.integer(field) { return Double(integer) }
    let allowed = field.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        true
      default: false
      }
    }
    guard allowed, let value = Double(field.text), value.isFinite else {
      let advice = field.contains(UInt8(ascii: ",")) ? "numbers are written with a point, not a comma" : nil
      throw error("\(name) \"\(field.text)\" is no number", advice: advice)
    }
    return value
  }

  func error(_ message: String, advice: String? = nil) -> ECGError {
    ECGError(.malformed, message, file: file, line: line, advice: advice)
  }

  /// Decimal digits with an optional sign; nil for anything else and for what overflows.
  static func integer(_ field: ArraySlice<UInt8>) -> Int? {
    var digits = field
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard !digits.isEmpty else { return nil }
    var value = 0
    for byte in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.subtractingReportingOverflow(Int(byte & 15))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    // Gathered below zero, whose range is larger by one.
    return isNegative ? value : value == Int.min ? nil : -value
  }
}

extension Collection<UInt8> {
  /// The bytes as UTF-8 text.
  var text: String { String(decoding: self, as: UTF8.self) }

  /// The parts before and after the first `separator`; the second is nil if there is none.
  func split(at separator: UInt8) -> (before: SubSequence, after: SubSequence?) {
    guard let place = firstIndex(of: separator) else { return (self[...], nil) }
    return (self[..<place], self[index(after: place)...])
  }
}
