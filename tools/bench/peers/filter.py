"""The peers of `bench filter`: each line of JSON on stdin is a round, answered by one on stdout.

    {"work": "bandpass", "folder": FOLDER, "seconds": 0.5}
    {"count": 40, "seconds": 0.51, "checksum": -1234}

The folder holds records of 5000 x 12 float64. They are read before the clock starts, and laid out as SciPy likes them
best, a lead's samples side by side. The checksum is the sum over records of the middle frame in hundredths.
"""

import json
import platform
import sys
import time
from pathlib import Path


def say(**values):
    print(json.dumps(values), flush=True)


try:
    import numpy
    import scipy
    from scipy import ndimage, signal
except ModuleNotFoundError as error:
    say(missing=error.name)
    sys.exit(0)

BANDPASS = signal.butter(4, (0.5, 40), "bandpass", output="sos", fs=500)
NOTCH = numpy.array([numpy.concatenate(signal.iirnotch(50, 30, fs=500))])
COMB = signal.iircomb(50, 30, ftype="notch", fs=500)
TAPS = signal.firwin(101, 40, fs=500)


def fir(leads):
    longer = numpy.concatenate(
        (2 * leads[:, :1] - leads[:, 50:0:-1], leads, 2 * leads[:, -1:] - leads[:, -2:-52:-1]), axis=1
    )
    return signal.oaconvolve(longer, TAPS[None, :], mode="valid", axes=1)


def median(leads):
    # One lead at a time: SciPy's filter of one dimension is much faster than that of two.
    baseline = [ndimage.median_filter(ndimage.median_filter(x, 101, mode="reflect"), 301, mode="reflect") for x in leads]
    return leads - numpy.array(baseline)


WORK = {
    "bandpass": lambda x: signal.sosfiltfilt(BANDPASS, x, axis=1),
    "notch": lambda x: signal.sosfiltfilt(NOTCH, x, axis=1),
    "comb": lambda x: signal.filtfilt(*COMB, x, axis=1),
    "fir": fir,
    "median baseline": median,
}


def main():
    say(versions=f"SciPy {scipy.__version__}, NumPy {numpy.__version__}, Python {platform.python_version()}")
    records = {}
    for line in sys.stdin:
        command = json.loads(line)
        work = WORK[command["work"]]
        folder = command["folder"]
        if folder not in records:
            records[folder] = [
                numpy.ascontiguousarray(numpy.fromfile(path).reshape(-1, 12).T)
                for path in sorted(Path(folder).glob("*.f64"))
            ]
        count, start = 0, time.perf_counter()
        while True:
            checksum = 0
            for record in records[folder]:
                checksum += int(numpy.rint(work(record)[:, 2500] * 100).sum())
            count += len(records[folder])
            seconds = time.perf_counter() - start
            if seconds >= command["seconds"]:
                break
        say(count=count, seconds=seconds, checksum=checksum)


if __name__ == "__main__":
    main()
