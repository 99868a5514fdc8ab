"""Proves that a shard directory holds a PTB-XL tree, sample for sample, without using any code of Einthoven.

    einthoven convert PTBXL --rate 100 --output SHARDS
    python tools/python/check_shards.py PTBXL SHARDS --rate 100
    einthoven convert PTBXL --output NATIVE
    python tools/python/check_shards.py PTBXL NATIVE

Opened with stock safetensors, every shard is compared with what stock wfdb, csv and SciPy make of the tree by the
recipe in the shard's metadata: all samples, labels, folds, ages, sexes, keys, CRC-32s, SHA-256s, the order of records,
the ledger and the per-lead statistics. Without --rate and filters the stored integers must be the .dat files' own, bit
for bit, at 1 µV a count.

Exit code 1 if anything differs. Needs numpy, scipy, safetensors and wfdb.
"""

import argparse
import ast
import csv
import hashlib
import json
import math
import multiprocessing
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import wfdb

from processing import filtered, resampled
from shard_directory import LEADS, MISSING, TENSORS, read_header, read_manifest, read_shard, record_ids, record_key, sha256

SOURCE = "ptb-xl"


def read_table(root):
    with open(Path(root) / "ptbxl_database.csv", encoding="utf-8", newline="") as file:
        return {row["ecg_id"]: row for row in csv.DictReader(file)}


def patient_name(text):
    return text[:-2] if text.endswith(".0") else text


def check_manifest(directory, manifest, fail):
    text = (directory / "manifest.json").read_bytes()
    own = manifest["sha256"]
    if sha256(text.replace(own.encode(), b"0" * 64)) != own:
        fail("manifest.json: its own sha256 does not agree")
    for entry in manifest["shards"] + manifest["ledgers"]:
        data = (directory / entry["file"]).read_bytes()
        if len(data) != entry["bytes"] or sha256(data) != entry["sha256"]:
            fail(f"{entry['file']}: bytes or sha256 are not the manifest's")
    # The digest's input is the hexadecimal text of the shards' digests.
    if sha256("".join(entry["sha256"] for entry in manifest["shards"]).encode()) != manifest["fingerprint"]:
        fail("manifest.json: fingerprint does not agree with the shards")
    if sha256((directory / "plan.jsonl").read_bytes()) != manifest["plan_sha256"]:
        fail("manifest.json: plan_sha256 does not agree with plan.jsonl")
    if manifest["leads"] != LEADS:
        fail("manifest.json: other leads")
    listed = sorted(entry["file"] for entry in manifest["shards"])
    if listed != sorted(f"shards/{path.name}" for path in (directory / "shards").iterdir()):
        fail("shards/: not the files of the manifest")


def check_header(path, manifest, index, fail):
    length, header = read_header(path)
    if (8 + length) % 16384:
        fail(f"{path.name}: 8 + N is no multiple of 16384")
    metadata = header.pop("__metadata__")
    shape = {name: entry["shape"] for name, entry in header.items()}
    count = {"S": shape["signal"][0], "n": shape["record_key"][0], "m": shape["label_code"][0]}
    count["n+1"] = count["n"] + 1
    expected = {name: (dtype, [count[rows]] + ([width] if width > 1 else [])) for name, dtype, rows, width in TENSORS}
    order = sorted(header, key=lambda name: (header[name]["data_offsets"], [t[0] for t in TENSORS].index(name)))
    if order != [tensor[0] for tensor in TENSORS]:
        fail(f"{path.name}: tensors are not in the format's order: {order}")
    for name, entry in header.items():
        if (entry["dtype"], entry["shape"]) != expected[name]:
            fail(f"{path.name}: {name} is {entry['dtype']} {entry['shape']}, not {expected[name]}")
    for key, value in {
        "format": "ecg-shard",
        "format_version": "1.0",
        "leads": json.dumps(LEADS, separators=(",", ":")),
        "sources": json.dumps([SOURCE]),
        "codes": json.dumps(manifest["codes"], separators=(",", ":")),
        "missing": str(MISSING),
        "shard_index": str(index),
        "shard_count": str(len(manifest["shards"])),
        "plan_sha256": manifest["plan_sha256"],
    }.items():
        if metadata.get(key) != value:
            fail(f"{path.name}: metadata {key} is {metadata.get(key)!r}, not {value!r}")
    if json.loads(metadata["recipe"]) != manifest["recipe"]:
        fail(f"{path.name}: its recipe is not the manifest's")
    return metadata


