"""Compares what Einthoven makes of raw collections with what stock readers read of them.

    python tools/python/check_datasets.py --tool .build/release/einthoven DIR [DIR ...]

Each directory is converted at its own rate, as what it is recognised as; then every record of it is read by wfdb,
scipy.io, h5py or openpyxl (raw_collections.py) and compared with the shards and the ledger: ids, patients, ages, sexes,
folds, labels with their values, rates, lengths, and all samples to half a count. A record that is excluded must be one
that the stock reader cannot read either, or nothing but zeros.

Exit code 1 if anything differs. Needs numpy, scipy, wfdb, h5py, openpyxl and safetensors.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from raw_collections import READERS
from shard_directory import read_manifest, read_shard, record_ids, record_key

SEXES = ["unknown", "female", "male"]


def patient_key(source, patient):
    return 0 if patient is None else record_key(source, patient)


def assigned_fold(patient):
    return 1 + int.from_bytes(hashlib.sha256(patient.encode()).digest()[:8], "little") % 10


def stored(directory):
    """What the shards hold, by record id."""
    manifest = read_manifest(directory)
    found = {}
    for entry in manifest["shards"]:
        tensors, metadata = read_shard(directory / entry["file"])
        codes = json.loads(metadata["codes"])
        offsets, labels = tensors["record_offset"], tensors["label_offset"]
        for k, id in enumerate(record_ids(tensors)):
            counts = tensors["signal"][offsets[k]:offsets[k + 1]]
            signal = np.where(counts == -32768, np.nan, counts * tensors["scale_uv"][k].astype(float))
            places = range(labels[k], labels[k + 1])
            found[id] = {
                "signal": signal, "scale": tensors["scale_uv"][k], "mask": int(tensors["lead_mask"][k]),
                "rate": float(tensors["rate_hz"][k]), "age": float(tensors["age_years"][k]),
                "sex": SEXES[tensors["sex"][k]], "fold": int(tensors["fold"][k]),
                "patient_key": int(tensors["patient_key"][k]),
                "labels": {codes[tensors["label_code"][p]]: float(tensors["label_value"][p]) for p in places}}
    return manifest, found


def check(root, tool, work):
    failures = []
    output = Path(work) / "shards"
    run = subprocess.run([tool, "convert", root, "--output", output, "--json", "--quiet"], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        return [f"convert ended with {run.returncode}: {run.stderr}"], ""
    manifest, found = stored(output)
    ledger = {}
    for entry in manifest["ledgers"]:
        for line in open(output / entry["file"], encoding="utf-8"):
            item = json.loads(line)
            ledger[item["id"]] = item
    source = manifest["sources"][0]["name"]
    expected = list(READERS[source](root))
    has_folds = any(item["fold"] for item in expected)
    compared = samples = excluded = 0
    worst = 0.0
    for item in expected:
        id = item["id"]
        if id not in ledger:
            failures.append(f"{id}: not in the ledger")
            continue
        try:
            signal = item["signal"]() if item["signal"] else None
        except (OSError, ValueError):
            signal = None
        if signal is None or not len(signal):
            excluded += 1
            if id in found:
                failures.append(f"{id}: stored, but the stock reader cannot read it")
            continue
        if id not in found:
            failures.append(f"{id}: excluded ({ledger[id].get('reason')}), but the stock reader reads it")
            continue
        ours = found[id]
        compared += 1
        wanted = {
            "rate": item["rate"], "sex": item["sex"], "labels": item["labels"],
            "patient_key": patient_key(source, item["patient"]),
            "fold": item["fold"] if has_folds or item["patient"] is None else assigned_fold(item["patient"])}
        for key, value in wanted.items():
            if key == "labels":
                same = ours[key].keys() == value.keys() and all(abs(ours[key][c] - v) < 1e-6 for c, v in value.items())
            else:
                same = ours[key] == value
            if not same:
                failures.append(f"{id}: {key} is {ours[key]}, not {value}")
        if not (np.isnan(ours["age"]) and item["age"] is None) and ours["age"] != item["age"]:
            failures.append(f"{id}: age is {ours['age']}, not {item['age']}")
        if ours["signal"].shape != signal.shape:
            failures.append(f"{id}: {len(ours['signal'])} samples, not {len(signal)}")
            continue
        samples += signal.size
        both = np.isnan(ours["signal"]) == np.isnan(signal)
        absent = [k for k in range(12) if not ours["mask"] >> k & 1]
        both[:, absent] = True
        difference = np.nan_to_num(np.abs(ours["signal"] - signal)) / np.abs(ours["scale"])
        worst = max(worst, difference.max())
        if not both.all() or difference.max() > 0.5 + 1e-6:
            failures.append(f"{id}: samples differ, by up to {difference.max():.3g} counts")
    for id in found.keys() - {item["id"] for item in expected}:
        failures.append(f"{id}: stored, but no stock reader knows it")
    text = (f"{root}: {source}: {compared} records, {samples} samples compared, greatest difference {worst:.3g} counts, "
            f"{excluded} unreadable to both, {len(failures)} differences")
    return failures, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+")
    parser.add_argument("--tool", default=".build/release/einthoven")
    arguments = parser.parse_args()
    failed = False
    for root in arguments.directories:
        with tempfile.TemporaryDirectory() as work:
            failures, text = check(root, arguments.tool, work)
        for failure in failures[:20]:
            print(f"{root}: {failure}")
        print(text)
        failed = failed or bool(failures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
