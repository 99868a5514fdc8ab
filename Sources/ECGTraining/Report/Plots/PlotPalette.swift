/// The colours of a plot: those of the page it is part of, or its own as a file.
struct PlotPalette: Sendable {
  /// Behind the plot; nil is what the page has.
  let paper: String?
  let ink: String
  let line: String
  /// What is neither of these, such as points of no class.
  let faint: String
  private let hues: [String]

  /// The colours of a page, light or dark.
  static let page = PlotPalette(
    paper: nil, ink: "currentColor", line: "var(--line)", faint: "var(--faint)",
    hues: file.hues.indices.map { "var(--series-\($0 + 1))" })

  /// On white paper.
  ///
  /// The hues of Okabe and Ito (2008), which those who see no red or no green tell apart, darkened where they would be too light.
  static let file = PlotPalette(
    paper: "#ffffff", ink: "#1b1f24", line: "#d0d7de", faint: "#57606a",
    hues: ["#0072b2", "#c44900", "#007f5c", "#a8437e", "#94720a", "#2a86bd", "#1b1f24", "#7f7f7f"])

  /// The colour of a series; after eight they begin anew.
  func hue(_ series: Int) -> String { hues[series % hues.count] }
}
