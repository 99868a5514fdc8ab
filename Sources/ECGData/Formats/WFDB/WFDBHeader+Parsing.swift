extension WFDBHeader {
  /// Headers larger than this are refused: the largest published ones are a few hundred kilobytes.
  static let sizeLimit = 16 << 20
  /// More signals than any recorder has.
  static let signalLimit = 65_536

  /// Reads a header file.
  ///
  /// - Throws: `ECGError` with file and line for anything that the specification does not allow.
  public init(contentsOf path: String) throws {
    try self.init(text: File.readText(path, limit: WFDBHeader.sizeLimit), file: path)
  }

  /// Parses the text of a header; `file` is only named in errors.
  ///
  /// - Throws: `ECGError.Code.malformed` naming line and field.
  public init(text: String, file: String) throws {
    var lines: [(number: Int, text: Substring)] = []
    comments = []
    recordName = ""
    for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
    {
      if raw.hasPrefix("#") {
        comments.append(raw.dropFirst().trimmingSpaces())
      } else if raw.contains(where: { !$0.isWhitespace }) {
        lines.append((index + 1, raw))
      }
    }
    guard let first = lines.first else {
      throw ECGError(.malformed, "has no record line", file: file)
    }
    var record = HeaderFields(first.text, file: file, line: first.number)
    let segmentCount = try parseRecordLine(&record)
    let rest = lines.dropFirst()
    let declared = segmentCount ?? signalCount
    guard rest.count >= declared else {
      let kind = segmentCount == nil ? "signals" : "segments"
      throw ECGError(
        .malformed, "declares \(declared) \(kind) and describes \(rest.count)", file: file,
        advice: "a line break may be lost; compare it with the published header")
    }
    if rest.count > declared {
      notes.append("\(rest.count - declared) lines after the last declared signal are not read")
    }
    if segmentCount != nil {
      segments = try rest.prefix(declared).map {
        var fields = HeaderFields($0.text, file: file, line: $0.number)
        return try WFDBHeader.parseSegment(&fields)
      }
    } else {
      signals = try rest.prefix(declared).map {
        var fields = HeaderFields($0.text, file: file, line: $0.number)
        return try Signal(&fields)
      }
    }
  }

  /// `name[/segments] signals [rate[/counter[(base)]] [frames [time [date]]]]`; returns the number of
  /// segments.
  private mutating func parseRecordLine(_ fields: inout HeaderFields) throws -> Int? {
    var name = try fields.required("record name")
    var segmentCount: Int?
    if let slash = name.firstIndex(of: "/") {
      segmentCount = try fields.integer(
        name[name.index(after: slash)...], "number of segments", in: 1...1_000_000)
      name = name[..<slash]
    }
    if name.hasSuffix(".mat") || name.hasSuffix(".hea") || name.hasSuffix(".dat") {
      notes.append("record name \(name) has a file extension")
      name = name.dropLast(4)
    }
    guard !name.isEmpty, name.utf8.allSatisfy(WFDBHeader.isNameByte) else {
      throw fields.error("record name \"\(name)\" has characters other than letters, digits, _ and -")
    }
    recordName = String(name)
    signalCount = try fields.integer(
      fields.required("number of signals"), "number of signals", in: 0...WFDBHeader.signalLimit)
    if let field = fields.next() { try parseRate(field, fields) }
    if let field = fields.next() {
      let count = try fields.integer(field, "number of samples", in: 0...(1 << 48))
      frameCount = count == 0 ? nil : count
    }
    try parseTime(&fields)
    return segmentCount
  }

  private mutating func parseRate(_ field: Substring, _ fields: HeaderFields) throws {
    let parts = field.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    rate = try fields.number(parts[0], "sampling frequency")
    guard rate > 0 else { throw fields.error("sampling frequency \(parts[0]) is not positive") }
    guard parts.count > 1 else { return }
    var counter = parts[1]
    if let open = counter.firstIndex(of: "(") {
      guard counter.hasSuffix(")") else { throw fields.error("counter frequency \"\(counter)\" lacks its )") }
      counterBase = try fields.number(counter[counter.index(after: open)...].dropLast(), "base counter value")
      counter = counter[..<open]
    }
    counterRate = try fields.number(counter, "counter frequency")
  }

  private mutating func parseTime(_ fields: inout HeaderFields) throws {
    guard let first = fields.next() else { return }
    let second = fields.next()
    if !first.contains(":"), first.contains(where: { $0 == "-" || $0 == "/" }) {
      // Published by the 2020 and 2021 challenges: `12-May-2020 12:33:59`.
      notes.append("the date stands before the time")
      baseDate = String(first)
      baseTime = second.map(String.init)
    } else {
      guard first.allSatisfy({ $0.isNumber || $0 == ":" || $0 == "." }) else {
        throw fields.error("base time \"\(first)\" is no time")
      }
      baseTime = String(first)
      baseDate = second.map(String.init)
    }
    if let extra = fields.next() { throw fields.error("unexpected \"\(extra)\" after the base date") }
  }

  private static func parseSegment(_ fields: inout HeaderFields) throws -> Segment {
    let name = try fields.required("segment name")
    guard name == "~" || name.utf8.allSatisfy(isNameByte) else {
      throw fields.error("segment name \"\(name)\" has characters other than letters, digits, _ and -")
    }
    return Segment(
      name: String(name),
      frameCount: try fields.integer(fields.required("segment length"), "segment length", in: 0...(1 << 48)))
  }

  /// The specification has letters, digits and underscores; hyphens and inner dots are in use everywhere.
  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}

