import Foundation
import TestSupport
import Testing

@testable import ECGData

/// What an epoch consists of, and how crops are delivered.
@Suite struct StreamItemTests {
  /// Values [B, 12, T] in another layout.
  func relaid(_ values: [Float], rows: Int, frames: Int, width: Int) -> [Float] {
    var result = [Float](repeating: 0, count: rows * frames * width)
    for row in 0..<rows {
      for lead in 0..<12 {
        for frame in 0..<frames {
          result[(row * frames + frame) * width + lead] = values[(row * 12 + lead) * frames + frame]
        }
      }
    }
    return result
  }

  @Test(arguments: [BatchLayout.timeMajor, .blocked], [[], ["blur"]]) func laysValuesAsAsked(
    layout: BatchLayout, augmentations: [String]
  ) throws {
    var tree = PTBXLTree(count: 6, frames: 500)
    tree.rows[1].record.samples = WFDBFixture.electrocardiogram(seed: 70, frames: 77)
    tree.rows[2].record.leads[11] = "X"
    try withSet(tree) { set in
      var configuration = StreamConfiguration(batch: 6, crop: 0.202, seed: 4)
      configuration.augmentations = try augmentations.map { try Augmentation($0) }
      let plain = try drain(BatchStream(set, configuration, epochs: 1))[0]
      configuration.layout = layout
      let other = try drain(BatchStream(set, configuration, epochs: 1))[0]
      #expect(plain.frames == 101 && plain.validFrames == other.validFrames && plain.starts == other.starts)
      let width = layout == .blocked ? 16 : 12
      #expect(other.values == relaid(plain.values, rows: 6, frames: 101, width: width))
    }
  }

  @Test func deliversViewsOfTheirOwn() throws {
    try withSet { set in
      var configuration = StreamConfiguration(batch: 4, crop: 0.1, seed: 11)
      let single = try drain(BatchStream(set, configuration, epochs: 1))
      configuration.views = 3
      let several = try drain(BatchStream(set, configuration, epochs: 1))
      for (one, three) in zip(single, several) {
        #expect(three.records == one.records && three.values.count == 3 * one.values.count)
        #expect(Array(three.values.prefix(one.values.count)) == one.values)
        for view in 0..<3 {
          let starts = three.records.map { record in
            var generator = SplitMix64("crop", 11, 0, set.key(record), UInt64(view))
            return Int(generator.next(below: 451))
          }
          #expect(Array(three.starts[(4 * view)..<(4 * view + 4)]) == starts)
        }
      }
    }
  }

  /// Views of one place differ by their augmentations alone.
  @Test func viewsMayBeOfOnePlace() throws {
    try withSet { set in
      var configuration = StreamConfiguration(batch: 4, crop: 0.1, seed: 11)
      let single = try drain(BatchStream(set, configuration, epochs: 1))
      configuration.views = 3
      configuration.areViewsAtOnePlace = true
      let several = try drain(BatchStream(set, configuration, epochs: 1))
      configuration.augmentations = [try Augmentation("gaussian-noise")]
      let augmented = try drain(BatchStream(set, configuration, epochs: 1))
      for ((one, three), other) in zip(zip(single, several), augmented) {
        #expect(three.starts == one.starts + one.starts + one.starts && other.starts == three.starts)
        #expect(three.values == one.values + one.values + one.values)
        let size = one.values.count
        #expect(Set((0..<3).map { Array(other.values[$0 * size..<($0 + 1) * size]) }).count == 3)
      }
    }
  }

  @Test(arguments: [(100, 40), (100, 100), (500, 1), (600, 10), (99, 400)]) func goesThroughRecordsByWindows(
    frames: Int, stride: Int
  ) throws {
    var tree = PTBXLTree(count: 6, frames: 500)
    tree.rows[4].record.samples = WFDBFixture.electrocardiogram(seed: 70, frames: 120)
    try withSet(tree) { set in
      var configuration = StreamConfiguration(batch: 4, crop: Double(frames) / 500, seed: 1)
      configuration.stride = Double(stride) / 500
      (configuration.order, configuration.tail) = (.stored, .masked)
      let batches = try drain(BatchStream(set, configuration, epochs: 1))
      var expected: [[Int]] = []
      for record in 0..<6 {
        let last = max(0, set.frameCount(record) - frames)
        var starts = Array(Swift.stride(from: 0, through: last, by: stride))
        if starts[starts.count - 1] != last { starts.append(last) }
        expected += starts.map { [record, $0, min(frames, set.frameCount(record))] }
      }
      let found = batches.flatMap { batch in
        (0..<batch.count).map { [batch.records[$0], batch.starts[$0], batch.validFrames[$0]] }
      }
      #expect(found == expected)
      #expect(batches.count == (expected.count + 3) / 4)
      let reader = CropReader(set)
      for batch in batches {
        for row in 0..<batch.count {
          let crop = try reader.crop(record: batch.records[row], start: batch.starts[row], frames: frames)
          let size = 12 * frames
          #expect(Array(batch.values[(row * size)..<(row * size + size)]) == crop.values)
        }
      }
    }
  }

