import ECGData
import TestSupport
import Testing

/// Broken and hostile MAT-files: one error that says where, and bounded memory.
///
/// There is no test of a cycle: level 5 nests arrays by their bytes and has no references.
@Suite struct MATBrokenFileTests {
  private static func read(_ elements: [UInt8], limit: Int? = nil) throws -> MATFile {
    try MATFile(bytes: MATBytes.header + elements, file: "x.mat", memoryLimit: limit)
  }

  /// A file cut anywhere is an error, or between two variables the variables before.
  @Test(
    arguments: [
      ("level5", 26), ("level5_compressed", 26), ("level5_big", 26), ("smaller", 24), ("level4", 11),
      ("level4_big", 11), ("unread", 8),
    ])
  func saysWhereItIsCut(name: String, readable: Int) throws {
    let bytes = try MATGolden.bytes("\(name).mat")
    let whole = try MATFile(bytes: bytes, file: "x.mat").variables.map { "\($0)" }
    var counts: [Int] = []
    for count in 0...bytes.count {
      do {
        let part = try MATFile(bytes: Array(bytes.prefix(count)), file: "x.mat").variables.map { "\($0)" }
        #expect(part == Array(whole.prefix(part.count)))
        counts.append(part.count)
      } catch let failure as ECGError {
        #expect(failure.code == .malformed && failure.file == "x.mat" && failure.message.contains("byte"))
      }
    }
    // An empty file of level 4 has no header that it could lack; it is taken for level 5.
    #expect(counts.count == readable - (name.hasPrefix("level4") ? 1 : 0) && counts == counts.sorted())
  }

  /// A changed byte is read as something else or refused; nothing else can happen.
  @Test(
    arguments: ["level5", "level5_compressed", "level5_big", "smaller", "level4", "level4_big", "unread"])
  func survivesEveryChangedByte(name: String) throws {
    let bytes = try MATGolden.bytes("\(name).mat")
    var refused = 0
    for index in bytes.indices.prefix(1500) {
      for value in [0, 0xFF, bytes[index] &+ 1, bytes[index] &- 1, bytes[index] ^ 0x80] {
        var changed = bytes
        changed[index] = value
        do {
          let file = try MATFile(bytes: changed, file: "x.mat")
          #expect(file.variables.count <= 40)
        } catch let failure as ECGError {
          #expect([.malformed, .unsupported].contains(failure.code) && failure.file == "x.mat")
          refused += 1
        }
      }
    }
    #expect(refused > 100)
  }

