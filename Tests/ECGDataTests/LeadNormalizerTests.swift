import ECGData
import TestSupport
import Testing

@Suite struct LeadNormalizerTests {
  /// PTB-XL writes AVR, CODE writes DI.
  @Test(arguments: [
    Lead.names, Lead.names.map { $0.uppercased() }, Lead.names.map { $0.lowercased() },
    ["DI", "DII", "DIII", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"],
  ])
  func findsLeadsWhateverTheCase(names: [String]) throws {
    let normalizer = try LeadNormalizer(names: names.reversed(), derive: true)
    #expect(normalizer.sources == (0..<12).map { .channel(11 - $0) })
    #expect(normalizer.mask == .all && normalizer.unknownChannels.isEmpty)
  }

  @Test(arguments: [["II", "II"], ["I", "DI"], ["aVR", "V1", "AVR"], ["V1", " v1 "]])
  func refusesALeadThatOccursTwice(names: [String]) throws {
    let error = try error { try LeadNormalizer(names: names, derive: true) }
    #expect(error.rule == .leadsDuplicate)
  }

  @Test(arguments: ["", "IV", "V7", "V10", "MLII", "X", "aVRR", "D1", "1"]) func knowsNoOtherNames(
    name: String
  ) throws {
    #expect(Lead(name: name) == nil)
    let normalizer = try LeadNormalizer(names: [name, "V1"], derive: true)
    #expect(normalizer.unknownChannels == [0])
    #expect(normalizer.mask == LeadMask(.V1))
  }

  /// Values of the limb leads for I = 3, II = 8: each must follow exactly from any two bipolar ones.
  static let limb: [Lead: Double] = [.I: 3, .II: 8, .III: 5, .aVR: -5.5, .aVL: -1, .aVF: 6.5]

  @Test(arguments: [
    ["I", "II"], ["II", "I"], ["I", "III"], ["III", "II"], ["I", "II", "III"], ["V1", "III", "V2", "I"],
  ])
  func derivesExactly(names: [String]) throws {
    let normalizer = try LeadNormalizer(names: names, derive: true)
    let values = names.map { name in Lead(name: name).flatMap { LeadNormalizerTests.limb[$0] } ?? 99 }
    for (lead, expected) in LeadNormalizerTests.limb {
      switch normalizer.sources[lead.rawValue] {
      case .channel(let channel): #expect(values[channel] == expected)
      case .derived(let first, let a, let second, let b):
        #expect(a * values[first] + b * values[second] == expected)
      case .absent: Issue.record("\(lead.name) is absent")
      }
    }
  }

  /// One lead is not enough, augmented leads are not asked, and precordial ones cannot be derived.
  @Test(arguments: [["II"], ["V1", "V2"], ["II", "V5"], []]) func derivesNothingFromTooLittle(names: [String])
    throws
  {
    let normalizer = try LeadNormalizer(names: names, derive: true)
    #expect(normalizer.sources.count { $0 == .absent } == 12 - names.count)
  }

  @Test func derivesOnlyIfAsked() throws {
    let normalizer = try LeadNormalizer(names: ["I", "II"], derive: false)
    #expect(normalizer.mask == LeadMask([LeadMask(.I), LeadMask(.II)]))
  }
}
