"""The peers of `bench convert`: each line of JSON on stdin is a round, answered by one on stdout.

    {"work": "code15-100", "folder": FOLDER, "seconds": 0.5}
    {"count": 1024, "seconds": 1.1, "checksum": 1234}

What a careful script does of what `einthoven convert` does, with NumPy, SciPy and h5py, in as many processes as there are
cores. Of each record: the samples by h5py's slices of 64 rows (CODE-15) or `numpy.fromfile` (PTB-XL, with the header's
checksums and the published SHA-256 of both files), joined with the table by id; zeros at the ends cut off; microvolt;
missing samples, leads that stand still, and what is left of the four limb-lead laws; `resample_poly`; a scale of a power
of two for each lead, rounding to int16, CRC-32. Each process writes parts of 256 records, synced, with their SHA-256; that
of the HDF5 file is taken by one of the processes beside the others.

`wfdb` is what is commonly written instead: `wfdb.rdrecord`, `resample_poly`, rounding to int16 at 1 uV, appending to a file
a part, with no checks, no digests and no sync.

The careful one does not look for cut-off peaks, dropouts or an explanation of broken laws, does not read its output back, and writes
no ledger line a record.
"""

import csv
import hashlib
import json
import multiprocessing
import os
import platform
import shutil
import sys
import time
import zlib
from pathlib import Path


def say(**values):
    print(json.dumps(values), flush=True)


try:
    import h5py
    import numpy as np
    import scipy
    import wfdb
    from scipy.signal import resample_poly
except ModuleNotFoundError as error:
    say(missing=error.name)
    sys.exit(0)

PART = 256


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stored(x, down):
    """Counts of [T, 12] in microvolt, their scales and what the checks say."""
    missing = np.isnan(x).any()
    flat = x.max(axis=0) == x.min(axis=0)
    one, two, three, right, left, foot = x[:, :6].T
    laws = (two - one - three, (one + two) / 2 + right, (one - three) / 2 - left, (two + three) / 2 - foot)
    residuals = [np.sqrt(np.mean(law * law)) for law in laws]
    if down > 1:
        x = resample_poly(x, 1, down, axis=0)
    peak = np.abs(x).max(axis=0)
    scale = 2.0 ** np.maximum(0, np.ceil(np.log2(np.maximum(peak, 1e-9) / 32767)))
    return np.rint(x / scale).astype("<i2"), scale, missing, flat, residuals


def write(path, records):
    """Writes [T, 12] counts one after another; the CRC-32 of each, how many frames, and the part's SHA-256."""
    checksums, frames, digest = 0, 0, hashlib.sha256()
    with open(path, "wb") as file:
        for counts, *_ in records:
            data = counts.tobytes()
            checksums ^= zlib.crc32(data)
            frames += len(counts)
            digest.update(data)
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return checksums, frames, digest.hexdigest()


def code15_part(task):
    folder, first, last, down, output, exams = task
    records = []
    with h5py.File(f"{folder}/exams_part0.hdf5") as file:
        ids = file["exam_id"][first:last]
        for start in range(first, last, 64):
            for row, x in enumerate(file["tracings"][start : min(start + 64, last)], start):
                if str(ids[row - first]) not in exams:
                    continue
                there = np.flatnonzero(x.any(axis=1))
                if len(there) == 0:
                    continue
                records.append(stored(x[there[0] : there[-1] + 1].astype(np.float64) * 500, down))
    return write(output, records)


def ptbxl_part(task):
    folder, names, digests, down, output = task
    records = []
    for name in names:
        header = Path(f"{folder}/{name}.hea").read_bytes()
        data = Path(f"{folder}/{name}.dat").read_bytes()
        for suffix, content in ((".hea", header), (".dat", data)):
            assert hashlib.sha256(content).hexdigest() == digests[name + suffix]
        lines = [line.split() for line in header.decode().splitlines()[1:13]]
        counts = np.frombuffer(data, "<i2").reshape(-1, 12)
        sums = counts.sum(axis=0, dtype=np.int64)
        assert all((sum - int(line[6])) % 65536 == 0 for sum, line in zip(sums, lines))
        gains = np.array([float(line[2].split("(")[0].split("/")[0]) for line in lines])
        baselines = np.array([float(line[4]) for line in lines])
        x = np.where(counts == -32768, np.nan, (counts - baselines) / gains * 1000)
        records.append(stored(x, down))
    return write(output, records)


def wfdb_part(task):
    folder, names, down, output = task
    frames = 0
    with open(output, "wb") as file:
        for name in names:
            x = wfdb.rdrecord(f"{folder}/{name}").p_signal * 1000
            counts = np.rint(resample_poly(x, 1, down, axis=0)).astype("<i2")
            frames += len(counts)
            file.write(counts.tobytes())
    return 0, frames, ""


def convert(pool, work, folder, output):
    collection, rate = work.split("-")
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)
    source = None
    if collection == "code15":
        source = pool.apply_async(sha256, (f"{folder}/exams_part0.hdf5",))
        with open(f"{folder}/exams.csv", newline="") as file:
            exams = {row["exam_id"]: row for row in csv.DictReader(file)}
        with h5py.File(f"{folder}/exams_part0.hdf5") as file:
            count = len(file["tracings"])
        down = 1 if rate == "native" else 400 // int(rate)
        part, tasks = code15_part, []
        for start in range(0, count, PART):
            last = min(start + PART, count)
            tasks.append((folder, start, last, down, f"{output}/{start}.bin", set(exams)))
    else:
        with open(f"{folder}/ptbxl_database.csv", newline="") as file:
            names = [row["filename_hr"] for row in csv.DictReader(file)]
        with open(f"{folder}/SHA256SUMS.txt") as file:
            digests = {path: digest for digest, path in (line.split() for line in file)}
        down, count, part = 500 // int(rate), len(names), ptbxl_part
        tasks = []
        for start in range(0, count, PART):
            chosen = names[start : start + PART]
            if collection == "wfdb":
                part = wfdb_part
                tasks.append((folder, chosen, down, f"{output}/{start}.bin"))
                continue
            wanted = {name + suffix: digests[name + suffix] for name in chosen for suffix in (".hea", ".dat")}
            tasks.append((folder, chosen, wanted, down, f"{output}/{start}.bin"))
    results = pool.map(part, tasks, chunksize=1)
    if source:
        source.get()
    if rate != "native":
        return count, sum(frames for _, frames, _ in results)
    checksum = 0
    for crc, *_ in results:
        checksum ^= crc
    return count, checksum


def main():
    pool = multiprocessing.Pool(os.cpu_count())
    say(
        versions=f"wfdb {wfdb.__version__}, h5py {h5py.__version__}, NumPy {np.__version__}, SciPy {scipy.__version__}, "
        f"Python {platform.python_version()}, {os.cpu_count()} processes",
        lacking=[],
    )
    for line in sys.stdin:
        command = json.loads(line)
        total, start = 0, time.perf_counter()
        while True:
            count, checksum = convert(pool, command["work"], command["folder"], command["folder"] + "-peer")
            total += count
            seconds = time.perf_counter() - start
            if seconds >= command["seconds"]:
                break
        say(count=total, seconds=seconds, checksum=checksum)


if __name__ == "__main__":
    main()
