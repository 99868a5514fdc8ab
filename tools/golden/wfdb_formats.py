"""Writes Fixtures/golden/wfdb_formats.json: what wfdb-python reads of the records in Fixtures/wfdb.

    python3 tools/golden/wfdb_formats.py        needs wfdb (made with 4.3.1) and soundfile
"""

import json
from pathlib import Path

import wfdb

root = Path(__file__).resolve().parents[2] / "Fixtures"
records = {
    header.stem: wfdb.rdrecord(str(header.with_suffix("")), physical=False).d_signal.tolist()
    for header in sorted((root / "wfdb").glob("*.hea"))
}
text = json.dumps({"wfdb": wfdb.__version__, "records": records}, separators=(",", ":"))
(root / "golden" / "wfdb_formats.json").write_text(text.replace('],"', '],\n"') + "\n")
