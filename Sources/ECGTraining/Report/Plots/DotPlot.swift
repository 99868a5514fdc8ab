internal import ECGData

/// Rows with a dot and its interval for each of a few series.
struct DotPlot: Sendable {
  /// A value, with the ends of its interval.
  struct Dot: Sendable {
    var value: Double
    var interval: ClosedRange<Double>?
  }

  var title: String
  var description: String
  /// The rows from the top, a value a series; nil where there is none.
  var rows: [(name: String, dots: [Dot?])]
  var series: [String]
  var axis: PlotAxis
  /// Where a dashed line stands.
  var threshold: Double?

  private static let longestName = 160.0

  /// The picture.
  func svg(_ palette: PlotPalette) -> String {
    let step = max(16, 6 * Double(series.count) + 5)
    let names = rows.reversed().map { PlotFrame.cut($0.name, to: DotPlot.longestName) }
    var frame = PlotFrame(
      title: title, description: description, width: 640, height: step * Double(max(2, rows.count)), x: axis,
      y: PlotAxis("", categories: names),
      entries: series.count > 1
        ? series.enumerated().map { PlotFrame.Entry(name: $0.element, series: $0.offset) } : [],
      palette: palette)
    if let threshold {
      frame.dashed(from: (threshold, -0.35), to: (threshold, max(1, Double(rows.count - 1)) + 0.35))
    }
    for (row, content) in rows.enumerated() {
      for (index, dot) in content.dots.enumerated() {
        guard let dot else { continue }
        let shift = 6 * (Double(index) - Double(series.count - 1) / 2)
        func place(_ value: Double) -> (x: Double, y: Double) {
          let place = frame.place((value, Double(rows.count - 1 - row)))
          return (place.x, place.y + shift)
        }
        if let interval = dot.interval {
          frame.bar(
            from: place(interval.lowerBound), to: place(interval.upperBound), color: palette.hue(index))
        }
        frame.mark(place(dot.value), series: index, scale: 0.85)
      }
    }
    return frame.picture.document
  }
}
