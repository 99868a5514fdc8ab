"""Measures a simulated PTB-XL tree with NeuroKit2 and compares each class with clinical ranges.

    einthoven simulate --layout ptb-xl --records 3000 --seed 1 --noise none tree
    python tools/python/simulated_physiology.py tree [--per-class 25] [--seed 0]

Heart rate, PR and QT come from NeuroKit2's delineation by prominence (Emrich et al., EUSIPCO 2024) of leads II, V2
and V5, the median of the beats and then of the leads (its wavelets say QRS 180 ms of PTB-XL's own normal
records, and prominence takes no R wave for longer than 100 ms); QRS is the time during which the twelve leads of the median
beat move at 6 % of their greatest speed and more, which says 80 ms of PTB-XL's normal records and 146 and 140 ms of its left
and right bundle branch blocks; axis and amplitudes from the median beat of the twelve leads. A class passes when its median
lies within the range and so do at least as many of its records as the table asks. Exits 1 when a class does not pass.
Needs NumPy, SciPy, pandas, wfdb and neurokit2.

Ranges: AHA/ACCF/HRS recommendations for the standardization and interpretation of the electrocardiogram, part III
(conduction: Surawicz et al. 2009), IV (ST, T, QT: Rautaharju et al. 2009), V (hypertrophy: Hancock et al. 2009) and VI
(ischemia: Wagner et al. 2009), J. Am. Coll. Cardiol. 53; rhythms: Kligfield et al., part I, 2007; 2023 ACC/AHA/ACCP/HRS
guideline on atrial fibrillation.
"""

import argparse
import ast
import pathlib
import sys
import warnings

import neurokit2 as nk
import numpy as np
import pandas as pd
import wfdb
from scipy import signal

LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]

# Class, measure, least and greatest value, the share of records that must lie within, and the source. Delineation by a
# machine differs from the caliper by some 10 to 20 ms (CSE working party, Circulation 71, 1985), hence shares below 1.
RANGES = [
    ("NORM", "pr", 120, 200, 0.85, "part III"),
    ("NORM", "qrs", 60, 110, 0.85, "part III: above 110 ms is prolonged"),
    ("NORM", "qtc", 350, 460, 0.80, "part IV: at most 450 (men), 460 ms (women)"),
    ("NORM", "axis", -30, 90, 0.95, "part III"),
    ("NORM", "sokolow", 0.8, 3.5, 0.80, "part V: 3.5 mV and more suggests hypertrophy"),
    ("NORM", "r_v1", 0.0, 0.7, 0.95, "part V: R in V1 below 0.7 mV"),
    ("NORM", "p_ii", 0.03, 0.25, 0.90, "part V: P in II at most 0.25 mV"),
    ("NORM", "t_v5", 0.05, 1.0, 0.90, "part IV: T upright in V5"),
    ("SR", "rate", 60, 100, 0.90, "part I"),
    ("SBRAD", "rate", 35, 60, 0.95, "part I"),
    ("STACH", "rate", 100, 180, 0.95, "part I"),
    ("AFIB", "variation", 0.10, 0.50, 0.90, "2023 guideline: irregularly irregular; sinus rhythm stays below 0.1"),
    ("SR", "variation", 0.0, 0.10, 0.85, "the same"),
    ("AFIB", "p_ii", -0.06, 0.06, 0.80, "2023 guideline: no P waves"),
    ("1AVB", "pr", 200, 400, 0.75, "part III"),
    ("CLBBB", "qrs", 120, 200, 0.75, "part III"),
    ("CRBBB", "qrs", 120, 200, 0.75, "part III"),
    ("CLBBB", "s_v1", -5, -0.6, 0.90, "part III: rS or QS in V1"),
    ("CRBBB", "terminal_v1", 0.05, 3, 0.85, "part III: terminal R' in V1"),
    ("IRBBB", "qrs", 70, 120, 0.80, "part III: below 120 ms"),
    ("LAFB", "axis", -100, -30, 0.80, "part III: -45 to -90 degrees"),
    ("LPFB", "axis", 80, 180, 0.60, "part III: 90 to 180 degrees"),
    ("LVH", "sokolow", 2.5, 8, 0.70, "part V; half of the readers' cases meet 3.5 mV"),
    ("LNGQT", "qtc", 450, 620, 0.60, "part IV"),
    ("STD_", "least_st", -1, -0.04, 0.85, "part VI: 0.05 mV below"),
    ("STE_", "greatest_st", 0.1, 1.5, 0.85, "part VI: 0.1 mV above"),
    ("INVT", "least_t", -2, -0.08, 0.85, "part IV: inverted from -0.1 mV"),
    ("IMI", "q_iii", -3, -0.05, 0.50, "part VI: Q in III and aVF"),
    ("ASMI", "r_v2", 0.0, 0.5, 0.60, "part VI: R of 0.1 mV or less in V2, or poor progression"),
]


