import CKernels
import Testing

@testable import ECGData

/// The loops over frames of twelve samples: all variants that this processor runs give the same bits, which are those of
/// the plain formulas.
@Suite struct SampleKernelTests {
  static let variants = [EINTHOVEN_PLAIN, EINTHOVEN_AVX2, EINTHOVEN_AVX512].filter {
    $0.rawValue <= einthoven_best_variant().rawValue
  }

  /// Waves on a grid, with runs of equal samples, cut-off peaks, gaps, an absent and a constant lead.
  static func samples(frames: Int, seed: UInt64) -> [Double] {
    var generator = SplitMix64("kernels", seed)
    var samples = (0..<frames * Lead.count).map { _ in (generator.normal() * 300).rounded() / 2 }
    for frame in 0..<frames {
      for lead in 0..<Lead.count {
        let place = frame * Lead.count + lead
        if frame > 0, (frame / 9 + lead).isMultiple(of: 4) { samples[place] = samples[place - Lead.count] }
        if lead.isMultiple(of: 3) { samples[place] = min(max(samples[place], -250), 200) }
        if (frame / 7 + 5 * lead).isMultiple(of: 11) { samples[place] = .nan }
        if lead == 7 { samples[place] = .nan }
        if lead == 10 { samples[place] = -3 }
      }
    }
    return samples
  }

  private struct Scan: Equatable {
    var counts: [[Double]]
    var stretches: [Range<Int>]

    init(_ variant: einthoven_variant, _ samples: [Double], run: Int, shortest: Int) {
      let count = samples.count / Lead.count
      var leads = [einthoven_lead_scan](repeating: einthoven_lead_scan(), count: Lead.count)
      var found = [einthoven_stretch](
        repeating: einthoven_stretch(), count: Lead.count * (count / shortest) + 1)
      let number = einthoven_scan(variant, samples, count, run, shortest, &leads, &found)
      counts = leads.map {
        [
          $0.low, $0.high, $0.low_frames, $0.high_frames, $0.low_runs, $0.high_runs, $0.sum, $0.missing,
          $0.longest_gap, $0.largest_step,
        ]
      }
      // A variant takes leads side by side: only the order within a lead is fixed.
      stretches = (0..<Lead.count).flatMap { lead in
        found.prefix(number).filter { $0.lead == lead }.map {
          ($0.start * Lead.count + lead)..<($0.end * Lead.count + lead)
        }
      }
    }
  }

  @Test(arguments: [1, 2, 5, 16, 501, 1000], [(2, 4), (3, 50), (2, 5)])
  func scansAlike(frames: Int, thresholds: (run: Int, shortest: Int)) {
    let samples = SampleKernelTests.samples(frames: frames, seed: UInt64(frames))
    let plain = Scan(EINTHOVEN_PLAIN, samples, run: thresholds.run, shortest: thresholds.shortest)
    for variant in SampleKernelTests.variants {
      #expect(Scan(variant, samples, run: thresholds.run, shortest: thresholds.shortest) == plain)
    }
    for lead in 0..<Lead.count {
      let line = stride(from: lead, to: samples.count, by: Lead.count).map { samples[$0] }
      let present = line.filter { !$0.isNaN }
      let steps = zip(line, line.dropFirst()).map { abs($1 - $0) }.filter { !$0.isNaN }
      #expect(plain.counts[lead][0] == present.min() ?? .infinity)
      #expect(plain.counts[lead][1] == present.max() ?? -.infinity)
      #expect(plain.counts[lead][6] == present.reduce(0, +))
      #expect(plain.counts[lead][7] == Double(line.count - present.count))
      #expect(plain.counts[lead][9] == steps.max() ?? 0)
    }
    // The constant lead is one stretch if it is long enough.
    let whole = (10)..<(frames * Lead.count + 10)
    let gapless = !samples.indices.contains { $0 % Lead.count == 10 && samples[$0].isNaN }
    #expect(plain.stretches.contains(whole) == (gapless && frames >= thresholds.shortest))
  }

