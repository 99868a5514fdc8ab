"""Writes Sources/ECGData/Datasets/PTBXLStatements.swift from a copy of PTB-XL's scp_statements.csv.

    python3 tools/golden/ptbxl_statements.py PTBXL/scp_statements.csv > Sources/ECGData/Datasets/PTBXLStatements.swift
"""
import csv
import sys

rows = sorted(csv.DictReader(open(sys.argv[1], encoding="utf-8")), key=lambda row: row[""])
print("""/// The 71 SCP-ECG statements of PTB-XL: code, kinds and diagnostic classes, in alphabetical order of the codes.
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
  static let all: [PTBXLStatement] = [""")
for row in rows:
    kinds = "".join(k for k, c in (("d", "diagnostic"), ("f", "form"), ("r", "rhythm")) if row[c].strip() == "1.0")
    classes = f', "{row["diagnostic_class"]}", "{row["diagnostic_subclass"]}"' if "d" in kinds else ""
    print(f'    PTBXLStatement("{row[""]}", "{kinds}"{classes}),')
print("""  ]
}""")
