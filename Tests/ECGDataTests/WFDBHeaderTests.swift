import ECGData
import TestSupport
import Testing

/// The grammar of header(5), field by field, and the headers that published collections have.
@Suite struct WFDBHeaderTests {
  func header(_ text: String, _ mode: WFDBMode = .standard) throws -> WFDBHeader {
    try WFDBHeader(text: text, file: "x.hea", mode: mode)
  }

  /// The one signal of a header with this signal line.
  func signal(_ line: String) throws -> WFDBHeader.Signal {
    let signals = try header("x 1 500 5000\n\(line)\n").signals
    return try #require(signals.first)
  }

  @Test func readsEveryFieldOfTheRecordLine() throws {
    let header = try header("s-1_a 0 360/720.5(-3) 650000 12:34:56.789 25/01/2001")
    #expect(header.recordName == "s-1_a")
    #expect(header.signalCount == 0 && header.signals.isEmpty && header.segments == nil)
    #expect(header.rate == 360)
    #expect(header.counterRate == 720.5)
    #expect(header.counterBase == -3)
    #expect(header.frameCount == 650_000)
    #expect(header.baseTime == "12:34:56.789")
    #expect(header.baseDate == "25/01/2001")
    #expect(header.repairs.isEmpty)
  }

  @Test func fillsInTheDefaultsOfTheRecordLine() throws {
    let header = try header("x 0")
    #expect(header.rate == 250)
    #expect(header.frameCount == nil && header.counterRate == nil && header.counterBase == 0)
    #expect(header.baseTime == nil && header.baseDate == nil)
    #expect(try self.header("x 0 500 0").frameCount == nil)
  }

  @Test(arguments: [
    ("500", 500), ("5e2", 500), ("62.4725", 62.4725), ("257.0", 257), ("1E3/2", 1000), ("360/1(2.5)", 360),
  ])
  func readsRates(text: String, rate: Double) throws {
    #expect(try header("x 0 \(text) 10").rate == rate)
  }

