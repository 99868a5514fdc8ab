import ECGData
import Foundation
import Testing

/// What a cardiologist would measure, on simulated hearts without noise.
@Suite struct SimulatedPhysiologyTests {
  static func ecg(
    _ findings: [String] = [], _ rhythm: SimulatedRhythm = .sinus, duration: Double = 10, seed: UInt64
  ) throws -> SimulatedECG {
    try SimulationTests.ecg(findings, rhythm: rhythm, duration: duration, noise: .none, seed: seed)
  }

  static let seeds = 0..<20 as Range<UInt64>

  /// The mean of a measure over twenty hearts.
  static func mean(_ measure: (UInt64) throws -> Double) rethrows -> Double {
    try seeds.reduce(0) { try $0 + measure($1) } / Double(seeds.count)
  }

  /// The power of a record's intervals, resampled at 4 Hz, in bands of Hz; their mean taken away.
  static func power(of ecg: SimulatedECG, in bands: [Range<Double>]) -> [Double] {
    let times = ecg.beats.map(\.time)
    let intervals = zip(times.dropFirst(), times).map(-)
    let mean = intervals.reduce(0, +) / Double(intervals.count)
    var series: [Double] = []
    var place = 0
    for sample in 0..<Int(4 * ecg.duration) {
      let time = Double(sample) / 4
      while place + 1 < intervals.count && times[place + 1] < time { place += 1 }
      series.append(intervals[place] - mean)
    }
    var powers = [Double](repeating: 0, count: bands.count)
    for bin in 1..<(series.count / 2) {
      let frequency = 4 * Double(bin) / Double(series.count)
      guard let band = bands.firstIndex(where: { $0.contains(frequency) }) else { continue }
      var (real, imaginary) = (0.0, 0.0)
      for (sample, value) in series.enumerated() {
        let angle = 2 * Double.pi * Double(bin * sample % series.count) / Double(series.count)
        real += value * cos(angle)
        imaginary += value * sin(angle)
      }
      powers[band] += real * real + imaginary * imaginary
    }
    return powers
  }

  /// The median over conducted beats of a lead at a time from the R peak, against just before QRS.
  static func value(_ ecg: SimulatedECG, _ lead: Int, _ offset: Double) -> Double {
    let samples = ecg.samples(rate: 500)
    let beats = ecg.beats.filter { $0.kind == .normal && (1..<9).contains($0.time) }
    let values = beats.map { beat in
      samples[12 * Int((beat.time + offset) * 500) + lead]
        - samples[12 * Int((beat.time - 0.06) * 500) + lead]
    }
    return values.sorted()[values.count / 2]
  }

  /// The time about the R peak during which the leads move at more than a twentieth of their greatest speed.
  static func measuredQRS(_ ecg: SimulatedECG) throws -> Double {
    let samples = ecg.samples(rate: 500)
    let beat = try #require(ecg.beats.first { $0.kind == .normal && (2..<8).contains($0.time) })
    let peak = Int(beat.time * 500)
    let speeds = ((peak - 60)..<(peak + 80)).map { row -> Double in
      var speed = 0.0
      for index in (12 * row)..<(12 * row + 12) { speed += abs(samples[index] - samples[index - 12]) }
      return speed
    }
    let limit = 0.05 * (speeds.max() ?? 0)
    let first = try #require(speeds.firstIndex { $0 > limit })
    let last = try #require(speeds.lastIndex { $0 > limit })
    return Double(last - first) / 500
  }

  @Test func sinusRhythmMovesAtLowAndHighFrequency() throws {
    for seed in 0..<6 as Range<UInt64> {
      let ecg = try Self.ecg(duration: 240, seed: seed)
      let bands = [0.004..<0.04, 0.04..<0.15, 0.15..<0.4, 0.4..<1.0]
      let powers = Self.power(of: ecg, in: bands)
      let total = powers.reduce(0, +)
      #expect(powers[1] > 0.05 * total && powers[2] > 0.02 * total)
      #expect(powers[3] < 0.25 * total)
    }
  }

  /// Fibrillation's intervals are white: their power is spread as no sinus rhythm's is, and the last interval
  /// tells nothing of the next.
  @Test func fibrillationIsIrregularAtEveryFrequency() throws {
    for seed in 0..<6 as Range<UInt64> {
      let ecg = try Self.ecg([], .fibrillation, duration: 240, seed: seed)
      let intervals = ecg.beats.map(\.interval)
      let mean = intervals.reduce(0, +) / Double(intervals.count)
      let variance = intervals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(intervals.count)
      #expect(variance.squareRoot() / mean > 0.12)
      let products = zip(intervals.dropFirst(), intervals).map { ($0 - mean) * ($1 - mean) }
      #expect(abs(products.reduce(0, +) / Double(products.count) / variance) < 0.35)
      #expect(ecg.intervals.pr == nil)
      let bands = [0.02..<0.1, 0.1..<0.2, 0.2..<0.3]
      let powers = Self.power(of: ecg, in: bands)
      // The first band is four fifths as wide.
      #expect((powers.max() ?? 0) < 6 * (powers.min() ?? 0))
    }
  }

