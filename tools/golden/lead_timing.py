"""Writes Fixtures/golden/lead_timing.json: leads that slip in time, or beat for themselves, as NumPy and SciPy find them.

Run from the repository's root, with NumPy and SciPy installed:

    python tools/golden/lead_timing.py

The signals are those of electrode_reversal.py: I, II and V1 to V6 of rounded Gaussian waves, with one chest lead held for
some milliseconds and late from there on, or replaced by beats at another pace.
"""

import json

import numpy as np
from scipy import signal

from electrode_reversal import synthetic

LEADS = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"]


def envelope(moving, rate, window):
    """Rectified band averaged over `window`, over each lead's 90 % quantile, and the median of the leads."""
    length = max(1, int(np.floor(window * rate + 0.5)))
    lines = np.stack([np.convolve(np.abs(line), np.ones(length) / length, "valid") for line in moving.T], 1)
    lines /= np.quantile(lines[:: max(1, int(rate / 50))], 0.9, axis=0)
    return lines, np.median(lines, 1), length // 2


def lags(line, joint, rate):
    """Where each window of 1.5 s begins, and how late the line is in it; None where it does not follow."""
    width, step, reach = int(1.5 * rate), int(0.5 * rate), int(0.2 * rate)
    starts = list(range(reach, len(joint) - width - reach, step))
    found = []
    for start in starts:
        correlations = [
            np.corrcoef(line[start + lag : start + lag + width], joint[start : start + width])[0, 1]
            for lag in range(-reach, reach + 1)
        ]
        best = int(np.argmax(correlations))
        if correlations[best] < 0.8:
            found.append(None)
            continue
        place = best - reach
        if 0 < best < 2 * reach:
            before, middle, after = correlations[best - 1 : best + 2]
            place += 0.5 * (before - after) / (before - 2 * middle + after)
        found.append(place / rate)
    return starts, found


def slip(starts, found, rate, delay):
    """When and by how much a line steps; None if it does not."""
    best = None
    for place in range(4, len(found) - 3):
        sides = [[lag for lag in side if lag is not None] for side in (found[: place - 1], found[place + 2 :])]
        if min(map(len, sides)) < 4 or sides[1][0] - sides[0][-1] < 0.008:
            continue
        medians = [np.median(side) for side in sides]
        distances = [np.abs(np.array(side) - median) for side, median in zip(sides, medians)]
        if medians[1] - medians[0] < 0.02 or any((d <= 0.006).mean() < 0.9 for d in distances):
            continue
        spread = sum(d.mean() for d in distances)
        if best is None or spread < best[0]:
            seconds = (starts[place] + int(0.75 * rate) + delay) / rate
            best = (spread, {"seconds": seconds, "lag": medians[1] - medians[0]})
    return best and best[1]


def made(rate, seconds, seed, change):
    samples = synthetic(rate, seconds, seed)
    change(samples)
    step = max(1, int(rate / 200))
    count = len(samples) // step
    coarse, low_rate = samples[: count * step].reshape(count, step, 8).mean(1), rate / step
    sections = signal.butter(2, [8, 20], "bandpass", fs=low_rate, output="sos")
    moving = signal.sosfiltfilt(sections, coarse, axis=0)
    wide, common, _ = envelope(moving, low_rate, 0.1)
    thin = max(1, int(low_rate / 50))
    sharp, joint, delay = envelope(moving, low_rate, 0.04)
    slips = {}
    for lead in range(2, 8):
        starts, found = lags(sharp[:, lead], joint, low_rate)
        step = slip(starts, found, low_rate, delay)
        if step:
            slips[LEADS[lead]] = step | {"starts": starts, "lags": found}
    return {
        "rate": rate,
        "samples": samples.ravel().tolist(),
        "agreements": [np.corrcoef(line[::thin], common[::thin])[0, 1] for line in wide.T],
        "slips": slips,
    }


def hold(lead, start, length):
    def change(samples):
        line = samples[:, lead].copy()
        samples[start : start + length, lead] = line[start]
        samples[start + length :, lead] = line[start : len(line) - length]

    return change


def replace(lead, rate, seconds):
    def change(samples):
        time = np.arange(len(samples)) / rate
        own = sum(np.exp(-0.5 * ((time - at) / 0.011) ** 2) for at in np.arange(0.75, seconds, 0.61))
        samples[:, lead] = np.round(900 * own).astype(int)

    return change


def main():
    cases = [
        made(250, 8, 11, hold(6, 1010, 12)),
        made(400, 8, 12, hold(3, 1700, 35)),
        made(100, 10, 13, hold(7, 520, 5)),
        made(250, 8, 14, replace(5, 250, 8)),
    ]
    with open("Fixtures/golden/lead_timing.json", "w", encoding="utf-8") as file:
        json.dump({"numpy": np.__version__, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
