import Foundation

/// The frequency response of a filter bank as a picture: the gain of each filter and of all together in decibels over
/// frequency and, if a filter is causal, how much the bank delays.
public struct FrequencyResponsePicture: Sendable {
  private let bank: FilterBank
  private let designed: DesignedFilterBank
  private let steps: [DesignedFilterBank]
  private let outputRate: Double?
  /// Where curves are drawn through, in Hz.
  private var frequencies: [Double] = []

  /// Designs the bank that will be drawn.
  ///
  /// - Parameters:
  ///   - bank: the filters.
  ///   - rate: the sampling rate in Hz at which they run.
  ///   - outputRate: the rate to which signals are brought afterwards, whose half is marked; nil if none.
  /// - Throws: ``ECGError`` (`invalidArgument`) if there is no filter, or one that does not exist at this rate.
  public init(_ bank: FilterBank, rate: Double, outputRate: Double? = nil) throws {
    guard !bank.steps.isEmpty else {
      throw ECGError(.invalidArgument, "has no filters to draw", advice: "list some under the key filters")
    }
    self.bank = bank
    designed = try bank.design(rate: rate)
    steps = try bank.steps.map { try FilterBank([$0]).design(rate: rate) }
    self.outputRate = outputRate
    frequencies = FrequencyResponsePicture.frequencies(of: bank, from: slowest, to: fastest)
  }

  /// The picture as an SVG file.
  ///
  /// - Returns: the text of the file.
  public func svg() -> String {
    let legendTop = hasDelay ? 626.0 : 466
    let title =
      "Frequency response of \(steps.count == 1 ? "one filter" : "\(steps.count) filters") at \(number(designed.rate)) Hz"
    var picture = SVG(
      width: 860, height: legendTop + 22 * Double(steps.count + 1) + 16, title: title,
      description: bank.steps.map(\.description).joined(separator: "; "))
    picture.rectangle(x: 0, y: 0, width: picture.width, height: picture.height, fill: "#fff")
    picture.text(title, x: 60, y: 28, size: 16, isBold: true)
    picture.text("gain, dB", x: FrequencyResponsePicture.left, y: 58, size: 11, fill: "#666")
    drawGains(&picture)
    if hasDelay { drawDelay(&picture) }
    drawLegend(&picture, top: legendTop)
    return picture.document
  }

  /// Writes the picture as an SVG file.
  ///
  /// - Parameter path: of the file, which is replaced.
  /// - Throws: ``ECGError`` (`inputOutput`) if it cannot be written.
  public func write(to path: String) throws {
    try File.write(svg().utf8, to: path)
  }

  // MARK: - Axes

  private static let left = 60.0
  private static let right = 840.0
  private static let gains = Panel(top: 64, bottom: 414, low: -80, high: 5)
  private static let colors = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf"]

  /// A rectangle of the picture and the values at its lower and upper edge.
  private struct Panel {
    var top: Double
    var bottom: Double
    var low: Double
    var high: Double

    func y(_ value: Double) -> Double {
      let inside = max(low, min(value.isNaN ? low : value, high))
      return bottom - (inside - low) / (high - low) * (bottom - top)
    }
  }

  private var fastest: Double { designed.rate / 2 }

  /// The left end: 0.05 Hz, or a tenth of the lowest edge.
  private var slowest: Double {
    let edges = bank.steps.flatMap(\.corners).filter { $0 > 0 }
    return min(0.05, fastest / 10, (edges.min() ?? 1) / 10)
  }

  private func x(_ frequency: Double) -> Double {
    let share = log(max(frequency, slowest) / slowest) / log(fastest / slowest)
    return FrequencyResponsePicture.left + share
      * (FrequencyResponsePicture.right - FrequencyResponsePicture.left)
  }

  /// Three for each pixel, and more where a filter changes within less.
  private static func frequencies(of bank: FilterBank, from slowest: Double, to fastest: Double) -> [Double] {
    let count = 2400
    var places = (0...count).map { slowest * pow(fastest / slowest, Double($0) / Double(count)) }
    for step in bank.steps {
      if case .comb(let frequency, _, _) = step {
        places += stride(from: frequency, through: fastest, by: max(frequency, fastest / 10_000))
      }
      let corners = step.corners
      guard let first = corners.first, let last = corners.last else { continue }
      let width = last > first ? last - first : first
      places += (-64...128).map { first + Double($0) / 64 * width }
    }
    return places.filter { $0 >= slowest && $0 <= fastest }.sorted()
  }

