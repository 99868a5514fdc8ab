import TestSupport
import Testing

@testable import ECGData

@Suite struct ZIPArchiveTests {
  static let content = Array("what is stored".utf8)

  static func archive() throws -> [UInt8] {
    try ZIPArchive.encode([("a.txt", content), ("empty", []), ("ä/b", [1, 2, 3])])
  }

  /// An archive with some little-endian numbers changed, counted from the n-th signature of a kind.
  static func changed(_ signature: [UInt8], _ number: Int, _ offset: Int, _ value: [UInt8]) throws -> [UInt8]
  {
    var bytes = try archive()
    let places = bytes.indices.filter { bytes[$0...].starts(with: signature) }
    bytes.replaceSubrange((places[number] + offset)..<(places[number] + offset + value.count), with: value)
    return bytes
  }

  static let local: [UInt8] = [0x50, 0x4B, 3, 4]
  static let central: [UInt8] = [0x50, 0x4B, 1, 2]
  static let end: [UInt8] = [0x50, 0x4B, 5, 6]

  @Test func whatIsWrittenReadsBack() throws {
    let archive = try ZIPArchive(bytes: ZIPArchiveTests.archive(), file: "z")
    #expect(archive.entries.map(\.name) == ["a.txt", "empty", "ä/b"])
    #expect(try archive.read("A.TXT") == ZIPArchiveTests.content && archive.read("empty") == [])
    #expect(try archive.read("ä/b") == [1, 2, 3] && !archive.contains("c"))
    #expect(try error { try archive.read("c") }.code == .notFound)
    #expect(try ZIPArchive(bytes: ZIPArchive.encode([]), file: "z").entries.isEmpty)
  }

  @Test(
    arguments: [
      (local, 0, 8, [8, 0], "another entry"), (central, 0, 16, [0, 0, 0, 0], "CRC"),
      (central, 0, 8, [1, 8], "encrypted"),
      (central, 0, 20, [255, 0, 0, 0], "central directory"), (central, 1, 20, [5, 0, 0, 0], "overlap"),
      (central, 0, 20, [255, 255, 255, 255], "ZIP64"), (central, 0, 42, [1, 0, 0, 0], "local header"),
      (central, 0, 24, [9, 0, 0, 0], "stored bytes"), (central, 0, 24, [0, 0, 0, 0x70], "claim"),
      (central, 0, 28, [0xFF, 0xFF], "leaves"), (end, 0, 10, [9, 0], "disk"), (end, 0, 4, [1, 0], "disk"),
      (end, 0, 8, [2, 0, 2, 0], "too many"), (end, 0, 12, [1, 0, 0, 0], "does not end"),
      (end, 0, 20, [1, 0], "no ZIP"),
      (end, 0, 16, [255, 255, 255, 255], "ZIP64"), (local, 0, 30, [0x62], "another entry"),
    ] as [([UInt8], Int, Int, [UInt8], String)])
  func refuses(signature: [UInt8], number: Int, offset: Int, value: [UInt8], message: String) throws {
    let bytes = try ZIPArchiveTests.changed(signature, number, offset, value)
    let error = try error { try ZIPArchive(bytes: bytes, file: "z").read("a.txt") }
    #expect(error.file == "z" && error.message.contains(message), "\(error)")
  }

  @Test func refusesNamesThatOccurTwice() throws {
    let bytes = try ZIPArchive.encode([("a", [1]), ("A", [2])])
    #expect(try error { try ZIPArchive(bytes: bytes, file: "z") }.message.contains("two entries"))
  }

  @Test func refusesABomb() throws {
    let archive = try ZIPArchive(bytes: XLSXTests.bytes("bomb.xlsx"), file: "z")
    let error = try error { try archive.read("xl/worksheets/sheet1.xml") }
    #expect(error.code == .unsupported && error.message.contains("256 times"))
  }
}
