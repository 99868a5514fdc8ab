import ECGData
import Testing

/// Rows of the AHA format of annot(5), byte by byte.
@Suite struct WFDBAnnotationAHATests {
  static let padding = [UInt8](repeating: 255, count: 16)

  /// A row with its last eight bytes, by default those of a tape.
  static func row(
    _ letter: Character, _ time: Int, _ serial: Int, _ tail: [UInt8] = [], text: String = ""
  ) -> [UInt8] {
    let times = [16, 24, 0, 8].map { UInt8(truncatingIfNeeded: time >> $0) }
    let serials = [0, 8].map { UInt8(truncatingIfNeeded: serial >> $0) }
    let bytes = join([0, letter.asciiValue ?? 0], times, serials, tail, Array(text.utf8))
    return bytes + [UInt8](repeating: 0, count: 16 - bytes.count)
  }

  func file(_ bytes: [UInt8], _ format: WFDBAnnotationFile.Format? = .aha) throws -> WFDBAnnotationFile {
    try WFDBAnnotationFile(bytes: bytes, format: format, file: "x.ano")
  }

  /// As the WFDB library writes it: the letters of the AHA beside the codes of the MIT.
  @Test func readsTheLibrarysRows() throws {
    let bytes = join(
      Self.row("O", 18, 1, [0, 28], text: "(AFIB"), Self.row("N", 70_000, 2, [0, 2]),
      Self.row("U", 70_001, 3, [255, 14]), Self.row("V", 80_000, 4, [3, 5], text: "sixsix"),
      Self.row("O", 80_001, 5, [1, 14]), Self.row("Q", 80_002, 6, [0, 30]), Self.padding)
    let file = try file(bytes, nil)
    #expect(
      file.annotations == [
        WFDBAnnotation(sample: 18, code: .rhythm, aux: Array("(AFIB".utf8)),
        WFDBAnnotation(sample: 70_000, code: .lbbb),
        WFDBAnnotation(sample: 70_001, code: .noise, subtype: -1),
        WFDBAnnotation(sample: 80_000, code: .pvc, subtype: 3, aux: Array("sixsix".utf8)),
        WFDBAnnotation(sample: 80_001, code: .noise, subtype: 1),
        WFDBAnnotation(sample: 80_002, code: .learn),
      ])
    #expect(file.timeResolution == nil && file.notes.isEmpty)
    let mit = try WFDBAnnotationFile(bytes: file.encoded(), file: "x.atr")
    #expect(mit == file)
  }

  /// Every letter of the AHA, in milliseconds.
  @Test func readsRowsOfATape() throws {
    let letters = Array("NVFREPQ[]UO")
    let bytes = letters.enumerated().flatMap { Self.row($1, 250 * $0, $0 + 1) } + Self.padding
    let file = try file(bytes, nil)
    let codes: [WFDBAnnotationCode] = [
      .normal, .pvc, .fusion, .ront, .vesc, .pace, .unknown, .vfon, .vfoff, .noise, .note,
    ]
    #expect(file.annotations.map(\.code) == codes)
    #expect(file.annotations.map(\.subtype) == codes.map { $0 == .noise ? -1 : 0 })
    #expect(file.timeResolution == 1000 && file.notes.count == 1)
    #expect(file.csv(rate: 250).contains("\n250,0.25,V,"))
  }

  static let letters: [(Character, UInt8, WFDBAnnotationCode)] = [
    ("N", 5, .normal), ("V", 1, .pvc), ("O", 0, .note), ("V", 50, .pvc), ("U", 5, .noise),
  ]

  /// Bytes 8 to 15 count only beside an MIT code that its letter stands for.
  @Test(arguments: letters)
  func believesTheLetter(letter: Character, stated: UInt8, code: WFDBAnnotationCode) throws {
    let file = try file(join(Self.row(letter, 9, 1, [4, stated], text: "abc"), Self.padding))
    #expect(
      file.annotations == [WFDBAnnotation(sample: 9, code: code, subtype: code == .noise ? -1 : 0)])
    #expect(file.notes.count == 2)
  }

  static let oddities: [[UInt8]] = [
    row("N", 5, 1, [0, 1]), join(row("N", 5, 7, [0, 1]), padding),
    join(row("N", 5, 1, [0, 1]), padding, [1]), join(row("N", -5, 1, [0, 1]), padding),
    join(row("N", 5, 1, [0, 1]), row("N", 4, 2, [0, 1]), padding),
  ]

  @Test(arguments: oddities) func notesOddities(bytes: [UInt8]) throws {
    #expect(try file(bytes).notes.count == 1)
  }

  static let broken: [([UInt8], String)] = [
    (row("X", 5, 1), "byte 1 "), (join(row("N", 5, 1), row("n", 5, 2)), "byte 17"),
    (join(row("N", 5, 1), [0, 78]), "byte 18"), ([0], "byte 1"),
  ]

  @Test(arguments: broken) func refusesOtherRows(bytes: [UInt8], place: String) throws {
    let error = try error { try file(bytes) }
    #expect(error.code == .malformed && error.file == "x.ano" && error.message.contains(place))
  }

  static let formats: [([UInt8], Bool)] = [
    (row("N", 5, 1), true), (join(row("N", 5, 1), padding, padding), true), (padding, false),
    (join(row("N", 5, 1), [0]), false), (row("N", 5, 0), false), (row("N", -5, 1), false),
    (row("X", 5, 1), false), (join(row("N", 5, 1), row("X", 5, 2)), false),
    (join(row("N", 5, 1), padding, row("N", 5, 2)), false),
  ]

  /// One row that does not fit, and the file is of the MIT format.
  @Test(arguments: formats) func detectsTheFormat(bytes: [UInt8], isAHA: Bool) throws {
    let detected = try? file(bytes, nil)
    #expect(detected == (try? file(bytes, isAHA ? .aha : .mit)))
    #expect((detected?.annotations.first == WFDBAnnotation(sample: 5, code: .normal)) == isAHA)
  }
}
