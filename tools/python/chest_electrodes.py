"""Fits the score of misplaced chest electrodes, tells what it finds, and writes it as Swift constants and a golden file.

    python tools/python/chest_electrodes.py DATA

from the repository's root, with NumPy installed; DATA holds `ptbxl` (records500, ptbxl_database.csv) and may hold
`challenge` (folders of MATLAB v4 files of the CinC challenges), which is looked at and not learnt from. It writes
Sources/ECGData/Signal/Audit/ChestElectrodeModel.swift and Fixtures/golden/chest_electrodes.json, and prints false alarms
and what is found of planted faults at some limits.

Which of 23 arrangements of V1 to V6 is the true one (as recorded, one lead inverted, two exchanged, the reversed order)
is a conditional logit, linear in 27 products of average beats for each of P, QRS and T: those of the chest leads with each
other and with I and II, over norms. An arrangement only permutes the products or changes their signs, and undoes itself.
"""

import csv
import hashlib
import itertools
import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))
from electrode_reversal import BASELINE, FLOOR, SEGMENTS, average_beat  # noqa: E402

PENALTY = 3.0
LIMIT = 7.0
CHEST = range(6)
PAIRS = list(itertools.combinations(CHEST, 2))
# Taken by eye as truly exchanged: left out of the fit and of false alarms.
EXCHANGED = {"497", "1106", "3956", "16625", "20869", "1057", "JS13888"}
# A lead of these is late from some time on, or has beats of its own (leads.slipped): neither fitted nor counted.
SLIPPED = set("158 159 164 173 179 181 465 483 498 1399 2590 5920 7844 9926 11804 19299".split())


def arrangements():
    """By name: the chest lead that each of the six shows, and its sign; as recorded first."""
    found = {"as recorded": (list(CHEST), [1] * 6)}
    for lead in CHEST:
        found[f"V{lead + 1} inverted"] = (list(CHEST), [-1 if other == lead else 1 for other in CHEST])
    for a, b in PAIRS:
        order = list(CHEST)
        order[a], order[b] = b, a
        found[f"V{a + 1} and V{b + 1} exchanged"] = (order, [1] * 6)
    found["reversed"] = (list(CHEST)[::-1], [1] * 6)
    return found


ARRANGEMENTS = arrangements()
NAMES = list(ARRANGEMENTS)


def group(name):
    if "inverted" in name or name == "reversed":
        return name.split()[-1]
    a, b = int(name[1]), int(name[8])
    return "neighbours exchanged" if b - a == 1 else "V1 and V6 exchanged" if b - a == 5 else "others exchanged"


def products(beats):
    """[n, bins, 8] (I, II, V1 to V6) -> [n, 81]."""
    beats = beats - beats[:, slice(*BASELINE)].mean(1, keepdims=True)
    columns = []
    for low, high in SEGMENTS.values():
        limb, chest, noise = beats[:, low:high, :2], beats[:, low:high, 2:], (high - low) * FLOOR**2
        third = limb[:, :, 1] - limb[:, :, 0]
        energy = np.sqrt((limb**2).sum((1, 2)) + (third**2).sum(1) + noise)
        norms = np.sqrt((chest**2).sum(1) + noise)
        own = np.einsum("nta,ntb->nab", chest, chest) / norms[:, :, None] / norms[:, None, :]
        mixed = np.einsum("ntl,ntv->nlv", limb, chest) / energy[:, None, None] / norms[:, None, :]
        columns += [own[:, a, b] for a, b in PAIRS] + list(np.moveaxis(mixed.reshape(-1, 12), 1, 0))
    return np.stack(columns, 1)


def sources(name):
    """For each of 81 products of an arrangement its place among those recorded, and its sign."""
    order, sign = ARRANGEMENTS[name]
    places = [PAIRS.index(tuple(sorted((order[a], order[b])))) for a, b in PAIRS]
    places += [15 + 6 * limb + order[lead] for limb in range(2) for lead in CHEST]
    signs = [sign[a] * sign[b] for a, b in PAIRS] + sign * 2
    return np.concatenate([np.array(places) + 27 * segment for segment in range(3)]), np.tile(signs, 3)


def arranged(x, name):
    places, signs = sources(name)
    return x[..., places] * signs


def choices(x):
    """[n, 81] -> [n, 23, 81], as recorded first."""
    return np.stack([arranged(x, name) for name in NAMES], 1)


def scores(x, weights):
    """What speaks for each of the 22 other arrangements against the one recorded."""
    utilities = choices(x) @ weights
    return utilities[:, 1:] - utilities[:, :1]


