"""Writes Fixtures/golden/filters.json: what scipy.signal and scipy.ndimage make of small signals.

Run from the repository's root, with NumPy and SciPy installed:

    python tools/golden/filters.py

Numbers are kept to twelve digits, far below the tolerance of the tests.
"""

import json
import sys
from pathlib import Path

import numpy as np
import scipy
from scipy import signal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))
from processing import comb, fir, from_steady, median_baseline, moving_average, sections, windowed, zero_phase

RATE = 500
BANDS = {
    "lowpass": (40,),
    "highpass": (0.5,),
    "bandpass": (0.5, 40),
    "bandstop": (45, 55),
}
FAMILIES = ("butterworth", "chebyshev1", "chebyshev2", "elliptic")
RIPPLE = 0.5
ATTENUATION = 40
FREQUENCIES = [0, 0.1, 0.5, 1, 10, 40, 47, 50, 60, 249]


def noise(generator, count):
    return np.round(np.cumsum(generator.normal(size=count)) + 3 * generator.normal(size=count), 3)


def design(family, order, band, rate=RATE):
    item = {"order": order, "family": family, "ripple": RIPPLE, "attenuation": ATTENUATION}
    item |= dict(zip(("low", "high") if len(BANDS[band]) > 1 else ("cutoff",), BANDS[band]))
    return sections(band, item, rate)


def with_gaps(values, run):
    """What `run` makes of a signal with gaps: bridged by straight lines, then put back."""
    holed = np.array(values, dtype=float)
    for start, count in ((0, 3), (40, 1), (70, 12), (len(values) - 2, 2)):
        holed[start : start + count] = np.nan
    present = ~np.isnan(holed)
    places = np.arange(len(holed))
    bridged = np.interp(places, places[present], holed[present])
    result = np.array(run(bridged), dtype=float)
    result[~present] = np.nan
    return holed, result


def digits(values):
    return [None if np.isnan(value) else float(f"{value:.12g}") for value in values]


def main():
    generator = np.random.default_rng(4)
    inputs = {"long": noise(generator, 160)}
    for count in (0, 1, 2, 7, 20):
        inputs[str(count)] = noise(generator, count)
    designs = []
    for family in FAMILIES:
        for band in BANDS:
            for order in range(1, 9):
                sos = design(family, order, band)
                response = signal.sosfreqz(sos, FREQUENCIES, fs=RATE)[1]
                designs.append(
                    {
                        "family": family,
                        "band": band,
                        "order": order,
                        "real": digits(response.real),
                        "imaginary": digits(response.imag),
                        "causal": digits(signal.sosfilt(sos, inputs["long"])),
                        "zeroPhase": digits(zero_phase(sos, inputs["long"])),
                    }
                )

    banks = []

    def bank(yaml, names, run):
        for name in names:
            banks.append({"filters": yaml, "input": name, "output": digits(run(inputs[name]))})

    everything = list(inputs)
    for family in FAMILIES:
        for band, order in (("lowpass", 1), ("bandpass", 4), ("highpass", 5)):
            edges = BANDS[band]
            keys = f"low: {edges[0]}, high: {edges[1]}" if len(edges) > 1 else f"cutoff: {edges[0]}"
            if family in ("chebyshev1", "elliptic"):
                keys += f", ripple: {RIPPLE}"
            if family in ("chebyshev2", "elliptic"):
                keys += f", attenuation: {ATTENUATION}"
            keys += f", order: {order}, family: {family}"
            sos = design(family, order, band)
            bank(f"- {band}: {{{keys}}}", everything[1:], lambda x, sos=sos: zero_phase(sos, x))
            bank(f"- {band}: {{{keys}, causal: true}}", everything, lambda x, sos=sos: from_steady(sos, x))
    for frequency, q in ((50, 30), (60, 5)):
        sos = np.array([np.concatenate(signal.iirnotch(frequency, q, fs=RATE))])
        keys = f"frequency: {frequency}, q: {q}"
        bank(f"- notch: {{{keys}}}", everything, lambda x, sos=sos: zero_phase(sos, x))
        bank(f"- notch: {{{keys}, causal: true}}", everything, lambda x, sos=sos: from_steady(sos, x))
    for frequency, q in ((50, 30), (125, 4)):
        for causal in (False, True):
            keys = f"frequency: {frequency}, q: {q}" + (", causal: true" if causal else "")
            bank(f"- comb: {{{keys}}}", everything, lambda x: comb(frequency, q, x, causal, RATE))
    for band, kind, beta in (
        ("lowpass", "hamming", None),
        ("highpass", "hann", None),
        ("bandpass", "kaiser", 6.5),
        ("bandstop", "blackman", None),
        ("lowpass", "rectangular", None),
    ):
        edges = {"lowpass": (40,), "highpass": (10,), "bandpass": (5, 40), "bandstop": (45, 55)}[band]
        keys = f"type: {band}, " + (
            f"low: {edges[0]}, high: {edges[1]}" if len(edges) > 1 else f"cutoff: {edges[0]}"
        )
        keys += f", seconds: 0.1, window: {kind}" + (f", beta: {beta}" if beta else "")
        item = {"type": band, "seconds": 0.1, "window": kind, "beta": beta}
        item |= dict(zip(("low", "high") if len(edges) > 1 else ("cutoff",), edges))
        taps = windowed(item, RATE)
        bank(f"- fir: {{{keys}}}", everything, lambda x, taps=taps: fir(taps, x, False))
        bank(f"- fir: {{{keys}, causal: true}}", everything, lambda x, taps=taps: fir(taps, x, True))
    for windows in ([0.2, 0.6], [0.05], [0.006], [0.03, 0.09]):
        bank(
            f"- baseline: {{method: median, windows: {windows}}}",
            everything,
            lambda x, windows=windows: median_baseline(x, windows, RATE),
        )
    for causal in (False, True):
        keys = "seconds: 0.05" + (", causal: true" if causal else "")
        bank(f"- moving-average: {{{keys}}}", everything, lambda x, causal=causal: moving_average(x, 0.05, causal, RATE))

    gaps = []
    notch = np.array([np.concatenate(signal.iirnotch(50, 30, fs=RATE))])
    for yaml, run in (
        (
            "- bandpass: {low: 0.5, high: 40, order: 4}",
            lambda x: zero_phase(design("butterworth", 4, "bandpass"), x),
        ),
        (
            "- highpass: {cutoff: 0.5, order: 2, causal: true}",
            lambda x: from_steady(design("butterworth", 2, "highpass"), x),
        ),
        (
            "- notch: {frequency: 50, q: 30}\n- baseline: {windows: [0.2, 0.6]}\n- comb: {frequency: 50, q: 30}",
            lambda x: comb(50, 30, median_baseline(zero_phase(notch, x), [0.2, 0.6], RATE), False, RATE),
        ),
        ("- moving-average: {seconds: 0.02}", lambda x: moving_average(x, 0.02, False, RATE)),
    ):
        holed, result = with_gaps(inputs["long"], run)
        gaps.append({"filters": yaml, "input": digits(holed), "output": digits(result)})

    with open("Fixtures/golden/filters.json", "w", encoding="utf-8") as file:
        json.dump(
            {
                "scipy": scipy.__version__,
                "rate": RATE,
                "ripple": RIPPLE,
                "attenuation": ATTENUATION,
                "frequencies": FREQUENCIES,
                "edges": BANDS,
                "inputs": {name: values.tolist() for name, values in inputs.items()},
                "designs": designs,
                "banks": banks,
                "gaps": gaps,
            },
            file,
            separators=(",", ":"),
        )
        file.write("\n")


if __name__ == "__main__":
    main()