def intervals(samples, rate):
    """Heart rate in 1/min, coefficient of variation of RR, and PR, QT, QTc in ms, of samples [T, 12] in mV."""
    _, found = nk.ecg_peaks(nk.ecg_clean(samples[:, 1], sampling_rate=rate), sampling_rate=rate)
    peaks = found["ECG_R_Peaks"]
    if len(peaks) < 4:
        return None, {}
    gaps = np.diff(peaks) / rate
    values = {"rate": 60 / gaps.mean(), "variation": gaps.std() / gaps.mean()}
    measured = {"pr": [], "qt": []}
    for lead in (1, 7, 10):
        clean = nk.ecg_clean(samples[:, lead], sampling_rate=rate)
        try:
            _, wave = nk.ecg_delineate(clean, peaks, sampling_rate=rate, method="prominence")
        except Exception:
            continue
        marks = [np.array(wave[f"ECG_{name}"], float) for name in ("P_Onsets", "R_Onsets", "T_Offsets")]
        shortest = min(map(len, marks))
        begin, onset, end = (mark[:shortest] for mark in marks)
        for name, ms in (("pr", onset - begin), ("qt", end - onset)):
            if np.isfinite(ms).sum() >= 3:
                measured[name].append(np.nanmedian(ms) * 1000 / rate)
    for name, ms in measured.items():
        if ms:
            values[name] = float(np.median(ms))
    if "qt" in values:
        values["qtc"] = values["qt"] / np.cbrt(gaps.mean())
    return peaks, values


def amplitudes(samples, peaks, rate):
    """Axis in degrees and amplitudes in mV of the median beat, against the PQ segment."""
    sections = signal.butter(1, 0.5, "highpass", fs=rate, output="sos")
    still = signal.sosfiltfilt(sections, samples, axis=0)
    before, after = int(0.3 * rate), int(0.5 * rate)
    beats = [still[p - before : p + after] for p in peaks if p >= before and p + after <= len(still)]
    if len(beats) < 3:
        return {}
    beat = np.median(beats, axis=0)

    def at(first, last):
        return beat[before + int(first * rate) : before + int(last * rate)]

    beat = beat - np.median(at(-0.075, -0.055), axis=0)
    qrs, lead = at(-0.06, 0.08), {name: index for index, name in enumerate(LEADS)}
    area = qrs.sum(axis=0)
    slope = np.apply_along_axis(np.convolve, 0, np.gradient(beat, axis=0), np.ones(5) / 5, "same")
    speed = np.sqrt((slope**2).sum(axis=1))[before - int(0.12 * rate) : before + int(0.16 * rate)]
    moving = np.flatnonzero(speed > 0.06 * speed.max())
    # The complex itself, wherever its R peak was seen: a late R' may be the highest.
    onset, end = before - int(0.12 * rate) + moving[[0, -1]]
    st, t = at(0.105, 0.115).mean(axis=0), at(0.16, 0.45)
    top = t[np.abs(t).argmax(axis=0), np.arange(12)]
    others = [index for name, index in lead.items() if name not in ("aVR", "V1", "III")]
    p = at(-0.24, -0.09)[:, 1]
    return {
        "qrs": (moving[-1] - moving[0]) * 1000 / rate,
        "axis": np.degrees(np.arctan2(2 / np.sqrt(3) * area[lead["aVF"]], area[lead["I"]])),
        "sokolow": -qrs[:, lead["V1"]].min() + qrs[:, [lead["V5"], lead["V6"]]].max(),
        "r_v1": qrs[:, lead["V1"]].max(),
        "r_v2": qrs[:, lead["V2"]].max(),
        "s_v1": qrs[:, lead["V1"]].min(),
        "terminal_v1": beat[end - int(0.06 * rate) : end, lead["V1"]].max() - beat[onset - int(0.01 * rate), lead["V1"]],
        "q_iii": at(-0.05, 0.0)[:, lead["III"]].min(),
        "p_ii": p.max() - np.median(p),
        "t_v5": top[lead["V5"]],
        "least_st": np.delete(st, lead["aVR"]).min(),
        "greatest_st": st.max(),
        "least_t": top[others].min(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tree", type=pathlib.Path)
    parser.add_argument("--per-class", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    table = pd.read_csv(options.tree / "ptbxl_database.csv")
    codes = table.scp_codes.map(lambda text: set(ast.literal_eval(text)))
    classes = list(dict.fromkeys(row[0] for row in RANGES))
    generator = np.random.default_rng(options.seed)
    chosen = {}
    for name in classes:
        rows = np.flatnonzero(codes.map(lambda found: name in found and ("PACE" not in found)))
        if name not in ("AFIB", "PVC", "PAC"):
            rows = [row for row in rows if not codes[row] & {"AFIB", "AFLT", "SVTAC", "PVC", "PAC", "BIGU", "TRIGU"}]
        chosen[name] = generator.permutation(rows)[: options.per_class]
    measured = {}
    for row in sorted(set().union(*map(set, chosen.values()))):
        record = wfdb.rdrecord(str(options.tree / table.filename_hr[row]))
        peaks, values = intervals(record.p_signal, record.fs)
        if peaks is not None:
            values |= amplitudes(record.p_signal, peaks, record.fs)
        measured[row] = values
    passed = True
    print(f"{'class':6} {'measure':12} {'n':>4} {'median':>8} {'5 %':>8} {'95 %':>8}   range            inside  asked")
    for name, measure, low, high, share, source in RANGES:
        values = np.array([measured[row][measure] for row in chosen[name] if measure in measured[row]])
        if len(values) < 5:
            print(f"{name:6} {measure:12} {len(values):4}  too few to tell")
            continue
        inside = np.mean((values >= low) & (values <= high))
        fine = low <= np.median(values) <= high and inside >= share
        passed &= bool(fine)
        first, middle, last = np.quantile(values, [0.05, 0.5, 0.95])
        print(
            f"{name:6} {measure:12} {len(values):4} {middle:8.2f} {first:8.2f} {last:8.2f}   {low:6g} … {high:<6g}  {inside:6.0%} "
            f"{share:6.0%}  {'' if fine else 'OUTSIDE  '}{source}"
        )
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
