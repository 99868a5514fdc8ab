"""What a recipe's filters and resampler do to a signal, by NumPy and SciPy alone.

    filtered(values, 500, [{"bandpass": {"low": 0.5, "high": 40}}, {"notch": {"frequency": 50}}])
    resampled(values, 500, 100, "polyphase")

It is how a shard can be made again from the recipe in its metadata, and what the golden files are written with.
A signal is one lead without gaps.
"""

from fractions import Fraction

import numpy as np
from scipy import ndimage, signal


def window(seconds, rate):
    """The greatest odd number of samples within a length, one more if that is even."""
    return 2 * int(np.floor(seconds * rate / 2 + 1e-9)) + 1


def sections(band, item, rate):
    edges = (item["low"], item["high"]) if "low" in item else item["cutoff"]
    common = {"btype": band, "output": "sos", "fs": rate}
    order = item.get("order", 4)
    family = item.get("family", "butterworth")
    if family == "butterworth":
        return signal.butter(order, edges, **common)
    if family == "chebyshev1":
        return signal.cheby1(order, item["ripple"], edges, **common)
    if family == "chebyshev2":
        return signal.cheby2(order, item["attenuation"], edges, **common)
    return signal.ellip(order, item["ripple"], item["attenuation"], edges, **common)


def zero_phase(sos, values):
    """`sosfiltfilt`, with the padding cut to what a short signal allows."""
    values = np.asarray(values, dtype=float)
    if not len(values):
        return values
    taps = 2 * len(sos) + 1 - min((sos[:, 2] == 0).sum(), (sos[:, 5] == 0).sum())
    return signal.sosfiltfilt(sos, values, padlen=int(min(3 * taps, len(values) - 1)))


def from_steady(sos, values):
    return signal.sosfilt(sos, values, zi=signal.sosfilt_zi(sos) * values[0])[0] if len(values) else values


def comb(frequency, q, values, causal, rate):
    b, a = signal.iircomb(frequency, q, ftype="notch", fs=rate)
    if not len(values):
        return values
    if causal:
        return signal.lfilter(b, a, values, zi=signal.lfilter_zi(b, a) * values[0])[0]
    return signal.filtfilt(b, a, values, padlen=min(3 * len(b), len(values) - 1))


def windowed(item, rate):
    """The taps of `fir`."""
    kind = item.get("window", "hamming")
    edges = (item["low"], item["high"]) if "low" in item else item["cutoff"]
    return signal.firwin(
        window(item["seconds"], rate),
        edges,
        window=("kaiser", item["beta"]) if kind == "kaiser" else {"rectangular": "boxcar"}.get(kind, kind),
        pass_zero=item["type"],
        fs=rate,
    )


def fir(taps, values, causal):
    """A symmetric filter over a signal that is continued by point reflection, then held."""
    if not len(values):
        return values
    half = len(taps) // 2
    if causal:
        return np.convolve(np.pad(values, (2 * half, 0), mode="edge"), taps, mode="valid")
    reflected = min(half, len(values) - 1)
    if reflected:
        values = np.concatenate(
            (2 * values[0] - values[reflected:0:-1], values, 2 * values[-1] - values[-2 : -reflected - 2 : -1])
        )
    return np.convolve(np.pad(values, half - reflected, mode="edge"), taps, mode="valid")


def median_baseline(values, windows, rate):
    """As `ndimage.median_filter(…, mode="reflect")`, which errs where the window exceeds the signal."""
    baseline = np.asarray(values, dtype=float)
    for seconds in windows:
        if len(baseline):
            size = window(seconds, rate)
            if size <= len(baseline):
                baseline = ndimage.median_filter(baseline, size, mode="reflect")
            else:
                padded = np.pad(baseline, size // 2, mode="symmetric")
                baseline = np.median(np.lib.stride_tricks.sliding_window_view(padded, size), axis=1)
    return values - baseline


def moving_average(values, seconds, causal, rate):
    size = window(seconds, rate)
    if not len(values):
        return values
    if causal:
        return np.convolve(np.pad(values, (size - 1, 0), mode="edge"), np.ones(size) / size, mode="valid")
    return ndimage.uniform_filter1d(np.asarray(values, dtype=float), size, mode="reflect")


def filtered(values, rate, filters):
    """The signal after the items of a recipe's `filters`."""
    for step in filters:
        ((name, item),) = step.items()
        causal = item.get("causal", False)
        if name == "comb":
            values = comb(item["frequency"], item.get("q", 30), values, causal, rate)
        elif name == "fir":
            values = fir(windowed(item, rate), values, causal)
        elif name == "baseline":
            values = median_baseline(values, item.get("windows", [0.2, 0.6]), rate)
        elif name == "moving-average":
            values = moving_average(values, item["seconds"], causal, rate)
        else:
            if name == "notch":
                sos = np.array([np.concatenate(signal.iirnotch(item["frequency"], item.get("q", 30), fs=rate))])
            else:
                sos = sections(name, item, rate)
            values = from_steady(sos, values) if causal else zero_phase(sos, values)
    return values


def resampled(values, rate, target, mode):
    """The signal at another rate."""
    up, down = Fraction(target / rate).limit_denominator(100_000).as_integer_ratio()
    count = -(-len(values) * up // down)
    if mode == "polyphase":
        return signal.resample_poly(values, up, down)
    if mode == "linear":
        return np.interp(np.arange(count) * (down / up), np.arange(len(values)), values)
    if mode == "fourier":
        if len(values) * up % down:
            raise SystemExit(f"scipy.signal.resample would stretch {len(values)} samples at {rate} Hz to {target} Hz")
        return signal.resample(values, count)
    if mode == "p1":
        if down > up:
            values = ndimage.gaussian_filter1d(values, (down / up - 1) / 2, mode="mirror")
        positions = (np.arange(count) + 0.5) * down / up - 0.5
        return ndimage.map_coordinates(values, [positions], order=3, mode="mirror")
    raise SystemExit(f"there is no resampler {mode}")
