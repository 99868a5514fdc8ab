extension Rule {
  /// What the rule rests on: a standard, a paper, the collection's own statement, or a measurement that the library's scripts
  /// repeat.
  public var source: String {
    switch self {
    case .recordUnreadable, .recordProcessing, .recordPlaceholder, .recordRepeatedID: Rule.thisLibrary
    case .recordRate, .recordDuration: "the collection's documentation"
    case .pairingMissingFile, .pairingUnlisted, .pairingMissingRow:
      "the collection's own tables, headers and RECORDS"
    case .fileSHA256: "the collection's SHA256SUMS.txt; FIPS 180-4"
    case .wfdbHeader, .wfdbGain: "WFDB header(5)"
    case .wfdbLength, .wfdbFrames, .wfdbSegments: "WFDB header(5) and signal(5)"
    case .wfdbChecksum: "WFDB header(5): sum of all samples modulo 2^16"
    case .wfdbInitialValue: "WFDB header(5): the first sample"
    case .wfdbContainer: "MAT-File Format, Level 4; WFDB header(5)"
    case .unitsUnknown: "WFDB header(5), UCUM"
    case .unitsAssumed: "WFDB header(5): gain 0 is uncalibrated; DEFGAIN 200 per mV"
    case .unitsAmplitude:
      "0.25 to 4.5 mV holds all but one of 2,766 records of PTB-XL and the CinC Challenge 2021; a collection of fifty or more "
        + "has its median within 0.59 to 1.5 mV (tools/python/amplitudes.py)"
    case .leadsAbsent, .leadsDuplicate, .leadsUnknown, .leadsUnused, .leadsSubstituted, .leadsNone:
      "names and order of AHA/ACCF/HRS 2007 (Kligfield et al., Circulation 115:1306); IEC 60601-2-25"
    case .leadsFlat:
      "all samples equal, or within 25 µV where another lead has twenty times as much"
    case .leadsSaturated:
      "the header's resolution, or an extreme at which the lead stands still again and again (limits of 2,664 records of PTB-XL)"
    case .leadsIdentity:
      "Einthoven 1913, Goldberger 1942: III = II − I, aVR = −(I + II)/2, aVL = (I − III)/2, aVF = (II + III)/2; beyond one "
        + "converter step + 3 µV, or 5 % of the signal (IEC 60601-2-25)"
    case .leadsDropout: "equal samples of 0.1 s to 1 s while others move (limits of 2,664 records of PTB-XL)"
    case .leadsReversal:
      "a suspicion by the waves' shapes: conditional logit fitted to PTB-XL folds 1 to 7 (tools/golden/electrode_reversal.py); "
        + "criteria reviewed by Batchvarov et al., Europace 9:1081, 2007"
    case .leadsChest:
      "a suspicion by the waves' shapes: conditional logit fitted to PTB-XL folds 1 to 8; 0.3 % of untouched records are named, of "
        + "inverted leads 99 %, of exchanged neighbours 44 % (tools/python/chest_electrodes.py)"
    case .leadsSlipped:
      "a chest lead whose beats come 20 ms or more later from some moment on (14 of 2,664 records of PTB-XL, none of 409 others), "
        + "or a lead with beats of its own (2 of 2,798; of records that nobody can read more)"
    case .leadsOrder: "Einthoven's and Goldberger's laws"
    case .samplesMissing: "WFDB signal(5): the lowest count; NaN in physical formats"
    case .samplesPadded, .samplesTrimmed, .samplesZero:
      "Ribeiro et al., Nat Commun 11:1760, 2020: records filled up with zeros at both ends"
    case .signalPowerline:
      "50 or 60 Hz and multiples, ten times their neighbourhood, 20 µV RMS and 2 % of the power"
    case .signalWander: "0.5 mV RMS and 80 % of the power below 0.5 Hz (bands of Kligfield et al. 2007)"
    case .signalNoise: "50 µV RMS and 30 % of the power above 40 Hz (bands of Kligfield et al. 2007)"
    case .signalHeartRate: "Surawicz et al., AHA/ACCF/HRS part III, Circulation 119:e235, 2009"
    case .qualityUnacceptable:
      "human labels of the CinC Challenge 2011 (set-a; Silva et al., Comput Cardiol 38:273): \(SignalQuality.performance)"
    case .labelsUnknownCode: "the collection's own table of codes; SCP-ECG, SNOMED CT, AHA"
    case .labelsNone, .labelsRepeated: "the collection's own labels"
    case .labelsValue: "PTB-XL: likelihoods from 0 to 100 (Wagner et al., Sci Data 7:154, 2020)"
    case .erratumKnown, .erratumApplied: "the errata of the collection, each with where it was published"
    case .patientAge: "0 to 120 years"
    case .patientSex, .patientNone: "the collection's own tables and headers"
    case .signalDuplicate: "equal samples in whole µV (128-bit hash)"
    case .signalNearDuplicate:
      "shapes of four leads by locality-sensitive hashing (Charikar, STOC 2002), confirmed lead by lead: correlation above 0.98, "
        + "0.995 on average"
    case .labelsDuplicateConflict, .splitPatientLeak, .splitDuplicateLeak:
      "a split for evaluation keeps patients and signals apart (Wagner et al. 2020, on PTB-XL's folds)"
    case .manifest, .shardMissing, .shardUnlisted, .shardHeader, .shardFile, .shardColumn, .shardRecord,
      .shardStatistics, .shardLedger:
      "the shard format, version 1: CRC-32 of ISO-HDLC, SHA-256 of FIPS 180-4"
    }
  }

  private static let thisLibrary = "what a conversion needs of a record"
}
