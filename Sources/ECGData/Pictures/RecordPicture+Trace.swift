extension RecordPicture {
  /// A lead's place in a row.
  struct Strip: Sendable {
    var lead: Lead
    /// The time that it shows, in seconds of the picture.
    var begin: Double
    var seconds: Double
    /// µV that are taken off, so that the lead lies on its row.
    var shift: Double

    /// mm from the row's begin: one time axis is common to all rows.
    var x: Double { 25 * begin }
  }

  /// Strips side by side with a common zero.
  struct Row: Sendable {
    var strips: [Strip]
    /// mm above zero.
    var above = Row.least
    /// mm below zero.
    var below = Row.least

    /// Whether there is nothing to draw.
    var isAbsent = false

    private static let least = 10.0
    private static let most = 40.0
    /// mm over the curves, for the leads' names.
    static let head = 5.0

    var height: Double { Row.head + above + below }
    /// mm of its time axis.
    var width: Double { strips.map { $0.x + 25 * $0.seconds }.max() ?? 0 }

    /// The rows of a layout, as high as the signal asks.
    static func rows(
      of signal: PhysicalSignal, _ frames: Range<Int>, seconds: Double, _ layout: Layout
    ) -> [Row] {
      let shifts = Lead.allCases.map { shift(of: $0, signal, frames) }
      func strip(_ lead: Lead, begin: Double, seconds: Double) -> Strip {
        Strip(lead: lead, begin: begin, seconds: seconds, shift: shifts[lead.rawValue])
      }
      let whole = { (lead: Lead) in Row(strips: [strip(lead, begin: 0, seconds: seconds)]) }
      var rows: [Row]
      switch layout {
      case .stacked:
        rows = Lead.allCases.map(whole)
      case .standard:
        let columns: [[Lead]] = [[.I, .II, .III], [.aVR, .aVL, .aVF], [.V1, .V2, .V3], [.V4, .V5, .V6]]
        rows = (0..<3).map { row in
          Row(
            strips: columns.enumerated().map { column, leads in
              strip(leads[row], begin: Double(column) * seconds / 4, seconds: seconds / 4)
            })
        }
        rows.append(whole(.II))
      }
      for index in rows.indices {
        guard rows[index].strips.contains(where: { signal.mask.contains($0.lead) }) else {
          (rows[index].above, rows[index].below, rows[index].isAbsent) = (0, 5, true)
          continue
        }
        for strip in rows[index].strips {
          for frame in strip.frames(rate: signal.rate, of: frames) {
            let value = signal.microvolts[frame * Lead.count + strip.lead.rawValue]
            guard !value.isNaN else { continue }
            let height = (value - strip.shift) / 100
            rows[index].above = max(rows[index].above, min(height + 1, most))
            rows[index].below = max(rows[index].below, min(1 - height, most))
          }
        }
        // Zero lies on a strong line.
        rows[index].above = (rows[index].above / 5).rounded(.up) * 5
        rows[index].below = (rows[index].below / 5).rounded(.up) * 5
      }
      return rows
    }

    /// The median to 0.5 mV, where it is more than 1 mV from zero: electrodes' potentials would lead off the paper.
    private static func shift(of lead: Lead, _ signal: PhysicalSignal, _ frames: Range<Int>) -> Double {
      // Of some thousand samples it is as good as of all.
      let step = max(1, frames.count / 4096)
      let values = stride(from: frames.lowerBound, to: frames.upperBound, by: step)
        .map { signal.microvolts[$0 * Lead.count + lead.rawValue] }.filter(\.isFinite).sorted()
      guard !values.isEmpty else { return 0 }
      let median = values[values.count / 2]
      // What no number of a label could tell is left where it is, off the paper.
      return (1000...1e9).contains(abs(median)) ? (median / 500).rounded() * 500 : 0
    }
  }

  /// The curve of a strip on the paper.
  struct Trace {
    /// Points in mm; missing samples end a line.
    private(set) var lines: [[(x: Double, y: Double)]] = []
    /// Where the curve leaves the row.
    private(set) var cuts: [(x: Double, isAbove: Bool)] = []

    /// Two points are drawn for so many mm of time: the lowest and the highest sample.
    private static let column = 0.05
    /// How far a curve may pass by a sample, in mm.
    private static let tolerance = 0.1

    init(
      of strip: Strip, in row: Row, x: Double, zero: Double, _ signal: PhysicalSignal, _ frames: Range<Int>
    ) {
      var line: [(x: Double, y: Double)] = []
      var group: Group?
      func add(_ points: (x: Double, y: Double)...) {
        for point in points where line.last.map({ $0 != point }) ?? true { line.append(point) }
      }
      func flush() {
        guard let found = group else { return }
        // A line begins at its first sample.
        if line.isEmpty || found.count <= 2 { add(found.first) }
        if found.count > 2 {
          let isFalling = found.upper.x <= found.lower.x
          add(isFalling ? found.upper : found.lower, isFalling ? found.lower : found.upper)
        } else {
          add(found.last)
        }
        group = nil
      }
      func end() {
        let last = group?.last
        flush()
        if let last { add(last) }
        if !line.isEmpty { lines.append(Trace.thinned(line)) }
        line = []
      }
      for frame in strip.frames(rate: signal.rate, of: frames) {
        let value = signal.microvolts[frame * Lead.count + strip.lead.rawValue]
        guard !value.isNaN else {
          end()
          continue
        }
        let time = 25 * (Double(frame - frames.lowerBound) / signal.rate - strip.begin)
        let height = (value - strip.shift) / 100
        let point = (x: x + time, y: zero - max(-row.below, min(height, row.above)))
        if height > row.above || height < -row.below { cut(x: point.x, isAbove: height > 0) }
        let column = (time / Trace.column + 1e-6).rounded(.down)
        if group?.column != column { flush() }
        var found = group ?? Group(column: column, first: point, last: point, upper: point, lower: point)
        found.add(point)
        group = found
      }
      end()
    }

    /// The samples of a column.
    private struct Group {
      var column: Double
      var count = 0
      var first, last: (x: Double, y: Double)
      var upper, lower: (x: Double, y: Double)

      mutating func add(_ point: (x: Double, y: Double)) {
        count += 1
        last = point
        if point.y < upper.y { upper = point }
        if point.y > lower.y { lower = point }
      }
    }

    /// An arrow for each 3 mm that are cut off.
    private mutating func cut(x: Double, isAbove: Bool) {
      if let last = cuts.last(where: { $0.isAbove == isAbove }), x - last.x < 3 { return }
      cuts.append((x, isAbove))
    }

    /// Leaves out points that the line between others passes within the tolerance, from left to right.
    private static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
      guard var origin = points.first else { return [] }
      var kept = [origin]
      var last = origin
      // Slopes of the lines from the origin that pass all points since.
      var (least, most) = (-Double.infinity, Double.infinity)
      for point in points.dropFirst() {
        let slope = (point.y - origin.y) / (point.x - origin.x)
        if !(slope >= least && slope <= most) {
          kept.append(last)
          (origin, least, most) = (last, -.infinity, .infinity)
        }
        let run = point.x - origin.x
        least = max(least, (point.y - origin.y - tolerance) / run)
        most = min(most, (point.y - origin.y + tolerance) / run)
        last = point
      }
      if points.count > 1 { kept.append(last) }
      return kept
    }
  }
}

extension RecordPicture.Strip {
  /// The frames whose time the strip shows.
  ///
  /// - Parameters:
  ///   - rate: frames a second.
  ///   - frames: those of the picture.
  /// - Returns: a part of these.
  func frames(rate: Double, of frames: Range<Int>) -> Range<Int> {
    func place(_ time: Double) -> Int {
      let count = max(0, (time * rate - 1e-6).rounded(.up))
      return frames.lowerBound + (count < Double(frames.count) ? Int(count) : frames.count)
    }
    return place(begin)..<max(place(begin), place(begin + seconds))
  }
}
