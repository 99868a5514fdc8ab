"""Writes Fixtures/golden/limb_laws.json: how well the limb leads of published recordings obey the laws, by NumPy.

Run from the repository's root, with NumPy installed, on what ../shared/data/unpack.py unpacks:

    python tools/golden/limb_laws.py DATA

For each collection: its records, how many hold all four of III = II - I, aVR = -(I + II)/2, aVL = (I - III)/2 and
aVF = (II + III)/2 within 20 µV RMS, and for some records how far each lead is from the least-squares solution of the
other five (RMS and greatest, in µV).
"""

import glob
import json
import os
import re
import sys

import numpy as np

LIMB = ["I", "II", "III", "AVR", "AVL", "AVF"]
WEIGHTS = np.array([[1, 0], [0, 1], [-1, 1], [-0.5, -0.5], [1, -0.5], [-0.5, 1]])
COLLECTIONS = {
    "ptbxl/records500": 150,
    "challenge/chapman_ningbo": 5,
    "challenge/cpsc2018": 5,
    "challenge/cpsc2018_extra": 5,
    "challenge/georgia": 5,
    "challenge/ptb": 1,
    "challenge/ptbxl": 5,
    "code15/wfdb": 25,
    "quality2011/wfdb": 25,
}


def limb_leads(path):
    """The six limb leads of a record of format 16 in µV, [time, 6]."""
    with open(path, encoding="latin-1") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    count = int(lines[0][1])
    signals = lines[1 : 1 + count]
    offset = 24 if "+24" in signals[0][1] else 0
    counts = np.fromfile(os.path.join(os.path.dirname(path), signals[0][0]), "<i2", offset=offset)
    counts = counts[: len(counts) // count * count].reshape(-1, count)
    names = [signal[8].upper() for signal in signals]
    leads = []
    for name in LIMB:
        channel = names.index(name)
        gain, base = re.match(r"([-+.\de]+)(?:\((-?\d+)\))?", signals[channel][2]).groups()
        base = int(base) if base is not None else int(signals[channel][4])
        values = (counts[:, channel] - float(base)) / float(gain) * 1000
        values[counts[:, channel] == -32768] = np.nan
        leads.append(values)
    return np.stack(leads, 1)


def laws(leads):
    one, two, three, right, left, foot = leads.T
    sides = [
        three - (two - one),
        right + (one + two) / 2,
        left - (one - three) / 2,
        foot - (two + three) / 2,
    ]
    return max(np.sqrt(np.nanmean(side**2)) for side in sides)


def residuals(leads):
    leads = leads[~np.isnan(leads).any(1)]
    found = []
    for lead in range(6):
        others = [k for k in range(6) if k != lead]
        solution = np.linalg.lstsq(WEIGHTS[others], leads[:, others].T, rcond=None)[0]
        difference = leads[:, lead] - WEIGHTS[lead] @ solution
        found.append([np.sqrt(np.mean(difference**2)), np.abs(difference).max()])
    return np.array(found)


def main():
    report = {}
    for collection, step in COLLECTIONS.items():
        paths = sorted(glob.glob(os.path.join(sys.argv[1], collection, "**", "*.hea"), recursive=True))
        worst = np.array([laws(limb_leads(path)) for path in paths])
        moving = {}
        for path in paths[::step]:
            leads = limb_leads(path)
            if (np.nanmax(leads, 0) > np.nanmin(leads, 0)).all():
                moving[os.path.basename(path)[:-4]] = residuals(leads).round(9).tolist()
        report[collection] = {
            "records": len(paths),
            "held": int((worst <= 20).sum()),
            "median": round(float(np.median(worst)), 3),
            "greatest": round(float(worst.max()), 3),
            "residuals": moving,
        }
        print(collection, {k: v for k, v in report[collection].items() if k != "residuals"}, len(moving))
    with open("Fixtures/golden/limb_laws.json", "w", encoding="utf-8") as file:
        json.dump(report, file, separators=(",", ":"), sort_keys=True)
        file.write("\n")


if __name__ == "__main__":
    main()