  @Test func fibrillationHasNoP() throws {
    let sinus = try Self.mean { Self.value(try Self.ecg(seed: $0), 1, -0.14) }
    let fibrillation = try Self.mean { Self.value(try Self.ecg([], .fibrillation, seed: $0), 1, -0.14) }
    #expect(sinus > 0.04)
    #expect(abs(fibrillation) < 0.03)
  }

  @Test func heartsOfTheYoungFollowTheBreathMore() throws {
    var (young, old) = ([Double](), [Double]())
    for seed in 0..<120 as Range<UInt64> {
      let ecg = try Self.ecg(duration: 20, seed: seed)
      guard !ecg.beats.contains(where: { $0.kind != .normal }) else { continue }
      let changes = zip(ecg.beats.dropFirst(), ecg.beats).map { $0.interval - $1.interval }.dropFirst()
      let successive = (changes.reduce(0) { $0 + $1 * $1 } / Double(changes.count)).squareRoot()
      if ecg.patient.age < 40 { young.append(successive) }
      if ecg.patient.age > 60 { old.append(successive) }
    }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    try #require(young.count > 10 && old.count > 10)
    #expect(median(young) > 1.4 * median(old))
    // RMSSD of resting adults.
    #expect((0.018..<0.075).contains(median(young)))
    #expect((0.006..<0.035).contains(median(old)))
  }

  @Test(arguments: seeds) func intervalsAreThoseOfTheFinding(seed: UInt64) throws {
    let normal = try Self.ecg(seed: seed)
    let pr = try #require(normal.intervals.pr)
    #expect((0.11..<0.21).contains(pr))
    #expect((0.066..<0.116).contains(normal.intervals.qrs))
    #expect((0.34..<0.46).contains(normal.intervals.correctedQT))
    for code in ["CLBBB", "CRBBB"] {
      let block = try Self.ecg([code], seed: seed)
      #expect((0.12..<0.19).contains(block.intervals.qrs))
      #expect(try Self.measuredQRS(block) > 0.115)
    }
    #expect(try #require(try Self.ecg(["1AVB"], seed: seed).intervals.pr) > 0.2)
    #expect(try #require(try Self.ecg(["WPW"], seed: seed).intervals.pr) < 0.12)
    #expect(try Self.ecg([], .paced, seed: seed).intervals.qrs > 0.14)
  }

  @Test func normalComplexesAreShort() throws {
    #expect(try Self.mean { try Self.measuredQRS(try Self.ecg(seed: $0)) } < 0.11)
  }

  @Test func longQTIsLong() throws {
    #expect(try Self.mean { try Self.ecg(["LNGQT"], seed: $0).intervals.correctedQT } > 0.455)
  }

  @Test(arguments: [("LAFB", -90.0..<(-30.0)), ("LPFB", 60.0..<180.0)])
  func hemiblocksTurnTheAxis(code: String, range: Range<Double>) throws {
    #expect(range.contains(try Self.mean { try Self.ecg([code], seed: $0).axis }))
  }

  /// Statements of form are what can be measured on the record.
  @Test func formsCanBeMeasured() throws {
    var seen: Set<String> = []
    for code in ["ISC_", "INJAL", "ISCAL", "ASMI", "LVH", "NDT"] {
      for seed in 0..<40 as Range<UInt64> {
        let ecg = try Self.ecg([code], seed: seed)
        let codes = Set(ecg.statements.map(\.code))
        seen.formUnion(codes)
        let end = ecg.intervals.qrs / 2 + 0.06
        if codes.contains("STD_") {
          #expect((0..<12).count { Self.value(ecg, $0, end) < -0.02 } >= 2)
        }
        if codes.contains("STE_") {
          #expect((0..<12).count { Self.value(ecg, $0, end) > 0.06 } >= 2)
        }
      }
    }
    #expect(seen.isSuperset(of: ["STD_", "STE_", "INVT", "LOWT", "VCLVH"]))
  }

  @Test func prematureBeatsComeEarly() throws {
    var found: Set<String> = []
    for seed in 0..<400 as Range<UInt64> {
      let ecg = try Self.ecg(["IMI"], seed: seed)
      let codes = Set(ecg.statements.map(\.code))
      let early = ecg.beats.filter { $0.kind == .ventricularPremature || $0.kind == .atrialPremature }
      found.formUnion(codes)
      #expect(codes.contains("PVC") == early.contains { $0.kind == .ventricularPremature })
      #expect(codes.contains("PAC") == early.contains { $0.kind == .atrialPremature })
      let usual = 60 / ecg.heartRate
      #expect(early.allSatisfy { $0.interval < 0.95 * usual })
      if codes.contains("BIGU") { #expect(early.count >= 3) }
    }
    #expect(found.isSuperset(of: ["PVC", "PAC", "BIGU", "TRIGU"]))
  }
}
