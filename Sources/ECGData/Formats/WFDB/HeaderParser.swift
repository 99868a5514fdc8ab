/// What the parsing of one header carries along: its file, the mode and the repairs made.
struct HeaderParser {
  let file: String
  let mode: WFDBMode
  private(set) var repairs: [WFDBRepair] = []

  /// A line with its 1-based number.
  struct Line {
    var number: Int
    var bytes: ArraySlice<UInt8>
  }

  init(file: String, mode: WFDBMode) {
    self.file = file
    self.mode = mode
  }

  /// Notes a repair, or refuses it in a mode that does not allow it.
  mutating func repair(_ kind: WFDBRepair.Kind, _ message: String, line: Int? = nil) throws {
    repairs.append(try WFDBRepair(kind, message, line: line).allowed(in: mode, file: file))
  }

  /// The lines with content, and the comments without their `#`.
  mutating func lines(of raw: [UInt8]) throws -> (content: [Line], comments: [(line: Int, text: String)]) {
    var bytes = raw
    if !raw.allSatisfy({ $0 < 0x80 }), String(validating: raw, as: UTF8.self) == nil {
      try repair(.encoding, "is not UTF-8; its bytes are read as Latin-1")
      bytes = Array(String(String.UnicodeScalarView(raw.map { Unicode.Scalar($0) })).utf8)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    var content: [Line] = []
    var comments: [(line: Int, text: String)] = []
    var number = 0
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
      number += 1
      let line = bytes[start..<end]
      var fields = HeaderFields(line, file: file, line: number)
      if line.first == UInt8(ascii: "#") {
        fields = HeaderFields(line.dropFirst(), file: file, line: number)
        comments.append((number, fields.rest()))
      } else if fields.next() != nil {
        content.append(Line(number: number, bytes: line))
      }
      let isPair = end + 1 < bytes.count && bytes[end] == 0x0D && bytes[end + 1] == 0x0A
      start = end + (isPair ? 2 : 1)
    }
    return (content, comments)
  }

  /// A field without the comma that may stand behind it.
  mutating func bare(_ field: ArraySlice<UInt8>, _ fields: HeaderFields) throws -> ArraySlice<UInt8> {
    guard field.last == UInt8(ascii: ",") else { return field }
    try repair(.trailingComma, "field \"\(field.text)\" ends with a comma", line: fields.line)
    var bare = field
    while bare.last == UInt8(ascii: ",") { bare = bare.dropLast() }
    return bare
  }

  /// Notes empty items in the lists of codes that the 2020 and 2021 challenges keep in comments.
  ///
  /// The comments themselves stay as they are.
  mutating func checkLists(_ comments: [(line: Int, text: String)]) throws {
    for comment in comments {
      let (key, value) = comment.text.utf8.split(at: UInt8(ascii: ":"))
      guard let value, ["Dx", "Rx", "Hx", "Sx"].contains(Array(key).text) else { continue }
      let items = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      if items.count > 1, items.contains(where: { $0.allSatisfy { $0 == 0x20 } }) {
        try repair(.listComma, "#\(comment.text) has an empty item", line: comment.line)
      }
    }
  }
}

extension HeaderParser {
  /// Separates a record line from the first signal line if the break between them is lost.
  ///
  /// Published so: JS01052 and JS23074 of the Chapman–Shaoxing–Ningbo collection. One line is missing, and the
  /// record line goes on where it should end. The other signal lines tell what the first one's file, format and
  /// gain are; where text is lost too, the number of samples is the one that the signal file's size allows.
  mutating func separated(_ lines: [Line], first: Line, sizeOf: (String) -> Int?) throws -> [Line] {
    var fields = HeaderFields(first.bytes, file: file, line: first.number)
    let record = fields.all()
    guard lines.count > 1, record.count > 4, HeaderFields.integer(record[1]) == lines.count else {
      return lines
    }
    /// File, format and gain.
    func start(_ line: Line) -> [ArraySlice<UInt8>] {
      var fields = HeaderFields(line.bytes, file: file, line: line.number)
      return (0..<3).compactMap { _ in fields.next() }
    }
    let sibling = start(lines[1])
    guard sibling.count == 3, lines.dropFirst(2).allSatisfy({ start($0) == sibling }) else { return lines }
    if let place = (2..<(record.count - 1)).first(where: {
      record[$0] == sibling[0] && record[$0 + 1] == sibling[1]
    }) {
      return try apply(
        lines, record[..<place], Array(record[place...]), number: first.number, at: record[place])
    }
    // `500000/mV`: the number of samples, then the end of the gain.
    let fused = record[3]
    guard fused.count < 64, HeaderFields.integer(fused) == nil,
      fused.first.map({ (48...57).contains($0) }) == true,
      sibling[2].suffix(2) == fused.suffix(2)
    else { return lines }
    let size = sizeOf(sibling[0].text)
    let counts = (1..<fused.count).filter { length in
      sibling[2].count >= fused.count - length
        && sibling[2].suffix(fused.count - length) == fused.dropFirst(length)
        && HeaderParser.frames(fused.prefix(length), fill: size, signals: lines.count, format: sibling[1])
    }
    guard counts.count == 1 || mode != .lenient else {
      throw fields.error(
        "the record line runs into the first signal line at \"\(fused.text)\"; where is not to be told",
        advice: "compare it with the published header")
    }
    let length = counts.first ?? 0
    return try apply(
      lines, (record[..<3] + [fused.prefix(length)])[...], sibling + record[4...],
      number: first.number, at: fused)
  }

  private mutating func apply(
    _ lines: [Line], _ record: ArraySlice<ArraySlice<UInt8>>, _ signal: [ArraySlice<UInt8>], number: Int,
    at place: ArraySlice<UInt8>
  ) throws -> [Line] {
    func line(_ fields: some Sequence<ArraySlice<UInt8>>) -> Line {
      Line(number: number, bytes: Array(fields.joined(separator: [0x20]))[...])
    }
    let parts = [line(record), line(signal)]
    let shown = parts.map { "\"\($0.bytes.text)\"" }.joined(separator: " and ")
    try repair(
      .fusedLine,
      "the record line runs into the first signal line at \"\(place.text)\""
        + (mode == .lenient ? "; read as \(shown)" : ""), line: number)
    return parts + lines.dropFirst()
  }

  /// Whether a file of `size` bytes holds just this many frames.
  private static func frames(
    _ digits: ArraySlice<UInt8>, fill size: Int?, signals: Int, format: ArraySlice<UInt8>
  ) -> Bool {
    let (code, offset) = format.split(at: UInt8(ascii: "+"))
    guard let size, let count = HeaderFields.integer(digits), count > 0,
      let format = HeaderFields.integer(code).flatMap(WFDBFormat.init), !format.isCompressed
    else { return false }
    let (samples, overflow) = count.multipliedReportingOverflow(by: signals)
    guard !overflow, let bytes = format.byteCount(samples) else { return false }
    return bytes == size - (offset.flatMap { HeaderFields.integer($0) } ?? 0)
  }
}
