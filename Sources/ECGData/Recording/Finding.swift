/// How much a finding matters.
public enum Severity: String, Codable, Sendable, Comparable, CaseIterable {
  /// Worth knowing; nothing is wrong.
  case note
  /// Suspicious, or wrong in a way that leaves the signal usable.
  case warning
  /// The data is not what it claims to be.
  case error

  /// Notes come before warnings, warnings before errors.
  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

  private var rank: Int { Severity.allCases.firstIndex(of: self) ?? 0 }
}

/// A check that this library makes, by the id that recipes, reports and ledgers name it with.
public enum Rule: String, Codable, Sendable, CaseIterable {
  case recordUnreadable = "record.unreadable"
  case recordRate = "record.rate"
  case recordProcessing = "record.processing"
  case recordDuration = "record.duration"
  case recordPlaceholder = "record.placeholder"
  case recordRepeatedID = "record.repeated-id"
  case pairingMissingFile = "pairing.missing-file"
  case pairingUnlisted = "pairing.unlisted"
  case pairingMissingRow = "pairing.missing-row"
  case fileSHA256 = "file.sha256"
  case wfdbHeader = "wfdb.header"
  case wfdbLength = "wfdb.length"
  case wfdbChecksum = "wfdb.checksum"
  case wfdbInitialValue = "wfdb.initial-value"
  case wfdbContainer = "wfdb.container"
  case wfdbSegments = "wfdb.segments"
  case wfdbFrames = "wfdb.frames"
  case wfdbGain = "wfdb.gain"
  case unitsUnknown = "units.unknown"
  case unitsAssumed = "units.assumed"
  case unitsAmplitude = "units.amplitude"
  case leadsAbsent = "leads.absent"
  case leadsDuplicate = "leads.duplicate"
  case leadsUnknown = "leads.unknown"
  case leadsUnused = "leads.unused"
  case leadsSubstituted = "leads.substituted"
  case leadsNone = "leads.none"
  case leadsFlat = "leads.flat"
  case leadsSaturated = "leads.saturated"
  case leadsIdentity = "leads.identity"
  case leadsDropout = "leads.dropout"
  case leadsReversal = "leads.reversal"
  case leadsChest = "leads.chest"
  case leadsSlipped = "leads.slipped"
  case leadsOrder = "leads.order"
  case samplesMissing = "samples.missing"
  case samplesPadded = "samples.padded"
  case samplesTrimmed = "samples.trimmed"
  case samplesZero = "samples.zero"
  case signalPowerline = "signal.powerline"
  case signalWander = "signal.wander"
  case signalNoise = "signal.noise"
  case signalHeartRate = "signal.heart-rate"
  case qualityUnacceptable = "quality.unacceptable"
  case labelsUnknownCode = "labels.unknown-code"
  case labelsNone = "labels.none"
  case labelsRepeated = "labels.repeated"
  case labelsValue = "labels.value"
  case erratumKnown = "erratum.known"
  case erratumApplied = "erratum.applied"
  case patientAge = "patient.age"
  case patientSex = "patient.sex"
  case patientNone = "patient.none"
  case signalDuplicate = "signal.duplicate"
  case signalNearDuplicate = "signal.near-duplicate"
  case labelsDuplicateConflict = "labels.duplicate-conflict"
  case splitPatientLeak = "split.patient-leak"
  case splitDuplicateLeak = "split.duplicate-leak"
  case manifest = "shards.manifest"
  case shardMissing = "shards.missing"
  case shardUnlisted = "shards.unlisted"
  case shardHeader = "shards.header"
  case shardFile = "shards.file"
  case shardColumn = "shards.column"
  case shardRecord = "shards.record"
  case shardStatistics = "shards.statistics"
  case shardLedger = "shards.ledger"

  /// How much a breach of this rule matters.
  public var severity: Severity { about.severity }

  /// What the rule asks, in one line.
  public var summary: String { about.summary }

