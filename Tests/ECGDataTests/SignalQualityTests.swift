import Foundation
import Testing

@testable import ECGData

@Suite struct SignalQualityTests {
  @Test func agreementEqualsSciPy() throws {
    let golden = try SignalAuditGolden.load()
    let bands = try #require(SignalBands(golden.physical))
    let agreements = try #require(QRSEnvelope(bands)).agreements
    #expect(agreements.count == golden.leads)
    for (value, expected) in zip(agreements, golden.agreement) { #expect(abs(value - expected) < 1e-6) }
    #expect(SignalQuality(golden.physical)?.agreement == agreements.min())
    let deviation = try #require(golden.wander.max())
    #expect(abs((SignalQuality(golden.physical)?.wander ?? 0) / deviation - 1) < 1e-6)
  }

  @Test(arguments: 0..<10 as Range<UInt64>) func acceptsASimulatedRecord(seed: UInt64) throws {
    let quality = try #require(SignalQuality(AuditSignals.simulated(seed: seed)))
    #expect(quality.score > 0.8)
  }

  @Test(arguments: Lead.allCases) func namesTheLeadThatIsNoise(lead: Lead) throws {
    var signal = try AuditSignals.simulated(seed: 1)
    let before = try #require(SignalQuality(signal)).score
    var generator = SplitMix64("quality.test", 1)
    signal.change(lead) { line in line = line.map { _ in 300 * generator.normal() } }
    let quality = try #require(SignalQuality(signal))
    #expect(quality.leastAgreeing == lead && quality.score < 0.7 && quality.score < before)
    signal.change(lead) { line in line = line.map { _ in -16000 } }
    let flat = try #require(SignalQuality(signal))
    #expect(flat.leastAgreeing == lead && flat.agreement == 0 && flat.activity < 1e-6)
    #expect(flat.score < SignalQuality.leastScore)
  }

  @Test func judgesNothingWithoutSignal() throws {
    #expect(SignalQuality(AuditSignals.signal([], rate: 500)) == nil)
    let zero = try #require(
      SignalQuality(AuditSignals.signal([Double](repeating: 0, count: 60000), rate: 500)))
    #expect(zero.score < 0.1)
  }
}
