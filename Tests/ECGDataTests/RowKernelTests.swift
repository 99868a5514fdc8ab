import CKernels
import Testing

@testable import ECGData

/// The loops over whole rows of twelve leads, against the plain formulas: all variants that this processor runs give the same bits.
@Suite struct RowKernelTests {
  static let variants = SampleKernelTests.variants

  static func rows(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SplitMix64("rows", seed)
    return (0..<count * Lead.count).map { _ in 300 * generator.normal() }
  }

  static func column(_ rows: [Double], _ lead: Int) -> [Double] {
    stride(from: lead, to: rows.count, by: Lead.count).map { rows[$0] }
  }

  /// One lead by itself goes another way through the same filter.
  @Test(arguments: [1, 2, 7, 24, 25, 26, 500], [1, 2, 3, 4])
  func filtersTwelveAsOne(frames: Int, order: Int) throws {
    let filter = try SecondOrderSections.butter(
      order: order, band: .bandpass(low: 0.5, high: 40), rate: 250)
    let rows = Self.rows(frames, seed: UInt64(frames))
    let filtered = filter.zeroPhase(timeMajor: rows, leads: Lead.count)
    for lead in 0..<Lead.count {
      #expect(Self.column(filtered, lead) == filter.zeroPhase(Self.column(rows, lead)))
    }
  }

