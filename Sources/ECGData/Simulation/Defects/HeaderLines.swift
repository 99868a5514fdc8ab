/// The text of a WFDB header by its lines and fields, for changing one and leaving all others byte for byte.
struct HeaderLines {
  private var lines: [String]
  private let end: String
  /// Lines of signals, behind the record line.
  private let signals: Range<Int>
  /// Whether anything was changed.
  private(set) var isChanged = false

  /// Takes a header whose first line is the record line; nil for another.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    end = text.utf8.contains(UInt8(ascii: "\r")) ? "\r\n" : "\n"
    lines = text.split(separator: end, omittingEmptySubsequences: false).map(String.init)
    guard let record = lines.first?.split(separator: " "), record.count > 1, let count = Int(record[1]),
      (1..<lines.count).contains(count)
    else { return nil }
    signals = 1..<(count + 1)
  }

  /// The header's bytes.
  var bytes: [UInt8] { Array(lines.joined(separator: end).utf8) }

  /// Changes a field of the record line.
  mutating func change(record field: Int, _ body: (String) -> String) { change(line: 0, field, body) }

  /// Changes a field of a lead's line.
  mutating func change(_ lead: Lead, _ field: Int, _ body: (String) -> String) {
    for line in signals where names(line, lead) { change(line: line, field, body) }
  }

  /// Changes the gain of every signal, its baseline and unit staying as they are.
  mutating func changeGains(_ body: (String) -> String) {
    for line in signals {
      change(line: line, 2) { gain in
        let number = gain.prefix { !"(/".contains($0) }
        return body(String(number)) + gain.dropFirst(number.count)
      }
    }
  }

  /// Changes the unit of every signal.
  mutating func changeUnits(_ unit: String) {
    for line in signals { change(line: line, 2) { gain in "\(gain.prefix { $0 != "/" })/\(unit)" } }
  }

  /// Gives the second of two leads the name of the first.
  mutating func rename(_ leads: [Lead]) {
    guard let first = leads.first, let second = leads.last,
      let name = signals.first(where: { names($0, first) }).map(name),
      let line = signals.first(where: { names($0, second) })
    else { return }
    change(line: line, 8) { _ in name }
  }

  /// Loses the line end behind the record line.
  ///
  /// - Parameter losesText: whether the first signal's file, format and the first digits of its gain are lost too, as in
  ///   JS01052; else the line end becomes a blank, as in JS23074.
  mutating func fuse(losesText: Bool) {
    let first = lines.remove(at: 1)
    let fields = first.split(separator: " ")
    guard losesText, fields.count > 2 else {
      lines[0] += " " + first
      isChanged = true
      return
    }
    // `12 500 5000` and `1000/mV` make `500000/mV`. What stands behind the number of samples is lost with the line end.
    let record = lines[0].split(separator: " ").prefix(4).joined(separator: " ")
    lines[0] = record + fields[2].dropFirst(2) + " " + fields.dropFirst(3).joined(separator: " ")
    isChanged = true
  }

  /// Changes what stands behind the colon of a comment, if there is such a comment.
  mutating func change(comment key: String, _ body: (String) -> String) {
    for line in signals.upperBound..<lines.count {
      let text = lines[line]
      guard text.hasPrefix("#"), let colon = text.firstIndex(of: ":"),
        String(text.dropFirst().prefix(upTo: colon)).trimmingSpaces() == key
      else { continue }
      let value = String(text[text.index(after: colon)...])
      set(line, "\(text[...colon]) \(body(value.trimmingSpaces()))".trimmingSpaces())
    }
  }

  /// The lead's name: the rest of the line behind eight fields.
  private func name(_ line: Int) -> String {
    lines[line].split(separator: " ", maxSplits: 8).dropFirst(8).first.map { String($0).trimmingSpaces() }
      ?? ""
  }

  private func names(_ line: Int, _ lead: Lead) -> Bool { LeadName(name(line))?.lead == lead }

  private mutating func change(line: Int, _ field: Int, _ body: (String) -> String) {
    var fields = lines[line].split(separator: " ", maxSplits: 8).map(String.init)
    guard fields.indices.contains(field) else { return }
    fields[field] = body(fields[field])
    set(line, fields.joined(separator: " "))
  }

  private mutating func set(_ line: Int, _ text: String) {
    isChanged = isChanged || text != lines[line]
    lines[line] = text
  }
}
