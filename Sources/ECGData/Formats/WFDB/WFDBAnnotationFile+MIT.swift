/// The words of the MIT format: a code A in the upper six bits, data I in the lower ten.
private enum Word {
  /// No interval of its own: the next four bytes are added to the time.
  static let skip: UInt16 = 59
  /// `number` of this annotation and those after it.
  static let number: UInt16 = 60
  /// `subtype` of this annotation.
  static let subtype: UInt16 = 61
  /// `channel` of this annotation and those after it.
  static let channel: UInt16 = 62
  /// `aux` of this annotation: I bytes follow, and a zero if that is odd.
  static let aux: UInt16 = 63

  static let dataBits: UInt16 = 10
  static let dataMask: UInt16 = 0x3FF
  /// I has ten bits, but all readers of the WFDB library keep the length of a text in one byte.
  static let longestAux = 255
}

extension WFDBAnnotationFile {
  init(mit bytes: [UInt8], file: String) throws {
    var parser = MITParser(bytes: bytes, file: file)
    try parser.parse()
    self.init(separatingHeaderOf: parser.annotations)
    notes += parser.oddities.notes + parser.endNotes
  }

  /// The bytes of the file in the MIT format, as the WFDB library writes them.
  ///
  /// Reading them gives an equal file. An interval beyond 10 bits becomes a SKIP, beyond 31 bits several.
  ///
  /// - Throws: ``ECGError`` (`invalidArgument`) for what the format cannot say: a text over 255 bytes, a time
  ///   resolution that is not positive, a definition that is not `code symbol description` or over 255
  ///   bytes, a first annotation that reads as one of these; and for more than 64 MiB.
  public func encoded() throws -> [UInt8] {
    var encoder = MITEncoder()
    for annotation in try header() { try encoder.append(annotation) }
    for (index, annotation) in annotations.enumerated() {
      do {
        try encoder.append(annotation)
      } catch var error as ECGError {
        error.message = "annotation \(index) at sample \(annotation.sample) \(error.message)"
        throw error
      }
    }
    return encoder.bytes + [0, 0]
  }

  /// 32 bits as the PDP-11 had them: the high word first, each with its low byte first.
  static func pdpInteger(_ bytes: [UInt8], at position: Int) -> Int {
    let high = Int(Int8(bitPattern: bytes[position + 1])) << 8 | Int(bytes[position])
    return high << 16 | Int(bytes[position + 3]) << 8 | Int(bytes[position + 2])
  }
}

private struct MITParser {
  let bytes: [UInt8]
  let file: String
  private var position = 0
  private var time = 0
  /// Whether the last annotation has a text.
  private var hasText = false
  private(set) var annotations: [WFDBAnnotation] = []
  private(set) var oddities = AnnotationOddities()
  /// What is odd about the end of the file.
  private(set) var endNotes: [String] = []

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func parse() throws {
    while position < bytes.count {
      let start = position
      let word = try UInt16(next()) | UInt16(next()) << 8
      if word == 0 {
        if position < bytes.count {
          endNotes.append("bytes after the end mark, which are not read: \(bytes.count - position)")
        }
        return
      }
      let data = word & Word.dataMask
      switch word >> Word.dataBits {
      case Word.skip:
        if data != 0 { oddities.add(.skipData, at: start) }
        let place = try take(4)
        try advance(by: WFDBAnnotationFile.pdpInteger(bytes, at: place.lowerBound), at: start)
      case Word.number...Word.aux: try modify(word >> Word.dataBits, data, at: start)
      case let code: try append(code, data, at: start)
      }
    }
    endNotes.append("the end mark is missing")
  }

  private mutating func append(_ code: UInt16, _ data: UInt16, at start: Int) throws {
    guard let code = WFDBAnnotationCode(rawValue: UInt8(code)) else {
      throw error("annotation code \(code) at byte \(start) is none of 0 to 49")
    }
    try advance(by: Int(data), at: start)
    let last = annotations.last
    if time < 0 { oddities.add(.beforeStart, at: start) }
    if let last, time < last.sample { oddities.add(.order, at: start) }
    annotations.append(
      WFDBAnnotation(sample: time, code: code, channel: last?.channel ?? 0, number: last?.number ?? 0))
    hasText = false
  }

