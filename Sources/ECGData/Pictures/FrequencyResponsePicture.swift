import Foundation

/// The frequency response of a filter bank as a picture: the gain of each filter and of all together in decibels over
/// frequency and, if a filter is causal, how much the bank delays.
public struct FrequencyResponsePicture: Sendable {
  private let bank: FilterBank
  private let designed: DesignedFilterBank
  private let steps: [DesignedFilterBank]
  private let outputRate: Double?

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
  }

  /// The picture as an SVG file.
  ///
  /// - Returns: the text of the file.
  public func svg() -> String {
    let legendTop = hasDelay ? 610.0 : 450
    var picture = SVG(width: 860, height: legendTop + 22 * Double(steps.count + 1) + 16)
    picture.rectangle(x: 0, y: 0, width: picture.width, height: picture.height, fill: "#fff")
    picture.text(
      "Frequency response of \(steps.count == 1 ? "one filter" : "\(steps.count) filters") at \(number(designed.rate)) Hz",
      x: 60, y: 28, size: 16, isBold: true)
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
  private static let gains = Panel(top: 44, bottom: 404, low: -80, high: 5)
  private static let slowest = 0.05
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

  private func x(_ frequency: Double) -> Double {
    let slowest = min(FrequencyResponsePicture.slowest, fastest / 10)
    let share = log(max(frequency, slowest) / slowest) / log(fastest / slowest)
    return FrequencyResponsePicture.left + share
      * (FrequencyResponsePicture.right - FrequencyResponsePicture.left)
  }

  /// Three for each tenth of a pixel's decade, and the places of notches, which might fall between them.
  private var frequencies: [Double] {
    let slowest = min(FrequencyResponsePicture.slowest, fastest / 10)
    let count = 2400
    var places = (0...count).map { slowest * pow(fastest / slowest, Double($0) / Double(count)) }
    for step in bank.steps {
      switch step {
      case .notch(let frequency, let q, _):
        places += (-8...8).map { frequency + Double($0) / 8 * frequency / q }
      case .comb(let frequency, _, _):
        places += stride(from: frequency, through: fastest, by: frequency)
      default: break
      }
    }
    return places.filter { $0 > 0 && $0 <= fastest }.sorted()
  }

  private func drawFrame(_ picture: inout SVG, _ panel: Panel, values: [Double], unit: String) {
    for value in values {
      let y = panel.y(value)
      picture.line(FrequencyResponsePicture.left, y, FrequencyResponsePicture.right, y, stroke: "#ddd")
      picture.text("\(number(value))", x: FrequencyResponsePicture.left - 6, y: y + 4, size: 11, anchor: .end)
    }
    var decade = 0.01
    while decade <= fastest {
      for digit in 1...9 where decade * Double(digit) <= fastest {
        let frequency = decade * Double(digit)
        guard frequency >= min(FrequencyResponsePicture.slowest, fastest / 10) * 0.999 else { continue }
        let x = x(frequency)
        picture.line(x, panel.top, x, panel.bottom, stroke: digit == 1 ? "#ccc" : "#eee")
        if [1, 2, 5].contains(digit) {
          picture.text(number(frequency), x: x, y: panel.bottom + 15, size: 11, anchor: .middle)
        }
      }
      decade *= 10
    }
    picture.rectangle(
      x: FrequencyResponsePicture.left, y: panel.top,
      width: FrequencyResponsePicture.right - FrequencyResponsePicture.left,
      height: panel.bottom - panel.top, stroke: "#888")
    picture.text(unit, x: FrequencyResponsePicture.left + 6, y: panel.top + 15, size: 11, fill: "#666")
    picture.text(
      "Hz", x: FrequencyResponsePicture.right, y: panel.bottom + 30, size: 11, anchor: .end, fill: "#666")
  }

  // MARK: - Gain

  private func drawGains(_ picture: inout SVG) {
    let panel = FrequencyResponsePicture.gains
    let frequencies = frequencies
    drawFrame(&picture, panel, values: [0, -20, -40, -60, -80], unit: "gain, dB")
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
    let total = designed.gain(at: frequencies)
    picture.path(curve(total), stroke: "#222", width: 3.5)
    if steps.count > 1 {
      for (index, step) in steps.enumerated() where isLinear(bank.steps[index]) {
        picture.path(curve(step.gain(at: frequencies)), stroke: color(index), width: 1.2)
      }
    }
    // Where the whole bank crosses -3 dB.
    let half = 0.5.squareRoot()
    for index in total.indices.dropFirst() where (total[index] < half) != (total[index - 1] < half) {
      let x = x(frequencies[index])
      picture.line(x, panel.y(-3) - 5, x, panel.y(-3) + 5, stroke: "#222", width: 1.5)
      if labelled(index, total, half) {
        picture.text(
          "\(number((frequencies[index] * 100).rounded() / 100)) Hz", x: x, y: panel.y(0) - 8, size: 11,
          anchor: .middle)
      }
    }
  }

  /// The two edges of a notch are too near to each other for two numbers.
  private func labelled(_ index: Int, _ total: [Double], _ half: Double) -> Bool {
    let frequencies = frequencies
    let others = total.indices.dropFirst().filter {
      $0 != index && (total[$0] < half) != (total[$0 - 1] < half)
    }
    return !others.contains { abs(x(frequencies[$0]) - x(frequencies[index])) < 30 }
  }

  // MARK: - Delay

  private var hasDelay: Bool { bank.steps.contains { $0.isCausal } }

  /// Minus the phase by the angular frequency, the phase being followed without jumps from the lowest frequency on.
  private func drawDelay(_ picture: inout SVG) {
    let frequencies = frequencies
    let response = designed.response(at: frequencies)
    // Group delay: what the envelope of a wave group is late by.
    var delays: [(frequency: Double, milliseconds: Double)] = []
    for index in frequencies.indices.dropFirst() {
      let (a, b) = (response[index - 1], response[index])
      let distance = frequencies[index] - frequencies[index - 1]
      guard distance > 1e-9, a.magnitude > 1e-4, b.magnitude > 1e-4 else { continue }
      let turn = atan2(
        b.imaginary * a.real - b.real * a.imaginary, b.real * a.real + b.imaginary * a.imaginary)
      delays.append((frequencies[index], -turn / (2 * Double.pi * distance) * 1000))
    }
    let sorted = delays.map(\.milliseconds).sorted()
    let most = sorted.isEmpty ? 10 : max(10, sorted[(sorted.count - 1) * 95 / 100] * 1.2)
    let least = min(0, sorted.isEmpty ? 0 : sorted[sorted.count * 5 / 100] * 1.2)
    let panel = Panel(top: 444, bottom: 564, low: least, high: most)
    let step = niceStep((most - least) / 4)
    let values = (Int((least / step).rounded(.up))...Int((most / step).rounded(.down))).map {
      Double($0) * step
    }
    drawFrame(&picture, panel, values: values, unit: "group delay, ms")
    picture.path(delays.map { (x($0.frequency), panel.y($0.milliseconds)) }, stroke: "#222", width: 1.5)
  }

  private func niceStep(_ value: Double) -> Double {
    let power = pow(10, log10(max(value, 1e-3)).rounded(.down))
    return ([1, 2, 5].map { $0 * power }.first { $0 >= value }) ?? 10 * power
  }

  // MARK: - Legend

  private func drawLegend(_ picture: inout SVG, top: Double) {
    for (index, step) in bank.steps.enumerated() {
      let y = top + 22 * Double(index)
      let isDrawn = isLinear(step)
      if isDrawn, steps.count > 1 {
        picture.line(60, y - 4, 84, y - 4, stroke: color(index), width: 2)
      }
      picture.text(
        step.description + (isDrawn ? "" : "   (not linear: it has no frequency response, and is not drawn)"),
        x: 92, y: y,
        size: 12)
    }
    let y = top + 22 * Double(steps.count)
    picture.line(60, y - 4, 84, y - 4, stroke: "#222", width: 2)
    picture.text(
      hasDelay
        ? "all together" : "all together, with zero phase: forwards and backwards, the gain of both passes",
      x: 92,
      y: y, size: 12, isBold: true)
  }

  private func color(_ index: Int) -> String {
    FrequencyResponsePicture.colors[index % FrequencyResponsePicture.colors.count]
  }

  private func isLinear(_ step: FilterStep) -> Bool {
    if case .medianBaseline = step { false } else { true }
  }

  private func number(_ value: Double) -> String {
    let rounded = (value * 1e6).rounded() / 1e6
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
  }
}
