import ECGData
import Foundation
import Testing

@Suite struct SimulationTests {
  static let cases = [[]] + SimulatedECG.findingCodes.map { [$0] }

  static func ecg(
    _ findings: [String], rhythm: SimulatedRhythm? = nil, duration: Double = 10,
    noise: SimulatedNoise = .standard, seed: UInt64
  ) throws -> SimulatedECG {
    var generator = SplitMix64("simulation.test", seed)
    let patient = try SimulatedPatient(findings: findings, using: &generator)
    return SimulatedECG(of: patient, rhythm: rhythm, duration: duration, noise: noise, using: &generator)
  }

  /// One column of `[T, 12]` samples.
  static func lead(_ index: Int, of samples: [Double]) -> [Double] {
    stride(from: index, to: samples.count, by: 12).map { samples[$0] }
  }

  @Test(arguments: cases, [100.0, 500.0]) func obeysTheLimbLeadLaws(findings: [String], rate: Double) throws {
    let samples = try Self.ecg(findings, seed: 1).samples(rate: rate)
    #expect(samples.count == Int(rate) * 10 * 12)
    for row in stride(from: 0, to: samples.count, by: 12) {
      let (one, two) = (samples[row], samples[row + 1])
      #expect(samples[row + 2] == two - one)
      #expect(samples[row + 3] == -(one + two) / 2)
      #expect(samples[row + 4] == one - two / 2)
      #expect(samples[row + 5] == two - one / 2)
    }
  }

