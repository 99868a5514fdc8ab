/// A piece of a page in HTML 5 that is well-formed XML too.
///
///     let piece: Markup = "<td>\(finding.message)</td>"
///
/// A text put into a literal is escaped, so that what a file holds never becomes a tag.
package struct Markup: ExpressibleByStringInterpolation, Sendable {
  package private(set) var text: String

  package init(stringLiteral text: String) { self.text = text }

  package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Markup as it stands, made by this library, such as a picture.
  package init(verbatim text: String) { self.text = text }

  package struct Interpolation: StringInterpolationProtocol {
    var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) { text += literal }

    /// A text from anywhere.
    package mutating func appendInterpolation(_ foreign: String) {
      text += SVG.escaped(foreign).replacing("\"", with: "&quot;")
    }

    package mutating func appendInterpolation(_ piece: Markup) { text += piece.text }

    package mutating func appendInterpolation(_ pieces: [Markup]) {
      text += pieces.map(\.text).joined(separator: "\n")
    }

    /// A count, with commas between thousands.
    package mutating func appendInterpolation(_ count: Int) { text += Markup.grouped(count) }
  }

  /// A whole number with commas between thousands.
  package static func grouped(_ count: Int) -> String {
    let digits = Array("\(count.magnitude)")
    let groups = digits.indices.map { index in
      (index > 0 && (digits.count - index) % 3 == 0 ? "," : "") + String(digits[index])
    }
    return (count < 0 ? "-" : "") + groups.joined()
  }

  /// A number and its noun: `1 record`, `2,000 records`.
  package static func counted(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// A share in percent with three digits at most.
  package static func percent(_ part: Int, of whole: Int) -> String {
    let share = whole > 0 ? 100 * Double(part) / Double(whole) : 0
    return "\(SVG.decimal(share, digits: share < 10 ? 1 : 0)) %"
  }

  // MARK: - Tables

  /// A column of a table.
  package struct Column {
    /// What its cells hold: names, numbers, or sentences, which need some width.
    package enum Kind: String {
      case name, number, sentence
    }

    var title: Markup
    var kind: Kind

    package init(_ title: Markup, _ kind: Kind = .name) {
      self.title = title
      self.kind = kind
    }
  }

  /// A table in a field that can be scrolled where the page is too narrow for it.
  ///
  /// - Parameters:
  ///   - caption: what it tells.
  ///   - columns: their heads.
  ///   - rows: a cell a column, the first of which is the row's head.
  /// - Returns: the table.
  package static func table(_ caption: String, _ columns: [Column], _ rows: [[Markup]]) -> Markup {
    let heads = columns.map { column -> Markup in
      "<th scope=\"col\" class=\"\(column.kind.rawValue)\">\(column.title)</th>"
    }
    let lines = rows.map { row -> Markup in
      let cells = zip(row, columns).enumerated().map { index, pair -> Markup in
        index == 0
          ? "<th scope=\"row\">\(pair.0)</th>" : "<td class=\"\(pair.1.kind.rawValue)\">\(pair.0)</td>"
      }
      return "<tr>\(cells)</tr>"
    }
    return """
      <div class="wide" role="group" tabindex="0" aria-label="\(caption)"><table><caption>\(caption)</caption>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(lines)
      </tbody></table></div>
      """
  }
}
