import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Outlines of MAT-files, against what the whole file holds.
@Suite struct MATOutlineTests {
  /// Where an outline says something else than the file; nil if nowhere.
  private static func difference(_ outline: MATValue, _ whole: MATValue) -> String? {
    switch (outline, whole) {
    case (.notRead(nil, nil), _): return nil
    case (.notRead, _):
      return outline.className == whole.className && outline.dimensions == whole.dimensions
        ? nil : "\(outline), not \(whole.className)"
    case (.structure(let outline), .structure(let whole)) where whole.values.count == whole.fields.count:
      guard outline.fields == whole.fields, outline.values.count == whole.values.count else {
        return "\(outline.fields), not \(whole.fields)"
      }
      return zip(outline.values, whole.values).lazy.compactMap { difference($0, $1) }.first
    // As text, in which NaN is NaN.
    default: return "\(outline)" == "\(whole)" ? nil : "\(outline), not \(whole)"
    }
  }

  private static let fixtures = [
    "level5", "level5_compressed", "level5_big", "smaller", "smaller_big", "level4", "level4_big", "unread",
  ]

  /// Fixtures are small, so their outlines are all there is.
  @Test(arguments: fixtures) func isWholeOfSmallFiles(name: String) throws {
    let path = MATGolden.folder.appending(path: "\(name).mat").path()
    let whole = try MATFile(contentsOf: path)
    let (outline, isWhole) = try MATFile.outline(of: path)
    #expect(isWhole && outline.file == path)
    #expect(outline.variables.map { "\($0)" } == whole.variables.map { "\($0)" })
  }

