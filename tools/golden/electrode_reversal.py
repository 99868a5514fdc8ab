"""Fits the score of exchanged limb electrodes and writes it as Swift constants and a golden file.

Run from the repository's root, with NumPy installed, on PTB-XL (records500, ptbxl_database.csv):

    python tools/golden/electrode_reversal.py PTB-XL

writes Sources/ECGData/Signal/Audit/ElectrodeReversalModel.swift and Fixtures/golden/electrode_reversal.json, and prints
what each exchange reaches on fold 8 (fit on folds 1 to 7; fold 9 is left to the Swift measurement).

An average beat is the median over beats, in bins of 20 ms. Each of three segments (P, QRS, T) gives the products of
I and II with V1 to V6 and with each other, over norms that no exchange of limb electrodes changes: the true
arrangement is a choice among six (conditional logit), whose utility is linear in these 45 figures.
"""

import csv
import json
import os
import sys

import numpy as np

STEP, START, BINS = 0.02, -0.26, 36
BASELINE, SEGMENTS = (8, 10), {"p": (1, 8), "qrs": (10, 17), "t": (19, 33)}
FLOOR = 30.0  # µV
PENALTY = 1.0
# (I, II) as recorded, of the true (I, II); RA-LA-LL: the RA cable is at LA, LA at LL, LL at RA.
REVERSALS = {
    "RA-LA": [[-1, 0], [-1, 1]],
    "RA-LL": [[1, -1], [0, -1]],
    "LA-LL": [[0, 1], [1, 0]],
    "RA-LA-LL": [[-1, 1], [-1, 0]],
    "RA-LL-LA": [[0, -1], [1, -1]],
}


NAMES = list(REVERSALS)
# What undoes each.
UNDONE_BY = {"RA-LA": 0, "RA-LL": 1, "LA-LL": 2, "RA-LA-LL": 4, "RA-LL-LA": 3}


def half_up(value):
    return np.floor(np.asarray(value) + 0.5).astype(int)


