import Foundation
import Testing

@testable import ECGData

@Suite struct PTBXLSimulationTests {
  /// Writes a collection into a fresh directory and removes it after use.
  @discardableResult
  static func withTree<Result>(
    records: Int, seed: UInt64, jobs: Int, _ body: (URL) throws -> Result
  ) throws -> Result {
    let root = FileManager.default.temporaryDirectory.appending(path: "einthoven-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try Simulation(layout: "ptb-xl", records: records, seed: seed).write(to: root.path, jobs: jobs)
    return try body(root)
  }

  /// Every file below a directory by its path within it.
  static func content(of root: URL) throws -> [String: Data] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
    return try Dictionary(
      uniqueKeysWithValues: paths.compactMap { path in
        let url = root.appending(path: path)
        let isFolder = try url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory ?? false
        return isFolder ? nil : (path, try Data(contentsOf: url))
      })
  }

  static func lines(_ data: Data?) -> [Substring] {
    String(decoding: data ?? Data(), as: UTF8.self).split(separator: "\n")
  }

  @Test func sameBytesAtAnyNumberOfJobs() throws {
    let one = try Self.withTree(records: 9, seed: 3, jobs: 1, Self.content)
    let two = try Self.withTree(records: 9, seed: 3, jobs: 2, Self.content)
    #expect(one.count { !$0.key.hasPrefix("simulation/") } == 9 * 4 + 5)
    #expect(one == two)
    let other = try Self.withTree(records: 9, seed: 4, jobs: 1, Self.content)
    #expect(one["records500/00000/00003_hr.dat"] != other["records500/00000/00003_hr.dat"])
  }

  @Test func aGreaterCollectionBeginsWithTheSmaller() throws {
    let small = try Self.withTree(records: 3, seed: 8, jobs: 1, Self.content)
    let great = try Self.withTree(records: 6, seed: 8, jobs: 2, Self.content)
    for (path, data) in small where path.hasPrefix("records") { #expect(great[path] == data) }
    #expect(great["ptbxl_database.csv"]?.starts(with: small["ptbxl_database.csv"] ?? Data()) == true)
  }

  @Test func headersAgreeWithTheirSamples() throws {
    let files = try Self.withTree(records: 4, seed: 5, jobs: 2, Self.content)
    for (path, header) in files where path.hasSuffix(".hea") {
      let (rate, count) = path.hasSuffix("_hr.hea") ? (500, 5000) : (100, 1000)
      let name = path.split(separator: "/")[2].dropLast(4)
      let lines = Self.lines(header)
      try #require(lines.count == 13)
      #expect(lines[0] == "\(name) 12 \(rate) \(count)")
      let bytes = [UInt8](try #require(files["\(path.dropLast(4)).dat"]))
      try #require(bytes.count == count * 24)
      let samples = (0..<(count * 12)).map { index in
        Int16(bitPattern: UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8)
      }
      let names = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
      for lead in 0..<12 {
        let sum = (0..<count).reduce(0) { $0 + Int(samples[12 * $1 + lead]) }
        let rest = "\(samples[lead]) \(UInt16(truncatingIfNeeded: sum)) 0 \(names[lead])"
        #expect(lines[lead + 1] == "\(name).dat 16 1000.0(0)/mV 16 0 \(rest)")
      }
      for row in stride(from: 0, to: samples.count, by: 12) {
        let (one, two) = (Int(samples[row]), Int(samples[row + 1]))
        // Three values of one law, each rounded by half a count at most.
        #expect(abs(Int(samples[row + 2]) - (two - one)) <= 1)
        #expect(abs(2 * Int(samples[row + 3]) + one + two) <= 2)
        #expect(abs(2 * Int(samples[row + 4]) - 2 * one + two) <= 2)
        #expect(abs(2 * Int(samples[row + 5]) - 2 * two + one) <= 2)
      }
    }
  }

  @Test func tablesHaveTheColumnsAndRowsOfPTBXL() throws {
    try Self.withTree(records: 40, seed: 6, jobs: 2) { root in
      let files = try Self.content(of: root)
      let database = String(decoding: files["ptbxl_database.csv"] ?? Data(), as: UTF8.self)
      let rows = Self.table(database)
      try #require(rows.count == 41)
      #expect(rows.allSatisfy { $0.count == 28 })
      #expect(rows[0].first == "ecg_id" && rows[0].last == "filename_hr")
      var folds: [String: String] = [:]
      for (index, row) in rows.dropFirst().enumerated() {
        #expect(row[0] == String(index + 1))
        let age = try #require(Double(row[2]))
        #expect((18...89).contains(age) || age == 300)
        #expect(row[11].hasPrefix("{'") && row[11].hasSuffix("}"))
        #expect((1...10).contains(try #require(Int(row[25]))))
        #expect(folds[row[1], default: row[25]] == row[25])
        folds[row[1]] = row[25]
        for path in row[26...] { #expect(files["\(path).dat"] != nil && files["\(path).hea"] != nil) }
      }
      #expect(folds.count < 40)
      let statements = Self.table(String(decoding: files["scp_statements.csv"] ?? Data(), as: UTF8.self))
      #expect(statements.count == 72 && statements.allSatisfy { $0.count == 13 })
      let known = Set(statements.map { $0[0] })
      #expect(known.isSuperset(of: SimulatedECG.findingCodes + SimulatedRhythm.allCases.map(\.rawValue)))
      #expect(Self.lines(files["RECORDS"]).count == 80)
      #expect(Digest.sha256(Array("abc".utf8)).hasPrefix("ba7816bf8f01cfea414140de5dae2223"))
      let sums = Self.lines(files["SHA256SUMS.txt"])
      // All but the sums themselves and the truth.
      #expect(sums.count == files.count { !$0.key.hasPrefix("simulation/") } - 1)
      for line in sums {
        let parts = line.split(separator: " ")
        let data = try #require(files[String(parts[1])])
        #expect(Digest.sha256([UInt8](data)) == parts[0])
      }
    }
  }

  @Test func refusesADirectoryThatHoldsSomething() throws {
    try Self.withTree(records: 1, seed: 1, jobs: 1) { root in
      #expect {
        try Simulation(layout: "ptb-xl", records: 1, seed: 1).write(to: root.path, jobs: 1)
      } throws: {
        ($0 as? ECGError)?.code == .invalidArgument
      }
    }
  }

  @Test func writerRefusesHalfRows() {
    #expect(throws: ECGError.self) {
      let signals = [WFDBWriter.Signal(name: "I"), WFDBWriter.Signal(name: "II")]
      return try WFDBWriter.encode(recordName: "a", rate: 500, signals: signals, samples: [1])
    }
  }

  /// Rows and fields of an RFC 4180 table.
  static func table(_ text: String) -> [[String]] {
    var rows: [[String]] = [[""]]
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: rows[rows.count - 1].append("")
      case "\n" where !isQuoted: rows.append([""])
      default: rows[rows.count - 1][rows[rows.count - 1].count - 1].append(character)
      }
    }
    return rows.dropLast()
  }
}
