"""Compares what `einthoven read` and wfdb-python read of every WFDB record below some folders, sample by sample.

    python tools/python/check_wfdb.py FOLDER... [--tool einthoven]

Counts are compared, and physical values where segments have no counts in common; a missing sample is one in both. A
record that wfdb-python cannot read is named and not compared. Exit code 1 if a sample differs.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import wfdb

MISSING = np.iinfo(np.int32).min
# The values that stand for a missing sample: of the formats that wfdb-python leaves them in.
SENTINELS = {"16": -(1 << 15), "61": -(1 << 15), "160": -(1 << 15), "516": -(1 << 15), "24": -(1 << 23), "524": -(1 << 23),
             "32": -(1 << 31), "80": -(1 << 7), "508": -(1 << 7), "212": -(1 << 11), "310": -(1 << 9), "311": -(1 << 9)}


def ours(tool, path, kind, output):
    run = subprocess.run([tool, "read", path, f"--{kind}", "--lenient", "--quiet", "--output", output],
                         capture_output=True, text=True)
    return (np.load(output), "") if run.returncode == 0 else (None, run.stderr.strip())


def digital(path):
    """wfdb-python's counts, its sentinels as ours."""
    record = wfdb.rdrecord(path, physical=False)
    counts = record.d_signal.astype(np.int64)
    for column, form in enumerate(record.fmt or []):
        if form in SENTINELS:
            counts[counts[:, column] == SENTINELS[form], column] = MISSING
    return counts


def compare(tool, path, output):
    """The number of samples and of those that differ, or why the record is not compared."""
    try:
        is_multi = isinstance(wfdb.rdheader(path), wfdb.MultiRecord)
        theirs = wfdb.rdrecord(path).p_signal if is_multi else digital(path)
    except Exception as error:
        return None, f"wfdb-python: {type(error).__name__}: {error}"
    mine, reason = ours(tool, path, "physical" if is_multi else "digital", output)
    if mine is None:
        return None, reason
    if mine.shape != theirs.shape:
        return (theirs.size, theirs.size), f"shapes {mine.shape} and {theirs.shape}"
    if is_multi:
        same = np.isclose(mine, theirs, rtol=1e-12, atol=1e-12, equal_nan=True)
    else:
        same = mine == theirs
    return (theirs.size, int((~same).sum())), ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--tool", default="einthoven")
    arguments = parser.parse_args()
    records = samples = differing = 0
    with tempfile.TemporaryDirectory() as folder:
        for header in sorted(path for root in arguments.folders for path in Path(root).rglob("*.hea")):
            counts, reason = compare(arguments.tool, str(header.with_suffix("")), f"{folder}/x.npy")
            if reason:
                print(f"{header}: {reason}")
            if counts:
                records += 1
                samples += counts[0]
                differing += counts[1]
                if counts[1]:
                    print(f"{header}: {counts[1]} of {counts[0]} samples differ")
    print(f"{records} records, {samples} samples compared, {differing} differ")
    return 0 if records and not differing else 1


if __name__ == "__main__":
    sys.exit(main())