  @Test(arguments: [1, 2, 3, 4], [true, false])
  func cascadesAlike(sections: Int, backwards: Bool) {
    var generator = SplitMix64("sections", UInt64(sections))
    let cascade = (0..<sections).map { _ in
      einthoven_section(
        b0: generator.normal(), b1: generator.normal(), b2: generator.normal(), a1: 0.3 * generator.normal(),
        a2: 0.3 * generator.normal())
    }
    let memory = Self.rows(2 * sections, seed: 3)
    func run(_ variant: einthoven_variant) -> [[Double]] {
      var (rows, memory) = (Self.rows(77, seed: 1), memory)
      einthoven_cascade_12(variant, cascade, sections, &rows, 77, &memory, backwards ? -1 : 1)
      return [rows, memory]
    }
    let plain = run(EINTHOVEN_PLAIN)
    for variant in Self.variants { #expect(run(variant) == plain) }
  }

  @Test(arguments: [1, 2, 5], [1, 3, 50])
  func averagesAlike(length: Int, count: Int) {
    let rows = Self.rows(length * count + 3, seed: 4)
    for variant in Self.variants {
      var means = [Double](repeating: 0, count: count * Lead.count)
      einthoven_means_12(variant, rows, count, length, &means)
      var (first, second) = ([Double](repeating: 0, count: 12), [Double](repeating: 0, count: 12))
      einthoven_powers_12(variant, rows, count, &first, &second)
      for lead in 0..<Lead.count {
        let line = Self.column(rows, lead)
        let expected = (0..<count).map { index in
          line[(index * length)..<((index + 1) * length)].reduce(0, +) * (1 / Double(length))
        }
        #expect(Self.column(means, lead) == expected)
        #expect(first[lead] == line.prefix(count).reduce(0, +))
        #expect(second[lead] == line.prefix(count).reduce(0) { $0 + $1 * $1 })
      }
    }
  }

  @Test(arguments: [1, 4, 25]) func runsMeansAlike(length: Int) {
    let count = 60
    let rows = Self.rows(count, seed: 5)
    var outcomes: [[Double]] = []
    for variant in Self.variants {
      var means = [Double](repeating: 0, count: (count - length + 1) * Lead.count)
      einthoven_running_12(variant, rows, count, length, &means)
      outcomes.append(means)
      for lead in 0..<Lead.count {
        let line = Self.column(rows, lead).map(abs)
        for (index, mean) in Self.column(means, lead).enumerated() {
          let expected = line[index..<(index + length)].reduce(0, +) / Double(length)
          #expect(abs(mean - expected) < 1e-9)
        }
      }
    }
    #expect(outcomes.allSatisfy { $0 == outcomes[0] })
  }

  @Test(arguments: [1, 3, 9]) func slopesAlike(reach: Int) {
    let rows = Self.rows(40, seed: 6)
    let weights = (0..<12).map { $0.isMultiple(of: 3) ? 0.0 : 1 }
    var outcomes: [[Double]] = []
    for variant in Self.variants {
      var slopes = [Double](repeating: -1, count: 40)
      einthoven_slopes_12(variant, rows, 40, reach, weights, &slopes)
      outcomes.append(slopes)
      for frame in 0..<40 {
        guard frame >= reach, frame + reach < 40 else {
          #expect(slopes[frame] == -1)
          continue
        }
        let expected = (0..<12).reduce(0.0) {
          $0 + weights[$1] * abs(rows[(frame + reach) * 12 + $1] - rows[(frame - reach) * 12 + $1])
        }
        #expect(abs(slopes[frame] - expected) < 1e-9)
      }
    }
    #expect(outcomes.allSatisfy { $0 == outcomes[0] })
  }

  @Test(arguments: 1...12, [1, 8, 13]) func mediansAreThoseOfASort(moved: Int, count: Int) {
    let rows = Self.rows(count, seed: UInt64(moved))
    let sizes = (0..<12).map { $0 < moved ? 1 + Double($0) : 1 }
    var above = (12 - moved + 1) / 2
    let shifts = (0..<12).map { lead -> Double in
      guard lead >= moved else { return 0 }
      above -= 1
      return above >= 0 ? .infinity : -.infinity
    }
    for variant in Self.variants {
      var medians = [Double](repeating: 0, count: count)
      einthoven_medians_12(variant, rows, count, sizes, shifts, moved.isMultiple(of: 2) ? 1 : 0, &medians)
      for frame in 0..<count {
        let sorted = (0..<moved).map { rows[frame * 12 + $0] / sizes[$0] }.sorted()
        let middle = moved / 2
        let expected = moved.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        #expect(medians[frame] == expected)
      }
    }
  }

  /// Goertzel's recursion against the sum that it stands for.
  @Test func transformsAlike() {
    let (length, rate) = (200, 500.0)
    let rows = Self.rows(length, seed: 8)
    let weights = (0..<length).map { 0.5 + Double($0 % 7) / 10 }
    let frequencies = [49.6, 50, 120.3]
    let cosines = frequencies.map { 2 * PortableMath.cosPi(2 * $0 / rate) }
    for variant in Self.variants {
      var powers = [Double](repeating: 0, count: 36)
      einthoven_goertzel_12(variant, rows, length, weights, cosines, &powers)
      for (index, frequency) in frequencies.enumerated() {
        for lead in 0..<12 {
          var (real, imaginary) = (0.0, 0.0)
          for (frame, value) in Self.column(rows, lead).enumerated() {
            real += value * weights[frame] * PortableMath.cosPi(2 * frequency / rate * Double(frame))
            imaginary += value * weights[frame] * PortableMath.sinPi(2 * frequency / rate * Double(frame))
          }
          let expected = real * real + imaginary * imaginary
          #expect(abs(powers[index * 12 + lead] - expected) <= 1e-9 * (expected + 1e6))
        }
      }
    }
  }

  @Test(arguments: [1, 2, 15, 16, 40, 400, 2500], [0.005, 0.1])
  func tailRangesAreThoseOfASort(count: Int, share: Double) {
    var rows = Self.rows(count, seed: UInt64(count))
    // A constant lead, and one of few different values.
    for row in 0..<count {
      rows[row * 12 + 3] = 7
      rows[row * 12 + 4] = (rows[row * 12 + 4] / 200).rounded()
    }
    let ranges = rows.tailRanges(share)
    for lead in 0..<12 {
      var line = Self.column(rows, lead)
      let expected = (line.selectQuantile(1 - share) ?? 0) - (line.selectQuantile(share) ?? 0)
      #expect(abs(ranges[lead] - expected) < 1e-9)
    }
  }
}
