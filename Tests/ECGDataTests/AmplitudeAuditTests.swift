import Foundation
import Testing

@testable import ECGData

@Suite struct AmplitudeAuditTests {
  @Test(arguments: 0..<10 as Range<UInt64>) func takesASimulatedHeartForUsual(seed: UInt64) throws {
    let audit = try #require(AmplitudeAudit(AuditSignals.simulated(seed: seed)))
    #expect(audit.verdict == .usual && audit.explanations.isEmpty)
  }

  @Test(arguments: [
    10, 100, 200, 306, 1000, 2000, 1e6, 0.1, 0.01, 1 / 200.0, 1 / 306.0, 0.001, 1 / 2000.0, 1e-6,
  ])
  func namesTheFactorAmongItsExplanations(factor: Double) throws {
    for seed in 0..<5 as Range<UInt64> {
      let audit = try #require(AmplitudeAudit(AuditSignals.simulated(seed: seed).scaled(by: factor)))
      #expect(audit.verdict == (factor > 1 ? .tooLarge : .tooSmall))
      #expect(audit.explanations.contains { $0.factor == factor })
    }
  }

  @Test func aLeadWithoutContactSaysNothing() throws {
    let clean = try AuditSignals.simulated(seed: 2)
    var signal = clean
    signal.change(.V6) { $0 = $0.map { _ in 0 } }
    let (a, b) = (try #require(AmplitudeAudit(clean)), try #require(AmplitudeAudit(signal)))
    #expect(abs(a.amplitude / b.amplitude - 1) < 0.2 && b.verdict == .usual)
    #expect(AmplitudeAudit(AuditSignals.signal([Double](repeating: 3, count: 60000), rate: 500)) == nil)
  }
}

@Suite struct CollectionAmplitudeTests {
  func audits(_ count: Int, factor: Double = 1) throws -> [AmplitudeAudit] {
    try (0..<count).map {
      try #require(AmplitudeAudit(AuditSignals.simulated(seed: UInt64($0), rate: 250).scaled(by: factor)))
    }
  }

  @Test func mergesExactly() throws {
    let audits = try audits(60)
    var (whole, odd, even) = (CollectionAmplitude(), CollectionAmplitude(), CollectionAmplitude())
    for (index, audit) in audits.enumerated() {
      whole.add(audit)
      if index.isMultiple(of: 2) { even.add(audit) } else { odd.add(audit) }
    }
    odd.merge(even)
    #expect(odd == whole && whole.count == 60)
    let sorted = audits.map(\.amplitude).sorted()
    let median = try #require(whole.median)
    #expect(median > sorted[28] / 1.024 && median < sorted[31] * 1.024)
  }

  @Test func saysNothingOfFewRecords() throws {
    var some = CollectionAmplitude()
    #expect(some.median == nil)
    for audit in try audits(49, factor: 10) { some.add(audit) }
    #expect(some.verdict == nil)
    some.add(try #require(audits(1, factor: 10).first))
    #expect(some.verdict != nil)
  }

  @Test func namesAFindingWithItsSeverity() throws {
    var all = CollectionAmplitude()
    #expect(SignalAudit.findings(in: all, of: "x").isEmpty)
    for audit in try audits(50, factor: 0.005) { all.add(audit) }
    let finding = try #require(SignalAudit.findings(in: all, of: "x").first)
    #expect(finding.rule == .unitsAmplitude && finding.severity == .error && finding.record == "x")
    #expect(finding.message.contains("gain of 200 applied twice"))
  }
}
