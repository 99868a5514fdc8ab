import ECGData
import Foundation
import TestSupport
import Testing

/// What the writer writes comes back; `tools/python/check_mat.py` has SciPy read it.
@Suite struct MATWriterTests {
  private static let files = ["level5", "level5_big", "smaller", "level4", "level4_big"]

  @Test(arguments: files, [nil, 0, 1, 6, 9])
  func level5ComesBack(name: String, compression: Int?) throws {
    let variables = try MATFile(bytes: MATGolden.bytes("\(name).mat"), file: nil).variables
    let bytes = try MATWriter.level5(variables, compression: compression)
    // Written out: a NaN is not equal to itself.
    let again = try MATFile(bytes: bytes, file: nil).variables
    #expect("\(again)" == "\(variables)" && again.count > 9)
    #expect(try MATWriter.level5(again, compression: compression) == bytes)
    let expected = try #require(try MATGolden.read().files[name])
    for (variable, expected) in zip(again, expected) { #expect(expected.difference(variable.value) == nil) }
  }

  private static let folder = ProcessInfo.processInfo.environment["EINTHOVEN_MAT_FOLDER"]

  /// For `tools/python/check_mat.py`.
  @Test(.enabled(if: folder != nil, "EINTHOVEN_MAT_FOLDER names no folder"), arguments: files)
  func writesForSciPy(name: String) throws {
    let folder = Directory(path: try #require(MATWriterTests.folder))
    let variables = try MATFile(bytes: MATGolden.bytes("\(name).mat"), file: nil).variables
    for level in [nil, 0, 6, 9] {
      try folder.write(
        MATWriter.level5(variables, compression: level),
        to: "\(name).5-\(level.map(String.init) ?? "plain").mat")
    }
    if name.hasPrefix("level4") { try folder.write(MATWriter.level4(variables), to: "\(name).4.mat") }
  }

  @Test func level4ComesBack() throws {
    let variables = try MATFile(bytes: MATGolden.bytes("level4.mat"), file: nil).variables
    let bytes = try MATWriter.level4(variables)
    let again = try MATFile(bytes: bytes, file: nil).variables
    #expect("\(again)" == "\(variables)" && again.count == 10)
    // What SciPy wrote differs in the type of text alone.
    let numbers = variables.filter { $0.value.array != nil }
    #expect(try MATGolden.bytes("level4.mat").starts(with: MATWriter.level4([numbers[0]])))
  }

  @Test func writesTheChallengesMatrix() throws {
    let matrix = MATArray(dimensions: [2, 3], .int16([1, 2, 3, 4, 5, -6]))
    let bytes = try MATWriter.level4([MATFile.Variable(name: "val", value: .numeric(matrix))])
    #expect(
      bytes.prefix(24) == MATv4HeaderTests.bytes([30, 2, 3, 0, 4])[...] && bytes.suffix(2) == [0xFA, 0xFF])
    #expect(MATv4Header(bytes)?.byteCount == 24)
  }

  @Test func writesText() throws {
    let rows = MATCharArray(rows: ["a", "bcd"])
    #expect(rows.dimensions == [2, 3] && rows.rows == ["a  ", "bcd"] && rows.text == nil)
    for array in [rows, MATCharArray(""), MATCharArray("µV 😀"), MATCharArray(rows: ["", ""])] {
      let file = try MATFile(
        bytes: MATWriter.level5([MATFile.Variable(name: "x", value: .char(array))]), file: nil)
      #expect(file["x"] == .char(array))
    }
  }

  @Test(
    arguments: [
      ("1x", .char(MATCharArray("a"))), ("", .char(MATCharArray("a"))), ("a b", .char(MATCharArray("a"))),
      (String(repeating: "a", count: 64), .char(MATCharArray("a"))),
      ("x", .numeric(MATArray(dimensions: [2, 2], .int8([1, 2, 3])))),
      ("x", .numeric(MATArray(dimensions: [-1, -3], .int8([1, 2, 3])))),
      ("x", .numeric(MATArray(dimensions: [3], .int8([1, 2, 3])))),
      ("x", .numeric(MATArray(dimensions: [0, 3], .int8([1, 2, 3])))),
      ("x", .numeric(MATArray(dimensions: [1 << 31, 0], .int8([])))),
      ("x", .numeric(MATArray(dimensions: [1, 1], .int8([1]), imaginary: .int16([1])))),
      ("x", .logical(MATLogicalArray(dimensions: [1, 2], values: [true]))),
      ("x", .cell(MATCellArray(dimensions: [1, 2], values: []))),
      ("x", .structure(MATStructArray(dimensions: [1, 1], fields: ["a", "a"], values: [.empty, .empty]))),
      ("x", .structure(MATStructArray(dimensions: [1, 1], fields: ["a"], values: []))),
      ("x", .structure(MATStructArray(dimensions: [1, 1], fields: [], values: [.empty]))),
      ("x", .structure(MATStructArray(dimensions: [1, 1], fields: [""], values: [.empty]))),
      ("x", .unsupported(className: "sparse")),
    ] as [(String, MATValue)])
  func refuses(name: String, value: MATValue) throws {
    let variable = MATFile.Variable(name: name, value: value)
    #expect(try error { try MATWriter.level5([variable]) }.code == .invalidArgument)
    #expect(try error { try MATWriter.level4([variable]) }.code == .invalidArgument)
  }

  @Test func refusesWhatIsTooMuch() throws {
    var value = MATValue.empty
    for _ in 0..<64 { value = .cell(MATCellArray(dimensions: [1, 1], values: [value])) }
    let deep = MATFile.Variable(name: "x", value: value)
    #expect(try error { try MATWriter.level5([deep]) }.message.contains("deeper"))
    let truth = MATFile.Variable(
      name: "x", value: .logical(MATLogicalArray(dimensions: [1, 1], values: [true])))
    #expect(try error { try MATWriter.level5([truth], compression: 10) }.code == .invalidArgument)
    #expect(try error { try MATWriter.level4([truth]) }.code == .invalidArgument)
    let volume = MATArray(dimensions: [1, 1, 2], .double([1, 2]))
    let third = MATFile.Variable(name: "x", value: .numeric(volume))
    #expect(try error { try MATWriter.level4([third]) }.message.contains("two dimensions"))
    #expect(try MATFile(bytes: MATWriter.level5([third]), file: nil)["x"] == third.value)
  }
}

extension MATValue {
  static var empty: MATValue { .numeric(MATArray(dimensions: [0, 0], .double([]))) }
}
