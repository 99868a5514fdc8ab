/// A day and a time of day, without zone.
struct CalendarTime: Sendable {
  var year, month, day, hour, minute, second: Int

  /// So many seconds after the begin of a year.
  init(secondsAfter year: Int, _ seconds: Int) {
    var days = seconds / 86_400
    var (year, month) = (year, 1)
    while true {
      let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
      let length = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
      if days < length { break }
      days -= length
      (year, month) = month == 12 ? (year + 1, 1) : (year, month + 1)
    }
    let rest = seconds % 86_400
    (self.year, self.month, day) = (year, month, days + 1)
    (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
  }

  /// `1984-11-09`, with any separator.
  func date(_ separator: String = "-") -> String {
    "\(year)\(separator)\(padded(month, 2))\(separator)\(padded(day, 2))"
  }

  /// `09:17:34`, with any separator.
  func time(_ separator: String = ":") -> String {
    "\(padded(hour, 2))\(separator)\(padded(minute, 2))\(separator)\(padded(second, 2))"
  }
}

/// A whole number with zeros in front of it, `digits` of them at least.
func padded(_ number: Int, _ digits: Int) -> String {
  String(repeating: "0", count: max(0, digits - String(number).count)) + String(number)
}
