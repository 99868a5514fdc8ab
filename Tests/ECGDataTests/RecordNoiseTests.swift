import Foundation
import TestSupport
import Testing

@testable import ECGData

/// Noise that records have when they are read.
@Suite struct RecordNoiseTests {
  /// Six simulated records of 500 Hz, converted.
  func withShards(
    _ rate: Recipe.Rate, _ filters: FilterBank = [],
    _ body: (any Dataset, ShardSet, Recipe, Directory) throws -> Void
  ) throws {
    try withDirectory { directory in
      try Simulation(layout: "ptb-xl", records: 6, seed: 2).write(to: directory.path("raw"), jobs: 2)
      var recipe = Recipe()
      (recipe.rate, recipe.filters) = (rate, filters)
      let dataset = try Datasets.open(directory.path("raw"))
      _ = try Converter(sources: [dataset], output: directory.path("shards"), recipe: recipe).run()
      try body(dataset, ShardSet(directory.path("shards")), recipe, directory)
    }
  }

  /// A whole record in µV, [12, frames].
  func microvolts(_ shards: ShardSet, _ record: Int, _ noise: RecordNoise? = nil) throws -> [Float] {
    try CropReader(shards, normalization: .none, noise: noise).crop(
      record: record, start: 0, frames: shards.frameCount(record)
    ).values.map { $0 * 1000 }
  }

  /// What is added when a record is read is what conversion would have stored of the noisy recording, to a count.
  @Test(arguments: [1, 3, 6]) func asIfItHadBeenRecorded(level: Int) throws {
    let filters: FilterBank = [.recursive(.bandpass(low: 0.5, high: 40)), .notch(frequency: 50)]
    try withShards(.hertz(100), filters) { dataset, shards, recipe, _ in
      let noise = try RecordNoise(.physiological(level: level), of: shards, records: [0, 3], seed: 7)
      let processing = try #require(try SignalProcessingCache(recipe).processing(rate: 500))
      for record in [0, 3] {
        let index = try #require(dataset.records.ids.firstIndex(of: shards.id(record)))
        var signal = try PhysicalSignal(dataset.reading(of: dataset.records[index]).recording, derive: true)
        #expect(signal.rate == 500)
        var generator = SplitMix64("record noise", 7, shards.key(record))
        let added = RecordNoise.physiological(
          level, .bandlimited, frames: signal.frameCount, rate: 500, &generator)
        for (index, value) in added.enumerated() { signal.microvolts[index] += Double(value) }
        let wanted = processing(signal)
        let found = try microvolts(shards, record, noise)
        let clean = try microvolts(shards, record)
        let frames = shards.frameCount(record)
        #expect(frames == wanted.frameCount)
        var farthest = 0.0
        var power = 0.0
        for place in found.indices {
          let expected = wanted.microvolts[place % frames * 12 + place / frames]
          farthest = max(farthest, abs(Double(found[place]) - expected))
          power += pow(Double(found[place] - clean[place]), 2)
        }
        // Both are rounded to counts, and the conversion of the clean record is too.
        let scale = try #require(shards.location(record).shard.columns.scale.max())
        #expect(farthest < 1.05 * Double(scale), "\(farthest) µV")
        #expect((power / Double(found.count)).squareRoot() > 20)
      }
    }
  }

  /// By the paper's code every window has noise of its own; else a window has that of its place in the record.
  @Test func windowsOfARecord() throws {
    try withShards(.hertz(100)) { _, shards, _, _ in
      func window(_ kind: RecordNoise.Kind, _ start: Int) throws -> [Float] {
        let reader = CropReader(
          shards, normalization: .none, noise: try RecordNoise(kind, of: shards, records: [1], seed: 0))
        let noisy = try reader.crop(record: 1, start: start, frames: 250).values
        let clean = try CropReader(shards, normalization: .none).crop(record: 1, start: start, frames: 250)
        return zip(noisy, clean.values).map { $0 - $1 }
      }
      func isSameWhereTheyOverlap(_ kind: RecordNoise.Kind) throws -> Bool {
        let (first, second) = (try window(kind, 0), try window(kind, 125))
        return (0..<12).allSatisfy { lead in
          (0..<125).allSatisfy { abs(first[lead * 250 + 125 + $0] - second[lead * 250 + $0]) < 1e-4 }
        }
      }
      let (native, anew) = (
        try isSameWhereTheyOverlap(.physiological(level: 4)), try isSameWhereTheyOverlap(.p1(level: 4))
      )
      #expect(native && !anew)
      let windows = try (0..<2).map { _ in try window(.p1(level: 4), 125) }
      #expect(windows[0] == windows[1])
      let levels = try [4, 5].map { try window(.physiological(level: $0), 0) }
      #expect(levels[0] != levels[1])
    }
  }

