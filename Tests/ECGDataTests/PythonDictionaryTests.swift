import TestSupport
import Testing

@testable import ECGData

@Suite struct PythonDictionaryTests {
  @Test(
    arguments: [
      ("{'NORM': 80.0, 'SR': 0.0}", ["NORM", "SR"], [80, 0]),
      (" {\"A/B\": 1e2,'3AVB':-5} ", ["A/B", "3AVB"], [100, -5]),
      ("{'z': 1, 'a': 2}", ["z", "a"], [1, 2]),
      ("{}", [], []), ("{ }", [], []),
    ] as [(String, [String], [Double])])
  func parses(text: String, keys: [String], values: [Double]) throws {
    let entries = try PythonDictionary.parse(text)
    #expect(entries.map(\.key) == keys)
    #expect(entries.map(\.value) == values)
  }

  @Test(arguments: [
    "", "{", "}", "[]", "NORM", "{'NORM'}", "{'NORM': }", "{'NORM': x}", "{NORM: 1}", "{'NORM: 1}", "{'': 1}",
    "{'a': nan}",
    "{'a': inf}", "{'a': 1: 2}", "{'a': 1} x", "{'a\": 1}",
  ])
  func refuses(text: String) throws {
    #expect(try error { try PythonDictionary.parse(text) }.code == .malformed)
  }
}