  private func drawFrame(_ picture: inout SVG, _ panel: Panel, values: [Double]) {
    for value in values {
      let y = panel.y(value)
      picture.line(FrequencyResponsePicture.left, y, FrequencyResponsePicture.right, y, stroke: "#ddd")
      picture.text("\(number(value))", x: FrequencyResponsePicture.left - 6, y: y + 4, size: 11, anchor: .end)
    }
    let decadeWidth = x(fastest) - x(fastest / 10)
    var decade = pow(10, log10(slowest).rounded(.down))
    while decade <= fastest {
      for digit in 1...9 where decade * Double(digit) <= fastest {
        let frequency = decade * Double(digit)
        guard frequency >= slowest * 0.999 else { continue }
        let x = x(frequency)
        picture.line(x, panel.top, x, panel.bottom, stroke: digit == 1 ? "#ccc" : "#eee")
        if digit == 1 || [2, 5].contains(digit) && decadeWidth > 120 {
          picture.text(
            number(frequency), x: min(x, FrequencyResponsePicture.right - 5), y: panel.bottom + 15, size: 11,
            anchor: x > FrequencyResponsePicture.right - 20 ? .end : .middle)
        }
      }
      decade *= 10
    }
    picture.rectangle(
      x: FrequencyResponsePicture.left, y: panel.top,
      width: FrequencyResponsePicture.right - FrequencyResponsePicture.left,
      height: panel.bottom - panel.top, stroke: "#888")
    picture.text(
      "Hz", x: FrequencyResponsePicture.right, y: panel.bottom + 30, size: 11, anchor: .end, fill: "#666")
  }

  // MARK: - Gain

  private func drawGains(_ picture: inout SVG) {
    let panel = FrequencyResponsePicture.gains
    drawFrame(&picture, panel, values: [0, -20, -40, -60, -80])
    picture.line(
      FrequencyResponsePicture.left, panel.y(-3), FrequencyResponsePicture.right, panel.y(-3), stroke: "#bbb",
      dash: "4 3")
    if let outputRate, outputRate < designed.rate {
      let x = x(outputRate / 2)
      picture.line(x, panel.top, x, panel.bottom, stroke: "#d62728", dash: "6 4")
      picture.text(
        "half of \(number(outputRate)) Hz", x: x - 5, y: panel.bottom - 8, size: 11, anchor: .end,
        fill: "#d62728")
    }
    func curve(_ gains: [Double]) -> [(x: Double, y: Double)] {
      zip(frequencies, gains).map { (x($0), panel.y(20 * log10(max($1, 1e-12)))) }
    }
    guard bank.steps.contains(where: \.isLinear) else { return }
    let total = designed.gain(at: frequencies)
    picture.path(curve(total), stroke: "#222", width: 3.5)
    if steps.count > 1 {
      for (index, step) in steps.enumerated() where bank.steps[index].isLinear {
        picture.path(curve(step.gain(at: frequencies)), stroke: color(index), width: 1.2)
      }
    }
    let crossings = crossings(total)
    for (index, frequency) in crossings.enumerated() {
      let place = x(frequency)
      picture.line(place, panel.y(-3) - 5, place, panel.y(-3) + 5, stroke: "#222", width: 1.5)
      // The two edges of a notch are too near to each other for two numbers.
      let neighbours = [index - 1, index + 1].filter(crossings.indices.contains).map { x(crossings[$0]) }
      if neighbours.allSatisfy({ abs($0 - place) > 60 }) {
        picture.text("\(label(frequency)) Hz", x: place, y: panel.y(0) - 8, size: 11, anchor: .middle)
      }
    }
  }