  @Test(arguments: [[0, 1, 2, 3, 4, 5], [0, 1, 3, 4, 5], [2, 4, 5], [0, 1, 2, 3, 4, 6]])
  func sumsMomentsAlike(places: [Int]) {
    let samples = SampleKernelTests.samples(frames: 400, seed: 9)
    var generator = SplitMix64("weights", 1)
    let columns = (0..<8 * places.count).map { $0 % 8 < places.count ? generator.normal() : 0 }
    func moments(_ variant: einthoven_variant) -> (Int, [[Double]]) {
      var steps = [.nan, .infinity, 0.0, 0.0].flatMap { repeatElement($0, count: 8) }
      var (sums, squares) = ([Double](repeating: 1, count: 8), columns)
      let number = einthoven_moments(
        variant, samples, 400, places, places.count, columns, &steps, &sums, &squares)
      return (number, [steps, sums, squares])
    }
    let plain = moments(EINTHOVEN_PLAIN)
    for variant in SampleKernelTests.variants {
      let other = moments(variant)
      #expect(other.0 == plain.0 && other.1 == plain.1)
    }
    let rows = (0..<400).map { frame in places.map { samples[frame * Lead.count + $0] } }
      .filter { !$0.contains(where: \.isNaN) }
    #expect(plain.0 == rows.count && rows.count > 20)
    for (row, _) in places.enumerated() {
      #expect(plain.1[1][row] == rows.reduce(0) { $0 + ($1[row] - rows[0][row]) })
      for (column, _) in places.enumerated() {
        let sum = rows.reduce(0) { $0 + ($1[row] - rows[0][row]) * ($1[column] - rows[0][column]) }
        #expect(plain.1[2][row * 8 + column] == sum)
      }
    }
  }

  @Test(arguments: [1, 2, 3, 64, 65, 1001])
  func quantizesAlike(frames: Int) {
    var samples = SampleKernelTests.samples(frames: frames, seed: UInt64(frames) + 100)
    samples[0] = -0.0
    let factors = (0..<Lead.count).map { 1 / Double(1 << ($0 % 4)) }
    let expected = samples.enumerated().map { index, sample in
      sample.isNaN
        ? Int16.min : Int16((sample / Double(1 << (index % Lead.count % 4))).rounded(.toNearestOrEven))
    }
    for variant in SampleKernelTests.variants {
      var counts = [Int16](repeating: 1, count: samples.count)
      einthoven_quantize(variant, samples, frames, factors, &counts)
      #expect(counts == expected)
      var ranges = [einthoven_range](repeating: einthoven_range(), count: Lead.count)
      einthoven_ranges(variant, samples, frames, &ranges)
      for lead in 0..<Lead.count {
        let line = stride(from: lead, to: samples.count, by: Lead.count).map { samples[$0] }
        let present = line.filter { !$0.isNaN }
        #expect(ranges[lead].low == present.min() ?? .infinity)
        #expect(ranges[lead].high == present.max() ?? -.infinity)
        #expect((ranges[lead].lacks != 0) == (present.count < line.count))
      }
    }
  }

  @Test func convertsCounts() {
    let counts = (0..<Lead.count * 7).map { $0.isMultiple(of: 5) ? Int32.min : Int32($0 * 977 - 20_000) }
    let baselines = (0..<Lead.count).map { Double($0 * 100 - 300) }
    let steps = (0..<Lead.count).map { 1000 / (200 + 133 * Double($0)) }
    for variant in SampleKernelTests.variants {
      var microvolts = [Double](repeating: 0, count: counts.count)
      einthoven_microvolts(variant, counts, 7, baselines, steps, &microvolts)
      for (index, value) in microvolts.enumerated() {
        let lead = index % Lead.count
        let expected = (Double(counts[index]) - baselines[lead]) * steps[lead]
        #expect(counts[index] == .min ? value.isNaN : value == expected)
      }
    }
  }

  /// Of twelve channels and of others; the third has no samples.
  @Test(arguments: [1, 3, 12, 13], [0, 1, 6, 19])
  func findsRangesOfCounts(width: Int, frames: Int) {
    let counts = (0..<width * frames).map { index in
      index % width == 2 || index.isMultiple(of: 5)
        ? Int32.min : Int32(truncatingIfNeeded: index * 1_234_567_891)
    }
    for variant in SampleKernelTests.variants {
      var (low, high) = ([Int32](repeating: 0, count: width), [Int32](repeating: 0, count: width))
      einthoven_count_ranges(variant, counts, frames, width, &low, &high)
      for channel in 0..<width {
        let present = stride(from: channel, to: counts.count, by: width).map { counts[$0] }.filter {
          $0 != .min
        }
        #expect(low[channel] == present.min() ?? .max)
        #expect(high[channel] == present.max() ?? .min)
      }
    }
  }

  /// Full scale throughout, for longer than 32 bits hold the sum.
  @Test func sumsCounts() {
    let frames = 70_000
    let counts = (0..<frames).flatMap { frame in
      (0..<Lead.count).map { $0 == 2 && frame.isMultiple(of: 3) ? Int16.min : $0 == 1 ? -32767 : 32767 }
    }
    var (number, first, second) = (
      [Int](repeating: 1, count: 12), [Int](repeating: 2, count: 12), [Int](repeating: 3, count: 12)
    )
    einthoven_sums(counts, frames, &number, &first, &second)
    for lead in 0..<Lead.count {
      let present = lead == 2 ? frames - (frames + 2) / 3 : frames
      #expect(number[lead] == present + 1)
      #expect(first[lead] == (lead == 1 ? -32767 : 32767) * present + 2)
      #expect(second[lead] == 32767 * 32767 * present + 3)
    }
  }
}