  @Test(
    arguments: [
      ("cells", MATBytes.matrix(1, [1, 0x7FFF_FFFF]), "2147483647 cells are claimed, for which 0 bytes"),
      (
        "cells of 8 bytes",
        MATBytes.matrix(1, [1, 5], Array(repeating: MATBytes.element(14, []), count: 4).flatMap { $0 }),
        "5 cells are claimed, for which 32 bytes"
      ),
      (
        "structures",
        MATBytes.matrix(
          2, [0x7FFF_FFFF, 1], MATBytes.element(5, MATBytes.words([4])) + MATBytes.element(1, [97, 0, 0, 0])),
        "2147483647 fields are claimed"
      ),
      (
        "too many fields",
        MATBytes.matrix(
          2, [0x7FFF_FFFF, 0x7FFF_FFFF],
          MATBytes.element(5, MATBytes.words([1])) + MATBytes.element(1, [97, 98, 99])),
        "have too many fields"
      ),
      (
        "no field length",
        MATBytes.matrix(2, [1, 1], MATBytes.element(5, MATBytes.words([0])) + MATBytes.element(1, [97])),
        "the length of field names is none"
      ),
      (
        "part of a field",
        MATBytes.matrix(
          2, [1, 1], MATBytes.element(5, MATBytes.words([4])) + MATBytes.element(1, [97, 98, 99])),
        "no field names of 4"
      ),
      (
        "numbers", MATBytes.matrix(6, [30000, 30000], MATBytes.element(9, [0, 0, 0, 0, 0, 0, 0, 0])),
        "8 bytes of double"
      ),
      ("no numbers", MATBytes.matrix(6, [1, 1]), "0 bytes are left for the numbers"),
      ("half a number", MATBytes.matrix(6, [1, 1], MATBytes.element(9, [0, 0, 0, 0])), "4 bytes of double"),
      ("fraction", MATBytes.matrix(8, [1, 1], MATBytes.element(7, [0, 0, 0, 0x3F])), "not those of a int8"),
      ("overflow", MATBytes.matrix(6, [0x7FFF_FFFF, 0x7FFF_FFFF, 0x7FFF_FFFF]), "those of no array"),
      ("negative", MATBytes.matrix(6, [-1, -1]), "those of no array"),
      ("one dimension", MATBytes.matrix(6, [1]), "dimensions are not 2 to 32"),
      ("33 dimensions", MATBytes.matrix(6, [Int](repeating: 1, count: 33)), "dimensions are not 2 to 32"),
      (
        "characters", MATBytes.matrix(4, [2, 3], MATBytes.element(16, [97, 98, 99])),
        "not the characters of [2, 3]"
      ),
      ("rows", MATBytes.matrix(4, [0x7FFF_FFFF, 1], MATBytes.element(4, [97, 0])), "not the characters"),
      (
        "element beyond", MATBytes.element(14, MATBytes.element(6, [0, 0, 0, 0, 0, 0, 0, 0], claims: 16)),
        "claims 16 bytes, and 8"
      ),
      ("small of 5", MATBytes.element(14, [6, 0, 5, 0, 1, 2, 3, 4]), "claims 5 bytes, and 4"),
      ("flags", MATBytes.element(14, MATBytes.element(6, [0, 0, 0, 0])), "array flags are not two"),
      ("type", MATBytes.element(8, []), "of type 8, which there is not"),
      ("no matrix", MATBytes.element(9, []), "of type double, neither"),
      (
        "cell of numbers", MATBytes.matrix(1, [1, 1], MATBytes.element(9, [])), "of type double, not a matrix"
      ),
      (
        "name",
        MATBytes.element(
          14,
          MATBytes.element(6, MATBytes.words([6, 0])) + MATBytes.element(5, MATBytes.words([1, 1]))
            + MATBytes.element(9, [])), "a name is not of bytes"
      ),
      (
        "compressed in compressed",
        MATBytes.element(15, MATBytes.zlib(MATBytes.element(15, MATBytes.zlib(MATBytes.matrix(6, [0, 0]))))),
        "an element of type 15, not a matrix"
      ),
      (
        "compressed in a cell", MATBytes.matrix(1, [1, 1], MATBytes.element(15, [])),
        "of type compressed, not a matrix"
      ),
      ("no stream", MATBytes.element(15, [1, 2, 3]), "the zlib stream is broken: incorrect header check"),
      ("empty stream", MATBytes.element(15, []), "the zlib stream is cut off"),
      ("short stream", MATBytes.element(15, MATBytes.zlib([14, 0, 0, 0])), "ends after 4 bytes"),
      (
        "stream too short", MATBytes.element(15, MATBytes.zlib(MATBytes.words([14, 100]))),
        "ends after 8 of 108 bytes"
      ),
      (
        "stream too long", MATBytes.element(15, MATBytes.zlib(MATBytes.matrix(6, [0, 0]) + [0])),
        "goes on after"
      ),
      (
        "checksum", MATBytes.element(15, MATBytes.zlib(MATBytes.matrix(6, [0, 0])).dropLast() + [9]),
        "incorrect data check"
      ),
      (
        "claim beyond deflate", MATBytes.element(15, MATBytes.zlib(MATBytes.words([14, 60_000_000]))),
        "cannot hold the 60000008"
      ),
      (
        "bytes behind", MATBytes.matrix(6, [0, 0], MATBytes.element(9, [])) + [0, 0, 0],
        "3 bytes are left for a variable"
      ),
    ] as [(String, [UInt8], String)])
  func saysWhatIsWrong(name: String, elements: [UInt8], text: String) throws {
    let failure = try error { try MATBrokenFileTests.read(elements) }
    #expect(failure.code == .malformed && failure.description.contains(text), "\(failure)")
    #expect(failure.description.contains("x.mat: at byte "))
    // The same within a compressed element, where it is one.
    if elements.first == 14, name != "bytes behind" {
      let inner = try error { try MATBrokenFileTests.read(MATBytes.element(15, MATBytes.zlib(elements))) }
      #expect(
        inner.description.contains(text) && inner.description.contains("compressed at byte 128"), "\(inner)")
    }
  }

  @Test func endsNesting() throws {
    for (depth, isRead) in [(63, true), (64, false), (10_000, false)] {
      var element = MATBytes.matrix(6, [0, 0], MATBytes.element(9, []))
      for _ in 0..<min(depth, 100) { element = MATBytes.matrix(1, [1, 1], element) }
      // Level after level in one go: the headers, whose sizes count down.
      if depth > 100 {
        let level = element.count
        var headers: [UInt8] = []
        for index in 0..<(depth - 100) {
          let header = MATBytes.matrix(1, [1, 1])
          headers +=
            MATBytes.words([14, (depth - 100 - index) * header.count - 8 + level]) + header.dropFirst(8)
        }
        element = headers + element
      }
      for elements in [element, MATBytes.element(15, MATBytes.zlib(element))] {
        if isRead {
          #expect(try MATBrokenFileTests.read(elements)["x"]?.cell?.values.count == 1)
        } else {
          let failure = try error { try MATBrokenFileTests.read(elements) }
          #expect(failure.code == .unsupported && failure.message.contains("nested deeper than 64"))
        }
      }
    }
  }

  /// A MiB that inflates to 1 GiB: refused by its claim, or where it goes on after a smaller one.
  @Test func refusesBombs() throws {
    let honest = MATBytes.element(15, MATBytes.bomb(claims: 1 << 30, zeros: 1 << 30))
    #expect(honest.count < 1 << 21)
    let failure = try error { try MATBrokenFileTests.read(honest) }
    #expect(failure.code == .unsupported && failure.message.contains("bytes of memory"))
    #expect(MATFile.memoryLimit(fileSize: honest.count + 128) < 1 << 30)
    let lying = MATBytes.element(15, MATBytes.bomb(claims: 1 << 20, zeros: 1 << 30))
    #expect(try error { try MATBrokenFileTests.read(lying) }.message.contains("goes on after"))
  }

  @Test func countsWhatItTakes() throws {
    #expect(MATFile.memoryLimit(fileSize: 0) == 1 << 26 && MATFile.memoryLimit(fileSize: .max) == 1 << 32)
    #expect(MATFile.memoryLimit(fileSize: 1 << 20) == 1 << 28)
    // A double a stored byte, that byte, and what the array itself takes.
    let bytes = MATBytes.matrix(6, [1, 1000], MATBytes.element(2, [UInt8](repeating: 1, count: 1000)))
    #expect(try MATBrokenFileTests.read(bytes, limit: 9128)["x"]?.array?.doubles.count == 1000)
    #expect(try error { try MATBrokenFileTests.read(bytes, limit: 9127) }.code == .unsupported)
    let packed = MATBytes.element(15, MATBytes.zlib(bytes))
    #expect(try MATBrokenFileTests.read(packed, limit: 9128 + bytes.count - 8).variables.count == 1)
    #expect(
      try error { try MATBrokenFileTests.read(packed, limit: 9127 + bytes.count - 8) }.code == .unsupported)
    // Cells of a tag each.
    let cells = MATBytes.matrix(
      1, [1, 1000], Array(repeating: MATBytes.element(14, []), count: 1000).flatMap { $0 })
    #expect(try MATBrokenFileTests.read(cells)["x"]?.cell?.values.count == 1000)
    #expect(try error { try MATBrokenFileTests.read(cells, limit: 100_000) }.code == .unsupported)
    // Structures without fields take nothing, however many they are said to be.
    let bare = MATBytes.matrix(
      2, [0x7FFF_FFFF, 0x7FFF_FFFF], MATBytes.element(5, MATBytes.words([1])) + MATBytes.element(1, []))
    #expect(try MATBrokenFileTests.read(bare)["x"]?.structure?[5, "a"] == nil)
    // Nor does text without rows, also when it is written.
    let wide = try MATBrokenFileTests.read(MATBytes.matrix(4, [0, 0x7FFF_FFFF]))
    #expect(wide["x"]?.dimensions == [0, 0x7FFF_FFFF] && wide["x"]?.text == "")
    #expect(try MATFile(bytes: MATWriter.level5(wide.variables), file: nil).variables == wide.variables)
  }

  @Test(
    arguments: [
      ([UInt8](), "0 bytes are no MAT-file"), (Array("MATLAB".utf8), "6 bytes are no MAT-file"),
      ([UInt8](repeating: 77, count: 128), "neither IM nor MI"),
      (MATBytes.header.prefix(125) + [2, 0x49, 0x4D], "version 7.3, but no HDF5"),
      (MATBytes.header.prefix(125) + [3, 0x49, 0x4D], "version 3"), ([0, 0, 0], "3 bytes are no MAT-file"),
      ([0, 0, 0, 0], "no header of a level 4 matrix"),
      (MATBytes.words([2000, 1, 1, 0, 2]) + [97, 0], "no header of a level 4 matrix"),
      (MATBytes.words([0, 0x7FFF_FFFF, 0x7FFF_FFFF, 0, 2]) + [97, 0], "claims 2147483647 × 2147483647"),
      (MATBytes.words([50, -1, -1, 1, 2]) + [97, 0], "claims 4294967295 × 4294967295"),
      (MATBytes.words([51, 1, 1, 0, 2]) + [97, 0], "claims 1 × 1 numbers, and 0 bytes"),
      (MATBytes.words([11, 1, 1, 0, 2]) + [97, 0, 255, 255, 255, 255], "no characters"),
    ] as [([UInt8], String)])
  func saysWhatIsNoFile(bytes: [UInt8], text: String) throws {
    #expect(try error { try MATFile(bytes: bytes, file: "x.mat") }.description.contains(text))
  }
}