  /// A source of weight w has every record equally often over the epochs, and never the same crop twice in one.
  @Test(arguments: [0.25, 0.5, 1.75, 2, 3]) func weighsSources(weight: Double) throws {
    try withSet { set in
      var configuration = StreamConfiguration(batch: 1, crop: 0.1, seed: 5)
      configuration.weights = ["ptb-xl": weight]
      let share = max(1, Int((weight * 14).rounded()))
      let stream = try BatchStream(set, configuration, epochs: 28)
      #expect(stream.state.order.hasSuffix("/weights(ptb-xl=\(weight))"))
      let batches = try drain(stream)
      #expect(batches.count == 28 * share)
      var times = [Int](repeating: 0, count: 14)
      for batch in batches { times[batch.records[0]] += 1 }
      #expect(times.allSatisfy { $0 == 2 * share })
      for epoch in Dictionary(grouping: batches, by: \.epoch).values {
        let crops = epoch.map { [$0.records[0], $0.starts[0]] }
        #expect(Set(crops).count > crops.count - 2)
        #expect(Set(epoch.map { $0.records[0] }).count >= min(14, share) / 2)
      }
      let going = try BatchStream(set, configuration, epochs: 28)
      for _ in 0..<(3 * share) { _ = try going.next() }
      let rest = try drain(BatchStream(set, configuration, epochs: 28, state: going.state))
      #expect(rest.map(\.records) == batches.dropFirst(3 * share).map(\.records))
    }
  }

  /// The shards permuted, their records in one line, and every stretch of it permuted in turn, by one generator.
  @Test(arguments: [1, 3, 5, 100]) func keepsWindowsTogether(length: Int) throws {
    try withSet { set in
      var configuration = StreamConfiguration(batch: 1, crop: 0.1, seed: 5)
      configuration.order = .window(length)
      let batches = try drain(BatchStream(set, configuration, epochs: 3))
      for epoch in 0..<3 {
        var generator = SplitMix64("epoch", 5, UInt64(epoch))
        func shuffled(_ values: [Int]) -> [Int] {
          var values = values
          for last in stride(from: values.count - 1, to: 0, by: -1) {
            values.swapAt(last, Int(generator.next(below: UInt64(last + 1))))
          }
          return values
        }
        // Three records a shard.
        let line = shuffled([0, 1, 2, 3, 4]).flatMap { shard in (3 * shard)..<min(14, 3 * shard + 3) }
        let expected = stride(from: 0, to: 14, by: length).flatMap {
          shuffled(Array(line[$0..<min(14, $0 + length)]))
        }
        #expect(batches.filter { $0.epoch == epoch }.map { $0.records[0] } == expected)
      }
    }
  }

