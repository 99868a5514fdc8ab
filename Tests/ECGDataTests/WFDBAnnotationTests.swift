import ECGData
import TestSupport
import Testing

/// A word of the MIT format.
func word(_ code: Int, _ data: Int = 0) -> [UInt8] {
  [UInt8(truncatingIfNeeded: data), UInt8(truncatingIfNeeded: code << 2 | data >> 8)]
}

/// A SKIP with its interval.
func skip(_ interval: Int) -> [UInt8] {
  word(59) + [16, 24, 0, 8].map { UInt8(truncatingIfNeeded: interval >> $0) }
}

/// A text, padded to whole words.
func aux(_ text: String) -> [UInt8] {
  let bytes = Array(text.utf8)
  return join(word(63, bytes.count), bytes, bytes.count.isMultiple(of: 2) ? [] : [0])
}

/// Chains of `+` over arrays take the compiler minutes.
func join(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

/// The grammar of the MIT format of annot(5), word by word.
@Suite struct WFDBAnnotationTests {
  static let end = word(0)

  func file(_ bytes: [UInt8]) throws -> WFDBAnnotationFile {
    try WFDBAnnotationFile(bytes: bytes, format: .mit, file: "x.atr")
  }

  @Test func readsEveryField() throws {
    let fields = join(word(61, 7), word(62, 2), word(60, 0x3FF), aux("(AFIB"))
    let file = try file(join(word(28, 18), fields, word(1, 59), word(5, 1023), word(62, 0), Self.end))
    #expect(
      file.annotations == [
        WFDBAnnotation(
          sample: 18, code: .rhythm, subtype: 7, channel: 2, number: -1, aux: Array("(AFIB".utf8)),
        WFDBAnnotation(sample: 77, code: .normal, channel: 2, number: -1),
        WFDBAnnotation(sample: 1100, code: .pvc, channel: 0, number: -1),
      ])
    #expect(file.timeResolution == nil && file.definitions.isEmpty && file.notes.isEmpty)
  }

  /// SUB, CHN and NUM are chars of the C library: SUB and NUM signed, CHN not.
  @Test(arguments: [(0, 0, 0), (127, 127, 127), (128, -128, 128), (255, -1, 255), (0x380, -128, 128)])
  func readsFieldsAsChars(data: Int, signed: Int, unsigned: Int) throws {
    let file = try file(join(word(1), word(60, data), word(61, data), word(62, data), Self.end))
    let annotation = try #require(file.annotations.first)
    #expect(annotation.number == signed && annotation.subtype == signed && annotation.channel == unsigned)
    #expect(file.notes.isEmpty)
  }

  static let skips: [([Int], Int)] = [
    ([1024], 1024), ([-5, 7], 2), ([70_000], 70_000), ([-70_000], -70_000), ([-0x8000_0000], -0x8000_0000),
    ([0x7FFF_FFFF, 0x7FFF_FFFF], 0xFFFF_FFFE), ([1, -1], 0),
  ]

  @Test(arguments: skips) func readsSkips(intervals: [Int], sample: Int) throws {
    let file = try file(join(intervals.flatMap(skip), word(1), Self.end))
    #expect(file.annotations == [WFDBAnnotation(sample: sample, code: .normal)])
    #expect(file.notes.isEmpty == (sample >= 0))
  }

  @Test func readsFieldsBehindASkipAsOfTheAnnotationBefore() throws {
    let file = try file(join(word(1, 5), skip(2000), word(61, 3), word(1), Self.end))
    #expect(file.annotations.map(\.subtype) == [3, 0] && file.annotations.map(\.sample) == [5, 2005])
  }

  @Test func tellsNullAnnotationsFromTheEndMark() throws {
    let file = try file(join(skip(-1), word(0, 1), word(0, 7), word(1, 3), Self.end))
    #expect(file.annotations.map(\.sample) == [0, 7, 10])
    #expect(file.annotations.map(\.code) == [.notQRS, .notQRS, .normal])
    let bytes = join(skip(-1), word(0, 1), skip(6), word(0, 1), word(1, 3), Self.end)
    #expect(try file.encoded() == bytes)
  }

  @Test func knowsTheMnemonics() {
    let symbols = WFDBAnnotationCode.allCases.map(\.symbol)
    #expect(symbols.count == 50 && Set(symbols).count == 50)
    #expect(symbols[0] == "NOTQRS" && symbols[15] == "[15]" && symbols[41] == "r" && symbols[49] == "[49]")
    let named: [WFDBAnnotationCode] = [.normal, .pvc, .noise, .note, .rhythm, .vfon, .wfoff]
    #expect(named.map(\.symbol) == ["N", "V", "~", "\"", "+", "[", ")"])
    #expect(WFDBAnnotationCode(rawValue: 50) == nil)
  }

  @Test(
    arguments: [
      ([], ""), ([40, 78, 0], "(N"), ([0, 0], ""), ([0xC3, 0xA4], "ä"), ([0xE4, 0x62, 0], "äb"),
      ([65, 0, 66], "A\0B"), ([255, 255], "ÿÿ"),
    ] as [([UInt8], String)])
  func readsTexts(aux: [UInt8], text: String) {
    #expect(WFDBAnnotation(sample: 0, code: .note, aux: aux).text == text)
  }

  /// What the WFDB library reads all the same, and how many notes it deserves.
  static let oddities: [([UInt8], Int)] = [
    (word(1, 5), 1), (join(word(1, 5), skip(9)), 1), (join(word(1, 5), end, [1, 2, 3]), 1),
    (join(word(1, 5), skip(-3), word(1), skip(-1), word(1), end), 1),
    (join(word(1, 5), word(61, 0x100), end), 1), (join(word(1, 5), aux("a"), aux("b"), end), 1),
    (join(word(59, 1), [0, 0, 5, 0], word(1), end), 1), (join(skip(-9), word(1), word(1)), 2), (end, 0),
  ]

  @Test(arguments: oddities)
  func notesOddities(bytes: [UInt8], notes: Int) throws {
    let file = try file(bytes)
    #expect(file.notes.count == notes)
    let again = try self.file(file.encoded())
    #expect(again == file)
  }

  /// What is refused, and the byte that the error names.
  static let broken: [([UInt8], String)] = [
    ([], "empty"), ([1], "byte 1"), (join(word(1, 5), [7]), "byte 3"), (word(60, 1), "byte 0"),
    (join(skip(5), word(61, 1)), "byte 6"), (word(62), "byte 0"), (aux("a"), "byte 0"),
    (word(59), "byte 2"), (join(word(59), [0, 0, 1]), "byte 5"),
    (join(word(1), word(63, 2), [65]), "byte 5"), (join(word(1), word(63, 1), [65]), "byte 5"),
    (join(word(1), word(63, 256), [0, 0]), "byte 2"), (join(word(1), word(63, 1023)), "byte 2"),
    (word(50, 1), "byte 0"), (join(word(1), word(58)), "byte 2"),
  ]

  @Test(arguments: broken)
  func refusesWhatTheGrammarDoesNotAllow(bytes: [UInt8], place: String) throws {
    let error = try error { try file(bytes) }
    #expect(error.code == .malformed && error.file == "x.atr")
    #expect(error.message.contains(place))
  }

  @Test func separatesTheHeader() throws {
    let notes = [
      "## time resolution: 62.4725", "## annotation type definitions", "42 zz  two words", "43 y ",
    ]
    let header = (notes + ["## end of definitions"]).flatMap { word(22) + aux($0) }
    let body = join(word(22), aux("## time resolution: 9"), word(42, 10), Self.end)
    let bytes = join(header, skip(-1), word(0, 1), body)
    let file = try file(bytes)
    #expect(file.timeResolution == 62.4725)
    #expect(file.definitions.map(\.code.rawValue) == [42, 43])
    #expect(file.definitions.map(\.symbol) == ["zz", "y"])
    #expect(file.definitions.map(\.description) == [" two words", ""])
    #expect(file.annotations.map(\.sample) == [0, 10])
    #expect(file.annotations.map { file.symbol(of: $0.code) } == ["\"", "zz"])
    #expect(file.notes.isEmpty)
    #expect(try file.encoded() == bytes)
  }

  /// Without a table a note at the start defines a code that has no meaning, and no other.
  @Test func readsDefinitionsWithoutATable() throws {
    let notes = ["1 X other", "42 CAL Calibration", "12 lead ECG"].flatMap { word(22) + aux($0) }
    let bytes = join(notes, word(42, 9), word(22), aux("43 late none"), Self.end)
    let file = try file(bytes)
    #expect(file.annotations.count == 5 && file.definitions.isEmpty)
    let symbols = [1, 12, 42, 43].compactMap(WFDBAnnotationCode.init(rawValue:)).map(file.symbol(of:))
    #expect(symbols == ["N", "/", "CAL", "[43]"])
    #expect(try file.encoded() == bytes)
  }

  static let noHeaders: [[String]] = [
    ["## time resolution: 0"], ["## time resolution: nan"], ["## time resolution:"],
    ["## annotation type definitions", "42 z d"],
    ["## annotation type definitions", "## end of definitions"],
    ["## annotation type definitions", "50 z d", "## end of definitions"],
    ["## annotation type definitions", "42", "## end of definitions"], ["## end of definitions"],
  ]

  /// What is no header stays among the annotations.
  @Test(arguments: noHeaders)
  func keepsWhatIsNoHeader(notes: [String]) throws {
    let bytes = notes.flatMap { word(22) + aux($0) } + Self.end
    let file = try file(bytes)
    #expect(file.annotations.map(\.text) == notes)
    #expect(file.timeResolution == nil && file.definitions.isEmpty)
    #expect(file.notes.count == 1)
    #expect(try file.encoded() == bytes)
  }

  @Test func refusesToWriteWhatCannotBeSaid() throws {
    func notes(_ texts: String...) -> WFDBAnnotationFile {
      WFDBAnnotationFile(
        annotations: texts.map { WFDBAnnotation(sample: 0, code: .note, aux: Array($0.utf8)) })
    }
    func normal(_ samples: Int...) -> WFDBAnnotationFile {
      WFDBAnnotationFile(annotations: samples.map { WFDBAnnotation(sample: $0, code: .normal) })
    }
    func definition(_ symbol: String, _ text: String) -> WFDBAnnotationFile {
      WFDBAnnotationFile(definitions: [.init(code: .normal, symbol: symbol, description: text)])
    }
    let files: [WFDBAnnotationFile] = [
      notes(String(repeating: "A", count: 256)), normal(.max), normal(.min),
      normal(.min / 2 - 1, .max / 2 + 1), notes("## time resolution: 250"),
      notes("## annotation type definitions", "42 z d", "## end of definitions"),
      WFDBAnnotationFile(timeResolution: 0), WFDBAnnotationFile(timeResolution: -1),
      WFDBAnnotationFile(timeResolution: .nan), WFDBAnnotationFile(timeResolution: .infinity),
      definition("", "d"), definition("a b", "d"), definition("a", "d\0"),
      definition("a", String(repeating: "d", count: 252)),
    ]
    for file in files {
      #expect(try error { try file.encoded() }.code == .invalidArgument, "\(file)")
    }
    #expect(try !definition("a", String(repeating: "d", count: 251)).encoded().isEmpty)
    let error = try error { try files[0].write(to: "/nowhere/x.atr") }
    #expect(error.file == "/nowhere/x.atr" && error.message.contains("annotation 0"))
  }

  @Test func writesCSV() throws {
    var file = WFDBAnnotationFile(annotations: [
      WFDBAnnotation(sample: 18, code: .rhythm, aux: Array("(N\0".utf8)),
      WFDBAnnotation(sample: 90, code: .note, subtype: -1, channel: 255, number: 3, aux: [34, 13, 10, 7]),
      WFDBAnnotation(sample: 720, code: .note, aux: Array("\"\u{301},".utf8)),
    ])
    let header = "sample,seconds,symbol,subtype,channel,number,aux\n"
    #expect(
      file.csv(rate: 360) == header + "18,0.05,+,0,0,0,(N\n90,0.25,\"\"\"\",-1,255,3,\"\"\"\r\n\u{7}\"\n"
        + "720,2.0,\"\"\"\",0,0,0,\"\"\"\u{301},\"\n")
    #expect(file.csv(rate: nil).contains("\n18,,+,"))
    file.timeResolution = 720
    file.definitions = [.init(code: .rhythm, symbol: "R,", description: "")]
    #expect(file.csv(rate: 360).contains("\n18,0.025,\"R,\","))
  }

  @Test func readsAndWritesFiles() throws {
    try withDirectory { directory in
      let file = WFDBAnnotationFile(
        annotations: [WFDBAnnotation(sample: 5, code: .normal)], timeResolution: 500)
      try file.write(to: directory.path("x.atr"))
      #expect(try WFDBAnnotationFile(contentsOf: directory.path("x.atr")) == file)
      #expect(try error { try WFDBAnnotationFile(contentsOf: directory.path("y.atr")) }.code == .notFound)
    }
  }
}
