/// The most frequent labels of collections as small pictures with one axis: the share of a collection's records.
struct LabelPlot {
  /// The highest share of all.
  private let top: Double

  private static let mostCodes = 20
  private static let row = 18.0
  private static let field = (left: 150.0, right: 290.0)

  /// Lays out the axis.
  init(_ collections: [CollectionFigures]) {
    let shares = collections.map { Double($0.labels.values.max() ?? 0) / Double(max(1, $0.records)) }
    top = max(shares.max() ?? 1, 1e-9)
  }

  /// Codes and how many records have them, the most frequent first.
  static func codes(of figures: CollectionFigures) -> [(code: String, count: Int)] {
    figures.labels.map { (code: $0.key, count: $0.value) }.sorted {
      ($1.count, $0.code) < ($0.count, $1.code)
    }
  }

  /// A code with the abbreviation that its vocabulary has for it: `snomed:164889003 AF`.
  static func name(_ code: String) -> String {
    guard code.hasPrefix("snomed:"), let short = abbreviations[String(code.dropFirst(7))] else { return code }
    return "\(code) \(short)"
  }

  private static let abbreviations = Dictionary(
    EmbeddedTable.rows(PackageResources.snomed_csv, width: 2).map { ($0[0], $0[1]) },
    uniquingKeysWith: { first, _ in first })

  /// The labels of one of the collections, a bar each.
  ///
  /// - Parameters:
  ///   - figures: the collection's.
  ///   - title: what is seen.
  /// - Returns: an SVG element.
  func svg(of figures: CollectionFigures, title: String) -> String {
    let codes = LabelPlot.codes(of: figures).prefix(LabelPlot.mostCodes)
    let description = codes.prefix(5).map { "\(LabelPlot.name($0.code)) \(Markup.grouped($0.count))" }
    var picture = SVG(
      width: 340, height: LabelPlot.row * Double(codes.count) + 4, title: title,
      description: "The most frequent: \(description.joined(separator: ", ")).")
    for (index, (code, count)) in codes.enumerated() {
      let y = LabelPlot.row * Double(index) + 2
      let share = Double(count) / Double(max(1, figures.records))
      let length = max(1, share / top * (LabelPlot.field.right - LabelPlot.field.left))
      picture.text(
        RecordPicture.cut(LabelPlot.name(code), 24), x: LabelPlot.field.left - 6, y: y + 13, size: 11,
        anchor: .end, fill: "currentColor")
      picture.rectangle(
        x: LabelPlot.field.left, y: y + 2, width: length, height: LabelPlot.row - 4, fill: "var(--bar)")
      picture.text(
        Markup.grouped(count), x: LabelPlot.field.left + length + 5, y: y + 13, size: 11,
        fill: "currentColor")
    }
    return picture.document
  }
}
