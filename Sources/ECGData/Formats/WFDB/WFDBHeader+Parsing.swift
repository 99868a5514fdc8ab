extension WFDBHeader {
  /// Headers larger than this are refused: the largest published ones are a few hundred kilobytes.
  static let sizeLimit = 4 << 20
  /// More signals than any recorder has.
  static let signalLimit = 65_536

  /// Reads a header file.
  ///
  /// - Throws: `ECGError` with file and line for anything that the specification and the mode do not allow.
  public init(contentsOf path: String, mode: WFDBMode = .standard) throws {
    try self.init(WFDBFolder(header: path), mode: mode)
  }

  /// Reads the header that a folder is of.
  init(_ folder: WFDBFolder, mode: WFDBMode) throws {
    try self.init(
      File.read(folder.header, limit: WFDBHeader.sizeLimit), file: folder.header, mode: mode,
      sizeOf: { try? folder.open($0).size })
  }

  /// Parses the text of a header; `file` is only named in errors.
  ///
  /// - Throws: `ECGError.Code.malformed` naming line and field.
  public init(text: String, file: String, mode: WFDBMode = .standard) throws {
    try self.init(Array(text.utf8), file: file, mode: mode, sizeOf: { _ in nil })
  }

  // `sizeOf` tells the size of a file that the header names, if it can be opened.
  private init(_ bytes: [UInt8], file: String, mode: WFDBMode, sizeOf: (String) -> Int?) throws {
    recordName = ""
    var parser = HeaderParser(file: file, mode: mode)
    let lines = try parser.lines(of: bytes)
    comments = lines.comments.map(\.text)
    repairs = parser.repairs
    guard let first = lines.content.first else {
      throw ECGError(.malformed, "has no record line", file: file)
    }
    let content = try parser.separated(lines.content, first: first, sizeOf: sizeOf)
    repairs = parser.repairs
    var record = HeaderFields(content[0].bytes, file: file, line: first.number)
    let segmentCount = try parseRecordLine(&record, &parser)
    let rest = content.dropFirst()
    let declared = segmentCount ?? signalCount
    guard rest.count >= declared else {
      let kind = segmentCount == nil ? "signals" : "segments"
      throw ECGError(
        .malformed, "declares \(declared) \(kind) and describes \(rest.count)", file: file,
        advice: "a line break may be lost; compare it with the published header")
    }
    if rest.count > declared {
      try parser.repair(
        .surplusLines, "\(rest.count - declared) lines after the last declared signal are not read")
    }
    let lastLine = rest.prefix(declared).last?.number ?? first.number
    info = lines.comments.filter { $0.line > lastLine }.map(\.text)
    if segmentCount != nil {
      segments = try rest.prefix(declared).map {
        var fields = HeaderFields($0.bytes, file: file, line: $0.number)
        return try WFDBHeader.parseSegment(&fields, &parser)
      }
    } else {
      signals.reserveCapacity(declared)
      for line in rest.prefix(declared) {
        var fields = HeaderFields(line.bytes, file: file, line: line.number)
        signals.append(try Signal(&fields, &parser))
      }
    }
    try parser.checkLists(lines.comments)
    repairs = parser.repairs
  }

  /// `name[/segments] signals [rate[/counter[(base)]] [frames [time [date]]]]`; returns the number of
  /// segments.
  private mutating func parseRecordLine(_ fields: inout HeaderFields, _ parser: inout HeaderParser) throws
    -> Int?
  {
    let (written, count) = try fields.required("record name").split(at: UInt8(ascii: "/"))
    var name = written
    let segmentCount = try count.map { count in
      guard HeaderFields.integer(count) != nil else {
        throw fields.error(
          "record name \"\(written.text)/\(count.text)\" has a / with no number of segments behind it",
          advice: "a record name is no path")
      }
      return try fields.integer(count, "number of segments", in: 1...1_000_000)
    }
    if let suffix = [".mat", ".hea", ".dat"].first(where: { name.text.hasSuffix($0) }) {
      try parser.repair(.recordName, "record name \(name.text) has a file extension", line: fields.line)
      name = name.dropLast(suffix.utf8.count)
    }
    guard !name.isEmpty, name.allSatisfy(WFDBHeader.isNameByte) else {
      throw fields.error("record name \"\(name.text)\" has characters other than letters, digits, _ and -")
    }
    recordName = name.text
    signalCount = try fields.integer(
      parser.bare(fields.required("number of signals"), fields), "number of signals",
      in: 0...WFDBHeader.signalLimit)
    if let field = fields.next() { try parseRate(parser.bare(field, fields), fields) }
    if let field = fields.next() {
      let count = try fields.integer(parser.bare(field, fields), "number of samples", in: 0...(1 << 48))
      frameCount = count == 0 ? nil : count
    }
    try parseTime(&fields, &parser)
    return segmentCount
  }

  private mutating func parseRate(_ field: ArraySlice<UInt8>, _ fields: HeaderFields) throws {
    let (frequency, counter) = field.split(at: UInt8(ascii: "/"))
    rate = try fields.number(frequency, "sampling frequency")
    guard rate > 0 else { throw fields.error("sampling frequency \(frequency.text) is not positive") }
    guard let counter else { return }
    let (number, base) = counter.split(at: UInt8(ascii: "("))
    if let base {
      guard base.last == UInt8(ascii: ")") else {
        throw fields.error("counter frequency \"\(counter.text)\" lacks its )")
      }
      counterBase = try fields.number(base.dropLast(), "base counter value")
    }
    counterRate = try fields.number(number, "counter frequency")
  }

  private mutating func parseTime(_ fields: inout HeaderFields, _ parser: inout HeaderParser) throws {
    guard let first = fields.next()?.text else { return }
    let second = fields.next()?.text
    if !first.contains(":"), first.contains(where: { $0 == "-" || $0 == "/" }) {
      // Published by the 2020 and 2021 challenges: `12-May-2020 12:33:59`.
      try parser.repair(.dateBeforeTime, "the date stands before the time", line: fields.line)
      baseDate = first
      baseTime = second
    } else {
      baseTime = first
      baseDate = second
    }
    if let baseTime, WFDBHeader.seconds(of: baseTime) == nil {
      throw fields.error("base time \"\(baseTime)\" is no time")
    }
    if let extra = fields.next() { throw fields.error("unexpected \"\(extra.text)\" after the base date") }
  }

  private static func parseSegment(_ fields: inout HeaderFields, _ parser: inout HeaderParser) throws
    -> Segment
  {
    let name = try fields.required("segment name")
    guard name.text == "~" || name.allSatisfy(isNameByte) else {
      throw fields.error("segment name \"\(name.text)\" has characters other than letters, digits, _ and -")
    }
    let length = try parser.bare(fields.required("segment length"), fields)
    return Segment(
      name: name.text, frameCount: try fields.integer(length, "segment length", in: 0...(1 << 48)))
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
  fileprivate init(_ fields: inout HeaderFields, _ parser: inout HeaderParser) throws {
    fileName = try fields.required("file name").text
    format = 0
    try parseFormat(parser.bare(fields.required("format"), fields), fields)
    var statedBaseline: Int?
    if let field = fields.next() { statedBaseline = try parseGain(parser.bare(field, fields), fields) }
    let int32 = Int(Int32.min)...Int(Int32.max)
    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
      guard let field = fields.next() else { return nil }
      return try fields.integer(parser.bare(field, fields), name, in: range)
    }
    if let bits = try integer("ADC resolution", in: 0...64) { resolution = bits == 0 ? nil : bits }
    adcZero = try integer("ADC zero", in: int32) ?? 0
    baseline = statedBaseline ?? adcZero
    initialValue = try integer("initial value", in: int32)
    // Written signed by some and unsigned by others: compared modulo 65536.
    checksum = try integer("checksum", in: int32).map { UInt16(truncatingIfNeeded: $0) }
    blockSize = try integer("block size", in: 0...Int(Int32.max)) ?? 0
    description = fields.rest()
  }

  private mutating func parseFormat(_ field: ArraySlice<UInt8>, _ fields: HeaderFields) throws {
    func malformed() -> ECGError { fields.error("format \"\(field.text)\" is not of the form 16x1:0+0") }
    var rest = field
    var marks = Array("x:+".utf8)[...]
    func digits() -> ArraySlice<UInt8> {
      let run = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      rest = rest.dropFirst(run.count)
      return run
    }
    guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      throw malformed()
    }
    format = try fields.integer(digits(), "format", in: 0...9999)
    while let mark = rest.first {
      rest = rest.dropFirst()
      guard let place = marks.firstIndex(of: mark) else { throw malformed() }
      marks = marks[(place + 1)...]
      switch mark {
      case UInt8(ascii: "x"):
        samplesPerFrame = try fields.integer(digits(), "samples per frame", in: 1...1_000_000)
      case UInt8(ascii: ":"): skew = try fields.integer(digits(), "skew", in: 0...Int(Int32.max))
      case UInt8(ascii: "+"): byteOffset = try fields.integer(digits(), "byte offset", in: 0...(1 << 48))
      default: throw malformed()
      }
    }
  }

  /// Returns the baseline if it is stated.
  private mutating func parseGain(_ field: ArraySlice<UInt8>, _ fields: HeaderFields) throws -> Int? {
    let (number, unit) = field.split(at: UInt8(ascii: "/"))
    if let unit {
      guard !unit.isEmpty else { throw fields.error("gain \"\(field.text)\" lacks the unit behind its /") }
      self.unit = unit.text
    }
    let (value, base) = number.split(at: UInt8(ascii: "("))
    let gain = try fields.number(value, "gain")
    guard gain == 0 || gain.isNormal else { throw fields.error("gain \(value.text) is out of range") }
    self.gain = gain == 0 ? nil : gain
    guard let base else { return nil }
    guard base.last == UInt8(ascii: ")") else { throw fields.error("gain \"\(field.text)\" lacks its )") }
    return try fields.integer(base.dropLast(), "baseline", in: Int(Int32.min)...Int(Int32.max))
  }
}
