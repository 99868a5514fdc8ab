/// A defect that is planted in one record of a simulated collection.
///
///     let plan = try DefectPlan(layout: "ptb-xl", rates: DefectRates("flat-lead=0.05"), seed: 7)
///     plan.defect(of: 12)?.leads          // the lead that will be flat, if record 12 has the defect
///
/// A record has one defect at most, so that what a check says of it can have no other reason.
public struct SimulatedDefect: Sendable, Equatable {
  /// What is wrong, by the name that the command line and the truth table have for it.
  public enum Kind: String, CaseIterable, Sendable, Codable {
    /// A header whose signal file does not exist.
    case missingSignal = "missing-signal"
    /// A signal file whose header does not exist.
    case missingHeader = "missing-header"
    /// A signal file that ends early, within a frame or a line.
    case truncatedSignal = "truncated-signal"
    /// A header that lost the line end behind its record line, half of them with some text, as JS01052 and JS23074.
    case fusedHeader = "fused-header"
    /// A record line whose name ends in `.mat`, as that of E07835.
    case recordNameSuffix = "record-name-suffix"
    /// A checksum that is not the sum of the lead's samples.
    case wrongChecksum = "wrong-checksum"
    /// An initial value that is not the lead's first sample.
    case wrongInitialValue = "wrong-initial-value"
    /// A header that states a fifth more samples than there are.
    case wrongLength = "wrong-length"
    /// A MATLAB v4 header that states another number of samples than the WFDB header.
    case wrongContainer = "wrong-container"
    /// A header that states 0.6 of the sampling rate.
    case wrongRate = "wrong-rate"
    /// A header that got a line end more since its SHA-256 was published.
    case wrongSHA256 = "wrong-sha256"
    /// Two channels of one name.
    case repeatedLead = "repeated-lead"
    /// A header with the 2,000,000 per mV of the early PTB records over samples of another gain.
    case gain2000000 = "gain-2000000"
    /// The same with the 4,880 per mV of the early Georgia records.
    case gain4880 = "gain-4880"
    /// The same with the 200 per mV of the early PTB-XL records.
    case gain200 = "gain-200"
    /// A header with a gain of 0.
    case uncalibrated
    /// A header with negative gains.
    case negativeGain = "negative-gain"
    /// A header in mmHg.
    case unknownUnit = "unknown-unit"
    /// µV that are told to be mV, or the other way; where the converter ends too early, a slip by ten.
    case wrongUnit = "wrong-unit"
    /// Samples that are twice too large, as CODE is in units of 1 mV.
    case doubleAmplitude = "double-amplitude"
    /// One to three leads without samples for a while: -32768 or NaN.
    case missingSamples = "missing-samples"
    /// A lead of zeros.
    case flatLead = "flat-lead"
    /// All chest leads of zeros.
    case zeroChestLeads = "zero-chest-leads"
    /// Nothing but zeros.
    case zeroRecord = "zero-record"
    /// A lead that is cut off at a quarter of its range from either end.
    case saturated
    /// A lead that stands still for a while.
    case dropout
    /// A record that is shorter than all others, and says so.
    case shortRecord = "short-record"
    /// Zeros in all leads at both ends, of lengths that no document tells.
    case oddPadding = "odd-padding"
    /// A limb lead of the wrong sign.
    case invertedLimbLead = "inverted-limb-lead"
    /// A chest lead of the wrong sign.
    case invertedChestLead = "inverted-chest-lead"
    /// Two limb leads under each other's names.
    case swappedLimbLeads = "swapped-limb-leads"
    /// Two chest leads under each other's names.
    case swappedChestLeads = "swapped-chest-leads"
    /// aVL, aVF and aVR under the names aVR, aVL and aVF.
    case leadOrder = "lead-order"
    /// An age of 300, or of -1 where 300 has a meaning.
    case absurdAge = "absurd-age"
    /// No age.
    case missingAge = "missing-age"
    /// A sex that no table explains.
    case oddSex = "odd-sex"
    /// A record that a table or list names, and that is not there.
    case rowWithoutRecord = "row-without-record"
    /// A record that is there, and that no table or list names.
    case recordWithoutRow = "record-without-row"
    /// A label that is stated twice.
    case repeatedCode = "repeated-code"
    /// Labels with an empty one between them, `#Dx: 1,,2`, or behind them.
    case emptyCodeItem = "empty-code-item"
    /// No label.
    case noCodes = "no-codes"
    /// A label that is in no table.
    case unknownCode = "unknown-code"
    /// A likelihood of 150 %.
    case oddLikelihood = "odd-likelihood"
    /// An id that stands for two files, or has two lines.
    case repeatedID = "repeated-id"
    /// A row of zeros with the id 0, before the one that ends the file.
    case zeroID = "zero-id"
    /// The samples of another record, and its labels.
    case duplicate
    /// The samples of another record, with other labels.
    case duplicateRelabelled = "duplicate-relabelled"
    /// The samples of another record, larger or smaller by a factor of 1.25 to 2.5.
    case duplicateScaled = "duplicate-scaled"
    /// Another record's patient, in another fold than there.
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