def fit(x):
    """Weights of a conditional logit whose first choice is the right one, by Newton's method."""
    scale = (x - x.mean(1, keepdims=True)).std((0, 1)) + 1e-9
    x = x / scale
    weights = np.zeros(x.shape[2])
    for _ in range(60):
        utility = x @ weights
        shares = np.exp(utility - utility.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        mean = np.einsum("nk,nkf->nf", shares, x)
        gradient = (mean - x[:, 0]).sum(0) + PENALTY * weights
        rooted = x * np.sqrt(shares)[:, :, None]
        hessian = np.tensordot(rooted, rooted, ((0, 1), (0, 1))) - mean.T @ mean + PENALTY * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights / scale


def recordings(root):
    """Source, name, fold and samples [time, 8] in µV with their rate; copies of a signal once."""
    with open(root / "ptbxl/ptbxl_database.csv", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            samples = np.fromfile(root / "ptbxl" / (row["filename_hr"] + ".dat"), "<i2").reshape(-1, 12)
            yield "ptbxl", row["ecg_id"], int(row["strat_fold"]), samples, 500.0
    for path in sorted(root.glob("challenge/*/*.mat")):
        raw = path.read_bytes()
        if int.from_bytes(raw[4:8], "little") != 12:
            continue
        rate = float(path.with_suffix(".hea").read_text().split()[2].split("/")[0])
        # Thirty minutes are no record of the kind that is looked for.
        if len(raw) < 24 * 200 * rate:
            yield "challenge", path.stem, -1, np.frombuffer(raw[24:], "<i2").reshape(-1, 12), rate


def average_beats(root):
    """Beats and what they are of, without records that have a constant lead or no beat."""
    seen, beats, labels = set(), [], []
    for source, name, fold, samples, rate in recordings(root):
        samples = samples[:, [0, 1, 6, 7, 8, 9, 10, 11]]
        digest = hashlib.sha256(np.ascontiguousarray(samples)).hexdigest()
        if digest in seen:
            continue
        seen.add(digest)
        beat = None if (np.ptp(samples, axis=0) == 0).any() else average_beat(samples.astype(float), rate)
        if beat is not None:
            beats.append(beat)
            labels.append((source, name, fold))
    return np.array(beats), labels


def tell(x, weights, recorded, sets):
    """False alarms of the scores of what is recorded, and what is found and rightly named of planted faults."""
    planted = {
        label: {name: scores(arranged(x[chosen], name), weights) for name in NAMES[1:]}
        for label, chosen in sets.items()
        if label != "folds 1-8"
    }
    for limit in (5, 6, 7, 8, 10):
        print(f"limit {limit}")
        for label, chosen in sets.items():
            print(f"  {label}: {(recorded[chosen].max(1) > limit).sum()} of {chosen.sum()} as they are")
            by_group = {}
            for name, found in planted.get(label, {}).items():
                told = found.max(1) > limit
                right = told & (found.argmax(1) == NAMES.index(name) - 1)
                by_group.setdefault(group(name), []).append((told.mean(), right.mean()))
            for name, rates in by_group.items():
                told, right = np.mean(rates, 0)
                print(f"    {name}: found {100 * told:.1f} %, named {100 * right:.1f} %")


SWIFT = """/// What tells the true arrangement of the chest leads from another; written by tools/python/chest_electrodes.py, fit on
/// PTB-XL 1.0.3, folds 1 to 8 ({count} records at 500 Hz).
enum ChestElectrodeModel {{
  /// For P, QRS and T: the weights of V1·V2, V1·V3 … V5·V6, of I·V1 … I·V6 and of II·V1 … II·V6; shape [3, 27].
  static let weights: [Double] = [
{rows}
  ]
}}
"""


def main():
    beats, labels = average_beats(Path(sys.argv[1]))
    x = products(beats)
    source, names, folds = (np.array(column) for column in zip(*labels))
    good = ~np.isin(names, list(EXCHANGED | SLIPPED))
    ptbxl = source == "ptbxl"
    training = ptbxl & (folds <= 8) & good
    weights = np.round(fit(choices(x[training])), 3)
    recorded = scores(x, weights)
    # What is fitted is judged by a fit to the other folds.
    for fold in range(1, 9):
        own = ptbxl & (folds == fold)
        recorded[own] = scores(x[own], fit(choices(x[training & ~own])))
    tell(x, weights, recorded, {
        "folds 1-8": training,
        "fold 9": ptbxl & (folds == 9) & good,
        "challenge": ~ptbxl & good,
    })
    for label, chosen in (("taken for exchanged", np.isin(names, list(EXCHANGED))), ("others above the limit", good)):
        best = recorded.max(1)
        order = [k for k in np.argsort(-best) if chosen[k] and (best[k] > LIMIT or label.startswith("taken"))]
        print(label, [f"{names[k]}: {NAMES[1 + recorded[k].argmax()]} {best[k]:.1f}" for k in order])
    rows = ",\n".join("    " + ", ".join(f"{w:.3f}" for w in row) for row in weights.reshape(9, 9))
    with open("Sources/ECGData/Signal/Audit/ChestElectrodeModel.swift", "w", encoding="utf-8") as file:
        file.write(SWIFT.format(count=int(training.sum()), rows=rows + ","))
    with open("Fixtures/golden/electrode_reversal.json", encoding="utf-8") as file:
        made = [np.array(case["beat"]).reshape(-1, 8) for case in json.load(file)["cases"]]
    cases = [
        {"products": products(beat[None])[0].tolist(), "scores": scores(products(beat[None]), weights)[0].tolist()}
        for beat in made
    ]
    with open("Fixtures/golden/chest_electrodes.json", "w", encoding="utf-8") as file:
        json.dump({"numpy": np.__version__, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
