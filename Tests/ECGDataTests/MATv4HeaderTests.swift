import ECGData
import TestSupport
import Testing

/// MATLAB v4 containers around WFDB samples.
@Suite struct MATv4HeaderTests {
  static func bytes(_ words: [UInt32], name: String = "val", bigEndian: Bool = false) -> [UInt8] {
    words.flatMap { word in
      let little = (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) }
      return bigEndian ? little.reversed() : little
    } + Array(name.utf8) + [0]
  }

  @Test func readsBothByteOrders() throws {
    for isBig in [false, true] {
      let bytes = MATv4HeaderTests.bytes([isBig ? 1030 : 30, 12, 5000, 0, 4], bigEndian: isBig)
      let header = try #require(MATv4Header(bytes + [1, 2, 3]))
      #expect(header.isLittleEndian != isBig && header.type == .int16 && !header.isComplex)
      #expect(header.rows == 12 && header.columns == 5000 && header.name == "val" && header.byteCount == 24)
    }
  }

  @Test(
    arguments: [
      [30, 12, 5000, 0, 5], [30, 12, 5000, 2, 4], [60, 12, 5000, 0, 4], [31, 12, 5000, 0, 4],
      [130, 1, 1, 0, 4],
      [1030, 12, 5000, 0, 4], [30, 12, 5000, 0, 0], [0xFFFF_FFFF, 1, 1, 0, 4], [30, 1, 1, 0, 0xFFFF_FFFF],
    ] as [[UInt32]])
  func refusesOthers(words: [UInt32]) { #expect(MATv4Header(MATv4HeaderTests.bytes(words)) == nil) }

  @Test func refusesShortFiles() {
    let bytes = MATv4HeaderTests.bytes([30, 12, 5000, 0, 4])
    for count in 0..<24 { #expect(MATv4Header(bytes.prefix(count)) == nil) }
  }

  /// Two leads of three samples behind 24 bytes; each header's disagreement is said.
  @Test(
    arguments: [
      ([30, 2, 3, 0, 4], "16+24", 0), ([30, 3, 2, 0, 4], "16+24", 2), ([20, 2, 3, 0, 4], "16+24", 1),
      ([30, 2, 4, 0, 4], "16+24", 1), ([30, 2, 3, 1, 4], "16+24", 1), ([30, 2, 3, 0, 4], "16+23", 1),
      ([50, 2, 6, 0, 4], "80+24", 1), ([0x1E00_0000, 2, 3, 0, 4], "16+24", 1),
    ] as [([UInt32], String, Int)])
  func comparesContainerAndHeader(words: [UInt32], format: String, count: Int) throws {
    try withDirectory { directory in
      let path = try directory.write("x 2 500 3\nx.mat \(format) 1000\nx.mat \(format) 1000\n", to: "x.hea")
      try directory.write(MATv4HeaderTests.bytes(words) + [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0], to: "x.mat")
      let findings = try WFDBReader.read(path, mode: .lenient).findings
      #expect(findings.count { $0.rule == .wfdbContainer } == count)
    }
  }
}
