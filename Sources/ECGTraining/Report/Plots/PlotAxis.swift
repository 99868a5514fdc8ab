internal import ECGData
internal import Foundation

/// One axis of a plot: what it covers, and where it is marked.
struct PlotAxis: Sendable {
  /// How values become lengths.
  enum Scale: Sendable {
    case linear
    /// Of values from 0, of which the small ones are to be told apart.
    case squareRoot
  }

  /// What the axis tells, with its unit.
  let title: String
  let ticks: [(value: Double, label: String)]
  private let low: Double
  private let high: Double
  private let scale: Scale

  /// A linear axis with round numbers.
  ///
  /// - Parameters:
  ///   - title: What it tells.
  ///   - values: What it covers; those that are not finite are left out.
  ///   - limits: What it does not go beyond, unless values do.
  ///   - count: Ticks, about.
  init(
    _ title: String, covering values: [Double], within limits: ClosedRange<Double>? = nil,
    ticks count: Int = 5
  ) {
    let finite = values.filter { abs($0) < 1e100 }
    var (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    if high - low <= 1e-9 * max(abs(low), abs(high)) {
      let room = max(0.05 * abs(low), 0.05)
      (low, high) = (low - room, high + room)
    }
    let step = PlotAxis.step((high - low) / Double(max(2, count)))
    var places = ((low / step).rounded(.down), (high / step).rounded(.up))
    if let limits {
      if places.0 * step < limits.lowerBound, low >= limits.lowerBound - 1e-9 {
        places.0 = (limits.lowerBound / step).rounded(.up)
      }
      if places.1 * step > limits.upperBound, high <= limits.upperBound + 1e-9 {
        places.1 = (limits.upperBound / step).rounded(.down)
      }
    }
    self.title = title
    scale = .linear
    ticks = Swift.stride(from: places.0, through: places.1, by: 1).map { place in
      // Rounding leaves 0.30000000000000004 of 3 · 0.1.
      (place * step, PlotAxis.label(place * step))
    }
    self.low = min(places.0 * step, low)
    self.high = max(places.1 * step, high)
  }

  /// An axis of categories, which lie at 0, 1, ….
  init(_ title: String, categories: [String]) {
    self.title = title
    scale = .linear
    ticks = categories.enumerated().map { (Double($0.offset), $0.element) }
    (low, high) = (-0.35, max(1, Double(categories.count - 1)) + 0.35)
  }

  /// Shares from 0 to 1, of which small ones are told apart.
  static func shares(_ title: String) -> PlotAxis {
    PlotAxis(
      title: title, low: 0, high: 1, scale: .squareRoot,
      ticks: [0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1].map { ($0, PlotAxis.label($0)) })
  }

  private init(
    title: String, low: Double, high: Double, scale: Scale, ticks: [(value: Double, label: String)]
  ) {
    (self.title, self.low, self.high, self.scale, self.ticks) = (title, low, high, scale, ticks)
  }

  /// Where a value lies, from 0 to 1; what is beyond an end lies at it.
  func share(_ value: Double) -> Double {
    let share =
      switch scale {
      case .linear: (value - low) / (high - low)
      case .squareRoot: max(0, value).squareRoot()
      }
    return share.isNaN ? 0 : max(0, min(share, 1))
  }

  private static func label(_ value: Double) -> String {
    abs(value) >= 1e6 ? String(format: "%.3g", value) : SVG.decimal(value)
  }

  /// The next 1, 2 or 5 times a power of ten.
  private static func step(_ least: Double) -> Double {
    let power = pow(10, log10(max(least, 1e-12)).rounded(.down))
    return [1, 2, 5].map { $0 * power }.first { $0 >= least * 0.999 } ?? 10 * power
  }
}