  private var about: (severity: Severity, summary: String) {
    switch self {
    case .recordUnreadable: (.error, "a record's files can be read")
    case .recordRate: (.warning, "the sampling rate is the collection's own")
    case .recordProcessing: (.error, "the recipe's filters and resampler exist at the record's rate")
    case .recordDuration: (.warning, "the duration is the collection's own")
    case .recordPlaceholder: (.note, "every row of a file stands for a record")
    case .recordRepeatedID: (.warning, "no two records of a source have the same id")
    case .pairingMissingFile: (.error, "every file that a table or header names exists")
    case .pairingUnlisted: (.warning, "every record on disk is in the collection's table")
    case .pairingMissingRow: (.error, "every record of a table has its row in a file")
    case .fileSHA256: (.error, "every file has the SHA-256 that the collection publishes")
    case .wfdbHeader: (.warning, "a WFDB header keeps to its specification")
    case .wfdbLength: (.error, "a signal file is as long as its header says")
    case .wfdbChecksum: (.error, "each signal's 16-bit sum is its header's checksum")
    case .wfdbInitialValue: (.warning, "each signal begins with its header's initial value")
    case .wfdbContainer: (.error, "a MATLAB v4 file's own header agrees with the WFDB header")
    case .wfdbSegments: (.error, "the segments of a record agree with its header and layout")
    case .wfdbFrames: (.note, "every sample of a frame is kept")
    case .wfdbGain: (.warning, "gains are positive")
    case .unitsUnknown: (.error, "each channel's unit is a voltage")
    case .unitsAssumed: (.warning, "gain and unit are stated, not assumed")
    case .leadsAbsent: (.warning, "all twelve leads are present")
    case .leadsDuplicate: (.error, "no lead occurs twice")
    case .leadsUnknown: (.note, "every channel is one of the twelve leads")
    case .leadsUnused: (.note, "every channel of a standard lead is used")
    case .leadsSubstituted: (.note, "each lead is recorded at its own electrodes")
    case .leadsNone: (.error, "at least one of the twelve leads has samples")
    case .unitsAmplitude: (.warning, "amplitudes are those of human ECGs in the stated unit")
    case .leadsFlat: (.warning, "no lead is constant")
    case .leadsSaturated: (.warning, "no sample stands at the converter's limit")
    case .leadsIdentity: (.warning, "the limb leads obey Einthoven's and Goldberger's laws")
    case .leadsDropout: (.warning, "no lead stands still while the record goes on")
    case .leadsReversal: (.warning, "the limb electrodes look to be in their places")
    case .leadsChest: (.warning, "the chest electrodes look to be in their places")
    case .leadsSlipped: (.warning, "all leads are recorded at the same time")
    case .leadsOrder: (.note, "the order of the leads is stated, not found by the limb laws")
    case .samplesMissing: (.warning, "no sample is missing")
    case .samplesPadded: (.note, "the signal fills the record from begin to end")
    case .samplesTrimmed: (.note, "a record is not filled up with zeros at its ends")
    case .samplesZero: (.error, "some sample is not zero")
    case .signalPowerline: (.note, "no lead has mains interference")
    case .signalWander: (.note, "no lead's baseline wanders more than its ECG moves")
    case .signalNoise: (.note, "no lead has strong noise above 40 Hz")
    case .signalHeartRate: (.warning, "the leads share a heart rate from 20 to 300 a minute")
    case .qualityUnacceptable: (.warning, "a human reader would accept the record")
    case .labelsUnknownCode: (.warning, "every label code is known")
    case .labelsNone: (.note, "every record has a label")
    case .labelsValue: (.warning, "values of labels lie in their range")
    case .labelsRepeated: (.note, "no label is stated twice")
    case .erratumKnown: (.note, "the record is in no table of published defects")
    case .erratumApplied: (.warning, "no published correction is needed")
    case .patientAge: (.warning, "ages are given and lie between 0 and 120")
    case .patientSex: (.note, "the sex is given")
    case .patientNone: (.note, "the collection tells which patient a record is of")
    case .signalDuplicate: (.warning, "no two records have the same signal")
    case .signalNearDuplicate: (.warning, "no record is another one's copy at another size, offset or rate")
    case .labelsDuplicateConflict: (.warning, "records with the same signal have the same labels")
    case .splitPatientLeak: (.error, "no patient is in two folds")
    case .splitDuplicateLeak: (.error, "records with the same signal are in the same fold")
    case .manifest: (.error, "the manifest is whole and its own SHA-256 agrees")
    case .shardMissing: (.error, "every file that the manifest names exists")
    case .shardUnlisted: (.warning, "every shard in the directory is in the manifest")
    case .shardHeader: (.error, "a shard's header is valid and agrees with the manifest")
    case .shardFile: (.error, "size and SHA-256 of each file agree with the manifest")
    case .shardColumn: (.error, "each column's CRC-32 agrees")
    case .shardRecord: (.error, "each record's CRC-32 agrees")
    case .shardStatistics: (.error, "the manifest's statistics are those of the samples")
    case .shardLedger: (.error, "the ledger tells each record's fate once, as shards and manifest have it")
    }
  }
}

/// One breach of one rule by one record (or file, where no record is concerned).
public struct Finding: Codable, Sendable, Equatable {
  /// The record's id, or the file's path where no single record is concerned.
  public var record: String
  /// The rule.
  public var rule: Rule
  /// How much it matters.
  public var severity: Severity
  /// What was found, with the numbers.
  public var message: String

  /// Creates a finding; its severity is the rule's own unless told.
  public init(record: String, rule: Rule, _ message: String, severity: Severity? = nil) {
    self.record = record
    self.rule = rule
    self.severity = severity ?? rule.severity
    self.message = message
  }
}
