"""Compares a simulated PTB-XL tree with the real one, in numbers and in a figure.

    python tools/python/simulated_against_real.py simulated ptb-xl --output figure.png [--records 1500]

Both trees have the layout of PTB-XL; of each, records evenly spread over the table. Compared at 100 Hz (500 Hz resampled by
SciPy): heart rates; the variation of RR from beat to beat in sinus rhythm and in atrial fibrillation; the spectrum of RR; the
power spectrum of each lead; the range of each lead from its 1 % to its 99 % quantile, and the deflections of QRS, ST and T of
the median beat. Printed: the ratio of medians, simulated over real, and the Kolmogorov-Smirnov distance, by lead. Needs NumPy,
SciPy, pandas and Matplotlib.
"""

import argparse
import ast
import pathlib

import matplotlib
import numpy as np
import pandas as pd
from scipy import signal, stats

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
RATE = 100
BINS = np.arange(0.02, 0.5, 0.02)


def records(tree, count):
    """Yields the codes and the samples [1000, 12] in mV of records of a tree."""
    table = pd.read_csv(tree / "ptbxl_database.csv")
    for row in np.unique(np.linspace(0, len(table) - 1, count).astype(int)):
        path = tree / f"{table.filename_hr[row]}.dat"
        if not path.exists():
            continue
        samples = np.fromfile(path, "<i2").reshape(-1, 12) / 1000
        yield set(ast.literal_eval(table.scp_codes[row])), signal.resample_poly(samples, 1, 5, axis=0)


def peaks_of(samples):
    """The R peaks, by the speed of all leads between 5 and 35 Hz."""
    sections = signal.butter(2, [5, 35], "bandpass", fs=RATE, output="sos")
    band = signal.sosfiltfilt(sections, samples[:, [0, 1, 6, 7, 8, 9, 10, 11]], axis=0)
    speed = np.sqrt((np.diff(band, axis=0, prepend=band[:1]) ** 2).sum(axis=1))
    speed = np.convolve(speed, np.ones(8) / 8, "same")
    found, _ = signal.find_peaks(speed, height=0.35 * np.percentile(speed, 98), distance=25)
    power = (band**2).sum(axis=1)
    return np.array(sorted({max(0, p - 7) + int(np.argmax(power[max(0, p - 7) : p + 8])) for p in found}), int)


def measure(tree, count):
    result = {name: [] for name in ("rate", "sinus", "fibrillation", "range", "R", "S", "ST", "T", "spectrum", "rr")}
    for codes, samples in records(tree, count):
        result["range"].append(np.percentile(samples, 99, axis=0) - np.percentile(samples, 1, axis=0))
        result["spectrum"].append(signal.welch(samples, RATE, nperseg=400, axis=0)[1])
        peaks = peaks_of(samples)
        if len(peaks) < 5:
            continue
        gaps = np.diff(peaks) / RATE
        result["rate"].append(60 / gaps.mean())
        successive = 1000 * np.sqrt(np.mean(np.diff(gaps) ** 2))
        if "AFIB" in codes:
            result["fibrillation"].append(successive)
        elif "SR" in codes and not codes & {"PVC", "PAC", "BIGU", "TRIGU", "SVARR", "PACE"}:
            result["sinus"].append(successive)
            # The Lomb periodogram takes the beats where they are; 10 s tell nothing below 0.1 Hz.
            if np.abs(np.diff(gaps)).max() < 0.2:
                power = signal.lombscargle(peaks[1:] / RATE, gaps - gaps.mean(), 2 * np.pi * BINS, precenter=False)
                result["rr"].append(power)
        sections = signal.butter(1, 0.5, "highpass", fs=RATE, output="sos")
        still = signal.sosfiltfilt(sections, samples, axis=0)
        beats = [still[p - 30 : p + 50] for p in peaks if p >= 30 and p + 50 <= len(still)]
        if len(beats) < 3:
            continue
        beat = np.median(beats, axis=0)
        beat = beat - np.median(beat[23:26], axis=0)
        qrs, t = beat[24:38], beat[46:75]
        result["R"].append(qrs.max(axis=0))
        result["S"].append(qrs.min(axis=0))
        result["ST"].append(beat[41])
        result["T"].append(t[np.abs(t).argmax(axis=0), np.arange(12)])
    return {name: np.array(values) for name, values in result.items()}


