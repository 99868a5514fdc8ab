/// Ten seconds of a twelve-lead record on ECG paper: 25 mm a second and 10 mm a millivolt, in true millimetres.
///
///     let picture = try RecordPicture(record: "records500/00000/00001_hr")
///     try picture.write(to: "00001.svg")
///
/// Nothing is hidden: missing samples are gaps, absent leads are named, a spike of one sample is drawn at its height, and what
/// is beyond the paper is cut off with an arrow and told. Rows are as high as their signals need, up to 4 mV to each side. A lead
/// that lies more than 1 mV off zero is moved by a multiple of 0.5 mV, which its label states; no filter is applied. A curve
/// passes within 0.1 mm (10 µV) of the samples, so that its stroke covers them; of more than two in 0.05 mm (2 ms) it has the lowest
/// and the highest.
///
/// It is for looking at data, not for diagnosis.
public struct RecordPicture: Sendable {
  /// How the leads lie on the paper.
  public enum Layout: String, Sendable, CaseIterable {
    /// Three rows of four leads, a quarter of the time each and one after the other, over ten seconds of II, as
    /// electrocardiographs print them.
    case standard
    /// Twelve rows, each lead for the whole time.
    case stacked
  }

  /// Seconds that are drawn, unless the record ends before.
  public static let seconds = 10.0

  /// How the leads lie on the paper.
  public let layout: Layout
  /// What is marked in it.
  public let marks: [Mark]

  let title: String
  let signal: PhysicalSignal
  /// The frames of ``signal`` that are drawn.
  let frames: Range<Int>
  /// Where the first of these lies in the record, in seconds.
  let start: Double
  /// The record's own duration in seconds.
  private let duration: Double
  let rows: [Row]

  /// Lays out a signal.
  ///
  /// - Parameters:
  ///   - signal: the record's leads.
  ///   - title: what to call the record.
  ///   - marks: what to shade and tell.
  ///   - layout: nil takes ``Layout/standard`` for ten seconds without a mark on a lead or time, else
  ///     ``Layout/stacked``, which shows every lead for the whole time.
  ///   - seconds: where in the signal to begin.
  /// - Throws: ``ECGError`` (`invalidArgument`) for a beginning beyond the signal's end, and for a signal whose rate is no
  ///   positive number or whose samples are not twelve a frame.
  public init(
    _ signal: PhysicalSignal, title: String, marks: [Mark] = [], layout: Layout? = nil,
    from seconds: Double = 0
  ) throws {
    try self.init(
      signal, title: title, marks: marks, layout: layout,
      frames: RecordPicture.frames(from: seconds, rate: signal.rate, of: signal.frameCount), origin: 0,
      duration: signal.duration)
  }

  /// Lays out frames of a signal that begins `origin` seconds into a record of `duration`.
  init(
    _ signal: PhysicalSignal, title: String, marks: [Mark], layout: Layout?, frames: Range<Int>,
    origin: Double, duration: Double
  ) throws {
    guard signal.microvolts.count % Lead.count == 0, signal.leadFlags.count == Lead.count else {
      throw ECGError(.invalidArgument, "is no signal of twelve leads")
    }
    self.signal = signal
    self.title = title
    self.marks = marks
    self.frames = frames
    self.duration = duration
    start = origin + Double(frames.lowerBound) / signal.rate
    let shown = min(RecordPicture.seconds, Double(frames.count) / signal.rate)
    // A frame or two less than ten seconds are ten seconds.
    let isWhole = shown >= RecordPicture.seconds - 0.5
    let isMarked = marks.contains { $0.lead != nil || $0.seconds != nil }
    self.layout = layout ?? (isWhole && !isMarked ? .standard : .stacked)
    rows = Row.rows(of: signal, frames, seconds: shown, self.layout)
  }

