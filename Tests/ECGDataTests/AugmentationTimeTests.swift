import Testing

@testable import ECGData

/// The kinds that move, mix or blank frames, seen on leads that count their frames.
@Suite struct AugmentationTimeTests {
  static let count = 50
  static let trials = 4000

  /// The outcomes of many draws on a ramp.
  static func outcomes(_ kind: Augmentation.Kind) -> [[Float]] {
    (0..<UInt64(trials)).map {
      Augmentation(kind).applied(to: CropRows.ramp(count), state: SplitMix64("ramp", $0).state)[7]
    }
  }

  /// Whether numbers are uniform from 0 to 1.
  static func areUniform(_ numbers: [Double]) -> Bool {
    SampleFigures(numbers: numbers).distance { max(0, min($0, 1)) } < 1.95
  }

  /// Each frame of a part in its order, at the ends the ends, straight lines between; parts and places at random.
  @Test func resizedCropStretchesAPart() throws {
    var generator = SplitMix64("dither", 0)
    var (shares, starts) = ([Double](), [Double]())
    var taken = [Int](repeating: 0, count: Self.count)
    var expected = 0.0
    for line in Self.outcomes(.randomResizedCrop()) {
      let (start, end) = (Int(line[0]), Int(try #require(line.last)))
      let length = end - start + 1
      #expect(Float(start) == line[0] && Float(end) == line.last)
      #expect(length >= Self.count / 2 && start >= 0 && end < Self.count)
      let places = line.indices.filter { line[$0] == line[$0].rounded() }
      #expect(places.map { Int(line[$0]) } == Array(start...end))
      for (left, right) in zip(places, places.dropFirst()) {
        for place in left..<right {
          let line = line[place] - line[left]
          #expect(abs(line - Float(place - left) / Float(right - left)) < 1e-5)
        }
      }
      for place in places { taken[place] += 1 }
      expected += Double(length - 2) / Double(Self.count - 2)
      // Rounded lengths and places are spread over what they stand for; half of the longest and the shortest.
      shares.append(
        (Double(length) - 25 + (length == 25 || length == 50 ? 0 : generator.uniform() - 0.5)) / 25)
      starts.append((Double(start) + generator.uniform()) / Double(Self.count - length + 1))
    }
    #expect(SampleFigures(numbers: shares).distance { max(0, min($0, 1)) } < 1.95 + 0.02 * 63.3)
    #expect(Self.areUniform(starts))
    #expect(taken.first == Self.trials && taken.last == Self.trials)
    let deviation = (expected * (1 - expected / Double(Self.trials))).squareRoot()
    for number in taken[1..<(Self.count - 1)] { #expect(abs(Double(number) - expected) < 4 * deviation) }
  }

  @Test func resizedCropIsWholeAtOne() {
    for line in Self.outcomes(.randomResizedCrop(low: 1)).prefix(100) {
      #expect(line == (0..<50).map(Float.init))
    }
  }

  /// Leads stay together.
  @Test func resizedCropMovesAllLeadsAlike() {
    let crop = Augmentation(.randomResizedCrop()).applied(to: CropRows.ramp(200), state: 3)
    #expect(crop.leads.allSatisfy { $0 == crop[0] })
  }

  @Test func timeOutBlanksAPart() {
    var generator = SplitMix64("dither", 1)
    var (lengths, starts) = ([Int: Int](), [Double]())
    let rows = (0..<12 * Self.count).map { Float($0 / 12 + 1) }
    for trial in 0..<UInt64(Self.trials) {
      let crop = Augmentation(.timeOut()).applied(to: rows, state: SplitMix64("time-out", trial).state)
      #expect(crop.leads.allSatisfy { $0 == crop[0] })
      let blank = crop[0].indices.filter { crop[0][$0] == 0 }
      #expect(blank.count == (blank.last ?? 0) - (blank.first ?? 0) + 1)
      for (frame, value) in crop[0].enumerated() where value != 0 { #expect(value == Float(frame + 1)) }
      lengths[blank.count, default: 0] += 1
      starts.append((Double(blank.first ?? 0) + generator.uniform()) / Double(Self.count - blank.count + 1))
    }
    // 10 to 20 frames, each length as often, the ends half.
    #expect(lengths.keys.min() == 10 && lengths.keys.max() == 20)
    for (length, number) in lengths {
      let expected = Double(Self.trials) / (length == 10 || length == 20 ? 20 : 10)
      #expect(abs(Double(number) - expected) < 4 * expected.squareRoot())
    }
    #expect(Self.areUniform(starts))
  }

  @Test func blurHasItsWeights() {
    var rows = [Float](repeating: 0, count: 12 * 9)
    rows[12 * 4 + 5] = 1
    let crop = Augmentation(.blur).applied(to: rows)
    #expect(crop[5] == [0, 0, 0.1, 0.2, 0.4, 0.2, 0.1, 0, 0])
    #expect(crop[4].allSatisfy { $0 == 0 } && crop.state == 1)
  }

  /// Straight between knots, which move evenly within their reach; the ends stay.
  @Test(arguments: [0.03, 0.1, 5]) func warpMovesKnots(radius: Double) {
    // Five parts of 10 frames.
    let rows = CropRows.ramp(51)
    let reach = min(radius * 100, 5)
    var moves: [[Double]] = [[], [], [], []]
    for trial in 0..<UInt64(2000) {
      let crop = Augmentation(.dynamicTimeWarp(knots: 4, radius: radius)).applied(
        to: rows, state: SplitMix64("warp", trial).state)
      let line = crop[2].map(Double.init)
      #expect(line[0] == 0 && abs(line[50] - 50) < 1e-5)
      for frame in 1..<51 {
        #expect(line[frame] >= line[frame - 1])
        let start = frame / 10 * 10
        guard start < 50 else { continue }
        let expected = line[start] + (line[start + 10] - line[start]) * Double(frame - start) / 10
        #expect(abs(line[frame] - expected) < 2e-5)
      }
      for knot in 1...4 { moves[knot - 1].append((line[10 * knot] - Double(10 * knot)) / reach) }
    }
    for knot in moves {
      #expect(knot.allSatisfy { abs($0) < 1 + 1e-5 })
      #expect(Self.areUniform(knot.map { ($0 + 1) / 2 }))
    }
    let products = zip(moves[1], moves[2]).map { $0 * $1 }
    #expect(abs(SampleFigures(numbers: products).mean) < 0.03)
  }

  @Test func downSamplingKeepsEveryKth() {
    let squares: [Float] = [0, 1, 4, 9, 16, 25, 36, 49]
    let rows = squares.flatMap { [Float](repeating: $0, count: 12) }
    #expect(Augmentation(.downSampling()).applied(to: rows)[0] == [0, 2, 4, 10, 16, 26, 36, 36])
    let third = Augmentation(.downSampling(factor: 3)).applied(to: rows)[0]
    let expected: [Float] = [0, 3, 6, 9, 18, 27, 36, 36]
    #expect(zip(third, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(Augmentation(.downSampling(factor: 8)).applied(to: rows)[0].allSatisfy { $0 == 0 })
  }
}