def check_columns(name, tensors, metadata, table, fail):
    stated = json.loads(metadata["columns_crc32"])
    if sorted(stated) != sorted(set(tensors) - {"signal"}):
        fail(f"{name}: columns_crc32 does not name every column")
    for column, value in stated.items():
        if zlib.crc32(tensors[column].tobytes()) != value:
            fail(f"{name}: column {column} does not have its CRC-32")
    codes = json.loads(metadata["codes"])
    offsets, labels = tensors["record_offset"], tensors["label_offset"]
    for row, identifier in enumerate(record_ids(tensors)):
        where = f"{name}: record {identifier}"
        source = table[identifier]
        signal = tensors["signal"][offsets[row] : offsets[row + 1]]
        if zlib.crc32(signal.tobytes()) != tensors["signal_crc32"][row]:
            fail(f"{where}: the signal does not have its CRC-32")
        if tensors["record_key"][row] != record_key(SOURCE, identifier):
            fail(f"{where}: record_key")
        patient = patient_name(source["patient_id"])
        if tensors["patient_key"][row] != (record_key(SOURCE, patient) if patient else 0):
            fail(f"{where}: patient_key")
        span = slice(labels[row], labels[row + 1])
        found = [(codes[c], v) for c, v in zip(tensors["label_code"][span], tensors["label_value"][span])]
        wanted = [(f"scp:{c}", np.float32(v / 100)) for c, v in ast.literal_eval(source["scp_codes"]).items()]
        if found != wanted:
            fail(f"{where}: labels {found}, the table says {wanted}")
        if tensors["fold"][row] != int(float(source["strat_fold"])):
            fail(f"{where}: fold")
        if tensors["sex"][row] != {"0": 2, "1": 1}.get(source["sex"], 0):
            fail(f"{where}: sex")
        age = float(source["age"]) if source["age"] else math.nan
        age = 90 if age == 300 else age
        if not (tensors["age_years"][row] == np.float32(age) or (np.isnan(age) and np.isnan(tensors["age_years"][row]))):
            fail(f"{where}: age")
        if tensors["source"][row] != 0 or tensors["lead_mask"][row] != 0x0FFF:
            fail(f"{where}: source or lead_mask")


def compare_processed(stored, scale, record, recipe, fail, where):
    """(samples compared, greatest |stored − reference| in counts, samples equal to the rounded reference)."""
    leads = [filtered(lead, record.fs, recipe["filters"]) for lead in record.p_signal.T * 1000]
    if recipe["rate"] != "native" and recipe["rate"] != record.fs:
        leads = [resampled(lead, record.fs, recipe["rate"], recipe["resampler"]) for lead in leads]
    reference = np.stack(leads, axis=1)
    if stored.shape != reference.shape:
        fail(f"{where}: {stored.shape} samples, not {reference.shape}")
        return 0, 0.0, 0
    peak = np.abs(reference).max(axis=0)
    wanted = 2.0 ** np.maximum(0, np.ceil(np.log2(np.maximum(peak, 1) / 32767)))
    if not np.array_equal(scale, wanted.astype(np.float32)):
        fail(f"{where}: scale_uv {scale}, not {wanted}")
    counts = reference / scale
    difference = np.abs(stored - counts)
    return stored.size, float(difference.max()), int((stored == np.rint(counts)).sum())


def check_shard(job):
    """All checks of one shard; runs in a process of its own."""
    root, directory, index, rate = Path(job[0]), Path(job[1]), job[2], job[3]
    failures = []
    manifest = read_manifest(directory)
    path = directory / manifest["shards"][index]["file"]
    metadata = check_header(path, manifest, index, failures.append)
    tensors, _ = read_shard(path)
    table = read_table(root)
    check_columns(path.name, tensors, metadata, table, failures.append)
    ledger = [json.loads(line) for line in (directory / manifest["ledgers"][index]["file"]).read_text().splitlines()]
    stored = [entry for entry in ledger if entry["fate"] != "excluded"]
    if [entry["id"] for entry in stored] != record_ids(tensors):
        failures.append(f"{path.name}: its records are not those that the ledger calls stored")
    result = {"failures": failures, "samples": 0, "maximum": 0.0, "equal": 0, "ledger": ledger, "moments": []}
    recipe = json.loads(metadata["recipe"])
    for row, entry in enumerate(stored):
        where = f"record {entry['id']}"
        span = slice(tensors["record_offset"][row], tensors["record_offset"][row + 1])
        signal, scale = tensors["signal"][span], tensors["scale_uv"][row]
        base = root / entry["files"][0]["path"][: -len(".hea")]
        if rate or recipe["filters"]:
            record = wfdb.rdrecord(str(base))
            if [name.upper() for name in record.sig_name] != [lead.upper() for lead in LEADS]:
                failures.append(f"{where}: leads of the file are {record.sig_name}")
            samples, maximum, equal = compare_processed(signal, scale, record, recipe, failures.append, where)
            own_rate = rate or record.fs
        else:
            raw = np.fromfile(f"{base}.dat", "<i2").reshape(-1, 12)
            if raw.tobytes() != signal.tobytes() or not (scale == 1).all():
                failures.append(f"{where}: not the integers of the .dat at 1 µV")
            samples, equal = signal.size, int((raw == signal).sum()) if raw.shape == signal.shape else 0
            maximum = 0.0 if samples == equal else 1.0
            own_rate = wfdb.rdheader(str(base)).fs
        if tensors["rate_hz"][row] != np.float32(own_rate):
            failures.append(f"{where}: rate_hz {tensors['rate_hz'][row]}")
        result["samples"] += samples
        result["equal"] += equal
        result["maximum"] = max(result["maximum"], maximum)
        if tensors["fold"][row] not in (9, 10):
            millivolts = np.where(signal == MISSING, np.nan, signal * (scale.astype(float) / 1000))
            result["moments"].append(
                (
                    np.isfinite(millivolts).sum(axis=0),
                    np.nansum(millivolts, axis=0, dtype=np.longdouble),
                    np.nansum(millivolts**2, axis=0, dtype=np.longdouble),
                )
            )
    return result


