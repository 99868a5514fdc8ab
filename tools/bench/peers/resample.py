"""The peers of `bench resample`: each line of JSON on stdin is a round, answered by one on stdout.

    {"work": "polyphase-f32", "folder": FOLDER, "seconds": 0.5}
    {"count": 400, "seconds": 0.81, "checksum": 1234}

A round is whole passes over the folder's records, float64 [5000, 12], for at least so many seconds, from 500 to 100 Hz.
Each function gets its records in the layout and type that it is quickest with, laid out before the time is taken. The
checksum of a round of no seconds is the sum of the magnitudes of all samples in 0.1 mV, otherwise that of the records'
middle samples in microvolt.
"""

import json
import platform
import sys
import time
from pathlib import Path


def say(**values):
    print(json.dumps(values), flush=True)


try:
    import numpy as np
    import scipy
    from scipy.signal import firwin, resample, resample_poly
except ModuleNotFoundError as error:
    say(missing=error.name)
    sys.exit(0)

try:
    import skimage
    from skimage.transform import resize
except ModuleNotFoundError:
    skimage = None


TAPS = firwin(101, 1 / 5, window=("kaiser", 5.0))
AT = np.arange(1000) * 5.0
TIMES = np.arange(5000.0)


def each_lead(record):
    return np.stack([np.interp(AT, TIMES, lead) for lead in record])


# What is done, the type, and whether a record is [12, 5000] in memory.
WORK = {
    "polyphase-f32": (lambda x: resample_poly(x.T, 1, 5, axis=0).T, np.float32, True),
    "polyphase-f32-taps": (lambda x: resample_poly(x, 1, 5, axis=1, window=TAPS32), np.float32, True),
    "polyphase-f64": (lambda x: resample_poly(x.T, 1, 5, axis=0).T, np.float64, True),
    "fourier-f32": (lambda x: resample(x, 1000, axis=0), np.float32, False),
    "fourier-f64": (lambda x: resample(x, 1000, axis=0), np.float64, False),
    "linear": (each_lead, np.float64, True),
    "p1": (lambda x: resize(x, (1000, 12), order=3), np.float64, False),
}
TAPS32 = TAPS.astype(np.float32)


def main():
    versions = f"NumPy {np.__version__}, SciPy {scipy.__version__}, Python {platform.python_version()}"
    if skimage:
        versions += f", scikit-image {skimage.__version__}"
    say(versions=versions, lacking=[] if skimage else ["skimage"])
    for line in sys.stdin:
        command = json.loads(line)
        work, kind, by_lead = WORK[command["work"]]
        records = []
        for path in sorted(Path(command["folder"]).glob("*.f64")):
            record = np.fromfile(path, dtype="<f8").reshape(-1, 12).astype(kind)
            records.append(np.ascontiguousarray(record.T if by_lead else record))
        # The middle of what is [1000, 12] for us.
        middle = (0, 500) if by_lead else (500, 0)
        count, start = 0, time.perf_counter()
        while True:
            checksum = 0
            for record in records:
                result = work(record)
                if command["seconds"] == 0:
                    checksum += round(float(np.abs(result).sum(dtype=np.float64)) * 10)
                else:
                    checksum += round(float(result[middle]) * 1000)
            count += len(records)
            seconds = time.perf_counter() - start
            if seconds >= command["seconds"]:
                break
        say(count=count, seconds=seconds, checksum=checksum)


if __name__ == "__main__":
    main()
