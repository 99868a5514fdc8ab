import ECGData
import TestSupport
import Testing

/// Mutated records: whatever the bytes, reading returns or throws an error that names the file.
///
/// A trap ends the run.
@Suite struct WFDBFuzzTests {
  static let seeds = [
    WFDBFixture(samples: WFDBFixture.electrocardiogram(seed: 5, frames: 4)).header,
    "A0001.mat 2 500 4 12-May-2020 12:33:59\nrec.dat 16+24 1000(5)/mV 16 0 28 -1716 0 I\n"
      + "rec.dat 16x1+24 1000.0(0)/mv 16 0 -115 13047 0 II\n#Age: 74\n#Dx: 1,,2\n",
    "m/2 1 360/720(1.5) 30 1:2:3 1/2/2003\nm_layout 0\n~ 30\n",
  ]

  /// Bytes and fields that parsers stumble over.
  static let pieces: [String] = [
    " ", "\n", "\r\n", "\t", "/", "(", ")", "+", "x", ":", ".", "-", "#", "~", "\"", "0", "9", "16", "-1",
    "1e308", "1e-308",
    "nan", "inf", "4294967296", "9223372036854775807", "-9223372036854775808", "99999999999999999999",
    "\u{0}", "\u{FF}",
    "\u{2028}", "é", "½", "٣", "..", "../", "e", "E", ",",
  ]

  @Test(arguments: 0..<40) func neverTraps(round: UInt64) throws {
    var generator = SplitMix64("fuzz", round)
    try withDirectory { directory in
      let samples = WFDBFixture.bytes(WFDBFixture.electrocardiogram(seed: 6, frames: 4))
      for _ in 0..<50 {
        var header = Array(WFDBFuzzTests.seeds[generator.index(below: WFDBFuzzTests.seeds.count)].utf8)
        for _ in 0...generator.index(below: 4) {
          let place = generator.index(below: header.count + 1)
          let end = min(header.count, place + generator.index(below: 6))
          switch generator.index(below: 3) {
          case 0: header.removeSubrange(place..<end)
          case 1:
            let piece = WFDBFuzzTests.pieces[generator.index(below: WFDBFuzzTests.pieces.count)]
            header.replaceSubrange(place..<end, with: Array(piece.utf8))
          default: if place < header.count { header[place] = UInt8(truncatingIfNeeded: generator.next()) }
          }
        }
        let path = try directory.write(header, to: "rec.hea")
        try directory.write(Array(samples.prefix(generator.index(below: samples.count + 1))), to: "rec.dat")
        do {
          let reading = try WFDBReader.read(path, mode: .lenient)
          // What is returned has to hold together.
          #expect(reading.recording.channels.count == reading.header.signals.count)
          _ = try? TwelveLeadSignal(reading.recording, derive: true)
        } catch let error as ECGError {
          #expect(error.file?.hasPrefix(directory.path) == true)
          #expect(!error.description.isEmpty && !error.description.contains("\n"))
        }
      }
    }
  }
}