  @Test func filtersRecords() throws {
    var tree = PTBXLTree(count: 14)
    tree.rows[2].record.samples = WFDBFixture.electrocardiogram(seed: 70, frames: 120)
    tree.rows[5].record.leads[11] = "X"
    tree.rows[7].record.samples[24] = .min
    try withSet(tree) { set in
      func ids(_ change: (inout RecordFilter) throws -> Void) throws -> Set<String> {
        var filter = RecordFilter()
        try change(&filter)
        return Set(try set.records(filter).map { set.id($0) })
      }
      func check(_ expected: Set<String>, _ change: (inout RecordFilter) throws -> Void) throws {
        let found = try ids(change)
        #expect(found == expected)
      }
      let all = Set((1...14).map(String.init))
      try check(all) { _ in }
      try check(all.subtracting(["3"])) { $0.minimumDuration = 0.25 }
      try check(all) { $0.minimumDuration = 0.24 }
      try check(all.subtracting(["6"])) { $0.leads = try LeadMask(named: ["V6", "I"]) }
      try check(all.subtracting(["3"])) { try $0.exclude(flags: ["age_capped"]) }
      try check(all.subtracting(["8"])) { try $0.exclude(flags: ["missing_samples"]) }
      try check(all.subtracting(["3", "8"])) { try $0.exclude(flags: ["missing_samples", "age_capped"]) }
      try check(all) { try $0.exclude(flags: ["derived"]) }
      try check(Set((1...14).filter { $0 % 3 != 1 }.map(String.init))) { $0.task = "ptbxl.rhythm" }
      try check(["2", "3"]) {
        $0.sources = ["ptb-xl"]
        $0.folds = try Folds("2")
      }
      #expect(try error { try ids { $0.sources = ["sph"] } }.code == .notFound)
      #expect(try error { try ids { $0.task = "ptbxl.none" } }.code == .invalidArgument)
      #expect(try error { try LeadMask(named: ["V7"]) }.code == .invalidArgument)
      #expect(
        try error {
          var filter = RecordFilter()
          try filter.exclude(flags: ["x"])
        }.code == .invalidArgument)
    }
  }

  /// Samples 10 to 19 of V2, and the last ten of V3, are missing.
  @Test(arguments: MissingPolicy.allCases, BatchLayout.allCases) func putsWhatIsAskedForMissingSamples(
    missing: MissingPolicy, layout: BatchLayout
  ) throws {
    var tree = PTBXLTree(count: 1, frames: 100)
    for frame in 10..<20 { tree.rows[0].record.samples[frame * 12 + 7] = .min }
    for frame in 90..<100 { tree.rows[0].record.samples[frame * 12 + 8] = .min }
    tree.rows[0].record.leads[11] = "X"
    try withSet(tree) { set in
      var configuration = StreamConfiguration(batch: 1, crop: 0.22, seed: 0)
      configuration.layout = layout
      let zeroed = try drain(BatchStream(set, configuration, epochs: 1))[0]
      configuration.missing = missing
      let batch = try drain(BatchStream(set, configuration, epochs: 1))[0]
      func place(_ lead: Int, _ frame: Int) -> Int {
        switch layout {
        case .leadMajor: lead * 110 + frame
        case .timeMajor: frame * 12 + lead
        case .blocked: frame * 16 + lead
        }
      }
      for lead in 0..<12 {
        for frame in 0..<110 {
          let isMeasured =
            lead != 11 && frame < 100 && !(lead == 7 && (10..<20).contains(frame))
            && !(lead == 8 && (90..<100).contains(frame))
          let value = batch.values[place(lead, frame)]
          if let mask = batch.mask { #expect(mask[place(lead, frame)] == (isMeasured ? 1 : 0)) }
          guard !isMeasured, missing == .interpolated, lead != 11, frame < 100 else {
            #expect(value == zeroed.values[place(lead, frame)] && (isMeasured || value == 0))
            continue
          }
          let left = batch.values[place(lead, lead == 7 ? 9 : 89)]
          let right = lead == 7 ? batch.values[place(7, 20)] : left
          let expected = left + (right - left) * (Float(frame - 9) / 11)
          #expect(lead == 8 ? value == left : value == expected)
        }
      }
      #expect((batch.mask != nil) == (missing == .masked))
    }
  }

  /// Noise is not heard on leads that a record lacks, nor behind its end.
  @Test func augmentsWhatIsThere() throws {
    var tree = PTBXLTree(count: 1, frames: 100)
    tree.rows[0].record.leads[11] = "X"
    try withSet(tree) { set in
      var configuration = StreamConfiguration(batch: 1, crop: 0.3, seed: 0)
      configuration.views = 2
      configuration.augmentations = [try Augmentation("gaussian-noise")]
      let batch = try drain(BatchStream(set, configuration, epochs: 1))[0]
      let plain = try CropReader(set).crop(record: 0, start: 0, frames: 150).values
      for view in 0..<2 {
        let values = Array(batch.values[(view * 1800)..<(view * 1800 + 1800)])
        for lead in 0..<12 {
          let line = values[(lead * 150)..<(lead * 150 + 150)]
          #expect(line.suffix(50).allSatisfy { $0 == 0 })
          #expect((line.prefix(100) == plain[(lead * 150)..<(lead * 150 + 100)]) == (lead == 11))
        }
      }
      #expect(batch.values.prefix(1800) != batch.values.suffix(1800))
    }
  }

  @Test(arguments: ["shuffled", "stored", "window:7"]) func parsesOrders(text: String) throws {
    let order = try EpochOrder(text)
    #expect(order == (text == "shuffled" ? .shuffled : text == "stored" ? .stored : .window(7)))
  }

  @Test(arguments: [
    "", "window", "window:", "window:0", "window:-3", "window:x", "stored:2", "random", "window:9:9",
    "window:+5", "window:9223372036854775807",
  ])
  func refusesOtherOrders(text: String) throws {
    #expect(try error { try EpochOrder(text) }.code == .invalidArgument)
  }

  @Test func refusesWhatMakesNoStream() throws {
    try withSet { set in
      let changes: [(inout StreamConfiguration) throws -> Void] = [
        { $0.views = 0 }, { $0.views = .max }, { $0.stride = 0 }, { $0.stride = .nan }, { $0.stride = 1e300 },
        { $0.weights = ["ptb-xl": 0] }, { $0.weights = ["ptb-xl": .infinity] }, { $0.weights = ["sph": 2] },
        { ($0.stride, $0.weights) = (1, ["ptb-xl": 2]) }, { $0.order = .window(0) },
        { $0.order = .window(.max) }, { $0.filter.minimumDuration = .nan },
        { $0.filter.minimumDuration = -1 },
        { ($0.missing, $0.augmentations) = (.masked, [try Augmentation("random-resized-crop")]) },
      ]
      for (index, change) in changes.enumerated() {
        var configuration = StreamConfiguration(batch: 2, crop: 0.1, seed: 0)
        try change(&configuration)
        let failure = try error { try BatchStream(set, configuration, epochs: 1) }
        #expect(failure.code == .invalidArgument || failure.code == .notFound, "change \(index)")
      }
    }
  }
}
