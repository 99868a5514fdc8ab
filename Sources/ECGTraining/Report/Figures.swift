internal import ECGData
internal import Foundation

/// Numbers and names as the page has them.
enum Figures {
  /// A number with so many digits behind the point; nothing for what is not known.
  static func fixed(_ value: Double?, _ digits: Int = 3) -> String {
    guard let value, value.isFinite else { return "" }
    let text = String(format: "%.\(digits)f", value)
    // No sign is left where only zeros are.
    return text.hasPrefix("-") && !text.contains(where: { ("1"..."9").contains($0) })
      ? String(text.dropFirst()) : text
  }

  /// The same with a sign.
  static func signed(_ value: Double?, _ digits: Int = 3) -> String {
    let text = fixed(value, digits)
    return text.isEmpty || text.hasPrefix("-") || !text.contains(where: { ("1"..."9").contains($0) })
      ? text : "+" + text
  }

  /// The ends of an interval.
  static func interval(_ interval: Bootstrap.Interval?, isSigned: Bool = false) -> String {
    guard let interval else { return "" }
    return isSigned
      ? "\(signed(interval.low)) to \(signed(interval.high))"
      : "\(fixed(interval.low)) to \(fixed(interval.high))"
  }

  /// A number as it is, for tables of files; nothing for what is not known.
  static func exact(_ value: Double?) -> String { value.map { $0.isNaN ? "" : "\($0)" } ?? "" }

  /// Ends of an interval for tables of files.
  static func exact(_ interval: Bootstrap.Interval?) -> [String] {
    [exact(interval?.low), exact(interval?.high)]
  }

  /// A text as part of a file's name: its first 60 characters, of which others than ASCII letters, digits and points are dashes.
  static func slug(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.lowercased().unicodeScalars.prefix(60).map { scalar in
          scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == ".")
            ? scalar : "-"
        }))
  }

  /// A path as part of a link.
  static func reference(_ path: String) -> String {
    path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed.subtracting(["/", ":"])) ?? ""
  }
}

extension Bootstrap.Interval {
  /// For plots.
  var range: ClosedRange<Double>? { low <= high ? low...high : nil }
}
