/// A picture in Scalable Vector Graphics 1.1, built up element by element.
struct SVG {
  /// The size in pixels.
  let width: Double
  let height: Double
  private var elements: [String] = []

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  /// Where a text stands to its point.
  enum Anchor: String {
    case start, middle, end
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String = "none", stroke: String = "none"
  ) {
    elements.append(
      "<rect x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\" width=\"\(SVG.number(width))\" "
        + "height=\"\(SVG.number(height))\" fill=\"\(fill)\" stroke=\"\(stroke)\"/>")
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String, width: Double = 1,
    dash: String? = nil
  ) {
    elements.append(
      "<line x1=\"\(SVG.number(x1))\" y1=\"\(SVG.number(y1))\" x2=\"\(SVG.number(x2))\" y2=\"\(SVG.number(y2))\" "
        + "stroke=\"\(stroke)\" stroke-width=\"\(SVG.number(width))\""
        + (dash.map { " stroke-dasharray=\"\($0)\"" } ?? "") + "/>")
  }

  /// A line through points; those that round to the same place are drawn once.
  mutating func path(_ points: [(x: Double, y: Double)], stroke: String, width: Double) {
    var text = ""
    var last = ""
    for point in points {
      let place = "\(SVG.number(point.x)) \(SVG.number(point.y))"
      if place != last { text += (text.isEmpty ? "M" : "L") + place }
      last = place
    }
    elements.append(
      "<path d=\"\(text)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"\(SVG.number(width))\" "
        + "stroke-linejoin=\"round\"/>")
  }

  mutating func text(
    _ text: String, x: Double, y: Double, size: Double = 12, anchor: Anchor = .start, fill: String = "#222",
    isBold: Bool = false
  ) {
    elements.append(
      "<text x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\" font-size=\"\(SVG.number(size))\" "
        + "text-anchor=\"\(anchor.rawValue)\" fill=\"\(fill)\"\(isBold ? " font-weight=\"bold\"" : "")>"
        + SVG.escaped(text) + "</text>")
  }

  /// The file.
  var document: String {
    let (width, height) = (SVG.number(width), SVG.number(height))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      font-family="Helvetica, Arial, sans-serif">
      \(elements.joined(separator: "\n"))
      </svg>

      """
  }

  /// A coordinate to a tenth of a pixel.
  private static func number(_ value: Double) -> String {
    let tenths = Int((max(-1e6, min(value, 1e6)) * 10).rounded())
    let (whole, rest) = abs(tenths).quotientAndRemainder(dividingBy: 10)
    return (tenths < 0 ? "-" : "") + (rest == 0 ? "\(whole)" : "\(whole).\(rest)")
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      // XML 1.0 has no other control characters.
      case _ where scalar.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
