"""Writes Sources/ECGData/Datasets/Tables/scp.csv from a copy of PTB-XL's scp_statements.csv.

    python3 tools/golden/ptbxl_statements.py PTBXL/scp_statements.csv > Sources/ECGData/Datasets/Tables/scp.csv

kinds: d diagnostic, f form, r rhythm.
"""
import csv
import sys

print("code,kinds,superclass,subclass")
for row in sorted(csv.DictReader(open(sys.argv[1], encoding="utf-8")), key=lambda row: row[""]):
    kinds = "".join(k for k, c in (("d", "diagnostic"), ("f", "form"), ("r", "rhythm")) if row[c].strip() == "1.0")
    classes = (row["diagnostic_class"], row["diagnostic_subclass"]) if "d" in kinds else ("", "")
    print(",".join((row[""], kinds, *classes)))
