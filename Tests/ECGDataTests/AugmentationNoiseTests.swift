import Foundation
import Testing

@testable import ECGData

/// The kinds that scale leads or add to them: their distributions, on crops of nothing.
@Suite struct AugmentationNoiseTests {
  static func normal(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  /// What is added to a crop of zeros.
  static func noise(
    _ kind: Augmentation.Kind, count: Int, rate: Double = 100, trial: Int = 0
  ) -> AugmentedCrop {
    Augmentation(kind).applied(
      to: [Float](repeating: 0, count: 12 * count), rate: rate,
      state: SplitMix64("noise", UInt64(trial)).state)
  }

  /// The variance over trials of one frame and lead, by what it should be.
  static func variance(
    of kind: Augmentation.Kind, rate: Double = 100, frame: Int, lead: Int, expected: Double
  ) -> Double {
    let values = (0..<6000).map { Double(noise(kind, count: 250, rate: rate, trial: $0)[lead][frame]) }
    return values.reduce(0) { $0 + $1 * $1 } / Double(values.count) / expected
  }

  @Test(arguments: [0.005, 2]) func gaussianNoiseIsNormal(deviation: Double) {
    let crop = Self.noise(.gaussianNoise(deviation: deviation), count: 5000)
    for lead in 0..<12 {
      let sample = SampleFigures(numbers: crop[lead].map { Double($0) / deviation })
      #expect(abs(sample.mean) < 0.057 && abs(sample.moment(2) - 1) < 0.08)
      #expect(sample.distance(from: Self.normal) < 1.95)
      for other in 0..<lead {
        let products = zip(crop[lead], crop[other]).map { Double($0 * $1) / deviation / deviation }
        #expect(abs(SampleFigures(numbers: products).mean) < 0.057)
      }
    }
  }

  /// One factor a lead, whose logarithm is uniform.
  @Test(arguments: [(0.5, 2.0), (0.01, 0.02)]) func scalingIsLogUniform(low: Double, high: Double) {
    let rows = CropRows.noise(20)
    var shares: [Double] = []
    for trial in 0..<UInt64(400) {
      let crop = Augmentation(.leadScaling(low: low, high: high)).applied(to: rows, state: trial << 32)
      for lead in 0..<12 {
        let factor = crop[lead][0] / rows[lead]
        for frame in 0..<20 {
          #expect(abs(crop[lead][frame] - factor * rows[12 * frame + lead]) <= 1e-6 * abs(crop[lead][frame]))
        }
        shares.append(log(Double(factor) / low) / log(high / low))
      }
    }
    #expect(SampleFigures(numbers: shares).distance { max(0, min($0, 1)) } < 1.95)
  }

  @Test func negationTurnsAllSigns() {
    let rows = CropRows.noise(33)
    let crop = Augmentation(.negation, probability: 1).applied(to: rows)
    for lead in 0..<12 { #expect(crop[lead] == (0..<33).map { -rows[12 * $0 + lead] }) }
    #expect(Augmentation(.negation).probability == 0.5 && Augmentation(.blur).probability == 1)
  }

  /// The same on all leads, slow, and as strong as its terms: E C² Σ E a² / 2 = maximum² / 3 · 50 / 6.
  @Test func wanderIsSlowAndCommon() {
    for trial in 0..<50 {
      let crop = Self.noise(.baselineWander(maximum: 0.3), count: 1000, trial: trial)
      #expect(crop.leads.allSatisfy { $0 == crop[0] })
      #expect(crop[0].allSatisfy { abs($0) <= 0.3 * 50 })
      // No slope is steeper than that of all cosines at once, Σ 2π 0.01 k.
      let steepest = 0.3 * 2 * Float.pi * 0.01 * 1225 / 100
      #expect(zip(crop[0], crop[0].dropFirst()).allSatisfy { abs($1 - $0) < steepest })
    }
    for frame in [0, 111] {
      let ratio = Self.variance(
        of: .baselineWander(maximum: 0.3), frame: frame, lead: 4, expected: 0.09 / 3 * 50 / 6)
      #expect(abs(ratio - 1) < 0.12, "\(ratio)")
    }
  }

  /// Normal within a crop, whose deviation is uniform between crops.
  @Test func electromyogramIsNormal() {
    var heights: [Double] = []
    for trial in 0..<300 {
      let crop = Self.noise(.electromyogram(maximum: 2), count: 250, trial: trial)
      let all = SampleFigures(numbers: crop.leads.flatMap { $0.map(Double.init) })
      let height = all.moment(2).squareRoot()
      heights.append(height / 2)
      if trial < 20 { #expect(all.distance { Self.normal($0 / height) } < 1.95) }
    }
    #expect(SampleFigures(numbers: heights).distance { max(0, min($0, 1)) } < 1.95)
  }

  /// Three cosines with a gain for each lead: E C² E g² · 3 E a² / 2 = maximum² / 18; at 250 Hz the third is left out.
  @Test(arguments: [(500.0, 50.0, 3), (250, 50, 2), (250, 60, 2), (110, 50, 1)])
  func powerlineHasItsHarmonics(rate: Double, frequency: Double, number: Int) {
    let kind = Augmentation.Kind.powerline(maximum: 1, frequency: frequency)
    let ratio = Self.variance(of: kind, rate: rate, frame: 77, lead: 9, expected: Double(number) / 54)
    #expect(abs(ratio - 1) < 0.12, "\(ratio)")
    // Over whole periods of all of them nothing else is there.
    let count = Int(rate) * 2
    let crop = Self.noise(kind, count: count, rate: rate, trial: 3)
    for lead in [0, 11] {
      let line = crop[lead].map(Double.init)
      var power = 0.0
      for harmonic in 1...number {
        let angle = 2 * Double.pi * frequency * Double(harmonic) / rate
        let real = line.enumerated().reduce(0.0) { $0 + $1.element * cos(angle * Double($1.offset)) }
        let imaginary = line.enumerated().reduce(0.0) { $0 + $1.element * sin(angle * Double($1.offset)) }
        power += (real * real + imaginary * imaginary) * 2 / Double(count)
      }
      let whole = line.reduce(0) { $0 + $1 * $1 }
      #expect(whole > 0 && abs(power / whole - 1) < 1e-5)
    }
  }

  /// At 100 Hz the harmonics of 50 Hz are left out, or are a constant and what changes its sign from frame to frame.
  @Test func powerlineAtTwiceTheRate() {
    let silent = Self.noise(.powerline(maximum: 1), count: 100, trial: 1)
    #expect(silent.leads.allSatisfy { $0.allSatisfy { $0 == 0 } })
    let aliased = Self.noise(.powerline(maximum: 1, harmonics: .aliased), count: 100, trial: 1)
    #expect(aliased.state == silent.state)
    for lead in aliased.leads {
      #expect(lead[0] != lead[1] && lead[0] != -lead[1])
      for (frame, value) in lead.enumerated() { #expect(abs(value - lead[frame % 2]) < 1e-6) }
    }
  }

  /// Sums of plateaus of one height with signs of their own.
  @Test func shiftIsPlateaus() {
    var (numbers, lengths) = ([0, 0, 0, 0], [Double]())
    for trial in 0..<4000 {
      let crop = Self.noise(.baselineShift(maximum: 3), count: 1000, trial: trial)
      // Edges of lead 0 within the crop, each by one height.
      var generator = SplitMix64("noise", UInt64(trial))
      let height = 3 * generator.uniform()
      let number = generator.index(below: 4)
      numbers[number] += 1
      let steps = zip(crop[0], crop[0].dropFirst()).map { Double($1 - $0) }.filter { abs($0) > 1e-6 * height }
      #expect(steps.count <= 2 * number)
      #expect(steps.allSatisfy { step in [1.0, 2, 3, 4].contains { abs(abs(step) / height - $0) < 1e-4 } })
      if number == 1 {
        let inside = crop[0].indices.filter { crop[0][$0] != 0 }
        #expect(inside.allSatisfy { abs(abs(Double(crop[0][$0])) / height - 1) < 1e-5 })
        if let first = inside.first, let last = inside.last, first > 0, last < 999 {
          lengths.append(Double(last - first + 1) / 100)
        }
      }
      #expect(number > 0 || crop.leads.allSatisfy { $0.allSatisfy { $0 == 0 } })
    }
    // 0 to round(0.3 · 10 s), all as often.
    for number in numbers { #expect(abs(number - 1000) < 4 * 28) }
    // Those whole within 10 s are a little shorter than all: a centre has 10 s less its length.
    let sample = SampleFigures(numbers: lengths)
    #expect(lengths.count > 500)
    #expect(abs(sample.mean - (3 - 0.36 / 7)) < 0.08 && abs(sample.moment(2).squareRoot() - 0.6) < 0.06)
  }

  /// Levels are the four kinds one behind the other, with the paper's maxima.
  @Test(arguments: [
    (1, 0.05, 0.25, 0.1, 0.5), (2, 0.1, 0.5, 0.2, 1), (3, 0.1, 1, 0.2, 2), (4, 0.2, 1, 0.4, 2),
    (5, 0.2, 1.5, 0.4, 2.5), (6, 0.3, 2, 0.5, 3),
  ]) func levelsAreTheFour(
    level: Int, wander: Double, muscle: Double, mains: Double, shift: Double
  ) {
    let rows = CropRows.noise(500)
    let units = (1...12).map(Float.init)
    for harmonics in Augmentation.Harmonics.allCases {
      let whole = Augmentation(.physiologicalNoise(level: level, frequency: 60, harmonics: harmonics))
        .applied(
          to: rows, rate: 250, unit: units, state: 9)
      let crop = CropRows(capacity: 500)
      crop.fill(rows)
      var generator = SplitMix64(state: 9)
      for kind in [
        .baselineWander(maximum: wander), .electromyogram(maximum: muscle),
        .powerline(maximum: mains, frequency: 60, harmonics: harmonics), .baselineShift(maximum: shift),
      ] as [Augmentation.Kind] {
        Augmentation(kind).apply(to: crop, rate: 250, valuesPerMillivolt: units, generator: &generator)
      }
      #expect(crop.read(generator) == whole)
    }
  }
}
