/// Rows of twelve decimal numbers as text: commas between them, a line feed behind each row.
enum DecimalColumns {
  /// Appends rows.
  ///
  /// - Parameters:
  ///   - values: whole numbers of the last decimal place, time-major; nil is written as NaN.
  ///   - decimals: places behind the point, of which zeros at the end are left out.
  ///   - bytes: where the text goes.
  static func append(_ values: [Int?], decimals: Int, to bytes: inout [UInt8]) {
    let scale = (0..<decimals).reduce(1) { scale, _ in 10 * scale }
    bytes.reserveCapacity(bytes.count + 8 * values.count)
    for (place, value) in values.enumerated() {
      if place % Lead.count > 0 { bytes.append(UInt8(ascii: ",")) }
      if let value {
        append(value.magnitude, isNegative: value < 0, UInt(scale), to: &bytes)
      } else {
        bytes += "NaN".utf8
      }
      if place % Lead.count == Lead.count - 1 { bytes.append(UInt8(ascii: "\n")) }
    }
  }

  private static func append(_ value: UInt, isNegative: Bool, _ scale: UInt, to bytes: inout [UInt8]) {
    if isNegative { bytes.append(UInt8(ascii: "-")) }
    appendDigits(value / scale, to: &bytes)
    var (rest, place) = (value % scale, scale / 10)
    guard rest > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / place))
      rest %= place
      place /= 10
    }
  }

  private static func appendDigits(_ value: UInt, to bytes: inout [UInt8]) {
    if value >= 10 { appendDigits(value / 10, to: &bytes) }
    bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
  }
}
