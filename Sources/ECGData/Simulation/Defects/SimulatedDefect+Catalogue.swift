/// What is known of each kind of defect: where it occurs, how often, and what should find it.
extension SimulatedDefect.Kind {
  /// The entry of a kind in the catalogue.
  struct Entry {
    /// The layouts that can have it, by their adapters' names.
    var layouts: Set<String>
    /// The share of records that have it unless told; what is published of a collection where there is something, else a
    /// small one.
    var rate: Double
    /// The rules of which one names it; none where no rule does.
    var rules: [Rule]
    /// Why it can be suspected at most; nil where it can be told for certain.
    var doubt: String?
  }

  /// Layouts of a header and a signal file a record.
  static let wfdb: Set<String> = [
    PTBXL.name, CPSC2018WFDB.name, ChapmanWFDB.name, Challenge.name, CODE.name,
  ]
  /// Those of the challenges: MATLAB v4 files, and all that is known of a record in its header.
  static let challenge: Set<String> = [CPSC2018WFDB.name, ChapmanWFDB.name, Challenge.name]
  /// Layouts of many records a file.
  static let hdf5: Set<String> = [CODE15.name, CODETest.name]
  /// All layouts.
  static let every = wfdb.union(hdf5).union([CPSC2018.name, Chapman.name])
  /// Layouts with a table that names each record.
  static let listed: Set<String> = [
    PTBXL.name, CPSC2018.name, Chapman.name, ChapmanWFDB.name, CODE.name, CODE15.name,
  ]

  /// The layouts that can have it, by the names of their adapters.
  public var layouts: Set<String> { entry.layouts }

  /// The share of records that have it unless told.
  public var defaultRate: Double { entry.rate }

  /// The rules of `validate` of which one is expected to name it in a layout; empty where there is none yet.
  public func rules(in layout: String) -> [Rule] {
    switch self {
    case .wrongRate where layout == CODE.name: [.recordRate]
    case .zeroRecord where Self.hdf5.contains(layout): [.samplesZero]
    // A line of text that is cut behind a comma is whole.
    case .truncatedSignal where !Self.wfdb.contains(layout): [.recordUnreadable, .recordDuration]
    case .missingHeader where layout == PTBXL.name: [.pairingMissingFile]
    case .rowWithoutRecord where layout == CODE15.name: [.pairingMissingRow]
    default: entry.rules
    }
  }

  /// Why it can be suspected at most in a layout; nil where it can be told for certain.
  public func doubt(in layout: String) -> String? {
    switch self {
    case .wrongRate where layout == CODE.name: "the collection fixes no rate, and hearts have many"
    case .oddPadding where Self.hdf5.contains(layout):
      "records are filled up with zeros as a rule, and no document tells how rightly"
    default: entry.doubt
    }
  }

  private var entry: Entry { fileEntry ?? unitEntry ?? signalEntry ?? tableEntry }

  private var fileEntry: Entry? {
    switch self {
    case .missingSignal: Entry(layouts: Self.wfdb, rate: 0.001, rules: [.pairingMissingFile])
    // "Some Ningbo .mat have no .hea."
    case .missingHeader:
      Entry(layouts: Self.wfdb, rate: 0.001, rules: [.pairingUnlisted, .pairingMissingFile])
    case .truncatedSignal:
      Entry(layouts: Self.every.subtracting(Self.hdf5), rate: 0.001, rules: [.wfdbLength])
    // JS01052 and JS23074; a header is repaired or refused.
    case .fusedHeader:
      Entry(layouts: Self.wfdb, rate: 0.001, rules: [.wfdbHeader, .recordUnreadable])
    // E07835.mat.
    case .recordNameSuffix: Entry(layouts: Self.challenge, rate: 0.002, rules: [.wfdbHeader])
    case .wrongChecksum: Entry(layouts: Self.wfdb, rate: 0.001, rules: [.wfdbChecksum])
    case .wrongInitialValue: Entry(layouts: Self.wfdb, rate: 0.001, rules: [.wfdbInitialValue])
    case .wrongLength: Entry(layouts: Self.wfdb, rate: 0.001, rules: [.wfdbLength])
    case .wrongContainer: Entry(layouts: Self.challenge, rate: 0.001, rules: [.wfdbContainer])
    // 9190_low_sample_rate of the CinC 2025 copies of CODE-15 %.
    case .wrongRate: Entry(layouts: Self.wfdb, rate: 0.001, rules: [.recordRate])
    case .wrongSHA256:
      Entry(layouts: [PTBXL.name, ChapmanWFDB.name, Challenge.name], rate: 0.001, rules: [.fileSHA256])
    case .repeatedLead:
      Entry(layouts: Self.wfdb.union([Chapman.name]), rate: 0.001, rules: [.leadsDuplicate])
    default: nil
    }
  }

