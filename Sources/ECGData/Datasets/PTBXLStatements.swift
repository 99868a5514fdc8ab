/// The 71 SCP-ECG statements of PTB-XL: code, kinds and diagnostic classes, in alphabetical order of the
/// codes.
///
/// Source: `scp_statements.csv` of PTB-XL 1.0.3 (Wagner et al., Scientific Data 7, 154, 2020), written out by
/// `tools/golden/ptbxl_statements.py`.
struct PTBXLStatement: Sendable {
  let code: String
  let isDiagnostic: Bool
  let isForm: Bool
  let isRhythm: Bool
  /// The diagnostic superclass, empty unless diagnostic.
  let superclass: String
  /// The diagnostic subclass, empty unless diagnostic.
  let subclass: String

  private init(_ code: String, _ kinds: String, _ superclass: String = "", _ subclass: String = "") {
    self.code = code
    isDiagnostic = kinds.contains("d")
    isForm = kinds.contains("f")
    isRhythm = kinds.contains("r")
    self.superclass = superclass
    self.subclass = subclass
  }

  /// All statements; `d`, `f` and `r` stand for diagnostic, form and rhythm.
  static let all: [PTBXLStatement] = [
    PTBXLStatement("1AVB", "d", "CD", "_AVB"),
    PTBXLStatement("2AVB", "d", "CD", "_AVB"),
    PTBXLStatement("3AVB", "d", "CD", "_AVB"),
    PTBXLStatement("ABQRS", "f"),
    PTBXLStatement("AFIB", "r"),
    PTBXLStatement("AFLT", "r"),
    PTBXLStatement("ALMI", "d", "MI", "AMI"),
    PTBXLStatement("AMI", "d", "MI", "AMI"),
    PTBXLStatement("ANEUR", "d", "STTC", "STTC"),
    PTBXLStatement("ASMI", "d", "MI", "AMI"),
    PTBXLStatement("BIGU", "r"),
    PTBXLStatement("CLBBB", "d", "CD", "CLBBB"),
    PTBXLStatement("CRBBB", "d", "CD", "CRBBB"),
    PTBXLStatement("DIG", "df", "STTC", "STTC"),
    PTBXLStatement("EL", "d", "STTC", "STTC"),
    PTBXLStatement("HVOLT", "f"),
    PTBXLStatement("ILBBB", "d", "CD", "ILBBB"),
    PTBXLStatement("ILMI", "d", "MI", "IMI"),
    PTBXLStatement("IMI", "d", "MI", "IMI"),
    PTBXLStatement("INJAL", "d", "MI", "AMI"),
    PTBXLStatement("INJAS", "d", "MI", "AMI"),
    PTBXLStatement("INJIL", "d", "MI", "IMI"),
    PTBXLStatement("INJIN", "d", "MI", "IMI"),
    PTBXLStatement("INJLA", "d", "MI", "AMI"),
    PTBXLStatement("INVT", "f"),
    PTBXLStatement("IPLMI", "d", "MI", "IMI"),
    PTBXLStatement("IPMI", "d", "MI", "IMI"),
    PTBXLStatement("IRBBB", "d", "CD", "IRBBB"),
    PTBXLStatement("ISCAL", "d", "STTC", "ISCA"),
    PTBXLStatement("ISCAN", "d", "STTC", "ISCA"),
    PTBXLStatement("ISCAS", "d", "STTC", "ISCA"),
    PTBXLStatement("ISCIL", "d", "STTC", "ISCI"),
    PTBXLStatement("ISCIN", "d", "STTC", "ISCI"),
    PTBXLStatement("ISCLA", "d", "STTC", "ISCA"),
    PTBXLStatement("ISC_", "d", "STTC", "ISC_"),
    PTBXLStatement("IVCD", "d", "CD", "IVCD"),
    PTBXLStatement("LAFB", "d", "CD", "LAFB/LPFB"),
    PTBXLStatement("LAO/LAE", "d", "HYP", "LAO/LAE"),
    PTBXLStatement("LMI", "d", "MI", "LMI"),
    PTBXLStatement("LNGQT", "df", "STTC", "STTC"),
    PTBXLStatement("LOWT", "f"),
    PTBXLStatement("LPFB", "d", "CD", "LAFB/LPFB"),
    PTBXLStatement("LPR", "f"),
    PTBXLStatement("LVH", "d", "HYP", "LVH"),
    PTBXLStatement("LVOLT", "f"),
    PTBXLStatement("NDT", "df", "STTC", "STTC"),
    PTBXLStatement("NORM", "d", "NORM", "NORM"),
    PTBXLStatement("NST_", "df", "STTC", "NST_"),
    PTBXLStatement("NT_", "f"),
    PTBXLStatement("PAC", "f"),
    PTBXLStatement("PACE", "r"),
    PTBXLStatement("PMI", "d", "MI", "PMI"),
    PTBXLStatement("PRC(S)", "f"),
    PTBXLStatement("PSVT", "r"),
    PTBXLStatement("PVC", "f"),
    PTBXLStatement("QWAVE", "f"),
    PTBXLStatement("RAO/RAE", "d", "HYP", "RAO/RAE"),
    PTBXLStatement("RVH", "d", "HYP", "RVH"),
    PTBXLStatement("SARRH", "r"),
    PTBXLStatement("SBRAD", "r"),
    PTBXLStatement("SEHYP", "d", "HYP", "SEHYP"),
    PTBXLStatement("SR", "r"),
    PTBXLStatement("STACH", "r"),
    PTBXLStatement("STD_", "f"),
    PTBXLStatement("STE_", "f"),
    PTBXLStatement("SVARR", "r"),
    PTBXLStatement("SVTAC", "r"),
    PTBXLStatement("TAB_", "f"),
    PTBXLStatement("TRIGU", "r"),
    PTBXLStatement("VCLVH", "f"),
    PTBXLStatement("WPW", "d", "CD", "WPW"),
  ]
}
