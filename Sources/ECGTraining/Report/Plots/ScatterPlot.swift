internal import ECGData

/// Points of a plane in groups.
struct ScatterPlot: Sendable {
  /// Points that look alike.
  struct Group: Sendable {
    var name: String
    var points: [(x: Double, y: Double)]
    /// Counted from 0; nil is faint, and drawn below all others.
    var look: Int?
  }

  var title: String
  var description: String
  var x: PlotAxis
  var y: PlotAxis
  var groups: [Group]

  /// The picture.
  func svg(_ palette: PlotPalette) -> String {
    var frame = PlotFrame(
      title: title, description: description, width: 570, height: 400, x: x, y: y,
      entries: groups.map { PlotFrame.Entry(name: $0.name, series: $0.look) }, palette: palette)
    for group in groups.filter({ $0.look == nil }) + groups.filter({ $0.look != nil }) {
      frame.marks(
        group.points.map(frame.place), series: group.look,
        color: group.look.map { palette.hue($0) } ?? palette.faint, scale: 0.65)
    }
    return frame.picture.document
  }
}
