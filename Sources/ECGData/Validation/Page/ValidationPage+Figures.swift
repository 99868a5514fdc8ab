/// What the records are like, path by path and source by source.
extension ValidationPage {
  /// Figures of one source in one path.
  private struct Group {
    var name: String
    var figures: CollectionFigures
  }

  private var groups: [Group] {
    report.parts.flatMap { part in
      part.figures.map { figures in
        Group(
          name: part.figures.count > 1 ? "\(part.path): \(figures.source)" : part.path, figures: figures)
      }
    }
  }

  /// Codes of a source that a table has.
  private static let mostCodes = 200

  var figures: Markup {
    let groups = groups.filter { $0.figures.records > 0 }
    guard !groups.isEmpty else { return "<p>There are no records.</p>" }
    let tables = [
      distribution("Duration", groups, \.durations, unit: "seconds"),
      distribution("Age", groups, \.ages, unit: "years"),
    ]
    let all = (tables + measured(groups) + [sexes(groups), folds(groups), labels(groups)])
      .map { block -> Markup in "<div>\(block)</div>" }
    // Those of one path have room side by side.
    let style: Markup = groups.count == 1 ? "blocks" : "rows"
    return """
      <p>Axes are the same for all paths; bars are shares of a path's own records, the dashed line is their median.</p>
      <div class="\(style)">
      \(all)
      </div>
      """
  }

  // MARK: - Quantities

  private func distribution(
    _ title: String, _ groups: [Group], _ quantity: KeyPath<CollectionFigures, Histogram>, unit: String
  ) -> Markup {
    guard let plot = HistogramPlot(groups.map { $0.figures[keyPath: quantity] }, unit: unit) else {
      return "<h3>\(title)</h3>\n<p>No record tells it.</p>"
    }
    let rows = groups.map { group -> [Markup] in
      let histogram = group.figures[keyPath: quantity]
      let values = [
        histogram.minimum, histogram.quantile(0.05), histogram.quantile(0.5), histogram.quantile(0.95),
        histogram.maximum,
      ]
      return ["<code>\(group.name)</code>", "\(histogram.count)"]
        + values.map { value -> Markup in "\(value.map(ValidationPage.number) ?? "")" }
    }
    let figures = groups.filter { $0.figures[keyPath: quantity].count > 0 }.map { group -> Markup in
      let histogram = group.figures[keyPath: quantity]
      let median = histogram.quantile(0.5).map(ValidationPage.number) ?? ""
      let text = plot.svg(
        of: histogram, title: "\(title) in \(group.name)",
        description: "Histogram of \(Markup.counted(histogram.count, "record")), median \(median) \(unit).")
      return """
        <figure><h4><code>\(group.name)</code></h4>\(Markup(verbatim: text))</figure>
        """
    }
    let columns =
      [Markup.Column("Path")]
      + ["Records", "Lowest", "5 %", "Median", "95 %", "Highest"].map { title -> Markup.Column in
        .init("\(title)", .number)
      }
    return """
      <h3>\(title)</h3>
      \(Markup.table("\(title) in \(unit), of the records that tell it", columns, rows))
      <div class="plots">
      \(figures)
      </div>
      """
  }

  /// Heart rate and amplitude, which a deep validation measures.
  private func measured(_ groups: [Group]) -> [Markup] {
    guard validation.isDeep else {
      return ["<h3>Heart rate and amplitude</h3>\n<p>These are measured with <code>--deep</code> only.</p>"]
    }
    let samples = groups.filter { $0.figures.isSampled }.map { group -> Markup in
      """
      <p class="faint">Heart rate and amplitude of \(group.figures.measured) of the \(group.figures.records) records in \
      <code>\(group.name)</code> were measured, evenly spread.</p>
      """
    }
    let heartRates = distribution("Heart rate", groups, \.heartRates, unit: "beats a minute")
    let amplitudes = distribution("Amplitude", groups, \.amplitudes, unit: "millivolts")
    return [
      "\(heartRates)\n\(samples)",
      """
      \(amplitudes)
      <p class="faint">The amplitude of a record is the geometric mean over its leads of the range from the 0.5 % to the 99.5 % \
      quantile between 0.5 and 40 Hz.</p>
      """,
    ]
  }

  // MARK: - Counts

  private func sexes(_ groups: [Group]) -> Markup {
    let rows = groups.map { group -> [Markup] in
      ["<code>\(group.name)</code>"]
        + [Sex.female, .male, .unknown].map { sex in
          let count = group.figures.sexes[sex] ?? 0
          return "\(count) (\(Markup.percent(count, of: group.figures.records)))"
        }
    }
    let columns =
      [Markup.Column("Path")]
      + ["Female", "Male", "Not given"].map { title -> Markup.Column in .init("\(title)", .number) }
    return "<h3>Sex</h3>\n\(Markup.table("Records by sex", columns, rows))"
  }

  private func folds(_ groups: [Group]) -> Markup {
    let folds = Set(groups.flatMap(\.figures.folds.keys)).sorted()
    guard !folds.isEmpty else { return "<h3>Folds</h3>\n<p>No record is in a fold.</p>" }
    let rows = groups.map { group -> [Markup] in
      ["<code>\(group.name)</code>"] + folds.map { "\(group.figures.folds[$0] ?? 0)" }
    }
    let columns = [Markup.Column("Path")] + folds.map { .init("\($0)", .number) }
    return "<h3>Folds</h3>\n\(Markup.table("Records by fold", columns, rows))"
  }

  private func labels(_ groups: [Group]) -> Markup {
    let plot = LabelPlot(groups.map(\.figures))
    let figures = groups.map { group -> Markup in
      let figures = group.figures
      let text: Markup = """
        \(Markup.counted(figures.labels.count, "code")); \(figures.unlabelled) of \(Markup.counted(figures.records, "record")) \
        without a label.
        """
      guard !figures.labels.isEmpty else {
        return "<figure><h4><code>\(group.name)</code></h4><p class=\"faint\">\(text)</p></figure>"
      }
      return """
        <figure><h4><code>\(group.name)</code></h4>
        \(Markup(verbatim: plot.svg(of: figures, title: "Labels in \(group.name)")))
        <figcaption>\(text)</figcaption></figure>
        """
    }
    let tables = groups.filter { !$0.figures.labels.isEmpty }.map { group -> Markup in
      let codes = LabelPlot.codes(of: group.figures)
      let rows = codes.prefix(ValidationPage.mostCodes).map { code, count -> [Markup] in
        [
          "<code>\(LabelPlot.name(code))</code>", "\(count)",
          "\(Markup.percent(count, of: group.figures.records))",
        ]
      }
      let left = codes.count - rows.count
      return """
        <details><summary>All labels of <code>\(group.name)</code></summary>
        \(Markup.table(
          "Labels of \(group.name)" + (left > 0 ? ", without the \(left) rarest" : ""),
          [.init("Code"), .init("Records", .number), .init("Share", .number)], rows))
        </details>
        """
    }
    return """
      <h3>Labels</h3>
      <p class="faint">Records that have a code, whatever value the source gives it.</p>
      <div class="plots">
      \(figures)
      </div>
      \(tables)
      """
  }

  /// Three digits, or all of a whole number.
  private static func number(_ value: Double) -> String {
    let size = abs(value)
    return SVG.decimal(value, digits: size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
  }
}