  /// The frames of ten seconds from a place on.
  ///
  /// - Parameters:
  ///   - seconds: the place.
  ///   - rate: frames a second.
  ///   - count: frames of the record.
  /// - Returns: fewer than ten seconds at the end; none of a record without frames.
  /// - Throws: ``ECGError`` (`invalidArgument`) if there are no such frames, or the rate is no positive number.
  static func frames(from seconds: Double, rate: Double, of count: Int) throws -> Range<Int> {
    guard rate.isFinite, rate > 0 else {
      throw ECGError(.invalidArgument, "a rate of \(rate) Hz cannot be drawn")
    }
    let first = (seconds * rate).rounded()
    guard seconds >= 0, first < Double(count) || (first == 0 && count == 0) else {
      throw ECGError(
        .invalidArgument,
        "has \(SVG.decimal(Double(count) / rate)) s, and nothing from \(SVG.decimal(seconds)) s on")
    }
    let lower = Int(first)
    // At least one frame; of a rate beyond all bounds all.
    let length = max(1, (RecordPicture.seconds * rate).rounded(.up))
    return lower..<(length < Double(count - lower) ? lower + Int(length) : count)
  }

  /// Writes the picture as an SVG file.
  ///
  /// - Parameter path: of the file, which is replaced.
  /// - Throws: ``ECGError`` (`inputOutput`) if it cannot be written.
  public func write(to path: String) throws {
    try File.write(svg().utf8, to: path)
  }

  // MARK: - Paper

  private static let margin = 5.0
  private static let top = 17.0
  /// Where curves begin: right of the calibration pulse.
  static let left = margin + 15

  /// The picture as an SVG file.
  ///
  /// - Returns: the text of the file.
  public func svg() -> String { svg(ids: "") }

  /// The picture as an element of a page, its ids beginning with `ids`.
  package func svg(ids: String) -> String {
    let time = max(75, ((rows.first?.width ?? 0) / 5).rounded(.up) * 5)
    let paper = (width: time + 20, height: rows.reduce(0) { $0 + $1.height })
    let width = paper.width + 2 * RecordPicture.margin
    let notes = notes(characters: Int((width - 18) / 1.6))
    let bottom = RecordPicture.top + paper.height
    var picture = SVG(
      width: width, height: bottom + 8 + 4.2 * Double(notes.count), unit: .millimetre,
      title: "12-lead ECG: \(RecordPicture.cut(title, 200))", description: description, ids: ids)
    picture.rectangle(x: 0, y: 0, width: picture.width, height: picture.height, fill: "#fff")
    picture.text(
      RecordPicture.cut(title, Int((width - 10) / 2.5)), x: RecordPicture.margin, y: 8, size: 4.2,
      isBold: true)
    picture.text(scale, x: RecordPicture.margin, y: 13.5, size: 3)
    drawPaper(&picture, width: paper.width, height: paper.height)
    var zero = RecordPicture.top
    for row in rows {
      zero += Row.head + row.above
      for strip in row.strips { drawMarks(&picture, row, strip, zero: zero) }
      draw(&picture, row, zero: zero)
      zero += row.below
    }
    drawSeconds(&picture, y: bottom + 3.6)
    for (index, note) in notes.enumerated() {
      let y = bottom + 9 + 4.2 * Double(index)
      if let number = note.number { badge(&picture, number, x: RecordPicture.margin, y: y - 3.2) }
      picture.text(note.text, x: RecordPicture.margin + 8, y: y, size: 3)
    }
    return picture.document
  }

  /// Scale, rate and the part of the record that is shown.
  private var scale: String {
    let shown = Double(frames.count) / signal.rate
    return "25 mm/s, 10 mm/mV, \(SVG.decimal(signal.rate)) Hz, "
      + "\(SVG.decimal(start, digits: 3)) to \(SVG.decimal(start + shown, digits: 3)) s of "
      + "\(SVG.decimal(duration, digits: 3)) s"
  }

  private var description: String {
    let absent = Lead.allCases.filter { !signal.mask.contains($0) }.map(\.name)
    return "Twelve-lead electrocardiogram on ECG paper, \(layout.rawValue) layout, \(scale)."
      + (absent.isEmpty ? "" : " Absent: \(absent.joined(separator: " ")).")
      + numbered.map { " Mark \($0.value): \($0.key)." }.prefix(RecordPicture.mostNotes).joined()
  }

