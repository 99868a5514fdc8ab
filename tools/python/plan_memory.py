"""Peak memory and time of planning collections of any size: CODE-15 trees whose tables are real and whose tracings are holes.

    python tools/python/plan_memory.py --tool .build/release/einthoven [--records 1000 1000000] [--convert] [FOLDER]

Of each size a tree is written below FOLDER (a temporary one unless told): `exams.csv` with a line for each exam, and parts of
20,000 exams whose `tracings` [exams, 100, 12] are never written, so that a million take 5 GB of claimed size and some MB of
disk. `convert --dry-run` reads all tables, orders all records, and writes nothing. With `--convert` the tracings are filled
with numbers (2.4 GB a million) and all records are converted, for the memory of the whole.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

PART = 20_000
FRAMES = 100
COLUMNS = (
    "exam_id,age,is_male,nn_predicted_age,1dAVb,RBBB,LBBB,SB,ST,AF,patient_id,death,timey,normal_ecg,trace_file"
)


def write(folder, count, is_filled):
    folder.mkdir(parents=True)
    # Even counts, so that the limb leads obey the laws exactly.
    noise = 2 * np.random.default_rng(1).integers(-300, 300, (1000, FRAMES, 12), dtype=np.int16)
    one, two = noise[..., 0].copy(), noise[..., 1].copy()
    noise[..., 2:6] = np.stack([two - one, -(one + two) // 2, one - two // 2, two - one // 2], axis=-1)
    with open(folder / "exams.csv", "w") as table:
        table.write(COLUMNS + "\n")
        for part, first in enumerate(range(0, count, PART)):
            ids = np.arange(first, min(first + PART, count), dtype=np.int64) * 7 + 1_000_000
            for i in ids.tolist():
                labels = ",".join(str(i % n == 0) for n in (31, 29, 37, 41, 43, 47))
                table.write(
                    f"{i},{i % 90 + 10},{i % 2 == 1},{i % 900 / 10 + 8},{labels},{i // 13},False,"
                    f"{i % 3000 / 1000},{i % 5 < 2},exams_part{part}.hdf5\n"
                )
            with h5py.File(folder / f"exams_part{part}.hdf5", "w") as file:
                # The last row of each part is no exam.
                file["exam_id"] = np.append(ids, 0)
                if is_filled:
                    tracings = file.create_dataset("tracings", (len(ids) + 1, FRAMES, 12), np.int16)
                    for start in range(0, len(ids), 1000):
                        rows = min(1000, len(ids) - start)
                        tracings[start : start + rows] = noise[:rows]
                    continue
                holes = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                holes.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
                holes.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
                space = h5py.h5s.create_simple((len(ids) + 1, FRAMES, 12))
                h5py.h5d.create(file.id, b"tracings", h5py.h5t.IEEE_F32LE, space, holes)


def run(command):
    """Seconds and peak memory in MB of a command that has to end well."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(errors)
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--records", type=int, nargs="+", default=[1000, 1_000_000])
    parser.add_argument("--convert", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as temporary:
        for count in arguments.records:
            tree, output = Path(temporary) / str(count), Path(temporary) / f"{count}-shards"
            write(tree, count, arguments.convert)
            command = [arguments.tool, "convert", tree, "--output", output, "--quiet"]
            seconds, peak = run(command + ["--dry-run"])
            print(f"{count:>9} records planned: {peak:5.0f} MB, {seconds:5.1f} s", flush=True)
            if arguments.convert:
                seconds, peak = run(command)
                print(f"{count:>9} records converted: {peak:5.0f} MB, {seconds:5.1f} s", flush=True)


if __name__ == "__main__":
    main()
