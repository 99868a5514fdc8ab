"""Measures how 100 Hz made from PTB-XL's 500 Hz differs from the 100 Hz that PTB-XL itself publishes.

    python tools/python/compare_100hz.py PTBXL
    python tools/python/compare_100hz.py PTBXL --shards SHARDS     (shards converted with --rate 100)

PTB-XL does not say how its records100 were made, and they are no decimation of records500: they lie 1.25 ms (half a
sample at 400 Hz) earlier in time, and their low-pass ends at 45 Hz instead of 50. Hence a difference that looks large.
What is proved is that nothing else differs: one and the same shift in every record, the same level up to 30 Hz, and a
difference of about a microvolt once the shift is taken out, below 40 Hz.

The shift is the slope of the cross-spectrum's phase from 1 to 35 Hz; levels are square roots of ratios of Welch spectra.

Exit code 1 if a record's shift is more than 0.1 ms off the median, if the median level below 30 Hz differs by more than
1 %, or if the median difference after alignment exceeds 2 µV. Needs numpy, scipy, wfdb, and safetensors with --shards.
"""

import argparse
import multiprocessing
import sys
from pathlib import Path

import numpy as np
import wfdb
from scipy.signal import csd, resample_poly, welch

from shard_directory import read_manifest, read_shard, record_ids

BANDS = [(0.5, 10), (10, 30), (30, 50)]
RATE = 100


def shift_in_seconds(ours, theirs):
    """By how much theirs is later than ours."""
    frequencies, cross = csd(ours, theirs, RATE, nperseg=256, axis=0)
    cross = cross.sum(axis=1)
    band = (frequencies >= 1) & (frequencies <= 35)
    f, phase, weight = frequencies[band], np.angle(cross[band]), np.abs(cross[band])
    return -(weight * f * phase).sum() / (2 * np.pi * (weight * f * f).sum())


def aligned_below_40_hz(signal, delay):
    """The signal later by `delay` seconds, without what is above 40 Hz; mirrored at its ends, where it is not to be trusted."""
    mirrored = np.concatenate([signal, signal[::-1]])
    frequencies = np.fft.rfftfreq(len(mirrored), 1 / RATE)
    spectrum = np.fft.rfft(mirrored, axis=0) * np.exp(-2j * np.pi * frequencies * delay)[:, None]
    spectrum[frequencies > 40] = 0
    return np.fft.irfft(spectrum, len(mirrored), axis=0)[: len(signal)]


def compare(job):
    base, ours = job
    theirs = wfdb.rdrecord(str(base)).p_signal * 1000
    if ours is None:
        fast = wfdb.rdrecord(str(base).replace("records100", "records500")[: -len("_lr")] + "_hr").p_signal * 1000
        ours = resample_poly(fast, 1, 5, axis=0)
    shift = shift_in_seconds(ours, theirs)
    frequencies, power_ours = welch(ours, RATE, nperseg=256, axis=0)
    _, power_theirs = welch(theirs, RATE, nperseg=256, axis=0)
    gains = []
    for low, high in BANDS:
        band = (frequencies >= low) & (frequencies < high)
        gains.append(np.sqrt(power_ours[band].sum() / power_theirs[band].sum()))
    rms = np.sqrt(((ours - theirs) ** 2).mean())
    share = rms / np.sqrt(((theirs - theirs.mean(axis=0)) ** 2).mean())
    aligned = (aligned_below_40_hz(ours, shift) - aligned_below_40_hz(theirs, 0))[RATE:-RATE]
    return rms, share, shift * 1000, np.sqrt((aligned**2).mean()), *gains


def stored_signals(directory):
    """Microvolts [frames, 12] by record id."""
    signals = {}
    for entry in read_manifest(directory)["shards"]:
        tensors, _ = read_shard(Path(directory) / entry["file"])
        for row, identifier in enumerate(record_ids(tensors)):
            span = slice(tensors["record_offset"][row], tensors["record_offset"][row + 1])
            if tensors["rate_hz"][row] != RATE:
                raise SystemExit(f"record {identifier} is at {tensors['rate_hz'][row]} Hz")
            signals[int(identifier)] = tensors["signal"][span] * tensors["scale_uv"][row].astype(float)
    return signals


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the PTB-XL root")
    parser.add_argument("--shards", help="take our 100 Hz from these shards instead of SciPy")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    bases = []
    for header in sorted(Path(arguments.source).glob("records100/*/*_lr.hea")):
        base = header.with_suffix("")
        if Path(str(base).replace("records100", "records500")[: -len("_lr")] + "_hr.hea").exists():
            bases.append(base)
    if not bases:
        raise SystemExit("no record is there at both rates")
    stored = stored_signals(arguments.shards) if arguments.shards else {}
    jobs = [(base, stored[int(base.name[:5])] if arguments.shards else None) for base in bases]
    with multiprocessing.Pool(arguments.processes) as pool:
        table = np.array(pool.map(compare, jobs, chunksize=8))
    names = ["RMS difference, uV", "... as a share of the signal", "shift of theirs, ms", "RMS after alignment, < 40 Hz, uV"]
    names += [f"gain ours/theirs, {low}-{high} Hz" for low, high in BANDS]
    print(f"{f'{len(bases)} records at both rates':<34}{'5 %':>10}{'median':>10}{'95 %':>10}{'min':>10}{'max':>10}")
    for name, values in zip(names, table.T):
        figures = [*np.percentile(values, [5, 50, 95]), values.min(), values.max()]
        print(f"{name:<34}" + "".join(f"{figure:>10.4f}" for figure in figures))
    medians = np.median(table, axis=0)
    problems = []
    stray = np.abs(table[:, 2] - medians[2]).max()
    if stray > 0.1:
        problems.append(f"a record's shift is {stray:.2f} ms off the median")
    if medians[3] > 2:
        problems.append(f"median difference {medians[3]:.1f} uV after alignment")
    if max(abs(medians[4] - 1), abs(medians[5] - 1)) > 0.01:
        problems.append(f"median gains {medians[4]:.4f} and {medians[5]:.4f} below 30 Hz")
    print(f"FAILED: {', '.join(problems)}" if problems else f"ok: the same signal, {medians[2]:.2f} ms apart")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