extension WFDBHeader.Signal {
  /// `file format[xN][:skew][+offset] [gain[(baseline)][/unit] [bits [zero [initial [checksum [block
  /// [text]]]]]]]`.
  fileprivate init(_ fields: inout HeaderFields) throws {
    fileName = String(try fields.required("file name"))
    format = 0
    try parseFormat(fields.required("format"), fields)
    var statedBaseline: Int?
    if let field = fields.next() { statedBaseline = try parseGain(field, fields) }
    if let field = fields.next() {
      let bits = try fields.integer(field, "ADC resolution", in: 0...64)
      resolution = bits == 0 ? nil : bits
    }
    let int32 = Int(Int32.min)...Int(Int32.max)
    if let field = fields.next() { adcZero = try fields.integer(field, "ADC zero", in: int32) }
    baseline = statedBaseline ?? adcZero
    if let field = fields.next() { initialValue = try fields.integer(field, "initial value", in: int32) }
    if let field = fields.next() {
      // Written signed by some and unsigned by others: compared modulo 65536.
      checksum = UInt16(truncatingIfNeeded: try fields.integer(field, "checksum", in: int32))
    }
    if let field = fields.next() {
      blockSize = try fields.integer(field, "block size", in: 0...Int(Int32.max))
    }
    description = fields.rest()
  }

  private mutating func parseFormat(_ field: Substring, _ fields: HeaderFields) throws {
    var rest = field
    func digits() -> Substring {
      let run = rest.prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(run.count)
      return run
    }
    format = try fields.integer(digits(), "format", in: 0...9999)
    while let mark = rest.first {
      rest = rest.dropFirst()
      switch mark {
      case "x": samplesPerFrame = try fields.integer(digits(), "samples per frame", in: 1...1_000_000)
      case ":": skew = try fields.integer(digits(), "skew", in: 0...Int(Int32.max))
      case "+": byteOffset = try fields.integer(digits(), "byte offset", in: 0...Int(Int32.max))
      default: throw fields.error("format \"\(field)\" is not of the form 16x1:0+0")
      }
    }
  }

  /// Returns the baseline if it is stated.
  private mutating func parseGain(_ field: Substring, _ fields: HeaderFields) throws -> Int? {
    var number = field
    var stated: Int?
    if let slash = number.firstIndex(of: "/") {
      unit = String(number[number.index(after: slash)...])
      number = number[..<slash]
    }
    if let open = number.firstIndex(of: "(") {
      guard number.hasSuffix(")") else { throw fields.error("gain \"\(field)\" lacks its )") }
      stated = try fields.integer(
        number[number.index(after: open)...].dropLast(), "baseline", in: Int(Int32.min)...Int(Int32.max))
      number = number[..<open]
    }
    let value = try fields.number(number, "gain")
    gain = value == 0 ? nil : value
    return stated
  }
}

/// The fields of one header line, separated by blanks and tabs.
struct HeaderFields {
  private var remainder: Substring
  private let file: String
  private let line: Int

  init(_ text: Substring, file: String, line: Int) {
    remainder = text
    self.file = file
    self.line = line
  }

  mutating func next() -> Substring? {
    remainder = remainder.drop(while: \.isWhitespace)
    guard !remainder.isEmpty else { return nil }
    let field = remainder.prefix { !$0.isWhitespace }
    remainder = remainder.dropFirst(field.count)
    return field
  }

  mutating func rest() -> String {
    defer { remainder = "" }
    return remainder.trimmingSpaces()
  }

  mutating func required(_ name: String) throws -> Substring {
    guard let field = next() else { throw error("\(name) is missing") }
    return field
  }

  func integer(_ field: Substring, _ name: String, in range: ClosedRange<Int>) throws -> Int {
    guard let value = Int(field) else { throw error("\(name) \"\(field)\" is no integer") }
    guard range.contains(value) else { throw error("\(name) \(value) is out of range") }
    return value
  }

  /// A decimal number with an optional exponent; no commas, no `nan`, no hexadecimal.
  func number(_ field: Substring, _ name: String) throws -> Double {
    let allowed = field.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    guard allowed, let value = Double(field), value.isFinite else {
      throw error("\(name) \"\(field)\" is no number")
    }
    return value
  }

  func error(_ message: String) -> ECGError {
    ECGError(.malformed, message, file: file, line: line)
  }
}