  /// A recording of noise has the power that was asked for, and obeys Einthoven's and Goldberger's laws.
  @Test(arguments: [18.0, 0, -6], [Recipe.Rate.native, .hertz(100)]) func recordedNoise(
    decibels: Double, rate: Recipe.Rate
  ) throws {
    try withShards(rate) { _, shards, _, directory in
      let samples = (0..<7200).flatMap { frame -> [Int32] in
        let seconds = Double(frame) / 360
        return [
          Int32(4000 + 300 * sin(2 * .pi * 3 * seconds)), Int32(200 * sin(2 * .pi * 7 * seconds + 1)),
        ]
      }
      let files = try WFDBWriter.encode(
        recordName: "hum", rate: 360, signals: ["noise1", "noise2"].map { WFDBWriter.Signal(name: $0) },
        samples: samples)
      try directory.write(files.header, to: "hum.hea")
      try directory.write(files.data, to: "hum.dat")
      let noise = try RecordNoise(
        .recorded(path: directory.path("hum"), decibels: decibels), of: shards, records: [2], seed: 1)
      let (noisy, clean) = (try microvolts(shards, 2, noise), try microvolts(shards, 2))
      let frames = shards.frameCount(2)
      func line(_ values: [Float], _ lead: Lead) -> [Double] {
        values[lead.rawValue * frames..<(lead.rawValue + 1) * frames].map { Double($0) }
      }
      func variance(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      }
      let added = zip(noisy, clean).map { $0 - $1 }
      let signal = Lead.allCases.map { variance(line(clean, $0)) }.reduce(0, +)
      let power = Lead.allCases.map { variance(line(added, $0)) }.reduce(0, +)
      #expect(abs(10 * log10(signal / power) - decibels) < 0.1)
      let leads = Lead.allCases.map { line(added, $0) }
      for frame in 0..<frames {
        let (one, two) = (leads[0][frame], leads[1][frame])
        #expect(abs(leads[2][frame] - (two - one)) <= 2)
        #expect(abs(leads[3][frame] + (one + two) / 2) <= 2)
      }
      #expect(Set(leads.map { $0.map { Int($0) } }).count >= 10)
    }
  }

  /// Missing samples stay missing, and counts stay within their limits.
  @Test func heldAtLimits() throws {
    var tree = PTBXLTree(count: 2)
    tree.rows[0].record.samples[24] = Int16.min
    for frame in 0..<500 { tree.rows[0].record.samples[12 * frame + 11] = frame % 2 == 0 ? 32767 : -32767 }
    try withSet(tree) { shards in
      let noise = try RecordNoise(.physiological(level: 6), of: shards, records: [0, 1], seed: 3)
      let reader = CropReader(shards, normalization: .none, noise: noise)
      let (values, valid) = try reader.crop(record: 0, start: 0, frames: shards.frameCount(0))
      #expect(valid == shards.frameCount(0))
      #expect(values[2] == 0)
      #expect(values[3] != 0)
      // V6 is full: noise is added on one side, and cut off on the other.
      let frames = shards.frameCount(0)
      let added = (0..<frames).map { abs(values[11 * frames + $0]) }
      #expect(
        added.max() ?? 0 <= 32.7671 && added.contains { $0 > 32.7669 } && added.contains { $0 < 32.766 })
    }
  }

  @Test func refusals() throws {
    try withShards(.hertz(100)) { _, shards, _, directory in
      func write(_ name: String, _ samples: [Int32], rate: Double = 360) throws {
        let files = try WFDBWriter.encode(
          recordName: name, rate: rate, signals: [WFDBWriter.Signal(name: "noise")], samples: samples)
        try directory.write(files.header, to: "\(name).hea")
        try directory.write(files.data, to: "\(name).dat")
      }
      try write("hum", (0..<999).map { $0 % 7 })
      try write("flat", [Int32](repeating: 5, count: 999))
      try write("fast", (0..<999).map { $0 % 7 }, rate: 1e6)
      func code(_ kind: RecordNoise.Kind) -> ECGError.Code? {
        do {
          _ = try RecordNoise(kind, of: shards, records: [0], seed: 0)
          return nil
        } catch { return (error as? ECGError)?.code }
      }
      for level in [0, 7, -1] { #expect(code(.physiological(level: level)) == .invalidArgument) }
      let cases: [(String, Double, ECGError.Code?)] = [
        ("nothing", 6, .notFound), ("hum", .nan, .invalidArgument), ("hum", 1000, .invalidArgument),
        ("flat", 0, .invalidArgument), ("fast", 0, .unsupported), ("hum", 6, nil), ("hum.hea", 6, nil),
        ("hum.dat", 6, nil),
      ]
      for (path, decibels, wanted) in cases {
        #expect(code(.recorded(path: directory.path(path), decibels: decibels)) == wanted, "\(path)")
      }
      // Without ledgers nobody knows at which rate a record was made.
      try Data().write(to: URL(filePath: directory.path("shards/ledger/s-00000.jsonl")))
      #expect(throws: ECGError.self) {
        try RecordNoise(.physiological(level: 1), of: shards, records: [0], seed: 0)
      }
    }
  }
}
