"""The peers of `bench read`: each line of JSON on stdin is a round, answered by one on stdout.

    {"work": "wfdb-digital", "folder": FOLDER, "seconds": 0.5}
    {"count": 400, "seconds": 0.81, "checksum": -1234}

A round is whole passes over the folder's records for at least so many seconds; the checksum is the sum of the records'
last samples in counts. NumPy reads no header: it is told what `bench` has written, int16 of 12 leads at 1000 per mV.
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
    import wfdb
except ModuleNotFoundError as error:
    say(missing=error.name)
    sys.exit(0)


def wfdb_digital(path):
    return int(wfdb.rdrecord(path, physical=False).d_signal[-1, -1])


def wfdb_physical(path):
    return round(wfdb.rdrecord(path).p_signal[-1, -1] * 1000)


def with_numpy(path):
    signal = numpy.fromfile(path + ".dat", dtype="<i2").reshape(-1, 12) * numpy.float32(0.001)
    return round(float(signal[-1, -1]) * 1000)


WORK = {"wfdb-digital": wfdb_digital, "wfdb-physical": wfdb_physical, "numpy": with_numpy}


def main():
    versions = f"wfdb {wfdb.__version__}, NumPy {numpy.__version__}, Python {platform.python_version()}"
    say(versions=versions)
    for line in sys.stdin:
        command = json.loads(line)
        work = WORK[command["work"]]
        paths = [str(path.with_suffix("")) for path in sorted(Path(command["folder"]).glob("*.hea"))]
        count, start = 0, time.perf_counter()
        while True:
            checksum = sum(work(path) for path in paths)
            count += len(paths)
            seconds = time.perf_counter() - start
            if seconds >= command["seconds"]:
                break
        say(count=count, seconds=seconds, checksum=checksum)


if __name__ == "__main__":
    main()
