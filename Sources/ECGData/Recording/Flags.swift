/// What is known of one lead of one stored record; the bits of the shard's `lead_flags`.
public struct LeadFlags: OptionSet, Sendable, Hashable {
  /// The bits.
  public var rawValue: UInt16

  /// Flags of bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Computed from other leads by Einthoven's and Goldberger's laws.
  public static let derived = LeadFlags(rawValue: 1 << 0)
  /// All present samples are equal.
  public static let flat = LeadFlags(rawValue: 1 << 1)
  /// Samples stand at the limit of the converter.
  public static let saturated = LeadFlags(rawValue: 1 << 2)
  /// Some samples are missing.
  public static let missingSamples = LeadFlags(rawValue: 1 << 3)
  /// Gain given as zero or left out, of the lead or of one that it is derived from: 200 per mV was assumed.
  public static let uncalibrated = LeadFlags(rawValue: 1 << 4)
  /// From a channel whose name says that it has the opposite sign (`-aVR`); the stored lead in µV has the right one.
  public static let inverted = LeadFlags(rawValue: 1 << 5)
  /// Taken, or derived, from a lead that is nearly the same, such as II from `MLII`.
  public static let substituted = LeadFlags(rawValue: 1 << 6)
  /// Quantised with a coarser scale than the recipe's step, so that no sample is clipped.
  public static let rescaled = LeadFlags(rawValue: 1 << 7)

  /// Names of the bits from bit 0 up, as the shard's `flag_names` lists them.
  public static let names = [
    "derived", "flat", "saturated", "missing_samples", "uncalibrated", "inverted", "substituted",
    "rescaled",
  ]
}

/// What is known of one stored record; the bits of the shard's `record_flags`.
public struct RecordFlags: OptionSet, Sendable, Hashable {
  /// The bits.
  public var rawValue: UInt16

  /// Flags of bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The header breaks its specification in a way whose meaning is beyond doubt.
  public static let headerRepaired = RecordFlags(rawValue: 1 << 0)
  /// The samples were resampled.
  public static let resampled = RecordFlags(rawValue: 1 << 1)
  /// The age is the source's code for "over 89", stored as 90.
  public static let ageCapped = RecordFlags(rawValue: 1 << 2)
  /// The limb leads break Einthoven's or Goldberger's law.
  public static let limbLawViolated = RecordFlags(rawValue: 1 << 3)
  /// The unit was assumed, not stated.
  public static let unitAssumed = RecordFlags(rawValue: 1 << 4)
  /// The header disagrees with the signal and the recipe kept the record all the same.
  public static let headerMismatch = RecordFlags(rawValue: 1 << 5)
  /// The recipe's filters were applied.
  public static let filtered = RecordFlags(rawValue: 1 << 6)
  /// A published correction was applied.
  public static let erratumApplied = RecordFlags(rawValue: 1 << 7)
  /// Zeros that filled the record up at its ends were cut off.
  public static let paddingTrimmed = RecordFlags(rawValue: 1 << 8)
  /// The order of the leads was found by the limb laws, not stated.
  public static let leadOrderAssumed = RecordFlags(rawValue: 1 << 9)

  /// Names of the bits from bit 0 up, as the shard's `flag_names` lists them.
  public static let names = [
    "header_repaired", "resampled", "age_capped", "limb_law_violated", "unit_assumed", "header_mismatch",
    "filtered", "erratum_applied", "padding_trimmed", "lead_order_assumed",
  ]
}

extension OptionSet where RawValue == UInt16 {
  /// The names of the bits that are set, given the names of all.
  func names(of table: [String]) -> [String] {
    table.indices.filter { rawValue >> UInt16($0) & 1 == 1 }.map { table[$0] }
  }
}
