import ECGData
import Foundation
import Testing

@Suite struct SimulatedNoiseTests {
  static let seeds = 0..<12 as Range<UInt64>
  static let rate = 250.0

  static func ecg(_ kinds: SimulatedNoise.Kind..., seed: UInt64) throws -> SimulatedECG {
    let noise = SimulatedNoise(shares: Dictionary(uniqueKeysWithValues: kinds.map { ($0, 1) }))
    return try SimulationTests.ecg([], rhythm: .sinus, noise: noise, seed: seed)
  }

  static func leads(_ ecg: SimulatedECG) -> [[Double]] {
    let samples = ecg.samples(rate: rate)
    return (0..<12).map { SimulationTests.lead($0, of: samples) }
  }

  static func isNear(_ first: [Double], _ second: [Double]) -> Bool {
    zip(first, second).allSatisfy { abs($0 - $1) < 1e-9 }
  }

  /// The laws hold with every disturbance at once, interchanged electrodes included.
  @Test(arguments: seeds) func lawsHoldUnderAllNoise(seed: UInt64) throws {
    let ecg = try SimulationTests.ecg([], noise: .all, seed: seed)
    #expect(Set(ecg.artefacts.map(\.kind)) == Set(SimulatedNoise.Kind.allCases))
    let samples = ecg.samples(rate: Self.rate)
    for row in stride(from: 0, to: samples.count, by: 12) {
      let (one, two) = (samples[row], samples[row + 1])
      #expect(samples[row + 2] == two - one)
      #expect(samples[row + 3] == -(one + two) / 2)
      #expect(samples[row + 4] == one - two / 2)
      #expect(samples[row + 5] == two - one / 2)
    }
    #expect(samples.allSatisfy { abs($0) <= 10 })
  }

  @Test func withoutNoiseTheHeartIsAlone() throws {
    let ecg = try Self.ecg(seed: 3)
    #expect(ecg.artefacts.isEmpty)
    let samples = ecg.samples(rate: 500)
    // Between T and P nothing moves.
    let beat = try #require(ecg.beats.first { $0.kind == .normal && (2..<8).contains($0.time) })
    let rest = Int((beat.time - 0.27) * 500)
    let line = (rest - 5..<rest).map { samples[12 * $0 + 10] }
    #expect((line.max() ?? 1) - (line.min() ?? 0) < 0.02)
  }

  /// Each kind adds the same whatever else is on, and the heart stays as it is.
  @Test(arguments: [SimulatedNoise.Kind.powerline, .muscle, .motion, .pop])
  func kindsAreIndependent(kind: SimulatedNoise.Kind) throws {
    for seed in Self.seeds {
      let (none, wander) = (try Self.ecg(seed: seed), try Self.ecg(.wander, seed: seed))
      let (alone, both) = (try Self.ecg(kind, seed: seed), try Self.ecg(.wander, kind, seed: seed))
      #expect(none.beats == both.beats && none.statements == both.statements)
      #expect(alone.artefacts == both.artefacts.filter { $0.kind == kind } && !alone.artefacts.isEmpty)
      let all = [none, wander, alone, both].map { $0.samples(rate: Self.rate) }
      let (first, second) = (zip(all[2], all[0]).map(-), zip(all[3], all[1]).map(-))
      #expect(Self.isNear(first, second))
      #expect(first.contains { abs($0) > 0.002 })
    }
  }