  /// A grid of millimetres, each fifth line stronger.
  private func drawPaper(_ picture: inout SVG, width: Double, height: Double) {
    let (left, top) = (RecordPicture.margin, RecordPicture.top)
    for (step, stroke, thickness) in [(1.0, "#f7d9d9", 0.1), (5, "#e8a9a9", 0.2)] {
      let columns = stride(from: 0, through: width, by: step).map {
        [(x: left + $0, y: top), (x: left + $0, y: top + height)]
      }
      let lines = stride(from: 0, through: height, by: step).map {
        [(x: left, y: top + $0), (x: left + width, y: top + $0)]
      }
      picture.curves(columns + lines, stroke: stroke, width: thickness, name: "grid")
    }
  }

  private func drawSeconds(_ picture: inout SVG, y: Double) {
    // Beyond, seconds are no longer told from each other.
    guard start < 1e9 else { return }
    let end = start + min(RecordPicture.seconds, Double(frames.count) / signal.rate)
    for second in stride(from: start.rounded(.up), through: end + 1e-6, by: 1) {
      picture.text(
        "\(Int(second)) s", x: RecordPicture.left + 25 * (second - start), y: y, size: 2.6, anchor: .middle,
        fill: "#666")
    }
  }

  // MARK: - Rows

  private func draw(_ picture: inout SVG, _ row: Row, zero: Double) {
    // 1 mV, 0.2 s wide.
    let pulse = [(2.5, 0.0), (5, 0), (5, -10), (10, -10), (10, 0), (12.5, 0)]
    if !row.isAbsent {
      picture.curves(
        [pulse.map { (x: RecordPicture.margin + $0.0, y: zero + $0.1) }], stroke: "#222", width: 0.25,
        name: "calibration")
    }
    for strip in row.strips {
      let x = RecordPicture.left + strip.x
      if strip.x > 0 { picture.line(x, zero - 2.5, x, zero + 2.5, stroke: "#222", width: 0.25) }
      let trace = Trace(of: strip, in: row, x: x, zero: zero, signal, frames)
      if !trace.lines.isEmpty {
        picture.curves(trace.lines, stroke: "#111", width: 0.25, name: "lead \(strip.lead.name)")
      }
      for cut in trace.cuts {
        let (edge, tip) =
          cut.isAbove
          ? (zero - row.above + 2.5, zero - row.above + 0.3)
          : (zero + row.below - 2.5, zero + row.below - 0.3)
        picture.curves(
          [[(cut.x - 1, edge), (cut.x, tip), (cut.x + 1, edge)]], stroke: "#b00020", width: 0.4, name: "cut")
      }
      let y = zero - row.above - 1.2
      picture.text(strip.lead.name, x: x + 1, y: y, size: 3.4, isBold: true)
      let remarks = remarks(strip, isCut: !trace.cuts.isEmpty, isEmpty: trace.lines.isEmpty)
      if !remarks.isEmpty {
        picture.text(
          remarks.joined(separator: ", "), x: x + 2.6 + 2.5 * Double(strip.lead.name.count), y: y, size: 2.6,
          fill: "#b00020")
      }
    }
  }

  private func remarks(_ strip: Strip, isCut: Bool, isEmpty: Bool) -> [String] {
    guard signal.mask.contains(strip.lead) else { return ["absent"] }
    var remarks: [String] = []
    if signal.leadFlags[strip.lead.rawValue].contains(.derived) { remarks.append("derived") }
    if signal.leadFlags[strip.lead.rawValue].contains(.substituted) { remarks.append("of a similar lead") }
    if isEmpty { remarks.append("no samples here") }
    if strip.shift != 0 {
      remarks.append("moved \(strip.shift > 0 ? "down" : "up") by \(SVG.decimal(abs(strip.shift) / 1000)) mV")
    }
    if isCut { remarks.append("cut off at the row's edge") }
    return remarks
  }

  // MARK: - Text

  static func cut(_ text: String, _ most: Int) -> String {
    text.unicodeScalars.count > most ? String(text.unicodeScalars.prefix(most)) + "…" : text
  }

  /// A text in at most three lines.
  static func lines(_ text: String, _ most: Int) -> [String] {
    var lines = [""]
    for word in cut(text, 3 * most - 20).split(separator: " ") {
      let word = cut(String(word), most)
      if lines[lines.count - 1].isEmpty {
        lines[lines.count - 1] = word
      } else if lines[lines.count - 1].unicodeScalars.count + 1 + word.unicodeScalars.count <= most {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(word)
      }
    }
    return lines
  }
}