  /// Changes the last annotation, also behind a SKIP, as the WFDB library does.
  private mutating func modify(_ field: UInt16, _ data: UInt16, at start: Int) throws {
    guard let last = annotations.indices.last else {
      throw error("the word at byte \(start) belongs to an annotation, and none is before it")
    }
    if field == Word.aux {
      guard data <= Word.longestAux else {
        throw error("a text of \(data) bytes at byte \(start) is longer than the 255 that WFDB has")
      }
      if hasText { oddities.add(.repeatedText, at: start) }
      hasText = true
      let place = try take(Int(data + data % 2))
      annotations[last].aux = Array(bytes[place].prefix(Int(data)))
      return
    }
    let value = UInt8(truncatingIfNeeded: data)
    // The library writes signed fields with their sign in the upper two bits.
    if data > 0xFF, data < 0x380 { oddities.add(.wideField, at: start) }
    switch field {
    case Word.number: annotations[last].number = Int8(bitPattern: value)
    case Word.subtype: annotations[last].subtype = Int8(bitPattern: value)
    default: annotations[last].channel = value
    }
  }

  private mutating func advance(by interval: Int, at start: Int) throws {
    let (sum, isTooLarge) = time.addingReportingOverflow(interval)
    guard !isTooLarge else { throw error("the time at byte \(start) is too large") }
    time = sum
  }

  private mutating func next() throws -> UInt8 {
    let place = try take(1)
    return bytes[place.lowerBound]
  }

  private mutating func take(_ count: Int) throws -> Range<Int> {
    guard count <= bytes.count - position else {
      throw error("ends at byte \(bytes.count), in the middle of an annotation", "fetch the file again")
    }
    defer { position += count }
    return position..<position + count
  }

  private func error(_ message: String, _ advice: String? = nil) -> ECGError {
    ECGError(.malformed, message, file: file, advice: advice)
  }
}

private struct MITEncoder {
  private(set) var bytes: [UInt8] = []
  private var time = 0
  private var channel: UInt8 = 0
  private var number: Int8 = 0

  /// Words stand in the order of the WFDB library: SKIP, annotation, SUB, CHN, NUM, AUX.
  mutating func append(_ annotation: WFDBAnnotation) throws {
    guard annotation.aux.count <= Word.longestAux else {
      throw ECGError(.invalidArgument, "has a text of \(annotation.aux.count) bytes, more than 255")
    }
    let interval = try skip(to: annotation)
    append(UInt16(annotation.code.rawValue), interval)
    if annotation.subtype != 0 { append(Word.subtype, signed: annotation.subtype) }
    if annotation.channel != channel {
      // 255 was -1 to the libraries that wrote it.
      append(Word.channel, signed: Int8(bitPattern: annotation.channel))
    }
    if annotation.number != number { append(Word.number, signed: annotation.number) }
    if !annotation.aux.isEmpty {
      append(Word.aux, UInt16(annotation.aux.count))
      bytes += annotation.aux
      if !annotation.aux.count.isMultiple(of: 2) { bytes.append(0) }
    }
    time = annotation.sample
    channel = annotation.channel
    number = annotation.number
  }

  /// Writes the SKIPs that an annotation needs; returns the interval that is left for its own word.
  private mutating func skip(to annotation: WFDBAnnotation) throws -> UInt16 {
    let longest = Int(Int32.max)
    let (difference, isTooLarge) = annotation.sample.subtractingReportingOverflow(time)
    // The words of one annotation and the end mark take less than 512 bytes beside its SKIPs.
    let room = (WFDBAnnotationFile.sizeLimit - 512 - bytes.count) / 6
    guard !isTooLarge, (difference / longest).magnitude < room else {
      throw ECGError(.invalidArgument, "does not fit into a file of 64 MiB")
    }
    var interval = difference
    while interval.magnitude > longest {
      let step = interval.signum() * longest
      appendSkip(step)
      interval -= step
    }
    if annotation.code == .notQRS {
      // A word of code 0 and interval 0 would be the end mark.
      appendSkip(interval - 1)
      return 1
    }
    if let short = UInt16(exactly: interval), short <= Word.dataMask { return short }
    appendSkip(interval)
    return 0
  }

  private mutating func appendSkip(_ interval: Int) {
    append(Word.skip, 0)
    append(UInt16(truncatingIfNeeded: interval >> 16))
    append(UInt16(truncatingIfNeeded: interval))
  }

  private mutating func append(_ code: UInt16, signed value: Int8) {
    append(code, UInt16(bitPattern: Int16(value)) & Word.dataMask)
  }

  private mutating func append(_ code: UInt16, _ data: UInt16) { append(code << Word.dataBits | data) }

  private mutating func append(_ word: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: word))
    bytes.append(UInt8(truncatingIfNeeded: word >> 8))
  }
}
