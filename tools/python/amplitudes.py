"""Prints how the robust amplitude is distributed in collections of WFDB records: the source of AmplitudeAudit's table.

    python tools/python/amplitudes.py FOLDER…

A record's amplitude is the geometric mean over its leads of the range from the 0.5 % to the 99.5 % quantile between 0.5
and 40 Hz, in µV; leads below a twentieth of the largest are left out. Needs NumPy, SciPy and wfdb. Records that
wfdb-python cannot read, and those that state a gain other than 1000 per mV, are left out and counted.
"""

import pathlib
import sys

import numpy as np
import wfdb
from scipy import signal


def amplitude(stem):
    record = wfdb.rdrecord(str(stem))
    if any(gain != 1000 for gain in record.adc_gain) or record.n_sig != 12:
        raise ValueError("another gain or fewer leads")
    values = record.p_signal * 1000
    for line in values.T:
        gaps = np.isnan(line)
        if gaps.any() and not gaps.all():
            line[gaps] = np.interp(np.flatnonzero(gaps), np.flatnonzero(~gaps), line[~gaps])
    values = values[:, ~np.isnan(values).all(axis=0)]
    sections = signal.butter(2, [0.5, 40], "bandpass", fs=record.fs, output="sos")
    band = signal.sosfiltfilt(sections, values, axis=0)
    ranges = np.percentile(band, 99.5, axis=0) - np.percentile(band, 0.5, axis=0)
    ranges = ranges[ranges > 0.05 * ranges.max()]
    return float(np.exp(np.log(ranges).mean()))


def tell(name, values, left_out):
    if not values:
        print(f"{name}: nothing to measure, {left_out} left out")
        return
    low, first, middle, last, high = np.quantile(values, [0, 0.005, 0.5, 0.995, 1])
    print(
        f"{name}: {len(values)} records ({left_out} left out), median {middle:.0f}, 99 % within {first:.0f} … {last:.0f}, "
        f"all within {low:.0f} … {high:.0f} µV, standard deviation {np.std(np.log10(values)):.3f} decades"
    )


def main():
    everything = []
    for folder in sys.argv[1:]:
        values, left_out = [], 0
        for path in sorted(pathlib.Path(folder).rglob("*.hea")):
            try:
                values.append(amplitude(path.with_suffix("")))
            except Exception:
                left_out += 1
        tell(folder, values, left_out)
        everything += values
    tell("all", everything, 0)


main()
