internal import ECGData

/// How runs went, and what their features look like.
extension ReportPage {
  // MARK: - Curves

  /// A quantity that curves have.
  private struct Quantity {
    var name: String
    var path: KeyPath<RunCurve.Epoch, Double?>
  }

  var training: ReportSection {
    var section = ReportSection(id: "training", title: "Training curves", content: "")
    let evaluated = report.panels.map { panel -> Markup in
      let rows = panel.shown
      let figures = [
        Quantity(name: "training loss", path: \.loss),
        Quantity(name: "validation macro AUC", path: \.validationMacroAUC),
      ].map { quantity -> Markup in
        let points = rows.map { row in
          row.members.map { $0.evaluation.curve?.points(quantity.path) ?? [] }
        }
        let all = points.joined().joined()
        guard !all.isEmpty else { return "" }
        let isArea = quantity.path == \.validationMacroAUC
        let y = PlotAxis(quantity.name, covering: all.map(\.y), within: isArea ? 0...1 : nil)
        let x = PlotAxis("epoch", covering: [0] + all.map(\.x))
        let file = "training-\(slug(panel))-\(isArea ? "auc" : "loss")"
        let plots = zip(rows, points).filter { !$0.1.joined().isEmpty }.map { row, points -> Markup in
          let title = "\(quantity.name) of \(row.label)"
          let plot = LinePlot(
            title: title, description: "A curve a seed: \(row.seeds). Axes are the same for all rows.", x: x,
            y: y, series: points.map { LinePlot.Series(name: row.label, points: $0, look: 0) }, width: 340,
            height: 130)
          return small("\(file)-\(row.id.lowercased())", name(row), title, plot, in: &section)
        }
        return "<div class=\"plots\">\(plots)</div>"
      }
      return "<h3>\(panel.title)</h3>\n\(figures)"
    }
    let pretrained = report.pretrainings.enumerated().map { index, run -> Markup in
      let title = "P\(index + 1) \(run.name), seed \(run.recipe.seed)"
      let losses = [
        LinePlot.Series(name: "training loss", points: run.curve?.points(\.loss) ?? []),
        LinePlot.Series(name: "validation loss", points: run.curve?.points(\.validationLoss) ?? []),
      ]
      let others = [
        LinePlot.Series(
          name: "deviation of embeddings", points: run.curve?.points(\.deviation) ?? [], look: 2),
        LinePlot.Series(name: "probe's macro AUC", points: run.curve?.points(\.probe) ?? [], look: 3),
      ]
      return [(losses, "loss"), (others, "features")].map { series, kind -> Markup in
        let series = series.filter { !$0.points.isEmpty }
        let points = series.flatMap(\.points)
        guard !points.isEmpty else { return "" }
        let name = kind == "loss" ? "loss" : series.map(\.name).joined(separator: ", ")
        let plot = LinePlot(
          title: "\(title): \(name)", description: "By epoch.",
          x: PlotAxis("epoch", covering: [0] + points.map(\.x)),
          y: PlotAxis(name, covering: points.map(\.y)), series: series, width: 340, height: 130)
        let head: Markup =
          "<a href=\"#P\("\(index + 1)")\">P\("\(index + 1)")</a> \(run.name), seed \("\(run.recipe.seed)")"
        return small("pretraining-p\(index + 1)-\(kind)", head, "\(title): \(name)", plot, in: &section)
      }.merged
    }
    let beneath: Markup =
      pretrained.isEmpty
      ? ""
      : "<h3>Pretraining</h3>\n<p class=\"faint\">Losses of different methods are not of one kind.</p><div class=\"plots\">\(pretrained)</div>"
    section.content = """
      <p>By epoch, as the runs wrote it down; of evaluations a curve a seed, on axes that all rows of a task share. Fine-tuning has two phases: the \
      head alone, then all. The deviation of embeddings is 0 where a pretraining has collapsed.</p>
      \(evaluated)
      \(beneath)
      """
    return section
  }

