internal import ECGData

/// Curves over a common axis, with intervals where they are known.
struct LinePlot: Sendable {
  /// A point, with the ends of its interval.
  struct Point: Sendable {
    var x: Double
    var y: Double
    var interval: ClosedRange<Double>?
  }

  /// A curve.
  struct Series: Sendable {
    var name: String
    var points: [Point]
    /// The look, if several curves share one; else its place among all.
    var look: Int?
  }

  var title: String
  var description: String
  var x: PlotAxis
  var y: PlotAxis
  var series: [Series]
  var width = 640.0
  var height = 280.0
  /// Whether there is a dashed line from the lower left to the upper right corner, where y is x.
  var hasDiagonal = false

  /// Marks that a curve has at most, so that they are told from each other.
  private static let mostMarks = 24
  /// Curves that have intervals, which would hide those of more.
  static let mostIntervals = 4

  /// The picture.
  func svg(_ palette: PlotPalette) -> String {
    let looks = series.indices.map { series[$0].look ?? $0 }
    let named = looks.indices.filter { looks.firstIndex(of: looks[$0]) == $0 }
    var frame = PlotFrame(
      title: title, description: description, width: width, height: height, x: x, y: y,
      entries: named.count > 1
        ? named.map { PlotFrame.Entry(name: series[$0].name, series: looks[$0]) } : [],
      palette: palette)
    if hasDiagonal { frame.dashed(from: (0, 0), to: (1, 1)) }
    for (index, one) in series.enumerated() {
      let color = palette.hue(looks[index])
      frame.line(one.points.map { ($0.x, $0.y) }, color: color)
      // Intervals at one place stand side by side.
      let hasIntervals = series.count <= LinePlot.mostIntervals
      let shift = hasIntervals ? 3 * (Double(index) - Double(series.count - 1) / 2) : 0
      for point in one.points where hasIntervals {
        guard let interval = point.interval else { continue }
        var ends = [frame.place((point.x, interval.lowerBound)), frame.place((point.x, interval.upperBound))]
        for end in ends.indices { ends[end].x += shift }
        frame.bar(from: ends[0], to: ends[1], color: color)
      }
      let step = max(1, (one.points.count + LinePlot.mostMarks - 1) / LinePlot.mostMarks)
      let marked = stride(from: 0, to: one.points.count, by: step).map { place in
        let point = one.points[place]
        var spot = frame.place((point.x, point.y))
        if point.interval != nil { spot.x += shift }
        return spot
      }
      frame.marks(marked, series: looks[index], color: color, scale: 0.9)
    }
    return frame.picture.document
  }
}