  @Test func readsEveryFieldOfASignalLine() throws {
    let signal = try signal("a.dat 212x4:3+24 1000.5(-12)/mV 12 1024 -995 -22131 512 lead II, left")
    #expect(signal.fileName == "a.dat")
    #expect(
      signal.format == 212 && signal.samplesPerFrame == 4 && signal.skew == 3 && signal.byteOffset == 24)
    #expect(signal.gain == 1000.5 && signal.baseline == -12 && signal.unit == "mV")
    #expect(signal.resolution == 12 && signal.adcZero == 1024)
    #expect(signal.initialValue == -995)
    #expect(signal.checksum == 43405)
    #expect(signal.blockSize == 512)
    #expect(signal.description == "lead II, left")
  }

  @Test func fillsInTheDefaultsOfASignalLine() throws {
    let signal = try signal("a.dat 16")
    #expect(signal.samplesPerFrame == 1 && signal.skew == 0 && signal.byteOffset == 0)
    #expect(signal.gain == nil && signal.baseline == 0 && signal.unit == "mV")
    #expect(signal.resolution == nil && signal.adcZero == 0)
    #expect(signal.initialValue == nil && signal.checksum == nil && signal.blockSize == 0)
    #expect(signal.description.isEmpty)
  }

  struct Format: Sendable {
    var text: String
    var format: Int
    var samples = 1
    var skew = 0
    var offset = 0
  }

  @Test(arguments: [
    Format(text: "0", format: 0), Format(text: "16", format: 16),
    Format(text: "16+24", format: 16, offset: 24),
    Format(text: "16x1+24", format: 16, offset: 24), Format(text: "61x8", format: 61, samples: 8),
    Format(text: "80:5", format: 80, skew: 5),
    Format(text: "212x2:1+7", format: 212, samples: 2, skew: 1, offset: 7),
  ])
  func readsFormats(expected: Format) throws {
    let signal = try signal("a.dat \(expected.text) 200")
    #expect(signal.format == expected.format)
    #expect(signal.samplesPerFrame == expected.samples)
    #expect(signal.skew == expected.skew)
    #expect(signal.byteOffset == expected.offset)
  }

  struct Gain: Sendable {
    var text: String
    var gain: Double?
    var baseline: Int
    var unit = "mV"
  }

  /// The baseline is the ADC zero (here 7) unless stated; a gain of 0 means "not calibrated".
  @Test(arguments: [
    Gain(text: "1000", gain: 1000, baseline: 7), Gain(text: "1000.0(0)/mV", gain: 1000, baseline: 0),
    Gain(text: "1000.0(0)/mv", gain: 1000, baseline: 0, unit: "mv"),
    Gain(text: "2e3/uV", gain: 2000, baseline: 7, unit: "uV"),
    Gain(text: "-200(-5)/mV", gain: -200, baseline: -5), Gain(text: "0/mV", gain: nil, baseline: 7),
    Gain(text: "0", gain: nil, baseline: 7),
    Gain(text: "1000/\u{B5}V", gain: 1000, baseline: 7, unit: "\u{B5}V"),
    Gain(text: "4.5(-32768)/mm/Hg", gain: 4.5, baseline: -32768, unit: "mm/Hg"),
  ])
  func readsGains(expected: Gain) throws {
    let signal = try signal("a.dat 16 \(expected.text) 16 7 0 0 0 I")
    #expect(signal.gain == expected.gain)
    #expect(signal.baseline == expected.baseline)
    #expect(signal.unit == expected.unit)
  }

  /// -10000 and 55536 are the same 16 bits.
  @Test func readsSignedAndUnsignedChecksumsAlike() throws {
    let signed = try signal("a.dat 16 200 16 0 0 -10000 0 I").checksum
    #expect(signed == 55536)
    #expect(try signal("a.dat 16 200 16 0 0 55536 0 I").checksum == signed)
  }

  @Test func keepsCommentsAndTheirPlaceInErrors() throws {
    let text =
      "# first\r\nx 1 500 10\r\n\r\n#Age: 74\r\na.dat 16 200/mV 16 0 0 0 0 II\r\n# Dx: 1,,2\r\n#Dx:\r\n"
    let header = try header(text)
    #expect(header.comments == ["first", "Age: 74", "Dx: 1,,2", "Dx:"])
    #expect(header.signals.map(\.description) == ["II"])
    let error = try error { try self.header("#\n#\nx 1 500 10\n\na.dat 16 1000,5/mV\n") }
    #expect(error.line == 5 && error.file == "x.hea")
  }

  @Test func separatesFieldsByAnyBlanks() throws {
    let header = try header("  x\t1   500\t\t5000 \n\ta.dat  16\t200/mV   16 0 5\t6 0\t aVR \n")
    #expect(header.frameCount == 5000)
    #expect(header.signals[0].initialValue == 5 && header.signals[0].description == "aVR")
  }

  @Test func readsSegments() throws {
    let header = try header("multi/3 2 500 30\nmulti_layout 0\nmulti_1 20\n~ 10\n")
    #expect(header.segments?.map(\.name) == ["multi_layout", "multi_1", "~"])
    #expect(header.segments?.map(\.frameCount) == [0, 20, 10])
    #expect(header.signalCount == 2 && header.signals.isEmpty)
  }

  /// Record lines of the 2020 and 2021 challenges, and how many repairs each needs.
  @Test(arguments: [
    ("A0001 1 500 7500 12-May-2020 12:33:59", "A0001", 1), ("A0001 1 500 7500", "A0001", 0),
    ("E07835.mat 1 500 5000 05-May-2020 09:49:17", "E07835", 2), ("HR00001.mat 1 500 5000", "HR00001", 1),
    ("JS00001 1 500 5000 04-Dec-2020 10:00:00", "JS00001", 1), ("x 1 500 5000 0:0:0 1/1/2001", "x", 0),
  ])
  func readsPublishedRecordLines(line: String, name: String, repairs: Int) throws {
    let header = try header("\(line)\nA0001.mat 16+24 1000/mV 16 0 28 -1716 0 I\n#Age: NaN\n")
    #expect(header.recordName == name)
    #expect(header.repairs.count == repairs)
    #expect(header.rate == 500)
  }

  /// Each is refused with the file and the 1-based line, never guessed at.
  @Test(
    arguments: [
      ("", nil), ("# only a comment\n", nil), ("x\n", 1), ("x twelve\n", 1), ("x -1\n", 1), ("x 65537\n", 1),
      ("x 0 0\n", 1), ("x 0 -500\n", 1), ("x 0 nan\n", 1), ("x 0 inf\n", 1), ("x 0 0x1F4\n", 1),
      ("x 0 1e999\n", 1),
      ("x 0 360/a\n", 1), ("x 0 360/1(2\n", 1), ("x 0 500 5000.5\n", 1), ("x 0 500 -1\n", 1),
      ("x 0 500 99999999999999999999\n", 1), ("x 0 500 10 noon\n", 1),
      ("x 0 500 10 1:2:3 1/1/2001 more\n", 1),
      ("a/b 1 500 10\n", 1), ("a/0 1 500 10\n", 1), ("../x 1 500\n", 1), ("a b\n", 1), ("ü 0\n", 1),
      ("x 2 500 10\na.dat 16\n", nil), ("x/2 1 500 10\na 5\n", nil), ("x/1 1 500\na -5\n", 2),
      ("x/1 1 500\n../a 5\n", 2),
      ("x 1\na.dat\n", 2), ("x 1\na.dat sixteen\n", 2), ("x 1\na.dat 16y\n", 2), ("x 1\na.dat 16x0\n", 2),
      ("x 1\na.dat 16x\n", 2), ("x 1\na.dat 16+\n", 2), ("x 1\na.dat 16+999999999999999\n", 2),
      ("x 1\na.dat 16 1000,5/mV\n", 2), ("x 1\na.dat 16 (5)/mV\n", 2), ("x 1\na.dat 16 1000(5/mV\n", 2),
      ("x 1\na.dat 16 1000(5.5)/mV\n", 2), ("x 1\na.dat 16 /mV\n", 2), ("x 1\na.dat 16 200 sixteen\n", 2),
      ("x 1\na.dat 16 200 65\n", 2), ("x 1\na.dat 16 200 16 zero\n", 2), ("x 1\na.dat 16 200 16 0 1e3\n", 2),
      ("x 1\na.dat 16 200 16 0 1 99999999999\n", 2), ("x 1\na.dat 16 200 16 0 1 1 -1\n", 2),
      ("JS01052 12 500 500000/mV 16 0 15 31255 0 I\n", 1),
      ("S23074 12 500 5000 JS23074.mat 16+24 1000/mV 16 0 54 1 0 I\n", 1),
    ] as [(String, Int?)])
  func refusesWhatTheGrammarDoesNotAllow(text: String, line: Int?) throws {
    let error = try error { try header(text) }
    #expect(error.code == .malformed)
    #expect(error.file == "x.hea")
    #expect(error.line == line)
    #expect(!error.description.contains("\n"))
  }

  @Test func saysWhichLinesItDoesNotRead() throws {
    let header = try header("x 1 500 10\na.dat 16\nb.dat 16\n")
    #expect(header.signals.map(\.fileName) == ["a.dat"])
    #expect(header.repairs.count == 1)
  }

  /// What published headers are known for: the repair, whether it needs leave, and that strict refuses it.
  @Test(
    arguments: [
      ("x.mat 1 500 10\na.dat 16\n", .recordName),
      ("x 1 500 10 12-May-2020 12:33:59\na.dat 16\n", .dateBeforeTime),
      ("x 1 500 10\na.dat 16\nb.dat 16\n", .surplusLines),
      ("x 1 500 10\na.dat 16\n#Dx: 1,2,\n", .listComma), ("x 1 500 10\na.dat 16\n# Dx: 1,,2\n", .listComma),
      ("x 1 500, 10\na.dat 16\n", .trailingComma),
      ("x 1 500 10\na.dat 16 200, 16 0 1 2 0 I\n", .trailingComma),
      ("x 2 500 10 a.dat 16 200 16 0 1 2 0 I\na.dat 16 200 16 0 1 2 0 II\n", .fusedLine),
    ] as [(String, WFDBRepair.Kind)])
  func repairsWhatTheModeAllows(text: String, kind: WFDBRepair.Kind) throws {
    let lenient = try header(text, .lenient)
    #expect(lenient.repairs.map(\.kind) == [kind])
    #expect(lenient.rate == 500 && lenient.frameCount == 10 && lenient.signals.first?.fileName == "a.dat")
    let strict = try error { try header(text, .strict) }
    #expect(strict.code == .malformed && strict.rule == .wfdbHeader)
    #expect(lenient.repairs[0].message.hasPrefix(strict.message))
    if kind.isGuess {
      #expect(throws: ECGError.self) { try header(text) }
    } else {
      #expect(try header(text) == lenient)
    }
  }

  @Test func separatesAFusedLineWithoutGuessing() throws {
    let signals = "JS1.mat 16+24 1000/mV 16 0 2 3 0 II\nJS1.mat 16+24 1000/mV 16 0 4 5 0 III\n"
    let whole = try header("S1 3 500 5000 JS1.mat 16+24 1000/mV 16 0 54 12431 0 I\n" + signals, .lenient)
    #expect(whole.signals.map(\.description) == ["I", "II", "III"])
    #expect(whole.signals[0].initialValue == 54 && whole.signals[0].checksum == 12431)
    #expect(whole.frameCount == 5000)
    // Without a file nothing tells 5000 + 00/mV from 50000 + 0/mV.
    let error = try error { try header("JS1 3 500 500000/mV 16 0 15 31255 0 I\n" + signals, .lenient) }
    #expect(error.line == 1 && error.message.contains("500000/mV"))
  }

  @Test func readsLatin1WhereTheTextIsNotUTF8() throws {
    try withDirectory { directory in
      let path = try directory.write(
        Array("x 1 500 10\na.dat 16 32.7/".utf8) + [0xB5, 0x56] + Array(" 16 0 0 0 0 I\n".utf8), to: "x.hea")
      let header = try WFDBHeader(contentsOf: path)
      #expect(header.signals[0].unit == "\u{B5}V")
      #expect(header.repairs.map(\.kind) == [.encoding])
      #expect(throws: ECGError.self) { try WFDBHeader(contentsOf: path, mode: .strict) }
    }
  }

  @Test func tellsInfoStringsFromOtherComments() throws {
    let header = try header("# before\nx 1 500 10\n# between\na.dat 16\n#Age: 74\n# Sex: F\n")
    #expect(header.comments == ["before", "between", "Age: 74", "Sex: F"])
    #expect(header.info == ["Age: 74", "Sex: F"])
  }

  @Test(arguments: [
    ("12:33:59", 45_239.0), ("1:56:25.894", 6_985.894), ("31:25.894", 1_885.894), ("59", 59),
    ("90:00", 5_400),
    ("0.002", 0.002),
  ])
  func readsTimes(text: String, seconds: Double) throws {
    #expect(WFDBHeader.seconds(of: text) == seconds)
    #expect(try header("x 0 500 10 \(text) 1/1/2001").baseSeconds == seconds)
  }

  @Test(arguments: ["", ":", "1:60", "1:-2", "1:2:3:4", "1.5:00", "1e3", "nan", "\u{0663}"])
  func refusesWhatIsNoTime(text: String) { #expect(WFDBHeader.seconds(of: text) == nil) }

  /// A comma within a number is never a comma behind it.
  @Test(arguments: [
    "x 1 2,50, 10\na.dat 16\n", "x 1 500 10\na.dat 16 1000,5/uV, 16\n", "x 1 500 10\na.dat 16x2,:3,\n",
    "x 1 500 1,0,\na.dat 16\n",
  ])
  func refusesDecimalCommasAlsoWhenLenient(text: String) throws {
    #expect(try error { try header(text, .lenient) }.code == .malformed)
  }

  @Test(arguments: ["16:3x2", "16+24x2", "16x2x3", "16+0+24", "x2", "file.dat"])
  func refusesPartsOfAFormatOutOfOrder(format: String) throws {
    let error = try error { try header("x 1 500 10\na.dat \(format)\n") }
    #expect(error.line == 2 && error.message.contains(format))
  }

  /// A field of a megabyte is refused at once.
  @Test func refusesLongFusedFields() throws {
    let digits = String(repeating: "1", count: 1 << 20)
    let text = "x 2 100 \(digits) a b\na.dat 16 \(digits)\n"
    for mode in WFDBMode.allCases { #expect(throws: ECGError.self) { try header(text, mode) } }
  }
}