def tell(name, simulated, real):
    """A line for a measure that has a value for each lead."""
    ratios = np.median(simulated, axis=0) / np.where(np.abs(np.median(real, axis=0)) < 1e-6, np.nan, np.median(real, axis=0))
    distances = [stats.ks_2samp(simulated[:, lead], real[:, lead]).statistic for lead in range(12)]
    print(f"{name:6} ratio of medians " + " ".join(f"{value:6.2f}" for value in ratios))
    print(f"{'':6} KS distance      " + " ".join(f"{value:6.2f}" for value in distances))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("simulated", type=pathlib.Path)
    parser.add_argument("real", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("simulated-against-real.png"))
    parser.add_argument("--records", type=int, default=1500)
    options = parser.parse_args()
    simulated, real = (measure(tree, options.records) for tree in (options.simulated, options.real))
    print(f"{len(simulated['range'])} simulated and {len(real['range'])} real records")
    print(f"{'':23} " + " ".join(f"{lead:>6}" for lead in LEADS))
    for name in ("range", "R", "S", "ST", "T"):
        tell(name, simulated[name], real[name])
    bands = [(0.25, 0.75), (0.75, 5), (5, 15), (15, 30), (30, 45)]
    frequencies = np.fft.rfftfreq(400, 1 / RATE)
    for low, high in bands:
        inside = (frequencies >= low) & (frequencies < high)
        tell(f"{low:g}-{high:g}", *(each["spectrum"][:, inside].sum(axis=1) for each in (simulated, real)))
    for name, unit in (("rate", "1/min"), ("sinus", "ms"), ("fibrillation", "ms")):
        quantiles = [np.quantile(each[name], [0.05, 0.25, 0.5, 0.75, 0.95]).round(1) for each in (simulated, real)]
        distance = stats.ks_2samp(simulated[name], real[name]).statistic
        print(f"{name} ({unit}) 5 25 50 75 95 %: simulated {quantiles[0]}, real {quantiles[1]}, KS distance {distance:.2f}")

    figure, axes = plt.subplots(4, 6, figsize=(19, 12), layout="constrained")
    for lead, axis in enumerate(axes[:2].ravel()):
        for each, color, label in ((real, "k", "PTB-XL"), (simulated, "C3", "simulated")):
            low, middle, high = np.quantile(each["spectrum"][:, :, lead], [0.1, 0.5, 0.9], axis=0)
            axis.loglog(frequencies[1:], middle[1:], color, label=label)
            axis.fill_between(frequencies[1:], low[1:], high[1:], color=color, alpha=0.15)
        axis.set(title=f"{LEADS[lead]}: mV²/Hz, 10–90 %", ylim=(1e-8, 1), xlabel="Hz")
    axes[0, 0].legend()
    for name, axis in zip(("range", "R", "S", "ST", "T"), axes[2]):
        for each, color, shift in ((real, "k", -0.15), (simulated, "C3", 0.15)):
            quantiles = np.quantile(each[name], [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
            places = np.arange(12) + shift
            axis.vlines(places, quantiles[0], quantiles[4], color, lw=1)
            axis.vlines(places, quantiles[1], quantiles[3], color, lw=4)
            axis.plot(places, quantiles[2], "_w", ms=4)
        axis.set(title=f"{name}, mV (5, 25, 50, 75, 95 %)", xticks=range(12), xticklabels=LEADS)
        axis.tick_params(axis="x", rotation=90)
    axes[2, 5].axis("off")
    spread = np.linspace(30, 180, 51)
    for (name, title, edges), axis in zip(
        (
            ("rate", "heart rate, 1/min", spread),
            ("sinus", "RMSSD in sinus rhythm, ms", np.linspace(0, 120, 41)),
            ("fibrillation", "RMSSD in fibrillation, ms", np.linspace(0, 500, 26)),
        ),
        axes[3],
    ):
        for each, color in ((real, "k"), (simulated, "C3")):
            axis.hist(each[name], edges, density=True, histtype="step", color=color)
        axis.set(title=title)
    for each, color in ((real, "k"), (simulated, "C3")):
        axes[3, 3].plot(BINS, np.median(each["rr"], axis=0), color)
    axes[3, 3].set(title="spectrum of RR in sinus rhythm, median", xlabel="Hz")
    axes[3, 4].axis("off")
    axes[3, 5].axis("off")
    figure.savefig(options.output, dpi=75)
    print(options.output)


if __name__ == "__main__":
    main()
