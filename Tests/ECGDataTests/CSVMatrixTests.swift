import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct CSVMatrixTests {
  func matrix(_ text: String) throws -> CSVMatrix { try CSVMatrix(bytes: Array(text.utf8), file: "m.csv") }

  @Test(arguments: [
    ("I,II\n1,2\n3,4\n", ["I", "II"] as [String]?, [1, 2, 3, 4] as [Double]),
    ("1,2\r\n3,4\r\n", nil, [1, 2, 3, 4]),
    ("1,2\r3,4", nil, [1, 2, 3, 4]),
    ("\u{FEFF}\"I, a\",\"I\"\"I\"\n\" 1 \", -2.5e1 \n", ["I, a", "I\"I"], [1, -25]),
    ("a,b\n", ["a", "b"], []),
    (",I\n0,5\n", ["", "I"], [0, 5]),
    ("+1,.5\n2.,1E2\n", nil, [1, 0.5, 2, 100]),
  ])
  func reads(text: String, names: [String]?, values: [Double]) throws {
    let matrix = try matrix(text)
    #expect(matrix.names == names && matrix.columnCount == 2)
    #expect(matrix.values == values && matrix.rowCount == values.count / 2)
  }

  @Test func emptyAndNaNAreMissing() throws {
    let values = try matrix("1,,NaN\nnan,-nan,\n,,\n").values
    #expect(values.map(\.isNaN) == [false, true, true, true, true, true, true, true, true])
  }

  @Test(
    arguments: [
      ("", nil, "empty"), ("1,2\n3\n", 2, "1 fields"), ("1,2\n\n3,4,5\n", 3, "more than 2"),
      ("I,II\n1,2\n3,x\n", 3, "column 2 (II): \"x\""), ("I,2\n", 1, "neither"),
      ("1,2\n1,0x10\n", 2, "column 2"),
      ("1,2\n1,inf\n", 2, "inf"), ("1,2\n1,1e400\n", 2, "1e400"), ("1,2\n1,\"2\n", 2, "quote"),
      ("1,2\n1,2\0\n", 2, "NUL"), ("1,2\n1,1e\n", 2, "1e"), ("1,2\n1,-\n", 2, "\"-\""),
      ("1,2\n1,2 3\n", 2, "2 3"),
      ("1,2\n1,1.2.3\n", 2, "1.2.3"), ("1,2\n1,--1\n", 2, "--1"), ("1,2\n1,-+1\n", 2, "-+1"),
      ("1,2\n1,.\n", 2, "."),
    ] as [(String, Int?, String)])
  func refuses(text: String, line: Int?, message: String) throws {
    let error = try error { try matrix(text) }
    #expect(error.code == .malformed && error.file == "m.csv" && error.line == line)
    #expect(error.message.contains(message))
  }

  /// The C library's strtod is the reference; behind the number come a comma, more bytes or nothing.
  @Test func decimalsAreTheNearestDouble() {
    var random = SplitMix64(state: 1)
    func digits(_ count: Int) -> String {
      (0..<count).map { _ in String(random.next() % 10) }.joined()
    }
    var different: [String] = []
    for _ in 0..<200_000 {
      var text = ["", "-", "+"][Int(random.next() % 3)] + digits(Int(random.next() % 24))
      if random.next() % 2 == 0 { text += "." + digits(Int(random.next() % 24)) }
      if random.next() % 4 == 0 {
        text += ["e", "E-", "e+"][Int(random.next() % 3)] + digits(1 + Int(random.next() % 3))
      }
      let expected =
        text.contains { "0123456789".contains($0) && !"eE".contains(text.first ?? " ") }
        ? strtod(text, nil) : 0
      let isNumber = !text.prefix { !"eE".contains($0) }.allSatisfy { "+-.".contains($0) }
      for tail in ["", ",", ",1234567890123456789,"] {
        let (value, end) = Array((text + tail).utf8).withUnsafeBufferPointer { DecimalNumber.scan($0, 0) }
        let isRight =
          isNumber ? end == text.utf8.count && value.bitPattern == expected.bitPattern : end == 0
        if !isRight { different.append(text + tail) }
      }
    }
    #expect(different.isEmpty, "\(different.prefix(3))")
  }

  @Test(
    arguments: [
      0, -0.0, 0.1, 1e-5, 123.456, -Double.leastNonzeroMagnitude, 1.7976931348623157e308,
      9_007_199_254_740_992, 1e15, 1e22, 1e23, 0.3,
    ] as [Double])
  func writtenNumbersReadBack(value: Double) throws {
    let bytes = try CSVMatrix.encode(names: ["a", "b"], values: [value, .nan], columnCount: 2)
    let back = try CSVMatrix(bytes: bytes, file: "m.csv")
    #expect(
      back.names == ["a", "b"] && back.values[0].bitPattern == value.bitPattern && back.values[1].isNaN)
  }
}
