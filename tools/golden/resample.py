"""Writes Fixtures/golden/resample.json: what scipy.signal.resample_poly makes of small signals.

Run from the repository's root, with NumPy and SciPy installed:

    python tools/golden/resample.py
"""

import json

import numpy as np
import scipy
from scipy.signal import resample_poly

# (input rate in Hz, output rate in Hz, up, down, input samples)
CASES = [
    (500, 100, 1, 5, 1),
    (500, 100, 1, 5, 7),
    (500, 100, 1, 5, 500),
    (1000, 500, 1, 2, 331),
    (1000, 100, 1, 10, 333),
    (400, 500, 5, 4, 1),
    (400, 500, 5, 4, 163),
    (400, 100, 1, 4, 402),
    (360, 250, 25, 36, 361),
    (360, 500, 25, 18, 91),
    (257, 250, 250, 257, 129),
    (257, 100, 100, 257, 2),
    (257, 100, 100, 257, 258),
    (100, 500, 5, 1, 51),
    (250, 500, 2, 1, 127),
    (62.4725, 100, 40000, 24989, 64),
    (500, 500, 1, 1, 5),
]


def main():
    generator = np.random.default_rng(20)
    cases = []
    for source, target, up, down, count in CASES:
        signal = np.round(np.cumsum(generator.normal(size=count)), 3)
        result = resample_poly(signal, up, down)
        cases.append(
            {
                "from": source,
                "to": target,
                "up": up,
                "down": down,
                "input": signal.tolist(),
                "output": result.tolist(),
            }
        )
    with open("Fixtures/golden/resample.json", "w", encoding="utf-8") as file:
        json.dump({"scipy": scipy.__version__, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
