import TestSupport
import Testing

@testable import ECGData

@Suite struct SafetensorsHeaderTests {
  /// A file of a header of this JSON and so many bytes of tensors.
  static func file(_ json: String, payload: Int, length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(json.utf8.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
    return prefix + Array(json.utf8) + [UInt8](repeating: 7, count: payload)
  }

  func header(_ bytes: [UInt8]) throws -> SafetensorsHeader {
    try withDirectory { try SafetensorsHeader(contentsOf: $0.write(bytes, to: "x.safetensors")) }
  }

  @Test func readsTensorsInTheOrderOfTheirBytes() throws {
    let json = """
      {"b":{"dtype":"I16","shape":[2,3],"data_offsets":[8,20]},"__metadata__":{"k":"v \\"q\\""},\
      "a":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"e":{"dtype":"U8","shape":[0,4],"data_offsets":[20,20]}}  \t
      """
    let header = try header(SafetensorsHeaderTests.file(json, payload: 20))
    #expect(header.tensors.map(\.name) == ["a", "b", "e"])
    #expect(header.metadata == ["k": "v \"q\""])
    #expect(header.dataOffset == 8 + json.utf8.count)
    let b = try #require(header.tensor("b"))
    #expect(b.type == .int16 && b.shape == [2, 3])
    #expect(b.range == (header.dataOffset + 8)..<(header.dataOffset + 20))
    #expect(header.tensor("c") == nil)
  }

  @Test func readsAFileWithoutTensors() throws {
    #expect(try header(SafetensorsHeaderTests.file("{}", payload: 0)).tensors.isEmpty)
  }

  @Test func readsWhatItEncodes() throws {
    let bytes = SafetensorsHeader.encode(
      [("x", .int16, [2, 12]), ("empty", .uint64, [0]), ("y", .float32, [3])],
      metadata: [("text", "tab\tline\nquote\" \\ ä \u{1}")], alignment: 4096)
    #expect(bytes.count % 4096 == 0)
    let header = try header(bytes + [UInt8](repeating: 0, count: 48 + 12))
    #expect(header.tensors.map(\.name) == ["x", "empty", "y"])
    #expect(header.tensors.map(\.range.count) == [48, 0, 12])
    #expect(header.metadata == ["text": "tab\tline\nquote\" \\ ä \u{1}"])
    #expect(header.dataOffset == bytes.count)
  }

  static func tensor(_ name: String, _ dtype: String, _ shape: String, _ begin: String, _ end: String)
    -> String
  {
    "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
  }

  struct Malformed: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
      testDescription = name
      self.bytes = bytes
    }

    init(_ name: String, tensors: [String], payload: Int) {
      self.init(name, file("{\(tensors.joined(separator: ","))}", payload: payload))
    }
  }

  static let malformed = [
    Malformed("no bytes", []),
    Malformed("seven bytes", [2, 0, 0, 0, 0, 0, 0]),
    Malformed("a header beyond the file", file("{}", payload: 0, length: 3)),
    Malformed("a header of 2^64 - 1 bytes", file("{}", payload: 0, length: .max)),
    Malformed("a header of 2^63 bytes", file("{}", payload: 0, length: 1 << 63)),
    Malformed("a header of no bytes", file("", payload: 0)),
    Malformed("no JSON", file("{\"a\":", payload: 0)),
    Malformed("a JSON array", file("[]", payload: 0)),
    Malformed("metadata that is no text", file("{\"__metadata__\":{\"a\":1}}", payload: 0)),
    Malformed("an unknown type", tensors: [tensor("a", "F99", "[2]", "0", "4")], payload: 4),
    Malformed("no shape", file("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", payload: 1)),
    Malformed(
      "three offsets", file("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", payload: 1)),
    Malformed(
      "one offset", file("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", payload: 1)),
    Malformed("a negative dimension", tensors: [tensor("a", "U8", "[-1,-4]", "0", "4")], payload: 4),
    Malformed("a broken dimension", tensors: [tensor("a", "U8", "[1.5]", "0", "1")], payload: 1),
    Malformed("a negative offset", tensors: [tensor("a", "U8", "[2]", "-1", "1")], payload: 1),
    Malformed("offsets that run backwards", tensors: [tensor("a", "U8", "[1]", "1", "0")], payload: 1),
    Malformed(
      "a shape that overflows", tensors: [tensor("a", "U64", "[4294967296,4294967296,2]", "0", "0")],
      payload: 0),
    Malformed(
      "a dimension over Int", tensors: [tensor("a", "U8", "[18446744073709551616]", "0", "0")], payload: 0),
    Malformed(
      "offsets over Int", tensors: [tensor("a", "U8", "[1]", "0", "99999999999999999999")], payload: 1),
    Malformed("a shape that is not its bytes", tensors: [tensor("a", "I16", "[3]", "0", "4")], payload: 4),
    Malformed("an end beyond the file", tensors: [tensor("a", "U8", "[5]", "0", "5")], payload: 4),
    Malformed(
      "an overlap", tensors: [tensor("a", "U8", "[4]", "0", "4"), tensor("b", "U8", "[4]", "2", "6")],
      payload: 6),
    Malformed(
      "the same bytes twice",
      tensors: [tensor("a", "U8", "[4]", "0", "4"), tensor("b", "U8", "[4]", "0", "4")], payload: 4),
    Malformed(
      "a hole", tensors: [tensor("a", "U8", "[4]", "0", "4"), tensor("b", "U8", "[1]", "5", "6")], payload: 6),
    Malformed("a hole at the beginning", tensors: [tensor("a", "U8", "[4]", "1", "5")], payload: 5),
    Malformed("bytes after the last tensor", tensors: [tensor("a", "U8", "[4]", "0", "4")], payload: 5),
  ]

  @Test(arguments: malformed) func refuses(malformed: Malformed) throws {
    let error = try error { try header(malformed.bytes) }
    #expect(error.code == .malformed)
    #expect(error.file?.hasSuffix("x.safetensors") == true)
  }
}
