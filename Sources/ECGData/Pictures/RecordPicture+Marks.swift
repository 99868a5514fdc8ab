extension RecordPicture {
  /// What is said of a record, and where: a hatched field with a number, which the text below the paper has too.
  public struct Mark: Sendable, Equatable {
    /// The lead; nil for all.
    public var lead: Lead?
    /// The time in seconds of the record; nil for all.
    ///
    /// A mark of neither lead nor time is a line below the paper.
    public var seconds: ClosedRange<Double>?
    /// What is said; marks of the same text share a number.
    public var text: String

    /// Creates a mark.
    public init(lead: Lead? = nil, seconds: ClosedRange<Double>? = nil, text: String) {
      self.lead = lead
      self.seconds = seconds
      self.text = text
    }
  }

  // MARK: - Marks

  static let mostNotes = 30
  static let mostRegions = 500
  static let markColor = "#b36b00"

  /// The texts of marks that have a place, by their order.
  var numbered: [(key: String, value: Int)] {
    var seen: Set<String> = []
    let texts = marks.filter { ($0.lead != nil || $0.seconds != nil) && seen.insert($0.text).inserted }
    return texts.prefix(RecordPicture.mostNotes).enumerated().map { ($1.text, $0 + 1) }
  }

  /// Lines below the paper.
  func notes(characters: Int) -> [(number: Int?, text: String)] {
    var notes: [(number: Int?, text: String)] = []
    for (text, number) in numbered {
      let regions = marks.filter { $0.text == text && ($0.lead != nil || $0.seconds != nil) }
      let isShown = regions.contains { mark in
        rows.contains { $0.strips.contains { region(of: mark, in: $0) != nil } }
      }
      let lines = RecordPicture.lines(text + (isShown ? "" : " (not in the part shown)"), characters)
      notes += lines.enumerated().map { ($0 == 0 ? number : nil, $1) }
    }
    let others = marks.filter { $0.lead == nil && $0.seconds == nil }.map(\.text)
    for text in others.prefix(RecordPicture.mostNotes) {
      notes += RecordPicture.lines(text, characters).map { (nil, $0) }
    }
    let texts = Set(marks.filter { $0.lead != nil || $0.seconds != nil }.map(\.text)).count
    let left = max(0, texts - RecordPicture.mostNotes) + max(0, others.count - RecordPicture.mostNotes)
    if left > 0 { notes.append((nil, "and \(left) more")) }
    if marks.count > RecordPicture.mostRegions {
      notes.append((nil, "only the first \(RecordPicture.mostRegions) marks are drawn"))
    }
    return notes
  }

  /// The part of a strip that a mark shades, in seconds of the picture.
  func region(of mark: Mark, in strip: Strip) -> ClosedRange<Double>? {
    guard mark.lead != nil || mark.seconds != nil, mark.lead ?? strip.lead == strip.lead else { return nil }
    guard let seconds = mark.seconds else { return strip.begin...(strip.begin + strip.seconds) }
    let begin = max(seconds.lowerBound - start, strip.begin)
    let end = min(seconds.upperBound - start, strip.begin + strip.seconds)
    return begin <= end ? begin...end : nil
  }

  func drawMarks(_ picture: inout SVG, _ row: Row, _ strip: Strip, zero: Double) {
    let numbers = Dictionary(numbered) { first, _ in first }
    var badges: [Double] = []
    for mark in marks.prefix(RecordPicture.mostRegions) {
      guard let region = region(of: mark, in: strip), let number = numbers[mark.text] else { continue }
      let x = RecordPicture.left + strip.x + 25 * (region.lowerBound - strip.begin)
      let top = zero - row.above - Row.head
      picture.hatching(
        x: x, y: top + 0.3, width: max(0.5, 25 * (region.upperBound - region.lowerBound)),
        height: row.height - 0.6, color: RecordPicture.markColor, name: "mark")
      // Marks of one place have their numbers side by side.
      var place = x
      while badges.contains(where: { abs($0 - place) < 5 }) { place += 5.2 }
      badges.append(place)
      badge(&picture, number, x: place, y: top + row.height - 4.4)
    }
  }

  func badge(_ picture: inout SVG, _ number: Int, x: Double, y: Double) {
    picture.rectangle(x: x, y: y, width: 5, height: 4, fill: RecordPicture.markColor)
    picture.text("\(number)", x: x + 2.5, y: y + 3.1, size: 3, anchor: .middle, fill: "#fff", isBold: true)
  }
}
