"""Writes Fixtures/golden/resample.json: what SciPy, NumPy and scikit-image make of small signals, for each way of resampling.

Run from the repository's root, with NumPy, SciPy and scikit-image installed:

    python tools/golden/resample.py

Where n · up / down is no whole number, scipy.signal.resample and skimage.transform.resize stretch the signal to fill
their outputs. Einthoven's keep to the rates; there the reference is the Fourier series summed term by term, and
scipy.ndimage's Gaussian and spline at the exact positions.
"""

import json
import math

import numpy as np
import scipy
import skimage
from scipy.ndimage import gaussian_filter1d, map_coordinates
from scipy.signal import resample, resample_poly
from skimage.transform import resize

# (input rate in Hz, output rate in Hz, up, down, input samples)
CASES = [
    (500, 100, 1, 5, 0),
    (500, 100, 1, 5, 1),
    (500, 100, 1, 5, 2),
    (500, 100, 1, 5, 7),
    (500, 100, 1, 5, 500),
    (1000, 500, 1, 2, 331),
    (1000, 100, 1, 10, 333),
    (1000, 400, 2, 5, 2),
    (1000, 400, 2, 5, 505),
    (400, 500, 5, 4, 1),
    (400, 500, 5, 4, 163),
    (400, 500, 5, 4, 164),
    (400, 100, 1, 4, 402),
    (360, 100, 5, 18, 360),
    (360, 250, 25, 36, 361),
    (360, 500, 25, 18, 91),
    (257, 250, 250, 257, 129),
    (257, 100, 100, 257, 2),
    (257, 100, 100, 257, 257),
    (257, 100, 100, 257, 258),
    (100, 500, 5, 1, 1),
    (100, 500, 5, 1, 2),
    (100, 500, 5, 1, 51),
    (100, 500, 5, 1, 74),
    (250, 500, 2, 1, 127),
    (62.4725, 100, 40000, 24989, 64),
    (500, 500, 1, 1, 5),
]

# (input rate in Hz, output rate in Hz, up, down, input samples, missing samples)
GAPS = [
    (500, 100, 1, 5, 1, [0]),
    (500, 100, 1, 5, 120, list(range(120))),
    (500, 100, 1, 5, 200, [0, 1, 2, 3, 50, 81, 82, 83, 84, 85, 86, 87, 199]),
    (400, 500, 5, 4, 90, [0, 20, 40, 41, 42, 43, 88, 89]),
    (257, 100, 100, 257, 150, [0, 1, 30, 60, 61, 62, 149]),
    (1000, 400, 2, 5, 100, [0, 11, 12, 13, 51, 97, 98, 99]),
    (100, 500, 5, 1, 30, [0, 7, 15, 16, 29]),
]

GAINS = [10, 20, 30, 40]


def polyphase(x, up, down, count):
    return resample_poly(x, up, down)


def fourier(x, up, down, count):
    n = len(x)
    if n * up % down == 0:
        return resample(x, count)
    spectrum = np.fft.rfft(x)[: n * min(up, down) // (2 * down) + 1]
    k = np.arange(len(spectrum))
    weights = np.where((k == 0) | (2 * k == n), 1, 2) / n
    # Whole turns are taken off in integers.
    turns = np.array([[i * m * down % (up * n) for i in range(len(k))] for m in range(count)]) / (up * n)
    return (np.exp(2j * np.pi * turns) @ (weights * spectrum)).real


def linear(x, up, down, count):
    return np.interp(np.arange(count) * down / up, np.arange(len(x)), x)


def p1(x, up, down, count):
    n = len(x)
    if n * up % down == 0:
        result = resize(x[:, None], (count, 1), order=3, clip=False)[:, 0]
        if (up, down) == (1, 5):
            # Clipping to the input's range, which skimage does unless told otherwise, changes nothing here.
            clipped = resize(x[:, None], (count, 1), order=3)[:, 0]
            assert np.abs(clipped - result).max() <= 1e-14 * np.abs(x).max()
        return result
    if down > up:
        x = gaussian_filter1d(x, (down / up - 1) / 2, mode="mirror")
    positions = (np.arange(count) + 0.5) * down / up - 0.5
    return map_coordinates(x, [positions], order=3, mode="mirror")


MODES = {"polyphase": polyphase, "fourier": fourier, "linear": linear, "p1": p1}


def resampled(mode, signal, up, down):
    """NaN is missing: bridged by straight lines, and missing again at outputs strictly inside a gap."""
    n, count = len(signal), -(-len(signal) * up // down)
    if n == 0 or up == down:
        return signal
    index, missing = np.arange(n), np.isnan(signal)
    if missing.all():
        return np.full(count, np.nan)
    result = MODES[mode](np.interp(index, index[~missing], signal[~missing]), up, down, count)
    assert len(result) == count
    for m in range(count):
        # Twice `up` times the position, in integers.
        place = (2 * m + 1) * down - up if mode == "p1" else 2 * m * down
        around = [min(max(i, 0), n - 1) for i in (place // (2 * up), -(-place // (2 * up)))]
        if missing[around].any():
            result[m] = np.nan
    return result


def responses(mode):
    """Of a sine of ten seconds, 500 to 100 Hz: what is left of it a second from the ends, and when it stands there."""
    time, clock = np.arange(5000) / 500, np.arange(100, 900) / 100

    def component(source, found):
        output = resampled(mode, np.sin(2 * np.pi * source * time), 1, 5)[100:900]
        return 2j * np.mean(output * np.exp(-2j * np.pi * found * clock))

    phase = np.angle(component(10, 10))
    return {
        "gains": [abs(component(f, f)) for f in GAINS],
        "leak": abs(component(60, 40)),
        "shift": phase / (2 * np.pi * 10) * 1000,
    }


def plain(values):
    return [None if math.isnan(value) else float(value) for value in values]


def main():
    generator = np.random.default_rng(20)
    cases = []
    for source, target, up, down, count, *gaps in CASES + GAPS:
        signal = np.round(np.cumsum(generator.normal(size=count)), 3)
        if gaps:
            signal[gaps[0]] = np.nan
        cases.append(
            {
                "from": source,
                "to": target,
                "up": up,
                "down": down,
                "input": plain(signal),
                "outputs": {mode: plain(resampled(mode, signal, up, down)) for mode in MODES},
            }
        )
    golden = {
        "scipy": scipy.__version__,
        "skimage": skimage.__version__,
        "cases": cases,
        "responses": {mode: responses(mode) for mode in MODES},
    }
    with open("Fixtures/golden/resample.json", "w", encoding="utf-8") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
