import TestSupport
import Testing

@testable import ECGData

@Suite struct CSVTableTests {
  func table(_ text: String) throws -> CSVTable { try CSVTable(bytes: Array(text.utf8), file: "t.csv") }

  struct Case: Sendable {
    var text: String
    var columns = ["a", "b"]
    var rows: [[String]]
  }

  @Test(arguments: [
    Case(text: "a,b\n1,2\n", rows: [["1", "2"]]),
    Case(text: "a,b\n1,2", rows: [["1", "2"]]),
    Case(text: "a,b\r\n1,2\r\n", rows: [["1", "2"]]),
    Case(text: "\u{FEFF}a,b\n1,2\n", rows: [["1", "2"]]),
    Case(text: "a,b\n", rows: []),
    Case(text: "a,b\n\n1,2\n\n", rows: [["1", "2"]]),
    Case(text: "a,b\n,\n", rows: [["", ""]]),
    Case(text: "a,b\n\"x,y\",\"say \"\"ä\"\"\"\n", rows: [["x,y", "say \"ä\""]]),
    Case(text: "a,b\n\"two\nlines\",\"\"\n3,4\n", rows: [["two\nlines", ""], ["3", "4"]]),
    Case(text: "a,b\n\"cr\r\nlf\",5\"6\n", rows: [["cr\r\nlf", "5\"6"]]),
    Case(text: ",b\n0,x\n", columns: ["", "b"], rows: [["0", "x"]]),
    Case(text: "a,b\r1,2\r3,4\r", rows: [["1", "2"], ["3", "4"]]),
    Case(text: "a,b\n1,", rows: [["1", ""]]),
    Case(text: "a,b\n\"1\"x\"y,2\n", rows: [["1x\"y", "2"]]),
    Case(text: "a,b\n\"\"\"\",\"\"\"x\"\n", rows: [["\"", "\"x"]]),
  ])
  func parses(expected: Case) throws {
    let table = try table(expected.text)
    #expect(table.columns == expected.columns)
    #expect(table.rows.map(Array.init) == expected.rows)
  }

  /// The line is that on which the record begins, counted in the file.
  @Test(
    arguments: [("", nil), ("a,b\n1\n", 2), ("a,b\n\"1\n2\",3\n4,5,6\n", 4), ("a,b\n1,2\n\"open,\n3\n", 3)]
      as [(String, Int?)])
  func refuses(text: String, line: Int?) throws {
    let error = try error { try table(text) }
    #expect(error.code == .malformed && error.file == "t.csv" && error.line == line)
  }

  @Test func findsColumnsByName() throws {
    let table = try table("a,b,a\n1,2,3\n")
    #expect(try table.index(of: "b") == 1)
    #expect(try table.index(of: "a") == 0)
    #expect(try error { try table.index(of: "c") }.message.contains("\"c\""))
  }

  @Test func replacesBytesThatAreNoUTF8() throws {
    let table = try CSVTable(bytes: Array("a\nM".utf8) + [0xFC] + Array("ller\n".utf8), file: "t.csv")
    #expect(table.rows.map(Array.init) == [["M\u{FFFD}ller"]])
  }

  @Test func readsTablesWithoutNames() throws {
    let bytes = Array("1;x\n2;\"y;z\"\n".utf8)
    let semicolon = UInt8(ascii: ";")
    let numbered = try CSVTable(bytes: bytes, file: "t.csv", hasHeader: false, delimiter: semicolon)
    #expect(numbered.columns == ["1", "2"] && numbered.rows.map(Array.init) == [["1", "x"], ["2", "y;z"]])
    let named = try CSVTable(
      bytes: bytes, file: "t.csv", hasHeader: false, columns: ["id", "v"], delimiter: semicolon)
    #expect(try named.columns == ["id", "v"] && named[1, named.index(of: "v")] == "y;z")
    #expect(named.rows.map(\.line) == [1, 2])
    let wide = try error {
      try CSVTable(bytes: bytes, file: "t.csv", hasHeader: false, columns: ["a"], delimiter: semicolon)
    }
    #expect(wide.code == .malformed && wide.line == 1)
  }

  @Test func refusesNUL() throws {
    #expect(try error { try table("a,b\n1,\0\n") }.line == 2)
  }

  @Test func whatIsWrittenReadsBack() throws {
    let rows = [["", "a,b"], ["\"", "\r"], ["x\r\ny", "\u{FEFF}"], ["\u{FEFF}\"", " "]]
    for columns in [["\u{FEFF}n", ""], nil] {
      let bytes = try CSVTable.encode(columns: columns, rows: rows)
      let table = try CSVTable(bytes: bytes, file: "t.csv", hasHeader: columns != nil)
      #expect(table.rows.map(Array.init) == rows && table.columns == columns ?? ["1", "2"])
    }
    let single = try CSVTable.encode(columns: ["a"], rows: [[""], ["1"]])
    #expect(try CSVTable(bytes: single, file: "t.csv").rows.map(Array.init) == [[""], ["1"]])
    #expect(try error { try CSVTable.encode(columns: ["a"], rows: [["1", "2"]]) }.code == .invalidArgument)
  }
}
