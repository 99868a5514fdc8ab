/// A picture in Scalable Vector Graphics 1.1, built up element by element.
package struct SVG {
  /// What a length is told in.
  package enum Unit {
    /// Pixels, written to a tenth.
    case pixel
    /// Millimetres of paper; the file's coordinates count hundredths of them, so that long curves take few digits.
    case millimetre
  }

  /// The width in units.
  package let width: Double
  /// The height in units.
  package let height: Double
  private let unit: Unit
  private let title: String
  private let description: String
  private let ids: String
  private var elements: [String] = []

  /// Begins a picture.
  ///
  /// - Parameters:
  ///   - width: in units.
  ///   - height: in units.
  ///   - unit: of these and all other lengths.
  ///   - title: what is seen, for those who cannot see it.
  ///   - description: the same at length.
  ///   - ids: what the picture's ids begin with; pictures of one page must not share any.
  package init(
    width: Double, height: Double, unit: Unit = .pixel, title: String, description: String, ids: String = ""
  ) {
    self.width = width
    self.height = height
    self.unit = unit
    self.title = title
    self.description = description
    self.ids = ids
  }

  /// Where a text stands to its point.
  package enum Anchor: String {
    case start, middle, end
  }

  package mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String = "none", stroke: String = "none"
  ) {
    elements.append(
      "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" "
        + "height=\"\(number(height))\" fill=\"\(fill)\" stroke=\"\(stroke)\"/>")
  }

  package mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String, width: Double = 1,
    dash: String? = nil
  ) {
    elements.append(
      "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
        + "stroke=\"\(stroke)\" stroke-width=\"\(number(width))\""
        + (dash.map { " stroke-dasharray=\"\($0)\"" } ?? "") + "/>")
  }

  /// A line through points; those that round to the same place are drawn once.
  package mutating func path(_ points: [(x: Double, y: Double)], stroke: String, width: Double) {
    var text = ""
    var last = ""
    for point in points {
      let place = "\(number(point.x)) \(number(point.y))"
      if place != last { text += (text.isEmpty ? "M" : "L") + place }
      last = place
    }
    elements.append(
      "<path d=\"\(text)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"\(number(width))\" "
        + "stroke-linejoin=\"round\"/>")
  }

  /// Several lines as one element of the class `name`.
  ///
  /// Each point but a line's first is told by its distance from the one before; distances are those of rounded places, so
  /// that no error adds up. A line of one point is a dot.
  package mutating func curves(
    _ lines: [[(x: Double, y: Double)]], stroke: String, width: Double, name: String
  ) {
    var text = ""
    for line in lines {
      var last: (x: Int, y: Int)?
      for point in line {
        let place = (x: count(point.x), y: count(point.y))
        if let last {
          let (x, y) = (place.x - last.x, place.y - last.y)
          guard x != 0 || y != 0 else { continue }
          if text.last != "l", x >= 0 { text += " " }
          text += number(count: x) + (y < 0 ? "" : " ") + number(count: y)
        } else {
          text += "M" + number(count: place.x) + " " + number(count: place.y) + "l"
        }
        last = place
      }
      if text.last == "l" { text += "0 0" }
    }
    elements.append(
      "<path class=\"\(name)\" d=\"\(text)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"\(number(width))\" "
        + "stroke-linejoin=\"round\" stroke-linecap=\"round\"/>")
  }

  /// A rectangle with slanted lines over a tint, so that it differs from its surroundings not by colour alone.
  mutating func hatching(x: Double, y: Double, width: Double, height: Double, color: String, name: String) {
    let pattern = "<pattern id=\"\(ids)hatching\""
    if !elements.contains(where: { $0.hasPrefix(pattern) }) {
      let (step, stroke) = (number(unit == .pixel ? 6 : 1.5), number(unit == .pixel ? 1 : 0.25))
      elements.append(
        "\(pattern) width=\"\(step)\" height=\"\(step)\" patternUnits=\"userSpaceOnUse\" "
          + "patternTransform=\"rotate(45)\"><path d=\"M0 0V\(step)\" stroke=\"\(color)\" stroke-width=\"\(stroke)\"/>"
          + "</pattern>")
    }
    let place =
      "x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\""
    elements.append(
      "<g class=\"\(name)\"><rect \(place) fill=\"\(color)\" fill-opacity=\".12\"/>"
        + "<rect \(place) fill=\"url(#\(ids)hatching)\" fill-opacity=\".5\" stroke=\"\(color)\" stroke-width=\"\(number(unit == .pixel ? 1 : 0.2))\"/></g>"
    )
  }

  package mutating func text(
    _ text: String, x: Double, y: Double, size: Double = 12, anchor: Anchor = .start, fill: String = "#222",
    isBold: Bool = false
  ) {
    elements.append(
      "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(number(size))\" "
        + "text-anchor=\"\(anchor.rawValue)\" fill=\"\(fill)\"\(isBold ? " font-weight=\"bold\"" : "")>"
        + SVG.escaped(text) + "</text>")
  }

  /// The file.
  package var document: String {
    let size =
      switch unit {
      case .pixel: "width=\"\(number(width))\" height=\"\(number(height))\""
      case .millimetre:
        "width=\"\(SVG.decimal(width, digits: 2))mm\" height=\"\(SVG.decimal(height, digits: 2))mm\""
      }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" \(size) viewBox="0 0 \(number(width)) \(number(height))" \
      font-family="Helvetica, Arial, sans-serif" role="img">
      <title>\(SVG.escaped(title))</title>
      <desc>\(SVG.escaped(description))</desc>
      \(elements.joined(separator: "\n"))
      </svg>

      """
  }

  /// A coordinate as a whole number of the file's finest steps: tenths of a pixel, hundredths of a millimetre.
  private func count(_ value: Double) -> Int {
    guard !value.isNaN else { return 0 }
    return Int((max(-1e6, min(value, 1e6)) * (unit == .pixel ? 10 : 100)).rounded())
  }

  private func number(_ value: Double) -> String { number(count: count(value)) }

  private func number(count: Int) -> String {
    guard unit == .pixel else { return "\(count)" }
    let (whole, rest) = abs(count).quotientAndRemainder(dividingBy: 10)
    return (count < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
  }

  /// A number for people, rounded to some digits behind the point, without needless zeros.
  package static func decimal(_ value: Double, digits: Int = 6) -> String {
    let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
    guard abs(value) < 1e9 else { return "\(value)" }
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// A text without what XML takes for its own.
  package static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      // XML 1.0 has no other control characters, nor these two.
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
