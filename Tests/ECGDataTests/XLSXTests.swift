import Foundation
import TestSupport
import Testing

@testable import ECGData

@Suite struct XLSXTests {
  /// What openpyxl reads of a sheet (`tools/golden/tables.py`).
  struct Facts: Decodable {
    var name: String
    var cells: Int
    var sum: Double
    var sha256: String
  }

  static let tables = Repository.root.appending(path: "Fixtures/tables")
  static let collection = Repository.sharedData.appending(path: "chapman_original")

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: tables.appending(path: name)))
  }

  func compare(_ url: URL) throws {
    let golden = try JSONDecoder().decode(
      [String: [Facts]].self,
      from: Data(contentsOf: Repository.root.appending(path: "Fixtures/golden/tables.json")))
    let sheets = try #require(golden[url.lastPathComponent])
    let workbook = try XLSXWorkbook(contentsOf: url.path())
    #expect(workbook.sheetNames == sheets.map(\.name))
    for facts in sheets {
      let sheet = try workbook.sheet(facts.name)
      var lines: [UInt8] = []
      var sum = 0.0
      for cell in sheet.cells {
        let (kind, text): (String, String) =
          switch cell.value {
          case .empty: ("empty", "")
          case .text(let text): ("text", text)
          case .number(let value):
            ("number", String(format: "%016llx", value.bitPattern))
          case .bool: ("bool", cell.value.text)
          case .date(let text): ("date", text)
          case .error(let text): ("error", text)
          }
        if case .number(let value) = cell.value { sum += value }
        let place = XLSXReference(row: Int(cell.row), column: Int(cell.column)).description
        lines += "\(place)\t\(kind)\t\(text)\n".utf8
      }
      #expect(sheet.cells.count == facts.cells && sum == facts.sum)
      #expect(Digest.sha256(lines) == facts.sha256, "\(url.lastPathComponent) \(facts.name)")
    }
  }

  @Test(arguments: ["dates-1900", "dates-1904", "mixed", "plain", "strange"])
  func readsWhatOpenpyxlReads(name: String) throws {
    try compare(XLSXTests.tables.appending(path: "\(name).xlsx"))
  }

  @Test(
    .enabled(if: Repository.exists(XLSXTests.collection)),
    arguments: ["Diagnostics", "RhythmNames", "ConditionNames", "AttributesDictionary"])
  func readsAPublicCollection(name: String) throws {
    try compare(XLSXTests.collection.appending(path: "\(name).xlsx"))
  }

  @Test func readsWhatOpenpyxlDoesNotWrite() throws {
    let sheet = try XLSXWorkbook(bytes: XLSXTests.bytes("strange.xlsx"), file: "s").sheet()
    let rows: [[XLSXCell]] = [
      [.text(" in "), .text("rich"), .empty, .empty, .number(2), .text("a"), .bool(true), .error("#DIV/0!")],
      [.text("東京"), .empty, .empty, .number(-0.00125), .empty, .empty, .empty, .empty],
    ]
    #expect((1...2).map { row in (0..<8).map { sheet[row, $0] } } == rows)
    #expect(sheet[8, 2] == .text("<&>") && sheet.cells.count == 9)
    let table = try XLSXTable(sheet)
    #expect(table.rowCount == 2 && table.line(ofRow: 1) == 9 && table.columns.count == 8)
    #expect(Array(table.rows[0]) == ["東京", "", "", "-0.00125", "", "", "", ""] && table[1, 2] == "<&>")
  }

  @Test func whatIsWrittenReadsBack() throws {
    let rows: [[XLSXCell]] = [
      [.text("a_x0041_b"), .text("  \u{1}\r\n<&>\"𝄞\u{FFFE} "), .number(-0.1), .bool(false)],
      [],
      [
        .empty, .date("2020-02-29T01:02:03.004"), .error("#N/A"), .number(.leastNonzeroMagnitude),
        .text("_x000D"),
      ],
    ]
    let bytes = try XLSXSheet.encode(name: "a & b", rows: rows)
    #expect(try XLSXSheet.encode(name: "a & b", rows: rows) == bytes)
    let workbook = try XLSXWorkbook(bytes: bytes, file: "w")
    #expect(workbook.sheetNames == ["a & b"])
    let sheet = try workbook.sheet("a & b")
    for (row, cells) in rows.enumerated() {
      for (column, cell) in cells.enumerated() { #expect(sheet[row, column] == cell) }
    }
    #expect(try error { try XLSXSheet.encode(name: "a:b", rows: []) }.code == .invalidArgument)
    #expect(try error { try XLSXSheet.encode(name: "a", rows: [[.number(.nan)]]) }.code == .invalidArgument)
    #expect(try error { try workbook.sheet("c") }.code == .notFound)
  }

  @Test func aLastCellTakesNoMemory() throws {
    let sheet = try XLSXWorkbook(bytes: XLSXTests.bytes("mixed.xlsx"), file: "m").sheet()
    #expect(sheet[1_048_575, 16_383] == .text("last"))
    #expect(try XLSXTable(sheet).columns.count == 16_384)
  }

  /// A plain workbook whose sheet is this text.
  static func workbook(_ sheet: String) throws -> [UInt8] {
    let archive = try ZIPArchive(bytes: bytes("plain.xlsx"), file: "p")
    return try ZIPArchive.encode(
      archive.entries.map {
        ($0.name, $0.name == "xl/worksheets/sheet1.xml" ? Array(sheet.utf8) : try archive.read($0.name))
      })
  }

  @Test(arguments: [
    ("<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet/>", "DOCTYPE"),
    (String(repeating: "<a>", count: 80) + String(repeating: "</a>", count: 80), "nests"),
    ("<?xml version=\"1.0\" encoding=\"UTF-7\"?><worksheet/>", "utf-7"),
    ("<worksheet>", "well-formed"), ("no xml", "no XML"), ("<a>\0</a>", "no XML"),
    ("<w><sheetData><row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row></sheetData></w>", "XFE1"),
    ("<w><sheetData><row r=\"1048577\"/></sheetData></w>", "1048577"),
    ("<w><sheetData><row r=\"0\"/></sheetData></w>", "no row"),
    ("<w><sheetData><row r=\"2\"/><row r=\"2\"/></sheetData></w>", "behind"),
    ("<w><sheetData><row r=\"2\"><c r=\"A1\"/></row></sheetData></w>", "A1"),
    ("<w><sheetData><row><c r=\"B1\"/><c r=\"A1\"/></row></sheetData></w>", "A1"),
    ("<w><sheetData><row><c t=\"s\"><v>9</v></c></row></sheetData></w>", "shared text"),
    ("<w><sheetData><row><c t=\"s\"><v>-1</v></c></row></sheetData></w>", "shared text"),
    ("<w><sheetData><row><c><v>1x</v></c></row></sheetData></w>", "no number"),
    ("<w><sheetData><row><c><v>1e999</v></c></row></sheetData></w>", "no number"),
    ("<w><sheetData><row><c t=\"b\"><v>2</v></c></row></sheetData></w>", "boolean"),
    ("<w><sheetData><row><c t=\"q\"><v>2</v></c></row></sheetData></w>", "type"),
    ("<w><sheetData><row><c s=\"99\"><v>2</v></c></row></sheetData></w>", "style"),
  ])
  func refuses(sheet: String, message: String) throws {
    let error = try error { try XLSXWorkbook(bytes: XLSXTests.workbook(sheet), file: "w").sheet() }
    #expect(error.file == "w" && error.message.contains(message), "\(error)")
  }

  @Test func readsNumbersWithoutStyles() throws {
    let archive = try ZIPArchive(bytes: XLSXTests.bytes("plain.xlsx"), file: "p")
    let bytes = try ZIPArchive.encode(
      archive.entries.map {
        ($0.name, $0.name == "xl/styles.xml" ? Array("<styleSheet/>".utf8) : try archive.read($0.name))
      })
    #expect(try XLSXWorkbook(bytes: bytes, file: "w").sheet()[0, 1] == .number(1))
  }

  @Test func refusesNamesThatAreNotUTF8() throws {
    let archive = try ZIPArchive(bytes: XLSXTests.bytes("plain.xlsx"), file: "p")
    let bytes = try ZIPArchive.encode(
      archive.entries.map {
        (
          $0.name,
          $0.name == "xl/styles.xml"
            ? Array("<a".utf8) + [0xAF] + Array("/>".utf8) : try archive.read($0.name)
        )
      })
    #expect(try error { try XLSXWorkbook(bytes: bytes, file: "w") }.message.contains("no XML in UTF-8"))
  }

  @Test func refusesEveryTruncationAndSurvivesEveryFlip() throws {
    let bytes = try XLSXTests.bytes("plain.xlsx")
    for length in bytes.indices {
      let error = try error { try XLSXWorkbook(bytes: Array(bytes[..<length]), file: "w").sheet() }
      #expect(error.file == "w" && !error.description.contains("\n"))
    }
    for index in stride(from: 0, to: bytes.count, by: 3) {
      var broken = bytes
      broken[index] ^= 1 << UInt8(index % 8)
      do {
        _ = try XLSXWorkbook(bytes: broken, file: "w").sheet()
      } catch let error as ECGError {
        #expect(error.file == "w")
      }
    }
  }

  @Test(arguments: [
    ("A1", 0, 0), ("XFD1048576", 1_048_575, 16_383), ("AA10", 9, 26), ("B7", 6, 1),
  ])
  func readsPlaces(text: String, row: Int, column: Int) throws {
    let reference = try #require(XLSXReference(text))
    #expect(reference == XLSXReference(row: row, column: column) && reference.description == text)
  }

  @Test(arguments: [
    "", "A", "1", "A0", "A01", "XFE1", "A1048577", "AAAA1", "a1", "$A$1", "A1B", "A99999999999999999999",
  ])
  func refusesPlaces(text: String) { #expect(XLSXReference(text) == nil) }
}
