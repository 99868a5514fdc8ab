internal import ECGData

/// What all plots have: a field with axes and lines across, marks, and a legend that tells the marks.
struct PlotFrame {
  /// An entry of the legend, in the look of a series.
  struct Entry {
    var name: String
    /// Counted from 0; nil is no series, and faint.
    var series: Int?
  }

  private(set) var picture: SVG
  let palette: PlotPalette
  private let x: PlotAxis
  private let y: PlotAxis
  /// Of the field.
  private let (left, right, top, bottom): (Double, Double, Double, Double)

  private static let size = 11.0
  /// Height of a line of the legend.
  private static let line = 17.0

  /// - Parameters:
  ///   - title: What is seen.
  ///   - description: The same in numbers.
  ///   - width: Of the picture.
  ///   - height: Of the field.
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis; its ticks are names of rows where it has categories.
  ///   - entries: Of the legend.
  ///   - palette: Its colours.
  init(
    title: String, description: String, width: Double, height: Double, x: PlotAxis, y: PlotAxis,
    entries: [Entry], palette: PlotPalette
  ) {
    self.palette = palette
    (self.x, self.y) = (x, y)
    let labels = y.ticks.map { PlotFrame.width(of: $0.label) }.max() ?? 0
    let field = (left: labels + 12, right: width - 14, top: y.title.isEmpty ? 10.0 : 26)
    (left, right, top, bottom) = (field.left, field.right, field.top, field.top + height)
    let lines = PlotFrame.lines(of: entries, within: width - 16)
    let legend = bottom + (x.title.isEmpty ? 28 : 46)
    picture = SVG(
      width: width, height: legend + PlotFrame.line * Double(lines.count), title: title,
      description: description)
    if let paper = palette.paper {
      picture.rectangle(x: 0, y: 0, width: picture.width, height: picture.height, fill: paper)
    }
    drawAxes()
    for (index, line) in lines.enumerated() {
      let y = legend + PlotFrame.line * (Double(index) + 0.3)
      for (entry, x) in line {
        mark((x + 6, y), series: entry.series)
        text(entry.name, x: x + 18, y: y + 4)
      }
    }
  }

  /// Where a point lies.
  func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
    (left + x.share(point.x) * (right - left), bottom - y.share(point.y) * (bottom - top))
  }

  // MARK: - Drawing

  /// A mark in the shape and colour of a series; nil is faint.
  mutating func mark(_ place: (x: Double, y: Double), series: Int?, scale: Double = 1) {
    let color = series.map { palette.hue($0) } ?? palette.faint
    marks([place], series: series, color: color, scale: scale)
  }

  /// Marks of a series as one element.
  mutating func marks(
    _ places: [(x: Double, y: Double)], series: Int?, color: String, scale: Double = 1
  ) {
    guard !places.isEmpty else { return }
    let shape = PlotFrame.shapes[(series ?? 7) % PlotFrame.shapes.count]
    picture.curves(
      places.flatMap { place in
        shape.lines.map { line in line.map { (place.x + scale * $0.0, place.y + scale * $0.1) } }
      }, stroke: color, width: scale * shape.stroke, name: "marks")
  }

  /// A line of a series through points.
  mutating func line(_ points: [(x: Double, y: Double)], color: String, width: Double = 1.5) {
    picture.curves([points.map(place)], stroke: color, width: width, name: "line")
  }

  /// A bar from one point to another, with short ends across.
  mutating func bar(
    from one: (x: Double, y: Double), to other: (x: Double, y: Double), color: String
  ) {
    let isUpright = abs(one.x - other.x) < abs(one.y - other.y)
    let (dx, dy) = isUpright ? (2.5, 0.0) : (0.0, 2.5)
    let ends = [one, other].map { end in
      [(x: end.x - dx, y: end.y - dy), (x: end.x + dx, y: end.y + dy)]
    }
    picture.curves([[one, other]] + ends, stroke: color, width: 1.1, name: "interval")
  }

  /// A dashed line between two points.
  mutating func dashed(from one: (x: Double, y: Double), to other: (x: Double, y: Double)) {
    let (begin, end) = (place(one), place(other))
    picture.line(begin.x, begin.y, end.x, end.y, stroke: palette.faint, width: 1, dash: "4 3")
  }

  mutating func text(_ text: String, x: Double, y: Double, anchor: SVG.Anchor = .start) {
    picture.text(text, x: x, y: y, size: PlotFrame.size, anchor: anchor, fill: palette.ink)
  }

  private mutating func drawAxes() {
    if !y.title.isEmpty { text(y.title, x: 4, y: 14) }
    for tick in y.ticks {
      let place = place((0, tick.value)).y
      picture.line(left, place, right, place, stroke: palette.line)
      text(tick.label, x: left - 6, y: place + 4, anchor: .end)
    }
    picture.line(left, bottom, right, bottom, stroke: palette.ink)
    // No label runs into the one before, nor out of the picture.
    var free = -Double.infinity
    for tick in x.ticks {
      let place = place((tick.value, 0)).x
      let half = PlotFrame.width(of: tick.label) / 2
      picture.line(place, bottom, place, bottom + 4, stroke: palette.ink)
      guard place - half > free, place + half <= right + 14 else { continue }
      text(tick.label, x: place, y: bottom + 17, anchor: .middle)
      free = place + half + 6
    }
    text(x.title, x: (left + right) / 2, y: bottom + 34, anchor: .middle)
  }

  // MARK: - Text

  /// The width of a text, rather too much than too little.
  static func width(of text: String) -> Double { 6.4 * Double(text.unicodeScalars.count) }

  /// A text that is no wider than so much.
  static func cut(_ text: String, to width: Double) -> String {
    let most = max(2, Int(width / 6.4))
    let scalars = text.unicodeScalars
    return scalars.count > most ? String(String.UnicodeScalarView(scalars.prefix(most - 1))) + "…" : text
  }

  /// The legend's entries in lines, each with where it begins.
  private static func lines(of entries: [Entry], within width: Double) -> [[(entry: Entry, x: Double)]] {
    var lines: [[(entry: Entry, x: Double)]] = []
    var x = Double.infinity
    for entry in entries {
      var entry = entry
      entry.name = cut(entry.name, to: width - 26)
      let needed = 26 + PlotFrame.width(of: entry.name)
      if x + needed > width {
        lines.append([])
        x = 8
      }
      lines[lines.count - 1].append((entry, x))
      x += needed + 8
    }
    return lines
  }

  // MARK: - Shapes

  /// Lines around a mark's middle; strokes are thick enough to fill what they enclose.
  private static let shapes: [(lines: [[(Double, Double)]], stroke: Double)] = [
    ([[(0, 0)]], 6.5),
    ([[(-1.6, -1.6), (1.6, -1.6), (1.6, 1.6), (-1.6, 1.6), (-1.6, -1.6)]], 2.2),
    ([[(0, -2.6), (2.4, 1.7), (-2.4, 1.7), (0, -2.6)]], 2),
    ([[(0, -2.8), (2.8, 0), (0, 2.8), (-2.8, 0), (0, -2.8)]], 1.5),
    ([[(-3, -3), (3, 3)], [(-3, 3), (3, -3)]], 1.6),
    ([[(-3.6, 0), (3.6, 0)], [(0, -3.6), (0, 3.6)]], 1.6),
    ([[(0, 2.6), (2.4, -1.7), (-2.4, -1.7), (0, 2.6)]], 2),
    ([[(-3, 0), (3, 0)]], 2.6),
  ]
}