  /// Outside its time, and in leads that an artefact does not name, it is not seen.
  @Test(arguments: [SimulatedNoise.Kind.motion, .pop, .saturation])
  func artefactsAreWhereTheTruthSays(kind: SimulatedNoise.Kind) throws {
    for seed in Self.seeds {
      let (clean, noisy) = (try Self.ecg(seed: seed), try Self.ecg(kind, seed: seed))
      let artefacts = noisy.artefacts
      #expect(artefacts.allSatisfy { $0.from >= 0 && $0.from < $0.to && $0.to <= 10 && $0.size > 0 })
      let (before, after) = (Self.leads(clean), Self.leads(noisy))
      for (lead, name) in Lead.names.enumerated() {
        let isNamed = artefacts.contains { $0.leads.contains(name) }
        let isChest = lead >= 6
        let limb = artefacts.contains { $0.electrodes[0].hasPrefix("V") == false }
        for sample in before[lead].indices {
          let time = Double(sample) / Self.rate
          let change = abs(after[lead][sample] - before[lead][sample])
          if artefacts.allSatisfy({ time < $0.from }) { #expect(change < 1e-9) }
          if !isNamed && !(isChest && limb) { #expect(change < 1e-9) }
        }
        if isNamed && !(kind == .saturation && limb) {
          #expect(zip(before[lead], after[lead]).contains { abs($0 - $1) > 0.1 })
        }
      }
    }
  }

  @Test(arguments: seeds) func saturationClips(seed: UInt64) throws {
    let ecg = try Self.ecg(.saturation, seed: seed)
    let artefact = try #require(ecg.artefacts.first)
    let leads = Self.leads(ecg)
    let measured = [0, 1, 6, 7, 8, 9, 10, 11].map { leads[$0] }
    #expect(measured.allSatisfy { $0.allSatisfy { abs($0) <= artefact.size } })
    let middle = (Int(artefact.from * Self.rate) + 2)..<Int(artefact.from * Self.rate + 0.4 * Self.rate)
    #expect(measured.contains { lead in middle.allSatisfy { abs(lead[$0]) == artefact.size } })
  }

  @Test(arguments: 0..<24 as Range<UInt64>) func lostContactIsConstant(seed: UInt64) throws {
    let (clean, noisy) = (try Self.ecg(seed: seed), try Self.ecg(.leadOff, seed: seed))
    let artefact = try #require(noisy.artefacts.first)
    let (before, after) = (Self.leads(clean), Self.leads(noisy))
    let times = (Int((artefact.from * Self.rate).rounded(.up)) + 1)..<Int(artefact.to * Self.rate)
    if artefact.electrodes[0].hasPrefix("V") {
      let lead = try #require(Lead.names.firstIndex(of: artefact.electrodes[0]))
      let level = after[lead][times.lowerBound]
      #expect(abs(abs(level) - artefact.size) < 1e-9)
      #expect(times.allSatisfy { abs(after[lead][$0] - level) < 1e-9 })
      for other in (0..<12) where other != lead {
        #expect(times.allSatisfy { abs(after[other][$0] - max(-5, min(5, before[other][$0]))) < 1e-9 })
      }
    } else if artefact.size == 0 {
      // One limb lead has nothing to do with the electrode that is off.
      let opposite = ["RA": 2, "LA": 1, "LL": 0][artefact.electrodes[0]]
      let lead = try #require(opposite)
      #expect(times.allSatisfy { abs(after[lead][$0] - before[lead][$0]) < 1e-9 })
    } else {
      let lead = artefact.electrodes[0] == "LL" ? 1 : 0
      #expect(times.allSatisfy { abs(after[lead][$0]) == artefact.size })
    }
  }

  /// Interchanged limb electrodes give the leads that textbooks give (Batchvarov et al., Europace 9, 2007).
  @Test(arguments: 0..<40 as Range<UInt64>) func limbSwapsDoWhatTextbooksSay(seed: UInt64) throws {
    let (clean, noisy) = (try Self.ecg(seed: seed), try Self.ecg(.limbSwap, seed: seed))
    let artefact = try #require(noisy.artefacts.first)
    let (before, after) = (Self.leads(clean), Self.leads(noisy))
    func negative(_ lead: [Double]) -> [Double] { lead.map { -$0 } }
    switch artefact.electrodes {
    case ["RA", "LA"]:
      #expect(Self.isNear(after[0], negative(before[0])) && Self.isNear(after[1], before[2]))
      #expect(Self.isNear(after[3], before[4]) && Self.isNear(after[6], before[6]))
    case ["LA", "LL"]:
      #expect(Self.isNear(after[0], before[1]) && Self.isNear(after[2], negative(before[2])))
    case ["RA", "LL"]:
      #expect(Self.isNear(after[1], negative(before[1])) && Self.isNear(after[0], negative(before[2])))
    case ["RA", "LA", "LL"]:
      #expect(Self.isNear(after[0], before[2]) || Self.isNear(after[0], negative(before[1])))
      #expect(Self.isNear(after[8], before[8]))
    case ["RA", "RL"]:
      // Lead II is taken between the legs.
      #expect(after[1].allSatisfy { abs($0) < 0.1 } && Self.isNear(after[2], before[2]))
    case ["LA", "RL"]:
      #expect(after[2].allSatisfy { abs($0) < 0.1 } && Self.isNear(after[1], before[1]))
    default:
      Issue.record("\(artefact.electrodes)")
    }
  }

  @Test(arguments: 0..<24 as Range<UInt64>) func chestSwapsPermute(seed: UInt64) throws {
    let (clean, noisy) = (try Self.ecg(seed: seed), try Self.ecg(.chestSwap, seed: seed))
    let artefact = try #require(noisy.artefacts.first)
    let (before, after) = (Self.leads(clean), Self.leads(noisy))
    for (lead, name) in Lead.names.enumerated() {
      let place = artefact.electrodes.firstIndex(of: name)
      let other = place.map { artefact.electrodes[artefact.electrodes.count - 1 - $0] } ?? name
      let source = try #require(Lead.names.firstIndex(of: other))
      #expect(Self.isNear(after[lead], before[source]))
    }
  }

  @Test func hasTheMainsFrequencyItIsTold() throws {
    for mains in [50.0, 60.0] {
      var noise = SimulatedNoise(shares: [.powerline: 1])
      noise.mainsFrequency = mains
      let ecg = try SimulationTests.ecg([], noise: noise, seed: 1)
      let clean = try SimulationTests.ecg([], noise: .none, seed: 1)
      let hum = zip(
        SimulationTests.lead(1, of: ecg.samples(rate: 500)),
        SimulationTests.lead(1, of: clean.samples(rate: 500))
      ).map(-)
      func power(_ frequency: Double) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (sample, value) in hum.enumerated() {
          real += value * cos(2 * Double.pi * frequency * Double(sample) / 500)
          imaginary += value * sin(2 * Double.pi * frequency * Double(sample) / 500)
        }
        return real * real + imaginary * imaginary
      }
      #expect(power(mains) > 100 * power(110 - mains))
    }
  }

  @Test func standardNoiseIsAsRareAsItSays() throws {
    var counts: [SimulatedNoise.Kind: Int] = [:]
    for seed in 0..<600 as Range<UInt64> {
      var generator = SplitMix64("simulation.noise.test", seed)
      for kind in Set(SimulatedECG(using: &generator).artefacts.map(\.kind)) { counts[kind, default: 0] += 1 }
    }
    // Four standard deviations of a binomial count.
    for (kind, share) in SimulatedNoise.standard.shares {
      let expected = 600 * share
      #expect(abs(Double(counts[kind] ?? 0) - expected) < 4 * expected.squareRoot() + 1)
    }
  }

  @Test func listsAreRead() throws {
    #expect(try SimulatedNoise("all") == .all)
    #expect(try SimulatedNoise("none") == .none)
    #expect(try SimulatedNoise("standard") == .standard)
    #expect(try SimulatedNoise("wander,lead-off=0.25").shares == [.wander: 1, .leadOff: 0.25])
    for list in ["", "hum", "wander,", "wander=", "wander=2", "wander=-1", "wander=nan", "pop=1=1"] {
      #expect { try SimulatedNoise(list) } throws: { ($0 as? ECGError)?.code == .invalidArgument }
    }
  }
}
