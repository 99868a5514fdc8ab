/// A defect that is planted in one record of a simulated collection.
///
///     let plan = try DefectPlan(layout: "ptb-xl", rates: DefectRates("flat-lead=0.05"), seed: 7)
///     plan.defect(of: 12)?.leads          // the lead that will be flat, if record 12 has the defect
///
/// A record has one defect at most, so that what a check says of it can have no other reason.
public struct SimulatedDefect: Sendable, Equatable {
  /// What is wrong, by the name that the command line and the truth table have for it.
  public enum Kind: String, CaseIterable, Sendable, Codable {
    // A record's files.
    case missingSignal = "missing-signal"
    case missingHeader = "missing-header"
    case truncatedSignal = "truncated-signal"
    case fusedHeader = "fused-header"
    case recordNameSuffix = "record-name-suffix"
    case wrongChecksum = "wrong-checksum"
    case wrongInitialValue = "wrong-initial-value"
    case wrongLength = "wrong-length"
    case wrongContainer = "wrong-container"
    case wrongRate = "wrong-rate"
    case wrongSHA256 = "wrong-sha256"
    case repeatedLead = "repeated-lead"
    // Gain and unit.
    case gain2000000 = "gain-2000000"
    case gain4880 = "gain-4880"
    case gain200 = "gain-200"
    case uncalibrated
    case negativeGain = "negative-gain"
    case unknownUnit = "unknown-unit"
    case wrongUnit = "wrong-unit"
    case doubleAmplitude = "double-amplitude"
    // Samples.
    case missingSamples = "missing-samples"
    case flatLead = "flat-lead"
    case zeroChestLeads = "zero-chest-leads"
    case zeroRecord = "zero-record"
    case saturated
    case dropout
    case shortRecord = "short-record"
    case oddPadding = "odd-padding"
    case invertedLimbLead = "inverted-limb-lead"
    case invertedChestLead = "inverted-chest-lead"
    case swappedLimbLeads = "swapped-limb-leads"
    case swappedChestLeads = "swapped-chest-leads"
    case leadOrder = "lead-order"
    // Tables, and what headers tell of a patient.
    case absurdAge = "absurd-age"
    case missingAge = "missing-age"
    case oddSex = "odd-sex"
    case rowWithoutRecord = "row-without-record"
    case recordWithoutRow = "record-without-row"
    case repeatedCode = "repeated-code"
    case emptyCodeItem = "empty-code-item"
    case noCodes = "no-codes"
    case unknownCode = "unknown-code"
    case oddLikelihood = "odd-likelihood"
    case repeatedID = "repeated-id"
    case zeroID = "zero-id"
    // Several records.
    case duplicate
    case duplicateRelabelled = "duplicate-relabelled"
    case duplicateScaled = "duplicate-scaled"
    case patientInTwoFolds = "patient-in-two-folds"
  }

  /// What is wrong.
  public let kind: Kind
  /// The record's place in the collection, from 0.
  public let index: Int
  /// The earlier record that this one copies, or whose patient it takes; nil for most kinds.
  public let other: Int?
  /// The leads concerned; empty where all are, or none in particular.
  public let leads: [Lead]
  /// Where in the recording it is, as shares of its length; nil where it is all of it, or none in particular.
  public let span: Range<Double>?
  /// What the samples are multiplied by; nil where they are not.
  public let scale: Double?

  init(_ kind: Kind, of index: Int, other: Int? = nil, seed: UInt64) {
    self.kind = kind
    self.index = index
    self.other = other
    var generator = SplitMix64("simulation.defect.place", seed, UInt64(index))
    leads = Self.drawLeads(kind, &generator)
    span = Self.drawSpan(kind, &generator)
    switch kind {
    case .doubleAmplitude: scale = 2
    case .duplicateScaled:
      let factor = generator.uniform(1.25..<2.5)
      scale = generator.uniform() < 0.5 ? factor : 1 / factor
    default: scale = nil
    }
  }

  private static let limb = Array(Lead.allCases.prefix(6))
  private static let chest = Array(Lead.allCases.suffix(6))

  private static func drawLeads(_ kind: Kind, _ generator: inout SplitMix64) -> [Lead] {
    func pick(_ count: Int, of leads: [Lead]) -> [Lead] {
      var open = leads
      return (0..<count).map { _ in open.remove(at: generator.index(below: open.count)) }
        .sorted { $0.rawValue < $1.rawValue }
    }
    return switch kind {
    case .flatLead, .saturated, .dropout, .wrongChecksum, .wrongInitialValue: pick(1, of: Lead.allCases)
    case .missingSamples: pick(1 + generator.index(below: 3), of: Lead.allCases)
    case .repeatedLead: pick(2, of: Lead.allCases)
    case .zeroChestLeads: chest
    case .invertedLimbLead: pick(1, of: limb)
    case .invertedChestLead: pick(1, of: chest)
    case .swappedLimbLeads: pick(2, of: limb)
    case .swappedChestLeads: pick(2, of: chest)
    case .leadOrder: [.aVR, .aVL, .aVF]
    default: []
    }
  }

  private static func drawSpan(_ kind: Kind, _ generator: inout SplitMix64) -> Range<Double>? {
    let length: Double
    switch kind {
    case .missingSamples: length = generator.uniform(0.01..<0.2)
    case .dropout: length = generator.uniform(0.15..<0.4)
    case .shortRecord: return 0..<generator.uniform(0.5..<0.95)
    // The share of the file that is left.
    case .truncatedSignal: return 0..<generator.uniform(0.2..<0.9)
    // What is left between the zeros.
    case .oddPadding: return generator.uniform(0.03..<0.1)..<generator.uniform(0.85..<0.97)
    default: return nil
    }
    let start = generator.uniform(0.05..<(0.95 - length))
    return start..<(start + length)
  }

  /// The span in samples of a recording.
  func frames(of count: Int) -> Range<Int>? {
    span.map { Int($0.lowerBound * Double(count))..<Int($0.upperBound * Double(count)) }
  }
}