  /// Where the whole bank crosses −3 dB, by bisection between the points of the curve.
  private func crossings(_ total: [Double]) -> [Double] {
    let half = 0.5.squareRoot()
    return total.indices.dropFirst().filter { (total[$0] < half) != (total[$0 - 1] < half) }.map { index in
      var (low, high) = (frequencies[index - 1], frequencies[index])
      let isLow = total[index - 1] < half
      for _ in 0..<40 {
        let middle = (low + high) / 2
        if (designed.gain(at: [middle])[0] < half) == isLow { low = middle } else { high = middle }
      }
      return low
    }
  }

  // MARK: - Delay

  private var hasDelay: Bool { designed.steps.contains { $0.isCausal } }

  private func drawDelay(_ picture: inout SVG) {
    let delays = designed.groupDelay(at: frequencies).map { $0 * 1000 }
    // Next to a pole a delay grows without end: what nearly all frequencies have fills the panel.
    let sorted = delays.filter(\.isFinite).sorted()
    let most = sorted.isEmpty ? 10 : max(10, sorted[(sorted.count - 1) * 95 / 100] * 1.2)
    let least = min(0, sorted.isEmpty ? 0 : sorted[sorted.count * 5 / 100] * 1.2)
    let panel = Panel(top: 454, bottom: 574, low: least, high: most)
    let step = niceStep((most - least) / 4)
    let values = (Int((least / step).rounded(.up))...Int((most / step).rounded(.down))).map {
      Double($0) * step
    }
    picture.text(
      "group delay, ms", x: FrequencyResponsePicture.left, y: panel.top - 6, size: 11, fill: "#666")
    drawFrame(&picture, panel, values: values)
    let points = zip(frequencies, delays).filter { $0.1.isFinite }
    picture.path(points.map { (x($0.0), panel.y($0.1)) }, stroke: "#222", width: 1.5)
  }

  private func niceStep(_ value: Double) -> Double {
    let power = pow(10, log10(max(value, 1e-3)).rounded(.down))
    return ([1, 2, 5].map { $0 * power }.first { $0 >= value }) ?? 10 * power
  }

  // MARK: - Legend

  private func drawLegend(_ picture: inout SVG, top: Double) {
    let lines = bank.steps.enumerated().map { index, step in
      (text: step.description, note: step.isLinear ? "" : " (not linear, and not drawn)", color: color(index))
    }
    for (index, line) in lines.enumerated() {
      let y = top + 22 * Double(index)
      if line.note.isEmpty, steps.count > 1 {
        picture.line(60, y - 4, 84, y - 4, stroke: line.color, width: 2)
      }
      let text = line.text.count > 110 ? line.text.prefix(109) + "…" : line.text[...]
      picture.text(text + line.note, x: 92, y: y, size: 12)
    }
    guard bank.steps.contains(where: \.isLinear) else { return }
    let y = top + 22 * Double(lines.count)
    picture.line(60, y - 4, 84, y - 4, stroke: "#222", width: 3.5)
    let others = bank.steps.allSatisfy(\.isLinear) ? "" : " that are drawn"
    picture.text(
      "all\(others) together" + (hasDelay ? "" : ", without delay"), x: 92, y: y, size: 12, isBold: true)
  }

  private func color(_ index: Int) -> String {
    FrequencyResponsePicture.colors[index % FrequencyResponsePicture.colors.count]
  }

  /// A frequency with three digits or more.
  private func label(_ frequency: Double) -> String {
    let unit = pow(10, max(-6, min(0, log10(frequency).rounded(.down) - 2)))
    return number((frequency / unit).rounded() * unit)
  }

  private func number(_ value: Double) -> String { SVG.decimal(value) }
}

extension FilterStep {
  /// Medians are not linear and have no frequency response.
  fileprivate var isLinear: Bool {
    if case .medianBaseline = self { false } else { true }
  }

  /// The edges of its band or of its notch in Hz, ascending.
  fileprivate var corners: [Double] {
    switch self {
    case .recursive(let band, _, _, _), .windowed(let band, _, _, _): band.edges
    case .notch(let frequency, let q, _): [frequency - frequency / q / 2, frequency + frequency / q / 2]
    case .comb(let frequency, let q, _): [frequency / q / 2]
    case .movingAverage(let seconds, _): [0.44 / seconds]
    case .medianBaseline: []
    }
  }
}
