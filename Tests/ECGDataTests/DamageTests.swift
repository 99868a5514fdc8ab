import Foundation
import TestSupport
import Testing

@testable import ECGData

/// One flipped bit anywhere in a shard directory: found, and named by record, column or file.
@Suite struct DamageTests {
  /// A conversion of two records of 100 frames.
  private func convert(_ directory: Directory) throws -> String {
    try Simulation(layout: "ptb-xl", records: 2, seed: 5).write(to: directory.path("raw"), jobs: 1)
    var recipe = Recipe()
    recipe.rate = .hertz(10)
    _ = try Converter(
      sources: [Datasets.open(directory.path("raw"))], output: directory.path("shards"), recipe: recipe
    ).run()
    return directory.path("shards")
  }

  private func errors(_ path: String) throws -> [Finding] {
    var validation = Validation()
    validation.isDeep = true
    validation.jobs = 1
    return try validation.report(on: path).findings.filter { $0.severity == .error }
  }

  @Test func everyByteOfAShard() throws {
    try withDirectory { directory in
      let path = try convert(directory)
      #expect(try errors(path).isEmpty)
      let name = "shards/" + ConversionState.shardPath(0, of: 1)
      let bytes = try directory.read(name)
      let header = try SafetensorsHeader(FileHandleForReading(directory.path(name)))
      let reader = try ShardReader(directory.path(name))
      let ends = reader.columns.recordOffset.map { Int($0) * ConversionPlan.bytesPerFrame }
      let signal = try #require(header.tensor("signal")).range
      let columns = try ShardColumns.all.map { ($0.name, try #require(header.tensor($0.name)).range) }
      let file = try FileHandle(forUpdating: URL(filePath: directory.path(name)))
      var missed: [Int] = []
      var misnamed: [Int] = []
      for place in bytes.indices {
        func write(_ byte: UInt8) throws {
          try file.seek(toOffset: UInt64(place))
          try file.write(contentsOf: [byte])
        }
        try write(bytes[place] ^ UInt8(1 << (place % 8)))
        let found = try errors(path)
        try write(bytes[place])
        if found.isEmpty { missed.append(place) }
        if signal.contains(place) {
          let record = ends.lastIndex { $0 <= place - signal.lowerBound } ?? 0
          let id = reader.id(of: record)
          if !found.contains(where: { $0.rule == .shardRecord && $0.record == id }) { misnamed.append(place) }
        } else if let column = columns.first(where: { $0.1.contains(place) })?.0 {
          // A column whose numbers make no sense any more is told by the header's check, which names it too.
          if !found.contains(where: {
            [.shardColumn, .shardHeader].contains($0.rule) && $0.message.contains(column)
          }) {
            misnamed.append(place)
          }
        } else if !found.contains(where: { $0.record.hasSuffix(".safetensors") }) {
          misnamed.append(place)
        }
      }
      #expect(missed.isEmpty)
      #expect(misnamed.isEmpty, "\(misnamed.count): \(misnamed.prefix(10)) \(columns)")
      #expect(try errors(path).isEmpty)
    }
  }

  @Test(arguments: ["manifest.json", "ledger/s-00000.jsonl"]) func everyByte(of name: String) throws {
    try withDirectory { directory in
      let path = try convert(directory)
      let bytes = try directory.read("shards/\(name)")
      var missed: [Int] = []
      for place in bytes.indices {
        var changed = bytes
        changed[place] ^= UInt8(1 << (place % 8))
        try directory.write(changed, to: "shards/\(name)")
        if !(try errors(path).contains { $0.record == name }) { missed.append(place) }
      }
      #expect(missed.isEmpty, "\(missed.count): \(missed.prefix(10))")
    }
  }
}
