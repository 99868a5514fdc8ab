"""Converts raw collections, exports the shards in every form, and reads that with wfdb, NumPy and h5py.

    python tools/python/check_export.py --tool .build/release/einthoven DIR [DIR ...]

Each directory is converted at its own rate and by the recipe p1-100hz. Of both, what is exported is compared with the
shards as stock safetensors reads them: counts, gains and names of `--wfdb` by wfdb.rdrecord, bits of `--npy` by numpy.load,
bits of `--hdf5` by h5py, and every column of records.csv. At its own rate, the signal files are compared with the original
ones too, byte for byte: format 16 as it is, and the matrix of a MATLAB v4 file behind its 24 bytes; where the original has
another form, or a record had to be written as stored, that is told.

Exit code 1 if anything differs. Needs numpy, wfdb, h5py and safetensors.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import h5py
import numpy as np
import wfdb

from shard_directory import LEADS, MISSING, read_manifest, read_shard

DERIVED = 1


def run(tool, *arguments):
    """The last line of the tool's JSON."""
    done = subprocess.run([tool, *map(str, arguments), "--quiet", "--json"], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return json.loads(done.stdout.splitlines()[-1])


def shard_records(directory):
    """A dict a record, in the order of the shards, with the ledger's line."""
    manifest = read_manifest(directory)
    for entry, ledger in zip(manifest["shards"], manifest["ledgers"]):
        tensors, metadata = read_shard(directory / entry["file"])
        codes, sources = json.loads(metadata["codes"]), json.loads(metadata["sources"])
        lines = [json.loads(line) for line in (directory / ledger["file"]).read_text().split("\n") if line]
        lines = [line for line in lines if line["fate"] != "excluded"]
        offsets, labels = tensors["record_offset"], tensors["label_offset"]
        assert len(lines) == len(offsets) - 1
        for k, line in enumerate(lines):
            places = range(labels[k], labels[k + 1])
            yield {
                "id": line["id"], "source": sources[tensors["source"][k]], "ledger": line,
                "counts": tensors["signal"][offsets[k]:offsets[k + 1]], "scale": tensors["scale_uv"][k],
                "flags": tensors["lead_flags"][k], "rate": tensors["rate_hz"][k], "age": tensors["age_years"][k],
                "sex": ["", "female", "male"][tensors["sex"][k]], "fold": int(tensors["fold"][k]),
                "mask": int(tensors["lead_mask"][k]),
                "labels": [(codes[tensors["label_code"][p]], tensors["label_value"][p]) for p in places]}


def millivolts(record):
    """As README and NumPy have it, as bits; NaN where missing."""
    counts = record["counts"]
    values = counts * record["scale"] / 1000
    assert values.dtype == np.float32
    return np.where(counts == MISSING, np.float32(np.nan), values).view(np.uint32)


def check_row(record, row):
    """What records.csv tells."""
    labels = [part.rsplit("=", 1) for part in row["labels"].split(";") if part]
    age = np.float32(row["age"] or "nan")
    told = (row["source"], row["patient"], row["sex"], int(row["fold"]), np.float32(row["rate_hz"]), int(row["frames"]),
            int(row["lead_mask"]), [(code, np.float32(value)) for code, value in labels])
    held = (record["source"], record["ledger"].get("patient", ""), record["sex"], record["fold"], record["rate"],
            len(record["counts"]), record["mask"], record["labels"])
    return told == held and (age == record["age"] or np.isnan(age) and np.isnan(record["age"]))


def expected_wfdb(record, as_stored):
    """Names, gains, baselines, units, and counts [T, channels] that a WFDB record should have."""
    if as_stored:
        kept = [k for k in range(12) if record["mask"] >> k & 1 and not record["flags"][k] & DERIVED]
        gains = [1000 / float(record["scale"][k]) for k in kept]
        return [LEADS[k] for k in kept], gains, [0] * len(kept), ["mV"] * len(kept), record["counts"][:, kept].astype(int)
    channels = record["ledger"]["channels"]
    return ([c["name"] for c in channels], [c["gain"] for c in channels], [c["baseline"] for c in channels],
            [c["unit"] for c in channels], None)


def original_signal(root, ledger):
    """The bytes of a record's one signal file in format 16; None if it has another form."""
    header, *signals = [file["path"] for file in ledger["files"]]
    lines = [line for line in (root / header).read_text(errors="replace").splitlines() if line and line[0] != "#"]
    forms = {line.split()[1] for line in lines[1:]}
    if len(signals) != 1 or not forms <= {"16", "16x1", "16+24", "16x1+24"}:
        return None
    data = (root / signals[0]).read_bytes()
    return data[24:] if next(iter(forms)).endswith("+24") else data


def has_original_channels(read, root, ledger):
    """Whether names, gains, baselines and units are the original header's; a published wrong gain is corrected."""
    original = wfdb.rdheader(str(root / ledger["files"][0]["path"]).removesuffix(".hea"))
    corrected = "erratum_applied" in ledger["flags"]["record"]
    return (read.sig_name == original.sig_name and read.baseline == original.baseline and read.units == original.units
            and (corrected or read.adc_gain == original.adc_gain) and read.fs == original.fs)


def check_wfdb(records, rows, out, root):
    failures, totals = [], Counter()
    assert (out / "RECORDS").read_text().split() == [rows[r["id"]]["path"] for r in records]
    for record in records:
        row = rows[record["id"]]
        names, gains, baselines, units, counts = expected_wfdb(record, row["as_stored"])
        read = wfdb.rdrecord(str(out / row["path"]), physical=False)
        good = (read.sig_name == names and np.allclose(read.adc_gain, gains, rtol=1e-12) and read.baseline == baselines
                and read.units == units and np.float32(read.fs) == record["rate"] and read.sig_len == len(record["counts"]))
        # wfdb-python's own sums, which it takes of the samples that it read.
        good = good and [s % 65536 for s in read.calc_checksum()] == [int(s) % 65536 for s in read.checksum]
        good = good and [int(v) for v in read.init_value] == [int(v) for v in read.d_signal[0]]
        if counts is not None:
            good = good and np.array_equal(read.d_signal, counts)
            totals[f"as stored, {row['as_stored']}"] += 1
        else:
            totals["as recorded"] += 1
            try:
                good = good and has_original_channels(read, root, record["ledger"])
            except Exception:
                totals["whose header wfdb-python refuses"] += 1
            original = original_signal(root, record["ledger"])
            if original is None:
                totals["as recorded, whose original is not one file of format 16"] += 1
                stem = str(root / record["ledger"]["files"][0]["path"]).removesuffix(".hea")
                good = good and np.array_equal(read.d_signal, wfdb.rdrecord(stem, physical=False).d_signal)
            elif (out / f"{row['path']}.dat").read_bytes() == original:
                totals["byte for byte the original"] += 1
            else:
                good = False
        if not good:
            failures.append(f"{record['id']}: wfdb reads something else")
    return failures, totals


def check_npy(records, rows, out):
    return [f"{record['id']}: numpy.load reads something else" for record in records
            if not np.array_equal(np.load(out / rows[record["id"]]["path"]).view(np.uint32), millivolts(record))]


def check_hdf5(records, rows, out):
    failures = []
    with h5py.File(out / "records.hdf5") as file:
        shared = "tracings" in file
        assert shared == (len({(len(r["counts"]), r["rate"]) for r in records}) == 1)
        for k, record in enumerate(records):
            values = file["tracings"][k] if shared else file[rows[record["id"]]["path"]][:]
            good = values.dtype == np.float32 and np.array_equal(values.view(np.uint32), millivolts(record))
            if shared and len(record["id"].encode()) <= 64:
                good = good and file["record_id"][k].decode() == record["id"]
            if not good:
                failures.append(f"{record['id']}: h5py reads something else")
    return failures


def check(root, tool, recipe, work):
    shards = Path(work) / "shards"
    run(tool, "convert", root, "--recipe", recipe, "--output", shards)
    # The adapter may have taken a folder of the collection for its root.
    records = list(shard_records(shards))
    failures, totals = [] if records else ["no record of it was converted"], Counter()
    for form in ("wfdb", "npy", "hdf5"):
        out = Path(work) / form
        summary = run(tool, "export", f"--{form}", shards, "--output", out)
        with open(out / "records.csv", newline="", encoding="utf-8") as file:
            rows = {row["id"]: row for row in csv.DictReader(file)}
        if len(rows) != len(records) or summary["records"] != len(records):
            failures.append(f"--{form}: {len(rows)} records of {len(records)}")
            continue
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        if summary["bytes"] != size or summary["frames"] != sum(len(r["counts"]) for r in records):
            failures.append(f"--{form}: {summary} of {size} bytes")
        failures += [f"{r['id']}: --{form}'s records.csv tells something else" for r in records
                     if not check_row(r, rows[r["id"]])]
        if form == "wfdb":
            found, totals = check_wfdb(records, rows, out, root)
            failures += found
            if recipe == "native" and summary["identical"] != totals["byte for byte the original"]:
                failures.append(f"the summary counts {summary['identical']} identical")
        else:
            failures += (check_npy if form == "npy" else check_hdf5)(records, rows, out)
    told = "".join(f"; {count} {what}" for what, count in totals.items())
    print(f"{root}, {recipe}: {len(records)} records exported in three forms, {len(failures)} differ{told}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directories", nargs="+", type=Path)
    parser.add_argument("--tool", default="einthoven")
    arguments = parser.parse_args()
    failures = []
    for root in arguments.directories:
        for recipe in ("native", "p1-100hz"):
            with tempfile.TemporaryDirectory() as work:
                failures += check(root, arguments.tool, recipe, work)
    for failure in failures[:50]:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