def check_ledger(root, directory, manifest, ledger, table, fail):
    plan = json.loads((directory / "plan.jsonl").open().readline())
    seed = struct.pack("<Q", plan["recipe"]["seed"])
    order = sorted(table, key=lambda i: hashlib.sha256(seed + SOURCE.encode() + b"\0" + i.encode()).digest())
    order = order[: plan.get("limit") or len(order)]
    if [entry["id"] for entry in ledger] != order:
        fail("ledger: its records are not the table's in the order of SHA-256(seed, source, 0, id)")
    fates = [entry["fate"] for entry in ledger]
    counts = {
        "planned": len(fates),
        "stored": len(fates) - fates.count("excluded"),
        "repaired": fates.count("repaired"),
        "excluded": fates.count("excluded"),
    }
    if counts != manifest["counts"]:
        fail(f"ledger: fates {counts}, the manifest says {manifest['counts']}")
    for entry in ledger:
        if entry["fate"] == "excluded" and not entry.get("rule"):
            fail(f"ledger: record {entry['id']} is excluded without a rule")
        for file in entry["files"]:
            path = root / file["path"]
            data = path.read_bytes() if path.exists() else None
            if data is None:
                if file.get("bytes") is not None or file.get("sha256") is not None:
                    fail(f"ledger: {file['path']} does not exist and has a digest")
            elif file["bytes"] != len(data) or file["sha256"] != sha256(data):
                fail(f"ledger: {file['path']} has other bytes or another sha256")
    return counts


def check_statistics(manifest, moments, fail):
    """The greatest difference of mean and standard deviation in mV."""
    count, first, second = (np.sum([moment[k] for moment in moments], axis=0) for k in range(3))
    mean = first / count
    deviation = np.sqrt(second / count - mean**2)
    stated = manifest["statistics"]
    if stated["samples"] != count.tolist():
        fail("manifest.json: statistics count other samples")
    difference = max(np.abs(mean - stated["mean_mv"]).max(), np.abs(deviation - stated["sd_mv"]).max())
    if not difference < 1e-9:
        fail(f"manifest.json: statistics differ by {difference} mV")
    return float(difference)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the PTB-XL root")
    parser.add_argument("shards", help="the shard directory")
    parser.add_argument("--rate", type=float, help="the rate it was converted with; native if left out")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    root, directory = Path(arguments.source), Path(arguments.shards)
    failures = []
    manifest = read_manifest(directory)
    check_manifest(directory, manifest, failures.append)
    jobs = [(root, directory, index, arguments.rate) for index in range(len(manifest["shards"]))]
    with multiprocessing.Pool(arguments.processes) as pool:
        results = pool.map(check_shard, jobs, chunksize=1)
    for result in results:
        failures += result["failures"]
    ledger = [entry for result in results for entry in result["ledger"]]
    counts = check_ledger(root, directory, manifest, ledger, read_table(root), failures.append)
    difference = check_statistics(manifest, [m for result in results for m in result["moments"]], failures.append)
    samples = sum(result["samples"] for result in results)
    maximum = max(result["maximum"] for result in results)
    equal = sum(result["equal"] for result in results)
    if samples == 0 or samples != 12 * sum(entry["samples"] for entry in manifest["shards"]):
        failures.append(f"{samples} samples compared, the manifest has {12 * sum(e['samples'] for e in manifest['shards'])}")
    # Rounding to the nearest count is off by 0.5 at most; the sums' last bits may turn a tie.
    if maximum > 0.5 + 1e-6:
        failures.append(f"a sample differs by {maximum} counts")
    for failure in failures[:50]:
        print(failure, file=sys.stderr)
    print(
        f"{'FAILED: ' + str(len(failures)) + ' differences' if failures else 'ok'}: {counts['stored']} of "
        f"{counts['planned']} records, {samples} samples, max |stored - reference| {maximum:.9f} counts, "
        f"{equal / max(samples, 1):.9f} equal after rounding ({samples - equal} not), statistics within {difference:.1e} mV"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