  private var unitEntry: Entry? {
    let range = "records of human hearts differ as much"
    return switch self {
    // Early PTB, 516 of 43,101.
    case .gain2000000:
      Entry(layouts: Self.wfdb, rate: 0.002, rules: [.unitsAmplitude, .erratumApplied])
    // Early Georgia.
    case .gain4880:
      Entry(layouts: Self.wfdb, rate: 0.002, rules: [.unitsAmplitude, .erratumApplied], doubt: range)
    // Early PTB-XL.
    case .gain200:
      Entry(layouts: Self.wfdb, rate: 0.002, rules: [.unitsAmplitude, .erratumApplied], doubt: range)
    // The noise stress records.
    case .uncalibrated: Entry(layouts: Self.wfdb, rate: 0.001, rules: [.unitsAssumed])
    case .negativeGain: Entry(layouts: Self.wfdb, rate: 0.001, rules: [.wfdbGain])
    case .unknownUnit: Entry(layouts: Self.wfdb, rate: 0.001, rules: [.unitsUnknown])
    case .wrongUnit: Entry(layouts: Self.every, rate: 0.001, rules: [.unitsAmplitude])
    // CODE at 1000/mV in the copies of the CinC 2025.
    case .doubleAmplitude:
      Entry(layouts: Self.every, rate: 0.001, rules: [.unitsAmplitude], doubt: range)
    default: nil
    }
  }

  private var signalEntry: Entry? {
    switch self {
    // 95 records of 88,000 in the challenge of 2021.
    case .missingSamples: Entry(layouts: Self.every, rate: 0.002, rules: [.samplesMissing])
    // Q0400, Q2961, A2758.
    case .flatLead: Entry(layouts: Self.every, rate: 0.005, rules: [.leadsFlat])
    // 1,480 records of Ningbo.
    case .zeroChestLeads: Entry(layouts: Self.every, rate: 0.01, rules: [.leadsFlat])
    // 670 traces of CODE-15 %.
    case .zeroRecord: Entry(layouts: Self.every, rate: 0.002, rules: [.samplesZero, .leadsFlat])
    case .saturated: Entry(layouts: Self.every, rate: 0.005, rules: [.leadsSaturated])
    case .dropout: Entry(layouts: Self.every, rate: 0.005, rules: [.leadsDropout])
    // 52 records of Georgia.
    case .shortRecord:
      Entry(layouts: [PTBXL.name, Chapman.name, ChapmanWFDB.name], rate: 0.002, rules: [.recordDuration])
    case .oddPadding: Entry(layouts: Self.every, rate: 0.002, rules: [.samplesPadded])
    case .invertedLimbLead: Entry(layouts: Self.every, rate: 0.002, rules: [.leadsIdentity])
    case .invertedChestLead:
      Entry(
        layouts: Self.every, rate: 0.002, rules: [.leadsChest],
        doubt: "no law joins the chest leads, and R waves may be absent")
    case .swappedLimbLeads: Entry(layouts: Self.every, rate: 0.002, rules: [.leadsIdentity])
    case .swappedChestLeads:
      Entry(
        layouts: Self.every, rate: 0.002, rules: [.leadsChest],
        doubt: "no law joins the chest leads, and R waves may grow unevenly")
    // One of the two README files of CODE.
    case .leadOrder: Entry(layouts: Self.every, rate: 0.002, rules: [.leadsIdentity])
    default: nil
    }
  }

  private var tableEntry: Entry {
    let coded = Self.challenge.union([CPSC2018.name, Chapman.name])
    return switch self {
    // 300 stands for "over 89" in PTB-XL; elsewhere it is absurd.
    case .absurdAge: Entry(layouts: Self.every, rate: 0.002, rules: [.patientAge])
    // A0608, A1549, A1876, A2299, A5990.
    case .missingAge: Entry(layouts: Self.every, rate: 0.001, rules: [.patientAge])
    // CPSC 2018 keeps it in compressed files that no editor reaches.
    case .oddSex: Entry(layouts: Self.every.subtracting([CPSC2018.name]), rate: 0.001, rules: [.patientSex])
    case .rowWithoutRecord:
      Entry(layouts: Self.listed.union([Challenge.name]), rate: 0.001, rules: [.pairingMissingFile])
    case .recordWithoutRow: Entry(layouts: Self.listed, rate: 0.001, rules: [.pairingUnlisted])
    case .repeatedCode: Entry(layouts: coded, rate: 0.002, rules: [.labelsRepeated])
    case .emptyCodeItem: Entry(layouts: Self.challenge, rate: 0.002, rules: [.wfdbHeader])
    case .noCodes: Entry(layouts: Self.every, rate: 0.002, rules: [.labelsNone])
    // 251238007 and 6180003; label 10 of 18 lines of CPSC 2018.
    case .unknownCode: Entry(layouts: Self.every, rate: 0.002, rules: [.labelsUnknownCode])
    case .oddLikelihood: Entry(layouts: [PTBXL.name], rate: 0.001, rules: [.labelsValue])
    case .repeatedID:
      Entry(
        layouts: Self.challenge.union([CPSC2018.name, CODE15.name, CODE.name]), rate: 0.001,
        rules: [.recordRepeatedID])
    // Beside the row that ends every part.
    case .zeroID: Entry(layouts: [CODE15.name], rate: 0.001, rules: [.recordPlaceholder])
    // 335 groups of CPSC and CPSC-Extra; 443 of CODE-15 %.
    case .duplicate: Entry(layouts: Self.every, rate: 0.003, rules: [.signalDuplicate])
    // 9 of the 71 pairs of Chapman and Ningbo.
    case .duplicateRelabelled: Entry(layouts: Self.every, rate: 0.001, rules: [.labelsDuplicateConflict])
    case .duplicateScaled: Entry(layouts: Self.every, rate: 0.001, rules: [.signalNearDuplicate])
    // 145 = 463 of PTB-XL is in two folds under two patients.
    default: Entry(layouts: [PTBXL.name], rate: 0.001, rules: [.splitPatientLeak])
    }
  }
}
