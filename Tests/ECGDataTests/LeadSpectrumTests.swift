import Foundation
import Testing

@testable import ECGData

@Suite struct LeadSpectrumTests {
  @Test func equalsSciPy() throws {
    let golden = try SignalAuditGolden.load()
    let spectra = LeadSpectrum.all(of: golden.physical)
    #expect(spectra.map(\.lead) == Array(Lead.allCases.prefix(golden.leads)))
    for (lead, spectrum) in spectra.enumerated() {
      for (value, expected) in [
        (spectrum.amplitude, golden.amplitude[lead]), (spectrum.ecg, golden.ecg[lead]),
        (spectrum.wander, golden.wander[lead]), (spectrum.noise, golden.noise[lead]),
      ] {
        #expect(abs(value - expected) <= 1e-6 * expected, "\(spectrum.lead)")
      }
    }
    // Planted there: none, none, 15 µV of 50 Hz, 40 µV of 60 Hz, as peak values.
    #expect(spectra.map { $0.powerline?.frequency } == [nil, nil, 50, 60])
    #expect(abs((spectra[2].powerline?.amplitude ?? 0) - 15 / 2.squareRoot()) < 1)
    #expect(abs((spectra[3].powerline?.amplitude ?? 0) - 40 / 2.squareRoot()) < 2)
  }

  @Test(arguments: [49.8, 50, 50.2, 59.9, 60], [125.0, 257, 400, 500, 1000])
  func namesTheMains(frequency: Double, rate: Double) throws {
    for seed in 0..<4 as Range<UInt64> {
      let clean = try AuditSignals.simulated(seed: seed, rate: rate)
      var signal = clean
      signal.change(.V3) { line in
        for frame in line.indices { line[frame] += 50 * sin(2 * .pi * frequency * Double(frame) / rate) }
      }
      let spectra = LeadSpectrum.all(of: signal)
      let mains = try #require(spectra[Lead.V3.rawValue].powerline)
      #expect(mains.frequency == (frequency < 55 ? 50 : 60))
      // Hann's window loses little 0.2 Hz beside a frequency that is asked.
      #expect(abs(mains.amplitude - 50 / 2.squareRoot()) < 5)
      for other in Lead.allCases where other != .V3 {
        #expect(spectra[other.rawValue] == LeadSpectrum.all(of: clean)[other.rawValue])
      }
    }
  }

  @Test func sharesAddUp() throws {
    let rate = 500.0
    func sine(_ frequency: Double, _ height: Double) -> [Double] {
      (0..<15000).map { height * sin(2 * .pi * frequency * Double($0) / rate) }
    }
    let lines = [sine(0.1, 300), sine(10, 100), sine(90, 50)]
    var samples = [Double](repeating: 0, count: 15000 * Lead.count)
    for frame in 0..<15000 {
      for lead in 0..<12 {
        samples[frame * 12 + lead] = lines.prefix(1 + lead % 3).reduce(0) { $0 + $1[frame] }
      }
    }
    let spectra = LeadSpectrum.all(of: AuditSignals.signal(samples, rate: rate))
    #expect(spectra[0].wanderShare > 0.99 && spectra[0].noiseShare < 0.01)
    #expect(abs(spectra[1].wanderShare - 0.9) < 0.02)
    #expect(abs(spectra[2].noiseShare - 0.2) < 0.02)
    #expect(abs(spectra[1].amplitude - 200) < 10)
  }

  @Test func takesWhatItCannotMeasure() throws {
    let signal = try AuditSignals.simulated(seed: 1)
    #expect(LeadSpectrum.all(of: AuditSignals.signal([], rate: 500)).isEmpty)
    #expect(
      LeadSpectrum.all(of: AuditSignals.signal(Array(signal.microvolts.prefix(1200)), rate: 500)).isEmpty)
    #expect(LeadSpectrum.all(of: AuditSignals.signal(signal.microvolts, rate: 40)).isEmpty)
    var gaps = signal
    gaps.change(.I) { line in for frame in 100..<150 { line[frame] = .nan } }
    gaps.change(.II) { line in line[7] = .infinity }
    #expect(LeadSpectrum.all(of: gaps).allSatisfy { $0.amplitude.isFinite && $0.ecg.isFinite })
  }

  @Test(arguments: 0..<40, [0.0, 0.005, 0.3, 0.5, 0.995, 1])
  func quantilesAreThoseOfASort(count: Int, share: Double) {
    var generator = SplitMix64("quantile.test", UInt64(count))
    // Few different values, so that many are equal.
    let values = (0..<count).map { _ in (generator.uniform() * 10).rounded() }
    var copy = values
    let sorted = values.sorted()
    let position = share * Double(max(0, count - 1))
    let (low, high) = (Int(position), min(Int(position) + 1, count - 1))
    let expected =
      sorted.isEmpty ? nil : sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
    #expect(copy.selectQuantile(share) == expected)
    #expect(copy.sorted() == sorted)
  }
}