  /// A small plot among others.
  private func small(
    _ file: String, _ head: Markup, _ title: String, _ plot: LinePlot, in section: inout ReportSection
  ) -> Markup {
    section.add(file, "svg", title, plot.svg(.file))
    return "<figure><h4>\(head)</h4>\(Markup(verbatim: plot.svg(.page)))</figure>"
  }

  // MARK: - Embedding

  /// Classes that have a colour and a shape of their own.
  private static let mostLooks = 7

  var embedding: ReportSection {
    var section = ReportSection(id: "embedding", title: "Embedding map", content: "")
    let panels = report.panels.compactMap { panel -> Markup? in
      let maps = panel.bestOfProtocols.compactMap { row -> Markup? in
        guard let member = row.members.first(where: { $0.evaluation.embedding != nil }),
          let map = member.evaluation.embedding
        else { return nil }
        return scatter(map, of: row, member, panel, in: &section)
      }
      return maps.isEmpty
        ? nil : "<h3>\(panel.title)</h3>\n\(choiceNote(panel))\n<div class=\"blocks\">\(maps)</div>"
    }
    section.content =
      panels.isEmpty
      ? "<p>None of the best rows has its test records' features.</p>"
      : """
      <p>The features of test records, from the encoder of the best row of each protocol, on their first two principal components. A \
      record is coloured by the first class, in the task's order, that is stated of it; the \("\(ReportPage.mostLooks)") most frequent have a \
      colour and a shape. Beside a class the test records that it is the first of; of more than two thousand a part is drawn.</p>
      \(panels)
      """
    return section
  }

  private func scatter(
    _ map: EmbeddingMap, of row: ReportRow, _ member: ReportRow.Member, _ panel: ReportPanel,
    in section: inout ReportSection
  ) -> Markup {
    let test = panel.test
    let width = test.classes.count
    let first = test.records.indices.map { record in
      (0..<width).first { test.targets[record * width + $0] }
    }
    var counts = [Int](repeating: 0, count: width)
    for column in first { if let column { counts[column] += 1 } }
    let frequent = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
      .prefix(ReportPage.mostLooks)
    // Of many records a run has some; those of a frequent class are told by all test records that are of it.
    func points(_ isOf: (Int?) -> Bool) -> [(x: Double, y: Double)] {
      map.points.filter { isOf(first[$0.record]) }.map { ($0.x, $0.y) }
    }
    var groups = frequent.enumerated().map { look, column in
      ScatterPlot.Group(
        name: "\(test.classes[column]) (\(counts[column]))", points: points { $0 == column }, look: look)
    }
    let others = points { column in column.map { !frequent.contains($0) } ?? true }
    if !others.isEmpty {
      let count = test.records.count - frequent.reduce(0) { $0 + counts[$1] }
      groups.append(ScatterPlot.Group(name: "others (\(count))", points: others, look: nil))
    }
    let shares = member.evaluation.outcome.embeddingVariance ?? []
    func axis(_ place: Int, _ values: [Double]) -> PlotAxis {
      let share =
        shares.indices.contains(place) ? ", \(Figures.fixed(100 * shares[place], 1)) % of the variance" : ""
      return PlotAxis("component \(place + 1)\(share)", covering: values)
    }
    let title = "Features of \(row.label), seed \(member.seed): \(panel.title)"
    let plot = ScatterPlot(
      title: title,
      description:
        "\(Markup.grouped(map.points.count)) of \(Markup.grouped(test.records.count)) test records.",
      x: axis(0, map.points.map(\.x)), y: axis(1, map.points.map(\.y)), groups: groups)
    let file = "embedding-\(slug(panel))-\(row.recipe.protocol.rawValue)"
    return "<div>\(figure(file, title, in: &section) { plot.svg($0) })</div>"
  }
}

extension [Markup] {
  /// All of them in a row.
  var merged: Markup { "\(self)" }
}
