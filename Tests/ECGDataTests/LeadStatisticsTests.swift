import TestSupport
import Testing

@testable import ECGData

@Suite struct LeadStatisticsTests {
  /// Records of lead I around an offset; the other leads are missing.
  func records(offset: Int, count: Int) -> [[Int16]] {
    var generator = SplitMix64("statistics", UInt64(offset))
    return (0..<count).map { _ in
      (0..<(12 * (50 + generator.index(below: 300)))).map { index in
        guard index % 12 == 0, generator.uniform() > 0.1 else { return .min }
        return Int16(offset + Int(generator.normal() * 20))
      }
    }
  }

  let scale = [Float](repeating: 2.5, count: 12)

  /// With an offset of 1,500 standard deviations the textbook's difference of squares would keep six digits less.
  @Test(arguments: [0, 30_000]) func equalsTwoPasses(offset: Int) {
    let records = records(offset: offset, count: 40)
    var statistics = LeadStatistics()
    for record in records { statistics.add(record, scale: scale[...]) }
    let samples = records.joined().enumerated().filter { $0.element != .min }.map {
      Double($0.element) * 0.0025
    }
    let mean = samples.reduce(0, +) / Double(samples.count)
    let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples.count)
    #expect(statistics.count[0] == samples.count && statistics.count[1] == 0)
    #expect(abs(statistics.mean[0] - mean) <= 1e-12 * max(1, abs(mean)))
    #expect(abs(statistics.standardDeviation[0] - variance.squareRoot()) <= 1e-12)
    #expect(statistics.mean[1] == 0 && statistics.standardDeviation[1] == 0)
  }

  @Test func partsMergeToTheWhole() {
    let records = records(offset: 500, count: 30)
    var whole = LeadStatistics()
    for record in records { whole.add(record, scale: scale[...]) }
    var merged = LeadStatistics()
    for part in [records[..<7], records[7..<8], [], records[8...]] {
      var statistics = LeadStatistics()
      for record in part { statistics.add(record, scale: scale[...]) }
      merged.merge(statistics)
    }
    #expect(merged.count == whole.count)
    #expect(abs(merged.mean[0] - whole.mean[0]) < 1e-13)
    #expect(abs(merged.standardDeviation[0] - whole.standardDeviation[0]) < 1e-13)
  }

  /// Median and quartiles by hand: of 1, 2, 3, 4, 10 they are 2, 3 and 4.
  @Test func quartilesAreThoseOfNumPy() {
    func frames(_ values: [Int16]) -> [Int16] {
      values.flatMap { [.min, $0] + [Int16](repeating: .min, count: 10) }
    }
    let odd = LeadSpread(quartilesOf: frames([10, 1, .min, 3, 2, 4]), lead: .II)
    #expect(odd.centre == 3 && odd.spread == 2 / 1.349)
    // numpy.percentile([1, 2, 3, 10], [25, 50, 75]) = 1.75, 2.5, 4.75.
    let even = LeadSpread(quartilesOf: frames([10, 1, 3, 2]), lead: .II)
    #expect(even.centre == 2.5 && even.spread == 3 / 1.349)
    let moments = LeadSpread(momentsOf: frames([10, 1, 3, 2]), lead: .II)
    #expect(moments.centre == 4 && abs(moments.spread - 12.5.squareRoot()) < 1e-15)
    #expect(LeadSpread(quartilesOf: [], lead: .II).spread == 0)
    #expect(LeadSpread(momentsOf: frames([]), lead: .I) == LeadSpread(momentsOf: frames([7]), lead: .I))
  }

  /// Every crop of a record has the whole record's centre and spread taken from it.
  @Test(arguments: Normalization.allCases) func cropsAreNormalised(normalization: Normalization) throws {
    try withTree { directory in
      _ = try PTBXLTree.converter(directory).run()
      let set = try ShardSet(directory.path("shards"))
      let reader = CropReader(set, normalization: normalization)
      let frames = set.frameCount(0)
      let whole = try reader.crop(record: 0, start: 0, frames: frames).values
      let part = try reader.crop(record: 0, start: 100, frames: 250).values
      for lead in 0..<12 {
        #expect(
          part[(lead * 250)..<(lead * 250 + 250)] == whole[(lead * frames + 100)..<(lead * frames + 350)])
      }
      let line = whole[..<frames].map(Double.init)
      let mean = line.reduce(0, +) / Double(frames)
      let sd = (line.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(frames)).squareRoot()
      let sorted = line.sorted()
      switch normalization {
      case .perRecord:
        #expect(abs(mean) < 1e-5 && abs(sd - 1) < 1e-5)
      case .robust:
        #expect(abs(sorted[frames / 2]) < 0.05)
        #expect(abs(sorted[frames * 3 / 4] - sorted[frames / 4] - 1.349) < 0.1)
      case .none:
        let microvolts = try set.counts(0, from: 0, count: 1)
        let (shard, row) = set.location(0)
        #expect(abs(line[0] - Double(microvolts[0]) * Double(shard.columns.scale[row * 12]) / 1000) < 1e-6)
      case .perLead:
        let statistics = set.manifest.statistics
        let millivolts = try CropReader(set, normalization: .none).crop(record: 0, start: 0, frames: 1).values
        let expected = (Double(millivolts[0]) - statistics.mean[0]) / statistics.standardDeviation[0]
        #expect(abs(line[0] - expected) < 1e-5)
      }
    }
  }
}
