import TestSupport
import Testing

@testable import ECGData

@Suite struct LimbLawsTests {
  /// A signal of twelve leads whose channel k is that named `names[k]`.
  func signal(_ samples: [Int16], names: [String] = Lead.names, derive: Bool = false) throws
    -> PhysicalSignal
  {
    let channels = names.map { Recording.Channel(name: $0, unit: "mV", gain: 1000) }
    let recording = try Recording(
      id: "x", rate: 500, channels: channels, samples: .digital(samples.map { $0 == .min ? .min : Int32($0) })
    )
    return try PhysicalSignal(recording, derive: derive)
  }

  let samples = WFDBFixture.electrocardiogram(seed: 9, frames: 2000)

  @Test func holdForARecordingThatObeysThem() throws {
    #expect(LimbLaws.violations(in: try signal(samples)).isEmpty)
  }

  @Test(arguments: [
    (Lead.I, 4), (.II, 3), (.III, 3), (.aVR, 1), (.aVL, 1), (.aVF, 1),
  ])
  func nameTheLawsOfAnInvertedLead(lead: Lead, atMost: Int) throws {
    var samples = samples
    for index in stride(from: lead.rawValue, to: samples.count, by: 12) { samples[index] = -samples[index] }
    let violations = LimbLaws.violations(in: try signal(samples))
    #expect((1...atMost).contains(violations.count))
    #expect(violations.allSatisfy { $0.law.contains(lead.name) && $0.residual > LimbLaws.absoluteTolerance })
  }

  /// CODE's documents list aVL, aVF, aVR: the laws see it.
  @Test func seeAnotherOrderOfTheAugmentedLeads() throws {
    var names = Lead.names
    names[3...5] = ["aVL", "aVF", "aVR"]
    let laws = LimbLaws.violations(in: try signal(samples, names: names)).map { String($0.law.prefix(3)) }
    #expect(laws == ["aVR", "aVL", "aVF"])
  }

  @Test func areNotAskedOfDerivedOrAbsentLeads() throws {
    let two = samples.indices.filter { $0 % 12 < 2 }.map { samples[$0] }
    #expect(LimbLaws.violations(in: try signal(two, names: ["I", "II"], derive: true)).isEmpty)
    #expect(LimbLaws.violations(in: try signal(two, names: ["I", "III"])).isEmpty)
  }

  @Test func skipMissingSamples() throws {
    var samples = samples
    for index in stride(from: 0, to: 1200, by: 12) { samples[index] = .min }
    #expect(LimbLaws.violations(in: try signal(samples)).isEmpty)
    for index in stride(from: 0, to: samples.count, by: 12) { samples[index] = .min }
    #expect(LimbLaws.violations(in: try signal(samples)).isEmpty)
  }
}
