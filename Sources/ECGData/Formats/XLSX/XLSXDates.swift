/// Which number formats show a date or a time, and what a serial number then says (ECMA-376 part 1, 18.8.30 and
/// 18.17.4).
enum XLSXDates {
  /// What a format shows.
  enum Kind: Sendable {
    case number
    case date
    /// Hours that go on beyond a day.
    case duration
  }

  /// The kind of a format by its id; 27–36 and 50–58 are dates in every East Asian locale.
  static func kind(builtIn id: Int) -> Kind {
    switch id {
    case 14...22, 27...36, 45, 47, 50...58: .date
    case 46: .duration
    default: .number
    }
  }

  /// The kind of a format by its code: its first section has one of y, m, d, h, s that is no literal.
  static func kind(code: String) -> Kind {
    var characters = Array(code.lowercased().unicodeScalars)[...]
    var kind = Kind.number
    while let character = characters.popFirst() {
      switch character {
      case ";": return kind
      case "\"":
        while let next = characters.popFirst(), next != "\"" {}
      case "\\", "_", "*": characters = characters.dropFirst()
      case "[":
        let inside = characters.prefix { $0 != "]" }
        characters = characters.dropFirst(inside.count + 1)
        // [h], [mm], [ss]: elapsed time. Others are colours, conditions and locales.
        if let first = inside.first, "hms".unicodeScalars.contains(first), inside.allSatisfy({ $0 == first })
        {
          return .duration
        }
      case "y", "m", "d", "h", "s": kind = .date
      // "General" is a word.
      case "g" where characters.starts(with: "eneral".unicodeScalars): characters = characters.dropFirst(6)
      default: break
      }
    }
    return kind
  }

  /// The ISO 8601 text of a serial number; nil outside of 1900 (1904) to 9999.
  ///
  /// Day 1 is 1900-01-01, and day 60 is the 1900-02-29 that Excel counts although there was none; with the
  /// 1904 epoch day 0 is 1904-01-01. Times are rounded to milliseconds.
  static func text(_ serial: Double, kind: Kind, is1904: Bool) -> String? {
    guard serial >= 0, serial < 2_958_466 else { return nil }
    var day = Int(serial)
    var time = Int(((serial - Double(day)) * 86_400_000).rounded(.toNearestOrEven))
    if time == 86_400_000 {
      day += 1
      time = 0
    }
    if kind == .duration { return clock(time + day * 86_400_000) }
    if day == 0 { return clock(time) }
    let date = date(day, is1904: is1904)
    guard date.year <= 9999 else { return nil }
    let text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    return time == 0 ? text : "\(text)T\(clock(time))"
  }

  private static func clock(_ milliseconds: Int) -> String {
    let seconds = milliseconds / 1000
    let text = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    return milliseconds % 1000 == 0 ? text : "\(text).\(padded(milliseconds % 1000, 3))"
  }

  private static func date(_ day: Int, is1904: Bool) -> (year: Int, month: Int, day: Int) {
    if !is1904, day == 60 { return (1900, 2, 29) }
    // Days from 0000-03-01 of the proleptic Gregorian calendar: leap days come last in a year that begins in
    // March.
    let days = day + (is1904 ? 695_361 : day < 60 ? 693_900 : 693_899)
    let era = days / 146_097
    let inEra = days % 146_097
    let year = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
    let inYear = inEra - (365 * year + year / 4 - year / 100)
    let month = (5 * inYear + 2) / 153
    return (
      400 * era + year + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9,
      inYear - (153 * month + 2) / 5 + 1
    )
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let text = "\(value)"
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
