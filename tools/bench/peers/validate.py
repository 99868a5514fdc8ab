"""The peer of `bench validate`: each line of JSON on stdin is a round, answered by one on stdout.

    {"work": "wfdb-read", "folder": FOLDER, "seconds": 0.5}
    {"count": 400, "seconds": 0.81, "checksum": 200}

A round is whole passes over the folder's records at 500 Hz for at least so many seconds, each read by wfdb-python into physical
units and nothing done with it, by as many processes as there are cores; the checksum is the number of records.
"""

import json
import multiprocessing
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


def read(path):
    return wfdb.rdrecord(path).p_signal.shape[0] > 0


def main():
    say(versions=f"wfdb {wfdb.__version__}, NumPy {numpy.__version__}, Python {platform.python_version()}")
    with multiprocessing.Pool() as pool:
        for line in sys.stdin:
            command = json.loads(line)
            folder = Path(command["folder"]) / "records500"
            paths = [str(path.with_suffix("")) for path in sorted(folder.glob("*/*.hea"))]
            count, start = 0, time.perf_counter()
            while True:
                checksum = sum(pool.imap_unordered(read, paths, chunksize=16))
                count += len(paths)
                seconds = time.perf_counter() - start
                if seconds >= command["seconds"]:
                    break
            say(count=count, seconds=seconds, checksum=checksum)


if __name__ == "__main__":
    main()
