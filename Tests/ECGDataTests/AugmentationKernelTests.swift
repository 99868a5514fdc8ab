import CKernels
import Foundation
import Testing

@testable import ECGData

/// The loops over rows of sixteen: all variants that this processor runs give the same bits, those of plain formulas.
@Suite struct AugmentationKernelTests {
  static let variants = [EINTHOVEN_PLAIN, EINTHOVEN_AVX2, EINTHOVEN_AVX512].filter {
    $0.rawValue <= einthoven_best_variant().rawValue
  }

  /// What each variant makes of its own copy, which has to be the same bits; returned once.
  static func outcome(
    of numbers: [Float], _ loop: (einthoven_variant, inout [Float]) -> Void
  ) -> [Float] {
    let outcomes = variants.map { variant in
      var copy = numbers
      loop(variant, &copy)
      return copy
    }
    for other in outcomes.dropFirst() { #expect(other.map(\.bitPattern) == outcomes[0].map(\.bitPattern)) }
    return outcomes[0]
  }

  static func rows(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64("sixteen", seed)
    return (0..<16 * count).map { _ in Float(generator.normal()) }
  }

  @Test(arguments: [0, 1, 2, 3, 5, 64, 250]) func scalesShiftsAndAdds(count: Int) {
    let rows = Self.rows(count, seed: 1)
    let row = Self.rows(1, seed: 2)
    let noise = Self.rows(count + 1, seed: 3)
    #expect(
      Self.outcome(of: rows) { einthoven_scale_rows($0, row, count, &$1) }
        == rows.indices.map { rows[$0] * row[$0 % 16] })
    #expect(
      Self.outcome(of: rows) { einthoven_shift_rows($0, row, count, &$1) }
        == rows.indices.map { rows[$0] + row[$0 % 16] })
    #expect(
      Self.outcome(of: rows) { einthoven_add_rows($0, noise, row, count, &$1) }
        == rows.indices.map { rows[$0] + noise[$0 / 16 * 12 + $0 % 16] * row[$0 % 16] })
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 250]) func blurs(count: Int) {
    let rows = Self.rows(count, seed: 4)
    let blurred = Self.outcome(of: rows) { einthoven_blur_rows($0, count, &$1) }
    for index in rows.indices {
      let sum = zip(-2...2, [0.1, 0.2, 0.4, 0.2, 0.1]).reduce(0.0) { sum, tap in
        let row = max(0, min(index / 16 + tap.0, count - 1))
        return sum + tap.1 * Double(rows[16 * row + index % 16])
      }
      #expect(abs(Double(blurred[index]) - sum) < 1e-6)
    }
  }

  @Test(arguments: [1, 2, 3, 7, 250], [2, 3, 10, 1000]) func thins(count: Int, factor: Int) {
    let rows = Self.rows(count, seed: 5)
    let thinned = Self.outcome(of: rows) { einthoven_thin_rows($0, factor, count, &$1) }
    for index in rows.indices {
      let (frame, lane) = (index / 16, index % 16)
      let kept = frame / factor * factor
      let next = kept + factor < count ? kept + factor : kept
      let share = Double(frame - kept) / Double(factor)
      let expected = Double(rows[16 * kept + lane]) * (1 - share) + Double(rows[16 * next + lane]) * share
      #expect(abs(Double(thinned[index]) - expected) < 1e-6)
      if frame == kept { #expect(thinned[index] == rows[index]) }
    }
  }

  /// A row at weight 0 is copied, whatever follows it.
  @Test func interpolates() {
    let rows = Self.rows(9, seed: 6) + [Float](repeating: .nan, count: 16)
    let (places, weights): ([Int32], [Float]) = ([8, 0, 3, 3, 7], [0, 0.25, 0.5, 0, 1])
    let mixed = Self.outcome(of: [Float](repeating: 0, count: 80)) {
      einthoven_lerp_rows($0, rows, places, weights, 5, &$1)
    }
    for index in mixed.indices {
      let (place, weight) = (16 * Int(places[index / 16]) + index % 16, weights[index / 16])
      #expect(
        mixed[index] == (weight == 0 ? rows[place] : rows[place] + (rows[place + 16] - rows[place]) * weight))
    }
  }

  /// Knuth's algorithm S, draw by draw.
  @Test(arguments: [2, 3, 4, 10, 63, 64, 65, 66, 67, 130, 250, 5000], [0.0, 0.3, 0.75, 1])
  func choosesPlaces(count: Int, share: Double) {
    let chosen = max(2, Int(share * Double(count)))
    var generator = SplitMix64("places", UInt64(count))
    let state = generator.state
    var expected = [0]
    for place in 1..<max(1, count - 1) {
      let drawn = ((generator.next() >> 32) * UInt64(count - 1 - place)) >> 32
      if drawn < UInt64(chosen - expected.count - 1) { expected.append(place) }
    }
    expected.append(count - 1)
    #expect(expected.count == chosen)
    for variant in Self.variants {
      var (taken, places) = ([Int32](repeating: 0, count: chosen + 1), [Int32](repeating: -1, count: count))
      var weights = [Float](repeating: .nan, count: count)
      einthoven_random_places(variant, UInt(state), chosen, count, &taken, &places, &weights)
      #expect(taken.dropLast().map(Int.init) == expected)
      var place = 0
      for frame in 0..<count {
        while place + 1 < chosen, expected[place + 1] <= frame { place += 1 }
        #expect(places[frame] == place)
        let gap = place + 1 < chosen ? expected[place + 1] - expected[place] : 1
        #expect(weights[frame] == Float(frame - expected[place]) / Float(gap))
      }
    }
  }

  @Test(arguments: [1, 2, 3, 50, 250], [1, 2, 5, 101]) func warps(count: Int, segments: Int) {
    var generator = SplitMix64("knots", UInt64(count))
    let last = Double(count - 1)
    let knots = [0] + (1..<segments).map { _ in last * generator.uniform() }.sorted() + [last]
    var outcomes: [[Float]] = []
    for variant in Self.variants {
      var (places, weights) = ([Int32](repeating: -1, count: count), [Float](repeating: .nan, count: count))
      einthoven_warped_places(variant, knots, segments, count, &places, &weights)
      outcomes.append(places.map(Float.init) + weights)
      for frame in 0..<count {
        let at = count > 1 ? Double(frame) / last * Double(segments) : 0
        let segment = min(Int(at), segments - 1)
        let expected = knots[segment] + (knots[segment + 1] - knots[segment]) * (at - Double(segment))
        #expect(abs(Double(places[frame]) + Double(weights[frame]) - expected) < 1e-4)
        #expect((0..<count).contains(Int(places[frame])) && (0...1).contains(weights[frame]))
        #expect(Int(places[frame]) < count - 1 || weights[frame] == 0)
      }
    }
    #expect(outcomes.allSatisfy { $0 == outcomes[0] })
  }

  /// Against the C library's functions in Double.
  @Test func drawsNormalNumbers() {
    let blocks = 20_000
    var generator = SplitMix64("normal", 0)
    let state = generator.state
    let numbers = Self.outcome(of: [Float](repeating: .nan, count: 32 * blocks)) {
      einthoven_normals($0, UInt(state), blocks, &$1)
    }
    var worst = 0.0
    for block in 0..<blocks {
      for draw in 0..<16 {
        let z = generator.next()
        let radius = (-2 * log((Double(z >> 33) + 0.5) / 0x1p31)).squareRoot()
        let angle = 2 * Double.pi * Double(z & 0xFFFF_FFFF) / 0x1p32
        worst = max(worst, abs(Double(numbers[32 * block + draw]) - radius * cos(angle)))
        worst = max(worst, abs(Double(numbers[32 * block + 16 + draw]) - radius * sin(angle)))
      }
    }
    #expect(worst < 1e-6, "\(worst)")
    let sample = SampleFigures(numbers: numbers.map(Double.init))
    // Four standard errors of 640,000 numbers.
    #expect(abs(sample.mean) < 0.005 && abs(sample.moment(2) - 1) < 0.0071)
    #expect(abs(sample.moment(3)) < 0.0123 && abs(sample.moment(4) - 3) < 0.0245)
    #expect(sample.distance { 0.5 * erfc(-$0 / 2.0.squareRoot()) } < 1.95)
    // Neighbours in any order know nothing of each other.
    for lag in [1, 12, 15, 16, 17, 32] {
      let products = (0..<numbers.count - lag).map { Double(numbers[$0] * numbers[$0 + lag]) }
      #expect(abs(SampleFigures(numbers: products).mean) < 0.005, "\(lag)")
    }
  }

  /// Draws at the edges of the transform, found by running SplitMix64 backwards.
  @Test(
    arguments: [
      0, 1, .max, 0x8000_0000_0000_0000, 0xB504_F333_FFFF_FFFF, 0xB504_F334_2000_0000, 0xFFFF_FFFF_1FFF_FFFF,
      0x0000_0001_6000_0000, 0xFFFF_FFFE_8000_0000, 0x5A82_7999_E000_0000,
    ] as [UInt64])
  func drawsNormalNumbersAtTheEdges(draw: UInt64) {
    func unshift(_ z: UInt64, _ by: UInt64) -> UInt64 { z ^ z >> by ^ z >> (2 * by) }
    func inverse(_ a: UInt64) -> UInt64 { (0..<6).reduce(a) { x, _ in x &* (2 &- a &* x) } }
    var z = unshift(draw, 31) &* inverse(0x94D0_49BB_1331_11EB)
    z = unshift(z, 27) &* inverse(0xBF58_476D_1CE4_E5B9)
    var generator = SplitMix64(state: unshift(z, 30) &- 0x9E37_79B9_7F4A_7C15)
    let state = generator.state
    #expect(generator.next() == draw)
    let numbers = Self.outcome(of: [Float](repeating: .nan, count: 32)) {
      einthoven_normals($0, UInt(state), 1, &$1)
    }
    let radius = (-2 * log((Double(draw >> 33) + 0.5) / 0x1p31)).squareRoot()
    let angle = 2 * Double.pi * Double(draw & 0xFFFF_FFFF) / 0x1p32
    #expect(abs(Double(numbers[0]) - radius * cos(angle)) < 1e-6)
    #expect(abs(Double(numbers[16]) - radius * sin(angle)) < 1e-6)
  }

  @Test(arguments: [1, 2, 31, 32, 33, 250, 5000], [1, 4, 50, 64]) func addsHarmonics(count: Int, number: Int)
  {
    var generator = SplitMix64("harmonics", UInt64(count))
    let sizes = (0..<number).map { _ in generator.uniform() }
    let phases = (0..<number).map { _ in generator.uniform() }
    let rows = Self.rows(count, seed: 7)
    let factors = Self.rows(1, seed: 8)
    for turns in [0.01 / 500, 0.5, 50.0 / 360] {
      let sums = Self.outcome(of: rows) {
        einthoven_add_harmonics($0, sizes, phases, number, turns, factors, count, &$1)
      }
      for frame in stride(from: 0, to: count, by: max(1, count / 40)) {
        let sum = (0..<number).reduce(0.0) { sum, k in
          sum + sizes[k] * cos(2 * Double.pi * (Double(k) * turns * Double(frame) + phases[k]))
        }
        for lane in 0..<16 {
          let expected = Double(rows[16 * frame + lane]) + sum * Double(factors[lane])
          #expect(abs(Double(sums[16 * frame + lane]) - expected) < 1e-5)
        }
      }
    }
  }

  @Test func logarithmIsTheLibrarys() {
    var generator = SplitMix64("logarithm", 0)
    for x in [
      0x1p-53, 0.001, 0.5, 0.7071067811865475, 1, 1.4142135623730951, 2, 1000, 1e300, .leastNonzeroMagnitude,
    ]
      + (0..<1000).map({ _ in generator.uniform(1e-6..<3) })
    {
      #expect(abs(PortableMath.logarithm(x) - log(x)) <= 4e-16 * max(abs(log(x)), 1e-3))
    }
  }
}
