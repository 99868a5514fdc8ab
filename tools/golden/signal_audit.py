"""Writes Fixtures/golden/signal_audit.json: what SciPy and wfdb-python measure of small and of public signals.

Run from the repository's root, with NumPy, SciPy and wfdb installed, on what ../shared/data/unpack.py unpacked:

    python tools/golden/signal_audit.py OUTDIR

`signal` is made here; its band powers, amplitudes and envelope correlations are SciPy's. `rates` are the heart rates
of lead II of public recordings by wfdb-python's XQRS: 60 s over the median interval. Records in which it
finds fewer than four beats are left out.
"""

import json
import pathlib
import sys

import numpy as np
import wfdb
import wfdb.processing
from scipy import signal

RATE = 250
FRAMES = 1500
LEADS = 4


def made():
    generator = np.random.default_rng(2011)
    time = np.arange(FRAMES) / RATE
    columns = []
    for lead in range(LEADS):
        beats = sum(
            np.exp(-(((time - at) / 0.012) ** 2)) + 0.25 * np.exp(-(((time - at - 0.25) / 0.05) ** 2))
            for at in np.arange(0.4, 6, 0.81)
        )
        wander = 150 * lead * np.sin(2 * np.pi * 0.21 * time + lead)
        mains = [0, 0, 15, 40][lead] * np.sin(2 * np.pi * [50, 50, 50, 60][lead] * time)
        columns.append(np.round((400 + 250 * lead) * beats + wander + mains + 6 * generator.normal(size=FRAMES), 1))
    return np.stack(columns, 1)


def measured(values):
    def band(edges, kind):
        return signal.sosfiltfilt(signal.butter(2, edges, kind, fs=RATE, output="sos"), values, axis=0)

    ecg, noise = band([0.5, 40], "bandpass"), band(40, "highpass")
    # Wander is filtered at a fifth of the rate, of means.
    slow = values.reshape(-1, RATE // 50, LEADS).mean(axis=1)
    wander = signal.sosfiltfilt(signal.butter(2, 0.5, "lowpass", fs=50, output="sos"), slow, axis=0)
    length = round(0.1 * RATE)
    moving = np.abs(band([8, 20], "bandpass"))
    envelope = np.stack([np.convolve(line, np.ones(length) / length, "valid") for line in moving.T], 1)
    thin = RATE // 50
    envelope /= np.percentile(envelope[::thin], 90, axis=0)
    joint = np.median(envelope, axis=1)
    return {
        "amplitude": np.percentile(ecg, 99.5, axis=0) - np.percentile(ecg, 0.5, axis=0),
        "ecg": ecg.std(axis=0),
        "wander": wander.std(axis=0),
        "noise": noise.std(axis=0),
        "agreement": [np.corrcoef(line[::thin], joint[::thin])[0, 1] for line in envelope.T],
    }


def rate(stem):
    record = wfdb.rdrecord(str(stem))
    names = [name.upper() for name in record.sig_name]
    if "II" not in names or record.sig_len > 60 * record.fs:
        return None
    line = record.p_signal[:, names.index("II")]
    if np.isnan(line).any() or line.min() == line.max():
        return None
    detector = wfdb.processing.XQRS(sig=line, fs=record.fs)
    detector.detect(verbose=False)
    if len(detector.qrs_inds) < 4:
        return None
    return round(float(60 * record.fs / np.median(np.diff(detector.qrs_inds))), 3)


def main():
    data = pathlib.Path(sys.argv[1])
    stems = [path.with_suffix("") for path in sorted(data.glob("challenge/*/*.hea"))]
    stems += [path.with_suffix("") for path in sorted(data.glob("ptbxl/records500/*/*.hea"))[::7]]
    rates = {}
    for stem in stems:
        try:
            found = rate(stem)
        except Exception:  # headers that wfdb-python cannot read, and those without signals
            continue
        if found:
            rates[str(stem.relative_to(data))] = found
    values = made()
    golden = {"rate": RATE, "leads": LEADS, "signal": values.ravel().tolist()}
    golden |= {name: np.round(value, 9).tolist() for name, value in measured(values).items()}
    golden["rates"] = rates
    with open("Fixtures/golden/signal_audit.json", "w") as file:
        json.dump(golden, file)
        file.write("\n")


main()