  @Test(arguments: cases) func staysWithinPlausibleAmplitudes(findings: [String]) throws {
    for seed in 0..<12 as Range<UInt64> {
      let samples = try Self.ecg(findings, seed: seed).samples(rate: 500)
      #expect(samples.allSatisfy { $0.isFinite && abs($0) < 7 })
      let chest = (6..<12).map { Self.lead($0, of: samples).map(abs).max() ?? 0 }
      #expect((chest.max() ?? 0) > 0.3)
    }
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func normalHeartsHaveNormalVoltages(seed: UInt64) throws {
    let ecg = try Self.ecg([], rhythm: .sinus, seed: seed)
    let samples = ecg.samples(rate: 500)
    guard !ecg.beats.contains(where: { $0.kind != .normal }) else { return }
    let (two, five) = (Self.lead(1, of: samples), Self.lead(10, of: samples))
    #expect((0.12..<2.8).contains(two.max() ?? 0))
    #expect((0.4..<3.8).contains(five.max() ?? 0))
    #expect((Self.lead(6, of: samples).min() ?? 0) < -0.25)
    #expect((-45..<110).contains(ecg.axis))
    #expect(ecg.superclasses == ["NORM"] && ecg.statements.first?.code == "NORM")
  }

  @Test(arguments: SimulatedRhythm.allCases) func beatsAsItsRhythmSays(rhythm: SimulatedRhythm) throws {
    for seed in 0..<20 as Range<UInt64> {
      let ecg = try Self.ecg([], rhythm: rhythm, seed: seed)
      #expect(ecg.statements.last?.code == rhythm.rawValue)
      #expect(ecg.beats.allSatisfy { (0..<10).contains($0.time) && $0.interval > 0.2 })
      let range: Range<Double> =
        switch rhythm {
        case .sinus: 56..<101
        case .bradycardia: 38..<61
        case .tachycardia: 98..<150
        case .arrhythmia: 50..<95
        case .fibrillation: 45..<175
        case .flutter: 60..<165
        case .supraventricularTachycardia: 135..<200
        case .paced: 59..<77
        }
      #expect(range.contains(ecg.heartRate))
      let span = try #require(ecg.beats.last).time - (try #require(ecg.beats.first)).time
      #expect(abs(ecg.heartRate - 60 * Double(ecg.beats.count - 1) / span) < 1e-9)
    }
  }

  /// The stated R peaks are found in the samples: the steepest 20 ms of V1 … V6 together lie at each.
  @Test(arguments: 0..<8 as Range<UInt64>) func statesWhereItsBeatsAre(seed: UInt64) throws {
    let ecg = try Self.ecg([], rhythm: .sinus, seed: seed)
    let samples = ecg.samples(rate: 500)
    func activity(_ time: Double) -> Double {
      let first = max(1, Int(time * 500) - 10)
      var sum = 0.0
      for row in first..<min(first + 20, 5000) {
        for lead in 6..<12 { sum += abs(samples[12 * row + lead] - samples[12 * (row - 1) + lead]) }
      }
      return sum
    }
    for beat in ecg.beats where beat.kind == .normal && (0.5..<9.5).contains(beat.time) {
      #expect(activity(beat.time) > 2 * activity(beat.time + 0.2))
      #expect(activity(beat.time) > 2 * activity(beat.time - 0.12))
    }
  }

  @Test(arguments: cases) func isTheSameHeartAtEveryRate(findings: [String]) throws {
    let ecg = try Self.ecg(findings, seed: 5)
    let (fast, slow) = (ecg.samples(rate: 500), ecg.samples(rate: 250))
    for index in stride(from: 0, to: slow.count, by: 12 * 7) {
      let same = 24 * (index / 12)
      // What differs is the muscle noise alone.
      #expect(abs(fast[same + 1] - slow[index + 1]) < 0.35)
    }
    #expect(try Self.ecg(findings, seed: 5).samples(rate: 500) == fast)
  }

  /// A finding is seen where a reader would look for it; averages of 20 hearts each against normal ones.
  @Test func findingsShowTheirMorphology() throws {
    func mean(_ findings: [String], _ measure: (SimulatedECG, [Double]) -> Double) throws -> Double {
      try (0..<20 as Range<UInt64>).reduce(0) { sum, seed in
        let ecg = try Self.ecg(findings, rhythm: .sinus, seed: seed)
        return sum + measure(ecg, ecg.samples(rate: 500)) / 20
      }
    }
    /// The mean over normal beats of a lead at a time from the R peak.
    func value(_ lead: Int, _ offset: Double) -> (SimulatedECG, [Double]) -> Double {
      { ecg, samples in
        let beats = ecg.beats.filter { $0.kind == .normal && (1..<9).contains($0.time) }
        var sum = 0.0
        for beat in beats {
          let base = Int((beat.time - 0.07) * 500)
          let place = Int((beat.time + offset) * 500)
          sum += samples[12 * place + lead] - samples[12 * base + lead]
        }
        return sum / Double(beats.count)
      }
    }
    let (two, three, v1, v2, v5, v6) = (1, 2, 6, 7, 10, 11)
    // Inferior Q; anteroseptal loss of R; tall lateral R; broad late forces to the right; late ones to the
    // left.
    #expect(try mean(["IMI"], value(three, -0.022)) < mean([], value(three, -0.022)) - 0.15)
    #expect(try mean(["ASMI"], value(v2, -0.022)) < mean([], value(v2, -0.022)) - 0.2)
    #expect(try mean(["LVH"], value(v5, 0)) > mean([], value(v5, 0)) + 0.5)
    #expect(try mean(["CRBBB"], value(v1, 0.066)) > mean([], value(v1, 0.066)) + 0.4)
    #expect(try mean(["CLBBB"], value(v6, 0.053)) > mean([], value(v6, 0.053)) + 0.4)
    // Depressed ST, flat T, an axis to the left, a long PR interval.
    #expect(try mean(["ISC_"], value(v5, 0.1)) < mean([], value(v5, 0.1)) - 0.08)
    #expect(try mean(["NDT"], value(two, 0.27)) < 0.6 * mean([], value(two, 0.27)))
    #expect(try mean(["LAFB"]) { ecg, _ in ecg.axis } < -35)
    #expect(try mean(["1AVB"], value(two, -0.24)) > mean([], value(two, -0.24)) + 0.03)
  }

  @Test func refusesAFindingItDoesNotKnow() {
    var generator = SplitMix64(state: 1)
    #expect { try SimulatedPatient(findings: ["XYZ"], using: &generator) } throws: {
      ($0 as? ECGError)?.code == .invalidArgument
    }
  }
}
