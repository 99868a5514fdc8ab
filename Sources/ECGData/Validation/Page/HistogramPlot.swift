import Foundation

/// Histograms of one quantity as small pictures with common axes, so that collections can be compared.
///
/// Bars are shares of a histogram's own values.
struct HistogramPlot {
  private let scale: Histogram.Scale
  private let unit: String
  /// Bins a bar.
  private let width: Int
  /// The first bar, and the one after the last.
  private let bars: Range<Int>
  /// The highest share, in percent.
  private let top: Double

  private static let mostBars = 40
  private static let leastBars = 10
  private static let size = (width: 340.0, height: 190.0)
  private static let field = (left: 44.0, right: 330.0, top: 12.0, bottom: 146.0)

  /// Lays out common axes.
  ///
  /// - Parameters:
  ///   - histograms: of one scale.
  ///   - unit: of their values, as the axis has it.
  init?(_ histograms: [Histogram], unit: String) {
    let filled = histograms.filter { $0.count > 0 }
    guard let scale = filled.first?.scale else { return nil }
    self.scale = scale
    self.unit = unit
    let widths = scale.isLogarithmic ? [5, 10, 25, 50, 100, 500] : [1, 2, 5, 10, 20, 50, 100, 500]
    func range(_ width: Int) -> Range<Int> {
      let places = filled.flatMap { $0.bars(of: width).keys }
      return (places.min() ?? 0)..<((places.max() ?? 0) + 1)
    }
    width = widths.first { range($0).count <= HistogramPlot.mostBars } ?? 500
    let used = range(width)
    let missing = max(0, HistogramPlot.leastBars - used.count)
    let first = used.lowerBound - missing / 2
    // Below 0 there is nothing.
    let lower = scale.isLogarithmic ? first : max(min(0, used.lowerBound), first)
    bars = lower..<max(used.upperBound, lower + HistogramPlot.leastBars)
    let shares = filled.map { [width] histogram in
      Double(histogram.bars(of: width).values.max() ?? 0) / Double(histogram.count)
    }
    top = 100 * (shares.max() ?? 1)
  }

  /// A histogram on these axes; the dashed line is its median.
  ///
  /// - Parameters:
  ///   - histogram: one of those that the axes were laid out for.
  ///   - title: what is seen.
  ///   - description: the same in numbers.
  /// - Returns: an SVG element.
  func svg(of histogram: Histogram, title: String, description: String) -> String {
    let field = HistogramPlot.field
    var picture = SVG(
      width: HistogramPlot.size.width, height: HistogramPlot.size.height, title: title,
      description: description)
    for share in ticks(to: top) {
      let y = y(share)
      picture.line(field.left, y, field.right, y, stroke: "var(--line)")
      picture.text(
        "\(SVG.decimal(share)) %", x: field.left - 5, y: y + 4, size: 11, anchor: .end, fill: "currentColor")
    }
    for (bar, count) in histogram.bars(of: width).sorted(by: { $0.key < $1.key }) {
      let (left, right) = (x(Double(bar * width)), x(Double((bar + 1) * width)))
      // One record among a million is seen too.
      let height = max(1, field.bottom - y(100 * Double(count) / Double(histogram.count)))
      picture.rectangle(
        x: left + 0.5, y: field.bottom - height, width: max(1, right - left - 1), height: height,
        fill: "var(--bar)")
    }
    picture.line(field.left, field.bottom, field.right, field.bottom, stroke: "currentColor")
    for value in marks {
      let x = x(scale.place(value))
      picture.line(x, field.bottom, x, field.bottom + 4, stroke: "currentColor")
      picture.text(
        SVG.decimal(value), x: x, y: field.bottom + 17, size: 11, anchor: .middle, fill: "currentColor")
    }
    picture.text(
      unit, x: (field.left + field.right) / 2, y: field.bottom + 36, size: 11, anchor: .middle,
      fill: "currentColor")
    if let median = histogram.quantile(0.5) {
      let x = x(scale.place(median))
      picture.line(x, field.top, x, field.bottom, stroke: "var(--middle)", width: 1.5, dash: "4 3")
    }
    return picture.document
  }

  /// Where a place of the scale, in bins, lies.
  private func x(_ place: Double) -> Double {
    let (left, right) = (HistogramPlot.field.left, HistogramPlot.field.right)
    let share = (place / Double(width) - Double(bars.lowerBound)) / Double(bars.count)
    return left + max(0, min(share, 1)) * (right - left)
  }

  /// Where a share in percent lies.
  private func y(_ share: Double) -> Double {
    let (upper, lower) = (HistogramPlot.field.top, HistogramPlot.field.bottom)
    return lower - share / top * (lower - upper)
  }

  /// Some round numbers from 0 up.
  private func ticks(to top: Double) -> [Double] {
    let step = HistogramPlot.step(top / 4)
    return Array(stride(from: 0, through: top + 1e-9, by: step))
  }

  /// Values on the horizontal axis.
  private var marks: [Double] {
    let low = scale.value(Double(bars.lowerBound * width))
    let high = scale.value(Double(bars.upperBound * width))
    guard scale.isLogarithmic else {
      let step = HistogramPlot.step((high - low) / 6)
      return Array(stride(from: (low / step).rounded(.up) * step, through: high + 1e-9, by: step))
    }
    let decades = log10(high / low)
    let digits: [Double] = decades > 4 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5]
    let powers = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    return powers.flatMap { power in digits.map { $0 * pow(10, Double(power)) } }
      .filter { $0 >= low * 0.999 && $0 <= high * 1.001 }
  }

  /// The next 1, 2 or 5 times a power of ten.
  private static func step(_ least: Double) -> Double {
    let power = pow(10, log10(max(least, 1e-9)).rounded(.down))
    return [1, 2, 5].map { $0 * power }.first { $0 >= least * 0.999 } ?? 10 * power
  }
}

extension Histogram.Scale {
  fileprivate var isLogarithmic: Bool {
    if case .logarithmic = self { true } else { false }
  }
}
