/// Decimal numbers in bytes of text, `[+-] digits [. digits] [e [+-] digits]`, as the nearest Double.
enum DecimalNumber {
  /// Powers of ten that a Double holds exactly.
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
  ]
  private static let integerPowers: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]

  /// Reads the number that begins at `start`.
  ///
  /// - Returns: its value, infinite beyond the range of Double, and the index behind it; that is `start` if there
  ///   is no number.
  @inline(__always)
  static func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> (value: Double, end: Int) {
    // A sign, eight bytes, a point, eight bytes.
    guard bytes.count &- start >= 18 else { return scanAny(bytes, start) }
    let text = UnsafeRawBufferPointer(bytes)
    // No branch on the sign: signals change theirs all the time.
    let isNegative = text[start] == UInt8(ascii: "-")
    let whole = start &+ (isNegative ? 1 : 0)
    let first = digits(text.loadUnaligned(fromByteOffset: whole, as: UInt64.self))
    var end = whole &+ first.count
    var mantissa = first.value
    var decimals = 0
    if text[end] == UInt8(ascii: ".") {
      let second = digits(text.loadUnaligned(fromByteOffset: end &+ 1, as: UInt64.self))
      decimals = second.count
      end &+= 1 &+ decimals
      mantissa = mantissa &* integerPowers[decimals] &+ second.value
    }
    // Eight digits may be followed by more; a plus, an exponent, a point alone and what is no number are rare.
    guard first.count > 0, first.count < 8, decimals < 8, text[end] | 0x20 != UInt8(ascii: "e") else {
      return scanAny(bytes, start)
    }
    // At most 14 digits, and a power that is exact: one operation, so the nearest Double.
    let value = Double(Int64(bitPattern: mantissa)) / powers[decimals]
    return (Double(bitPattern: value.bitPattern ^ (isNegative ? 1 << 63 : 0)), end)
  }

  /// The leading digits of eight bytes, without a branch for each.
  @inline(__always)
  private static func digits(_ bytes: UInt64) -> (value: UInt64, count: Int) {
    // Each byte less the digit 0; the high bit of each that is then over 9, up to the first at least.
    let chunk = UInt64(littleEndian: bytes) ^ 0x3030_3030_3030_3030
    let others = (chunk &+ 0x7676_7676_7676_7676 | chunk) & 0x8080_8080_8080_8080
    let count = others.trailingZeroBitCount &>> 3
    // The digits at the high end, behind zeros; then pairs, fours and all eight are put together.
    var value = count == 0 ? 0 : chunk &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count)
    value = (value &* 2561) &>> 8 & 0x00FF_00FF_00FF_00FF
    value = (value &* 6_553_601) &>> 16 & 0x0000_FFFF_0000_FFFF
    return ((value &* 42_949_672_960_001) &>> 32, count)
  }

  /// The same as ``scan(_:_:)`` for any number.
  ///
  /// A whole number of up to 2⁵³ times or by a power of ten up to 10²² is one operation on two exact numbers
  /// (Clinger, How to read floating point numbers accurately, PLDI 1990, section 3); others are the standard
  /// library's.
  @inline(never)
  private static func scanAny(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> (value: Double, end: Int)
  {
    var end = start
    let isNegative = sign(bytes, &end)
    var mantissa: UInt64 = 0
    var digits = scanDigits(bytes, &end, &mantissa)
    var power = 0
    if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
      end += 1
      power = -scanDigits(bytes, &end, &mantissa)
      digits -= power
    }
    guard digits > 0 else { return (.nan, start) }
    if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
      end += 1
      let isSmall = sign(bytes, &end)
      var exponent: UInt64 = 0
      let count = scanDigits(bytes, &end, &exponent)
      guard count > 0 else { return (.nan, start) }
      // What is longer is left to the standard library.
      power += count > 9 ? 1 << 32 : Int(exponent) * (isSmall ? -1 : 1)
    }
    // 19 digits fit; zeros in front count too, which costs only time.
    guard digits <= 19, mantissa <= 1 << 53, power >= -22, power <= 22 else {
      let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
      return Double(text).map { ($0, end) } ?? (.nan, start)
    }
    let value = power < 0 ? Double(mantissa) / powers[-power] : Double(mantissa) * powers[power]
    return (isNegative ? -value : value, end)
  }

  /// Whether there is a minus at `index`, which moves behind a sign.
  private static func sign(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") else {
      return false
    }
    index += 1
    return bytes[index - 1] == UInt8(ascii: "-")
  }

  /// Appends digits to a number, which wraps around behind the nineteenth.
  ///
  /// - Returns: how many there are.
  private static func scanDigits(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, _ number: inout UInt64
  ) -> Int {
    let start = index
    while index < bytes.count, bytes[index] &- 0x30 < 10 {
      number = number &* 10 &+ UInt64(bytes[index] &- 0x30)
      index += 1
    }
    return index - start
  }

  /// The number that a text is, all of it; nil if it is none or infinite.
  static func value(_ text: some Sequence<UInt8>) -> Double? {
    Array(text).withUnsafeBufferPointer { bytes in
      let (value, end) = scan(bytes, 0)
      return end == bytes.count && end > 0 && value.isFinite ? value : nil
    }
  }

  /// A number as it is written: an integer without a fraction, others with the fewest digits that read back.
  static func text(_ value: Double) -> String {
    // Up to here integers are exact; -0 would lose its sign.
    guard abs(value) < 1e15, value == value.rounded(), value != 0 || value.sign == .plus else {
      return value.isNaN ? "" : "\(value)"
    }
    return "\(Int(value))"
  }
}