  /// However little of a file is read, what is told is right; only a lacking header is an error.
  @Test(arguments: fixtures) func tellsNothingWrongOfABegin(name: String) throws {
    let bytes = try MATGolden.bytes("\(name).mat")
    let whole = try MATFile(bytes: bytes, file: nil)
    var counts: [Int] = []
    for count in stride(from: name.hasPrefix("level4") ? 4 : 128, through: bytes.count, by: 1) {
      let (outline, isWhole) = try MATFile.outline(
        ofFileBeginning: Array(bytes.prefix(count)), size: bytes.count, file: nil)
      for (found, expected) in zip(outline.variables, whole.variables) {
        #expect(
          found.name == expected.name && MATOutlineTests.difference(found.value, expected.value) == nil,
          "\(count) bytes")
      }
      #expect(!isWhole || outline.variables.count == whole.variables.count)
      counts.append(outline.variables.count)
    }
    #expect(counts == counts.sorted() && counts.first == 0 && counts.last == whole.variables.count)
  }

  private static func record(frames: Int, dataFirst: Bool = false) -> MATFile.Variable {
    let values = (0..<12 * frames).map { Double($0 * $0 % 997) / 128 }
    let data = MATValue.numeric(MATArray(dimensions: [12, frames], .double(values)))
    let age = MATValue.numeric(MATArray(dimensions: [1, 1], .double([62])))
    let sex = MATValue.char(MATCharArray("Female"))
    return MATFile.Variable(
      name: "ECG",
      value: .structure(
        dataFirst
          ? MATStructArray(["data": data, "sex": sex, "age": age])
          : MATStructArray(["sex": sex, "age": age, "data": data])))
  }

  private static func withFile<Result>(
    _ variables: [MATFile.Variable], _ compression: Int?, _ body: (String) throws -> Result
  ) throws -> Result {
    try withDirectory {
      try body($0.write(MATWriter.level5(variables, compression: compression), to: "A0001.mat"))
    }
  }

  @Test(arguments: [nil, 0, 6] as [Int?]) func leavesLargeArraysOut(compression: Int?) throws {
    let small = MATFile.Variable(name: "fs", value: .numeric(MATArray(dimensions: [1, 1], .double([500]))))
    let variables = [small, MATOutlineTests.record(frames: 5000), small]
    try MATOutlineTests.withFile(variables, compression) { path in
      let (outline, isWhole) = try MATFile.outline(of: path)
      #expect(try outline.value("ECG", "data").dimensions == [12, 5000])
      #expect(try outline.value("ECG", "data").className == "double" && outline["ECG"]?.dimensions == [1, 1])
      #expect(try outline.text("ECG", "sex") == "Female" && outline.numeric("ECG", "age").scalar == 62)
      #expect(try error { try outline.numeric("ECG", "data") }.message.contains("left out of an outline"))
      #expect(throws: ECGError.self) { try MATWriter.level5(outline.variables) }
      // What follows lies behind 64 KiB of file, unless these are compressed well.
      let isReached = try FileHandleForReading(path).size <= 1 << 16
      #expect(isWhole == isReached && outline.variables.count == (isReached ? 3 : 2))
    }
  }

  /// Fields behind a large one are unknown if it goes beyond what is read, and known if it does not.
  @Test(arguments: [(100, true), (5000, false)], [nil, 0, 6] as [Int?])
  func saysWhatIsOutOfReach(size: (frames: Int, isReached: Bool), compression: Int?) throws {
    let variables = [MATOutlineTests.record(frames: size.frames, dataFirst: true)]
    try MATOutlineTests.withFile(variables, compression) { path in
      let (outline, isWhole) = try MATFile.outline(of: path)
      #expect(isWhole == size.isReached && outline.variables.count == 1)
      #expect(outline["ECG"]?.structure?.fields == ["data", "sex", "age"])
      #expect(try outline.value("ECG", "data").dimensions == [12, size.frames])
      if size.isReached {
        #expect(try outline.numeric("ECG", "age").scalar == 62)
      } else {
        #expect(try outline.value("ECG", "age") == .notRead(className: nil, dimensions: nil))
        #expect(try error { try outline.text("ECG", "sex") }.message.contains("ECG.sex is a unknown"))
      }
    }
  }

  /// A changed byte gives another outline or one error; a file that claims more than it has is refused.
  @Test(arguments: [nil, 6] as [Int?]) func survivesEveryChangedByte(compression: Int?) throws {
    let bytes = try MATWriter.level5([MATOutlineTests.record(frames: 200)], compression: compression)
    var refused = 0
    for index in bytes.indices.prefix(700) {
      for value in [0, 0xFF, bytes[index] &+ 1, bytes[index] ^ 0x80] {
        var changed = bytes
        changed[index] = value
        do {
          let outline = try MATFile.outline(ofFileBeginning: changed, size: changed.count, file: "x.mat")
          #expect(outline.file.variables.count <= 1)
        } catch let failure as ECGError {
          #expect([.malformed, .unsupported].contains(failure.code) && failure.file == "x.mat")
          refused += 1
        }
      }
    }
    #expect(refused > 100)
    for count in [bytes.count - 1, 1000, 200, 100] {
      #expect(throws: ECGError.self) {
        try MATFile.outline(ofFileBeginning: Array(bytes.prefix(count)), size: count, file: nil)
      }
    }
  }

  @Test(
    arguments: [
      (MATBytes.matrix(1, [1, 0x7FFF_FFFF]), "2147483647 cells are claimed, for which 0 bytes"),
      (MATBytes.element(15, [1, 2, 3]), "the zlib stream is broken: incorrect header check"),
      (MATBytes.element(15, MATBytes.zlib([14, 0, 0, 0])), "the zlib stream ends after 4 of 8"),
      (
        MATBytes.element(15, MATBytes.zlib(MATBytes.words([14, 100]))), "the zlib stream ends after 8 of 108"
      ),
      (MATBytes.element(15, MATBytes.bomb(claims: 1 << 24, zeros: 1 << 24)), "of type 0, which there is not"),
    ] as [([UInt8], String)])
  func saysWhatIsWrong(elements: [UInt8], text: String) throws {
    let bytes = MATBytes.header + elements
    let failure = try error {
      try MATFile.outline(
        ofFileBeginning: Array(bytes.prefix(MATOutline.limit)), size: bytes.count, file: "x.mat")
    }
    #expect(failure.code == .malformed && failure.description.contains(text), "\(failure)")
  }

  /// Claims cost nothing: a gigabyte that is said to follow is left out.
  @Test func leavesAGigabyteOut() throws {
    let head = MATBytes.matrix(6, [1 << 13, 1 << 14]).dropFirst(8)
    let bytes = MATBytes.header + MATBytes.words([14, 1 << 30]) + head + MATBytes.words([9, (1 << 30) - 56])
    let (outline, isWhole) = try MATFile.outline(
      ofFileBeginning: bytes + [UInt8](repeating: 0, count: 1000), size: 136 + 1 << 30, file: nil)
    #expect(isWhole && outline["x"] == .notRead(className: "double", dimensions: [1 << 13, 1 << 14]))
  }

  private static let cpsc = Repository.sharedData.appending(path: "cpsc2018_original")

  @Test(.enabled(if: Repository.exists(cpsc), "shared/data/cpsc2018_original is absent"))
  func reachesAllOfCPSC2018() throws {
    for name in ["A1980", "A1981", "A1983", "A1986", "A1987", "A1988", "A6791"] {
      let path = MATOutlineTests.cpsc.appending(path: "\(name).mat").path()
      let (outline, isWhole) = try MATFile.outline(of: path)
      let whole = try MATFile(contentsOf: path)
      #expect(isWhole && outline.variables.count == 1)
      #expect(try MATOutlineTests.difference(outline.value("ECG"), whole.value("ECG")) == nil)
      #expect(try outline.numeric("ECG", "age").scalar == whole.numeric("ECG", "age").scalar)
    }
  }
}
