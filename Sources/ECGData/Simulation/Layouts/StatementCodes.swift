/// What other collections call the statements that PTB-XL has codes for.
///
/// Sources: `dx_mapping_scored.csv` and `dx_mapping_unscored.csv` of the challenge of 2021 for SNOMED CT, and its own
/// headers of PTB-XL's records for what the two have in common; `RhythmNames.xlsx` and `ConditionNames.xlsx` of Zheng et
/// al., Sci. Data 7, 48, 2020; the classes of Liu et al., J. Med. Imaging Health Inform. 8, 1368, 2018, and of Ribeiro et
/// al., Nat. Commun. 11, 1760, 2020. What a collection has no word for, it does not say.
struct StatementCodes: Sendable {
  /// SNOMED CT, as the challenges use it.
  var snomed: String?
  /// An acronym of Chapman–Shaoxing's rhythms or conditions.
  var chapman: String?
  /// One of CPSC 2018's nine classes.
  var cpsc: String?
  /// One of CODE's six abnormalities.
  var code: String?

  /// By PTB-XL's code.
  static let table: [String: StatementCodes] = Dictionary(
    uniqueKeysWithValues: rows.map { row in
      func word(_ text: String) -> String? { text.isEmpty ? nil : text }
      return (
        row.0,
        StatementCodes(snomed: word(row.1), chapman: word(row.2), cpsc: word(row.3), code: word(row.4))
      )
    })

  /// What the statements are called in one vocabulary: each name once, in the order of the statements.
  static func names(
    of statements: [SimulatedECG.Statement], in vocabulary: KeyPath<StatementCodes, String?>
  ) -> [String] {
    var names: [String] = []
    for statement in statements {
      if let name = table[statement.code]?[keyPath: vocabulary], !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// The frontal axis, where it is beyond what is normal in adults: left of −30°, right of 90°.
  static func axis(_ degrees: Double) -> StatementCodes? {
    switch degrees {
    case ..<(-30): StatementCodes(snomed: "39732003", chapman: "ALS")
    case 90.nextUp...: StatementCodes(snomed: "47665007", chapman: "ARS")
    default: nil
    }
  }

  // PTB-XL, SNOMED CT, Chapman–Shaoxing, CPSC 2018, CODE.
  private static let rows: [(String, String, String, String, String)] = [
    // Rhythms. Chapman's AF is flutter.
    ("SR", "426783006", "SR", "", ""),
    ("SBRAD", "426177001", "SB", "", "SB"),
    ("STACH", "427084000", "ST", "", "ST"),
    ("SARRH", "427393009", "SA", "", ""),
    ("AFIB", "164889003", "AFIB", "AF", "AF"),
    ("AFLT", "164890007", "AF", "", ""),
    ("SVTAC", "426761007", "SVT", "", ""),
    ("PSVT", "67198005", "SVT", "", ""),
    ("PACE", "10370003", "", "", ""),
    ("BIGU", "11157007", "VB", "", ""),
    ("TRIGU", "251180001", "VET", "", ""),
    // Beats.
    ("PAC", "284470004", "APB", "PAC", ""),
    ("PVC", "427172004", "VPB", "PVC", ""),
    ("NORM", "426783006", "", "Normal", ""),
    // Conduction.
    ("1AVB", "270492004", "1AVB", "I-AVB", "1dAVb"),
    ("2AVB", "195042002", "2AVB", "", ""),
    ("3AVB", "27885002", "3AVB", "", ""),
    ("CLBBB", "164909002", "LBBB", "LBBB", "LBBB"),
    ("ILBBB", "251120003", "", "", ""),
    ("CRBBB", "59118001", "RBBB", "RBBB", "RBBB"),
    ("IRBBB", "713426002", "", "RBBB", ""),
    ("LAFB", "445118002", "LFBBB", "", ""),
    ("LPFB", "445211001", "", "", ""),
    ("IVCD", "698252002", "IVB", "", ""),
    ("WPW", "74390002", "WPW", "", ""),
    ("LPR", "164947007", "PRIE", "", ""),
    // Infarction, with the wall in Chapman–Shaoxing only: lower, front, side and back.
    ("IMI", "164865005", "MILW", "", ""),
    ("ILMI", "164865005", "MILW", "", ""),
    ("IPMI", "164865005", "MIBW", "", ""),
    ("IPLMI", "164865005", "MIBW", "", ""),
    ("PMI", "164865005", "MIBW", "", ""),
    ("AMI", "164865005", "MIFW", "", ""),
    ("ASMI", "164865005", "MIFW", "", ""),
    ("ALMI", "164865005", "MIFW", "", ""),
    ("LMI", "164865005", "MISW", "", ""),
    ("QWAVE", "164917005", "AQW", "", ""),
    ("ABQRS", "164951009", "", "", ""),
    // Repolarization.
    ("STD_", "429622005", "STDD", "STD", ""),
    ("STE_", "164931005", "STE", "STE", ""),
    ("INVT", "59931005", "TWO", "", ""),
    ("LOWT", "164934002", "TWC", "", ""),
    ("TAB_", "164934002", "TWC", "", ""),
    ("NT_", "164934002", "TWC", "", ""),
    ("NDT", "164934002", "TWC", "", ""),
    ("NST_", "428750005", "STTC", "", ""),
    ("ISC_", "164861001", "STTC", "", ""),
    ("ISCAL", "164861001", "STTC", "", ""),
    ("ISCAN", "426434006", "STTC", "", ""),
    ("ISCAS", "426434006", "STTC", "", ""),
    ("ISCIL", "425419005", "STTC", "", ""),
    ("ISCIN", "425419005", "STTC", "", ""),
    ("ISCLA", "425623009", "STTC", "", ""),
    ("INJAL", "164931005", "STE", "STE", ""),
    ("INJAS", "164931005", "STE", "STE", ""),
    ("INJIL", "164931005", "STE", "STE", ""),
    ("INJIN", "164931005", "STE", "STE", ""),
    ("INJLA", "164931005", "STE", "STE", ""),
    // Changes as over an aneurysm, for which neither has a name.
    ("ANEUR", "55930002", "STTC", "", ""),
    ("LNGQT", "111975006", "QTIE", "", ""),
    // Chambers and voltages.
    ("LVH", "164873001", "LVH", "", ""),
    ("VCLVH", "55827005", "LVHV", "", ""),
    ("RVH", "89792004", "RVH", "", ""),
    ("LAO/LAE", "67741000119109", "", "", ""),
    ("RAO/RAE", "446358003", "RAH", "", ""),
    ("LVOLT", "251146004", "LVQRSAL", "", ""),
  ]
}
