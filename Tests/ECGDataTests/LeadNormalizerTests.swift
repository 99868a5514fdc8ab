import TestSupport
import Testing

@testable import ECGData

@Suite struct LeadNormalizerTests {
  /// PTB-XL writes AVR, CODE writes DI.
  @Test(arguments: [
    Lead.names, Lead.names.map { $0.uppercased() }, Lead.names.map { $0.lowercased() },
    ["DI", "DII", "DIII", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"],
  ])
  func findsLeadsWhateverTheCase(names: [String]) throws {
    let normalizer = try LeadNormalizer(names: names.reversed(), derive: true)
    #expect(normalizer.sources == (0..<12).map { .channel(11 - $0) })
    #expect(normalizer.mask == .all && normalizer.unusedChannels.isEmpty)
  }

  @Test(arguments: [["II", "II"], ["I", "DI"], ["aVR", "V1", "AVR"], ["V1", " v1 "]])
  func refusesALeadThatOccursTwice(names: [String]) throws {
    let error = try error { try LeadNormalizer(names: names, derive: true) }
    #expect(error.rule == .leadsDuplicate)
  }

  @Test(arguments: ["", "IV", "V7", "V10", "X", "aVRR", "1", "ECG1", "ECG", "lead 1", "C3", "V", "-", "neg"])
  func knowsNoOtherNames(name: String) throws {
    #expect(LeadName(name) == nil)
    let normalizer = try LeadNormalizer(names: [name, "V1"], derive: true)
    #expect(normalizer.unusedChannels == [0])
    #expect(normalizer.mask == LeadMask(.V1))
  }

  @Test(arguments: [
    ("i", Lead.I, LeadName.Kind.plain), ("ECG I", .I, .plain), ("ecg_ii", .II, .plain),
    ("Lead III", .III, .plain), ("ECG Lead aVF", .aVF, .plain), ("EKG: V6", .V6, .plain),
    ("MDC_ECG_LEAD_V3", .V3, .plain), ("D2", .II, .plain), ("\u{2162}", .III, .plain),
    (" aVL\t", .aVL, .plain),
    ("aVR-", .aVR, .inverted), ("-AVR", .aVR, .inverted), ("\u{2212}aVR", .aVR, .inverted),
    ("aVRneg", .aVR, .inverted), ("aVR neg", .aVR, .inverted), ("- aVR", .aVR, .inverted),
    ("Lead ECG V5", .V5, .plain), ("ECG -aVR", .aVR, .inverted), ("-I", .I, .inverted),
    ("MLII", .II, .substitute), ("V1R", .V2, .substitute), ("v2r", .V1, .substitute),
  ])
  func understands(name: String, lead: Lead, kind: LeadName.Kind) throws {
    #expect(LeadName(name)?.lead == lead && LeadName(name)?.kind == kind)
  }

  @Test(arguments: [
    ("vx", "Frank"), ("Z", "Frank"), ("V8", "posterior"), ("V4R", "right-sided"), ("MCL1", "modified"),
    ("PLETH", "no standard lead"), ("V99999999999999999999999R", "no standard lead"),
  ])
  func saysWhyANameIsNoLead(name: String, reason: String) {
    #expect(LeadName(name) == nil && LeadName.reason(against: name).contains(reason))
  }

  /// Frank leads alone are no 12-lead ECG, and no transform is guessed.
  @Test(arguments: [["vx", "vy", "vz"], ["RESP"], []]) func refusesRecordsWithoutAnyLead(names: [String])
    throws
  {
    let error = try error { try LeadNormalizer(names: names, derive: true) }
    #expect(error.rule == .leadsNone)
    #expect(names.count != 3 || error.message.contains("Frank"))
  }

  @Test func prefersTheLeadToItsInverseAndThatToASubstitute() throws {
    let names = ["V1R", "V2", "-aVR", "aVR", "MLII", "-II"]
    let normalizer = try LeadNormalizer(names: names, derive: false)
    #expect(normalizer.sources[Lead.V2.rawValue] == .channel(1))
    #expect(normalizer.sources[Lead.aVR.rawValue] == .channel(3))
    #expect(normalizer.sources[Lead.II.rawValue] == .inverted(5))
    #expect(normalizer.unusedChannels == [0, 2, 4] && normalizer.substituted.isEmpty)
    #expect(try LeadNormalizer(names: ["MLII", "V5"], derive: true).substituted == LeadMask(.II))
    // Two substitutes do not matter beside the lead itself, wherever they stand.
    for names in [["MLII", "MLII", "II"], ["II", "MLII", "MLII"]] {
      #expect(LeadNormalizer.repeatedLeads(names).isEmpty)
      let normalizer = try LeadNormalizer(names: names, derive: false)
      #expect(normalizer.sources[Lead.II.rawValue] == .channel(names.firstIndex(of: "II") ?? -1))
    }
    #expect(throws: ECGError.self) { try LeadNormalizer(names: ["-II", "II-"], derive: true) }
  }

  /// Values of the limb leads for I = 3, II = 8: each must follow exactly from any two bipolar ones.
  static let limb: [Lead: Double] = [.I: 3, .II: 8, .III: 5, .aVR: -5.5, .aVL: -1, .aVF: 6.5]

  /// All pairs of the six, either sign, and more than two.
  static let sources: [[String]] = {
    let names = ["I", "II", "III", "aVR", "aVL", "aVF"]
    var sources = [["V1", "III", "V2", "I"], ["I", "II", "III"], ["-aVR", "aVL", "aVF"], names]
    for (index, first) in names.enumerated() {
      for second in names[(index + 1)...] { sources += [[second, first], [first, "-" + second]] }
    }
    return sources
  }()

  @Test(arguments: sources) func derivesFromAnyTwoLimbLeads(names: [String]) throws {
    let normalizer = try LeadNormalizer(names: names, derive: true)
    let values = names.map { name in
      LeadName(name).flatMap { meant in
        LeadNormalizerTests.limb[meant.lead].map { meant.kind == .inverted ? -$0 : $0 }
      } ?? 99
    }
    for (lead, expected) in LeadNormalizerTests.limb {
      switch normalizer.sources[lead.rawValue] {
      case .channel(let channel): #expect(values[channel] == expected)
      case .inverted(let channel): #expect(values[channel] == -expected)
      case .derived(let first, let a, let second, let b):
        #expect(abs(a * values[first] + b * values[second] - expected) < 1e-12)
      case .absent: Issue.record("\(lead.name) is absent")
      }
    }
  }

  /// I and aVF give the rest exactly; MLII would not.
  @Test func derivesFromSubstitutesOnlyIfItMust() throws {
    let normalizer = try LeadNormalizer(names: ["I", "MLII", "aVF"], derive: true)
    for lead in [Lead.III, .aVR, .aVL] {
      guard case .derived(0, _, 2, _) = normalizer.sources[lead.rawValue] else {
        Issue.record("\(lead.name) is \(normalizer.sources[lead.rawValue])")
        continue
      }
    }
    #expect(normalizer.sources[Lead.II.rawValue] == .channel(1))
    let few = try LeadNormalizer(names: ["MLII", "V5", "I"], derive: true)
    #expect(few.mask.contains(.aVL))
  }

  @Test func leavesOutChannelsWithoutSamples() throws {
    let normalizer = try LeadNormalizer(names: ["I", "II", "aVF"], derive: true, except: [1])
    #expect(normalizer.sources[Lead.II.rawValue] == .derived(first: 0, a: 0.5, second: 2, b: 1))
    #expect(normalizer.unusedChannels == [1])
    let error = try error { try LeadNormalizer(names: ["I", "V1"], derive: true, except: [0, 1]) }
    #expect(error.rule == .leadsNone && error.message.contains("sample"))
  }

  @Test func derivesByTheTextbookFromIAndII() throws {
    let normalizer = try LeadNormalizer(names: ["I", "II"], derive: true)
    #expect(
      normalizer.sources[2...5] == [
        .derived(first: 0, a: -1, second: 1, b: 1), .derived(first: 0, a: -0.5, second: 1, b: -0.5),
        .derived(first: 0, a: 1, second: 1, b: -0.5), .derived(first: 0, a: -0.5, second: 1, b: 1),
      ])
  }

  /// One limb lead is not enough, and chest leads cannot be derived.
  @Test(arguments: [["II"], ["V1", "V2"], ["aVR", "V5"]]) func derivesNothingFromTooLittle(names: [String])
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