def average_beat(signal, rate):
    """I, II, V1 to V6 in µV [time, 8] -> [BINS, 8], or None without a beat."""
    reach = max(1, int(half_up(0.01 * rate)))
    slope = np.zeros(len(signal))
    slope[reach:-reach] = np.abs(signal[2 * reach :] - signal[: -2 * reach]).sum(1)
    width = max(1, int(half_up(0.08 * rate))) | 1
    sums = np.concatenate([[0], np.cumsum(slope)])
    centre = np.arange(len(slope))
    low, high = np.maximum(0, centre - width // 2), np.minimum(len(slope), centre + width // 2 + 1)
    slope = (sums[high] - sums[low]) / width
    blocks = max(1, int(len(slope) / rate / 2))
    length = len(slope) // blocks
    threshold = 0.5 * np.median([slope[k * length : (k + 1) * length].max() for k in range(blocks)])
    peaks, refractory = [], int(half_up(0.3 * rate))
    inner = slope[1:-1]
    for place in np.where((inner >= slope[:-2]) & (inner > slope[2:]) & (inner > threshold))[0] + 1:
        if peaks and place - peaks[-1] < refractory:
            if slope[place] > slope[peaks[-1]]:
                peaks[-1] = place
        else:
            peaks.append(place)
    sums = np.concatenate([np.zeros((1, 8)), np.cumsum(signal, 0)])
    edges = half_up((START + STEP * np.arange(BINS + 1)) * rate)
    beats = [
        (sums[p + edges[1:]] - sums[p + edges[:-1]]) / np.diff(edges)[:, None]
        for p in peaks
        if p + edges[0] >= 0 and p + edges[-1] <= len(signal)
    ]
    return np.median(beats, 0) if beats else None


def features(beats):
    """[n, BINS, 8] -> [n, 45]: for P, QRS and T twelve products with V1 to V6 and three of I and II."""
    beats = beats - beats[:, slice(*BASELINE)].mean(1, keepdims=True)
    columns = []
    for low, high in SEGMENTS.values():
        limb, chest, noise = beats[:, low:high, :2], beats[:, low:high, 2:], (high - low) * FLOOR**2
        third = limb[:, :, 1] - limb[:, :, 0]
        energy = np.sqrt((limb**2).sum((1, 2)) + (third**2).sum(1) + noise)
        norms = np.sqrt((chest**2).sum(1) + noise)
        products = np.einsum("ntl,ntv->nlv", limb, chest) / energy[:, None, None] / norms[:, None, :]
        own = np.einsum("ntl,ntk->nlk", limb, limb) / (energy**2)[:, None, None]
        columns += [products.reshape(len(beats), 12), own[:, 0, :], own[:, 1, 1:]]
    return np.concatenate(columns, 1)


def arranged(beats, reversal):
    beats = beats.copy()
    beats[..., :2] = beats[..., :2] @ np.array(reversal, float).T
    return beats


def arrangements(beats):
    """[n, 1 + reversals, 45], the true arrangement first."""
    return np.stack([features(beats)] + [features(arranged(beats, r)) for r in REVERSALS.values()], 1)


def fit(x):
    """Weights of a conditional logit whose first choice is the right one, by Newton's method."""
    scale = (x - x.mean(1, keepdims=True)).std((0, 1)) + 1e-9
    x = x / scale
    weights = np.zeros(x.shape[2])
    for _ in range(100):
        utility = x @ weights
        shares = np.exp(utility - utility.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        mean = (shares[:, :, None] * x).sum(1)
        gradient = (mean - x[:, 0]).sum(0) + PENALTY * weights
        centred = x - mean[:, None]
        hessian = np.einsum("nk,nkf,nkg->fg", shares, centred, centred) + PENALTY * np.eye(len(weights))
        step = np.linalg.solve(hessian, gradient)
        weights -= step
        if np.abs(step).max() < 1e-10:
            break
    return weights / scale


def ptbxl(root):
    """Average beats and folds of the records at 500 Hz."""
    beats, folds = [], []
    with open(os.path.join(root, "ptbxl_database.csv"), encoding="utf-8") as file:
        for row in csv.DictReader(file):
            path = os.path.join(root, row["filename_hr"] + ".dat")
            signal = np.fromfile(path, "<i2").reshape(-1, 12)[:, [0, 1, 6, 7, 8, 9, 10, 11]]
            beat = average_beat(signal.astype(float), 500)
            if beat is not None:
                beats.append(beat)
                folds.append(int(row["strat_fold"]))
    return np.array(beats), np.array(folds)


def synthetic(rate, seconds, seed):
    """Eight leads of rounded Gaussian waves in µV, [time, 8]."""
    generator = np.random.default_rng(seed)
    time = np.arange(int(rate * seconds)) / rate
    beats = np.arange(0.4, seconds, 0.83)
    signal = generator.normal(0, 8, (len(time), 8))
    limb_chest = {
        -0.16: (0.022, [60, 110, 40, 50, 55, 60, 55, 50]),
        -0.02: (0.010, [-40, -60, 80, 120, 60, -40, -70, -60]),
        0.0: (0.011, [600, 900, 250, 500, 900, 1300, 1200, 900]),
        0.03: (0.011, [-90, -150, -900, -1400, -800, -400, -150, -60]),
        0.25: (0.05, [150, 220, -40, 250, 350, 330, 280, 200]),
    }
    for beat in beats:
        for offset, (width, heights) in limb_chest.items():
            wave = np.exp(-0.5 * ((time - beat - offset) / width) ** 2)
            signal += wave[:, None] * (np.array(heights) * generator.normal(1, 0.03, 8))
    return np.round(signal).astype(int)


SWIFT = """/// What tells the true arrangement of the limb electrodes from an exchange of them; written by
/// tools/golden/electrode_reversal.py, fit on PTB-XL 1.0.3, folds 1 to 7 ({count} records at 500 Hz).
enum ElectrodeReversalModel {{
  /// For P, QRS and T: the weights of I·V1 … I·V6, II·V1 … II·V6, I·I, I·II, II·II; shape [3, 15].
  static let weights: [Double] = [
{rows}
  ]
  /// The score that 98 % of those records stay below as they are, in the order of ``ElectrodeReversal/scored``.
  static let limits: [Double] = [{limits}]
}}
"""


def main():
    root = sys.argv[1]
    beats, folds = ptbxl(root)
    x = arrangements(beats)
    training = folds <= 7
    weights = np.round(fit(x[training]), 3)
    utility = x @ weights
    limits = []
    for index, name in enumerate(NAMES, 1):
        untouched = utility[:, 1 + UNDONE_BY[name]] - utility[:, 0]
        planted = utility[:, 0] - utility[:, index]
        limits.append(np.percentile(untouched[training], 98))
        for label, m in (("folds 1-7", training), ("fold 8", folds == 8)):
            print(
                f"{name}, {label}: 98 % limit {limits[-1]:.2f},"
                f" sensitivity {100 * (planted[m] > limits[-1]).mean():.1f} %,"
                f" specificity {100 * (untouched[m] <= limits[-1]).mean():.1f} %; above",
                ", ".join(
                    f"{t}: {100 * (planted[m] > t).mean():.1f} and {100 * (untouched[m] > t).mean():.2f} %"
                    for t in (2, 3, 4, 5, 6)
                ),
            )
    rows = ",\n".join("    " + ", ".join(f"{w:.3f}" for w in row) for row in weights.reshape(9, 5))
    with open("Sources/ECGData/Signal/Audit/ElectrodeReversalModel.swift", "w", encoding="utf-8") as file:
        file.write(SWIFT.format(count=int(training.sum()), rows=rows, limits=", ".join(f"{v:.2f}" for v in limits)))
    cases = []
    for rate, seconds, seed in ((250, 4, 1), (500, 3, 2), (100, 6, 3), (257, 5, 4)):
        signal = synthetic(rate, seconds, seed)
        beat = average_beat(signal.astype(float), rate)
        utilities = arrangements(beat[None]) @ weights
        cases.append(
            {
                "rate": rate,
                "samples": signal.ravel().tolist(),
                "beat": beat.ravel().tolist(),
                "features": features(beat[None])[0].tolist(),
                "scores": [utilities[0, 1 + UNDONE_BY[n]] - utilities[0, 0] for n in NAMES],
            }
        )
    with open("Fixtures/golden/electrode_reversal.json", "w", encoding="utf-8") as file:
        json.dump({"numpy": np.__version__, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
