import ECGData
import Testing

/// Random and mutated annotation files: whatever is read can be written and read again.
@Suite struct WFDBAnnotationFuzzTests {
  static func annotation(_ generator: inout SplitMix64, after sample: Int) -> WFDBAnnotation {
    let code = UInt8(generator.index(below: 50))
    let reach = [1, 1023, 1024, 1025, 70_000, 1 << 31, 1 << 40]
    let step = generator.index(below: reach[generator.index(below: reach.count)] + 1)
    var annotation = WFDBAnnotation(
      sample: generator.index(below: 4) == 0 ? sample - step : sample + step,
      code: WFDBAnnotationCode(rawValue: code) ?? .note)
    if generator.index(below: 2) == 0 {
      annotation.subtype = Int8(truncatingIfNeeded: generator.next())
      annotation.channel = UInt8(truncatingIfNeeded: generator.next())
      annotation.number = Int8(truncatingIfNeeded: generator.next())
      annotation.aux = (0..<generator.index(below: 256)).map { _ in
        UInt8(truncatingIfNeeded: generator.next())
      }
    }
    return annotation
  }

  @Test(arguments: 0..<30) func readsWhatItWrites(round: UInt64) throws {
    var generator = SplitMix64("annotations", round)
    var file = WFDBAnnotationFile()
    if round % 3 == 1 { file.timeResolution = generator.uniform(1..<1000) }
    if round % 3 == 2 {
      file.definitions = [
        .init(code: .normal, symbol: "n\u{301}", description: "ein Schlag"),
        .init(code: .notQRS, symbol: "##", description: " \t"),
      ]
    }
    for _ in 0..<generator.index(below: 300) {
      file.annotations.append(Self.annotation(&generator, after: file.annotations.last?.sample ?? 0))
    }
    let bytes = try file.encoded()
    let again = try WFDBAnnotationFile(bytes: bytes, file: "x.atr")
    #expect(again == file)
    #expect(try again.encoded() == bytes)
  }

  static let seeds: [[UInt8]] = [
    join(
      word(28, 18), aux("(N\0"), word(1, 59), word(61, 3), word(62, 255), word(60, 1023), skip(-7),
      word(5, 1), skip(-1), word(0, 1), aux("text"), word(0)),
    join(
      word(22), aux("## time resolution: 250"), word(22), aux("## annotation type definitions"), word(22),
      aux("42 z d"), word(22), aux("## end of definitions"), skip(-1), word(0, 1), word(42, 9), word(0)),
    join(
      WFDBAnnotationAHATests.row("N", 5, 1), WFDBAnnotationAHATests.row("O", 9, 2, [0, 22], text: "note"),
      WFDBAnnotationAHATests.padding),
  ]

  /// A trap ends the run.
  @Test(arguments: 0..<40) func neverTraps(round: UInt64) throws {
    var generator = SplitMix64("annotation fuzz", round)
    for _ in 0..<250 {
      var bytes = Self.seeds[generator.index(below: Self.seeds.count)]
      for _ in 0...generator.index(below: 4) {
        let place = generator.index(below: bytes.count + 1)
        let end = min(bytes.count, place + generator.index(below: 6))
        switch generator.index(below: 4) {
        case 0: bytes.removeSubrange(place..<end)
        case 1: bytes.replaceSubrange(place..<end, with: word(generator.index(below: 64), 1023))
        case 2: bytes.insert(contentsOf: bytes[place..<end], at: generator.index(below: bytes.count + 1))
        default: if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: generator.next()) }
        }
      }
      for format in [nil, .mit, .aha] as [WFDBAnnotationFile.Format?] {
        do {
          let file = try WFDBAnnotationFile(bytes: bytes, format: format, file: "x.atr")
          #expect(try WFDBAnnotationFile(bytes: file.encoded(), format: .mit, file: "y.atr") == file)
          #expect(!file.csv(rate: 250).isEmpty)
        } catch let error as ECGError {
          #expect(error.code == .malformed && error.file == "x.atr", "\(error) \(bytes)")
          #expect(!error.description.contains("\n"))
        }
      }
    }
  }
}
