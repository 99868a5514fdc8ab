"""Checks that stock readers read every simulated layout, and read what was simulated.

    python tools/python/check_simulated.py --tool .build/release/einthoven [--records 60] [--seed 5] [LAYOUT ...]

Each layout is simulated. Then wfdb, scipy.io, h5py, openpyxl and pandas read its ids, patients, ages, sexes and labels,
which must be those of simulation/records.csv (raw_collections.py), and every signal, which must be what the tool converts
the tree to, to half a count (check_datasets.py). Beside that, what is peculiar to a layout: columns and their types,
lists of records, check sums, placeholders, the order of rows, measured columns.

Exit code 1 if anything differs. Needs numpy, scipy, wfdb, h5py, openpyxl, pandas and safetensors.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import scipy.io
import scipy.signal
import wfdb

import check_datasets
from raw_collections import CODE, READERS, chapman
from shard_directory import LEADS

failures = []


def expect(holds, message):
    if not holds:
        failures.append(message)


def truth(root):
    table = pd.read_csv(root / "simulation/records.csv", dtype={"id": str, "patient": str, "labels": str})
    expect(table["id"].is_unique, "ids in records.csv are not unique")
    expect(not table.drop(columns=["pr", "labels"]).isna().any().any(), "records.csv has blanks")
    artefacts = pd.read_csv(root / "simulation/artefacts.csv", dtype={"id": str})
    expect(artefacts["id"].isin(table["id"]).all(), "artefacts.csv names records that there are not")
    expect((artefacts["from"] <= artefacts["to"]).all(), "an artefact ends before it begins")
    return table.set_index("id")


def compare(layout, root, table):
    """Ids, patients, ages, sexes, labels, rates and lengths as stock readers find them, with what was simulated."""
    items = list(READERS[layout](root))
    expect(sorted(item["id"] for item in items) == sorted(table.index), f"{len(items)} ids, not those simulated")
    for item in items:
        if item["id"] not in table.index:
            continue
        row = table.loc[item["id"]]
        age = 90 if layout == "ptb-xl" and row["age"] > 89 else row["age"]
        stated = str(row["labels"]).split() if isinstance(row["labels"], str) else []
        labels = {label.rpartition("=")[0]: float(label.rpartition("=")[2]) for label in stated}
        expect(item["age"] == age, f"{item['id']}: age {item['age']}, not {age}")
        expect(item["sex"] == row["sex"], f"{item['id']}: sex {item['sex']}, not {row['sex']}")
        expect(item["labels"].keys() == labels.keys()
               and all(abs(item["labels"][code] - value) < 1e-6 for code, value in labels.items()),
               f"{item['id']}: labels {item['labels']}, not {labels}")
        expect(item["rate"] == row["rate"], f"{item['id']}: {item['rate']} Hz, not {row['rate']}")
        signal = item["signal"]()
        frames = round(row["duration"] * row["rate"])
        expect(signal.shape == (frames, 12), f"{item['id']}: shape {signal.shape}, not {frames} x 12")
        spread = np.nanmax(np.abs(signal))
        expect(50 < spread < 20_000, f"{item['id']}: {spread:.0f} uV is no ECG's")
    patients = {item["id"]: item["patient"] for item in items if item["patient"] is not None}
    if patients:
        # The names of patients are the collection's own: records share one there if they share one here.
        joined = pd.DataFrame({"stated": pd.Series(patients), "simulated": table["patient"]})
        expect((joined.groupby("stated")["simulated"].nunique() == 1).all(), "two patients have one name")
        expect((joined.groupby("simulated")["stated"].nunique() == 1).all(), "a patient has two names")


def sums(root, folders):
    """Every file but the sums themselves and the truth, in the order of the folders."""
    stated = [line.split(" ", 1) for line in (root / "SHA256SUMS.txt").read_text().splitlines()]
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    files -= {path for path in files if path.startswith("simulation/")} | {"SHA256SUMS.txt"}
    expect({path for _, path in stated} == files and len(stated) == len(files), "SHA256SUMS.txt lists other files")
    for digest, path in stated:
        expect(hashlib.sha256((root / path).read_bytes()).hexdigest() == digest, f"{path}: another SHA-256")
    if not folders:
        expect([path for _, path in stated] == sorted(files), "SHA256SUMS.txt is not sorted")


def records_lists(root):
    """RECORDS at the root names folders, and RECORDS in each of them its headers."""
    listed = []
    for folder in (root / "RECORDS").read_text().splitlines():
        expect(folder.endswith("/"), f"RECORDS names {folder}, no folder")
        names = (root / folder / "RECORDS").read_text().splitlines()
        listed += [root / folder / f"{name}.hea" for name in names]
    expect(sorted(listed) == sorted(root.rglob("*.hea")), "RECORDS lists other records than there are")


def wfdb_reads(root, gains):
    """wfdb reads every header with its comments, and its signals as scipy.io reads the matrix."""
    for path in root.rglob("*.hea"):
        read = wfdb.rdrecord(str(path)[:-4])
        expect([name.upper().removeprefix("D") if name[0] == "D" else name.upper() for name in read.sig_name]
               == [lead.upper() for lead in LEADS], f"{path.name}: leads {read.sig_name}")
        expect(set(read.adc_gain) <= set(gains), f"{path.name}: gains {set(read.adc_gain)}")
        if path.with_suffix(".mat").exists():
            expect([comment.split(":")[0] for comment in read.comments][:5] == ["Age", "Sex", "Dx", "Rx", "Hx"],
                   f"{path.name}: comments {read.comments}")
            val = scipy.io.loadmat(path.with_suffix(".mat"))["val"]
            expect(val.dtype == np.int16 and np.abs(val.T / read.adc_gain - read.p_signal).max() < 1e-9,
                   f"{path.name}: wfdb and scipy.io differ")
            sums = val.sum(axis=1, dtype=np.int64)
            expect(((sums - np.array(read.checksum)) % 65536 == 0).all(), f"{path.name}: check sums")
            expect((val[:, 0] == np.array(read.init_value)).all(), f"{path.name}: initial values")


def ptb_xl(root, table):
    sums(root, [])
    frame = pd.read_csv(root / "ptbxl_database.csv", index_col="ecg_id")
    expect(len(frame.columns) == 27 and frame.index.tolist() == list(range(1, len(table) + 1)), "ptbxl_database.csv")
    expect(pd.api.types.is_float_dtype(frame["patient_id"]) and pd.api.types.is_bool_dtype(frame["validated_by_human"]),
           "ptbxl_database.csv has other types")
    expect((frame.groupby("patient_id")["strat_fold"].nunique() == 1).all(), "a patient is in two folds")
    pd.to_datetime(frame["recording_date"], format="%Y-%m-%d %H:%M:%S")
    statements = pd.read_csv(root / "scp_statements.csv", index_col=0)
    expect(statements.shape == (71, 12), "scp_statements.csv")
    for slow, fast in zip(frame["filename_lr"], frame["filename_hr"]):
        a, b = wfdb.rdrecord(str(root / slow)), wfdb.rdrecord(str(root / fast))
        expect((a.fs, b.fs, len(a.p_signal), len(b.p_signal)) == (100, 500, 1000, 5000), f"{slow}: rates")
        expect(np.corrcoef(a.p_signal[:, 1], scipy.signal.resample_poly(b.p_signal[:, 1], 1, 5))[0, 1] > 0.99,
               f"{slow}: another signal than {fast}")
    expect((root / "RECORDS").read_text().splitlines() == [*frame["filename_lr"], *frame["filename_hr"]], "RECORDS")


def cpsc2018(root, table):
    expect(b"\r\n" in (root / "REFERENCE.csv").read_bytes(), "REFERENCE.csv has other line ends")
    frame = pd.read_csv(root / "REFERENCE.csv")
    expect(list(frame.columns) == ["Recording", "First_label", "Second_label", "Third_label"], "REFERENCE.csv")
    expect(frame["First_label"].between(1, 9).all(), "a record has no label")
    for path in root.rglob("*.mat"):
        ecg = scipy.io.loadmat(path)["ECG"]
        expect(ecg.dtype.names == ("sex", "age", "data") and ecg["age"][0, 0].dtype == np.uint8, f"{path.name}: fields")
        data = ecg["data"][0, 0]
        expect(data.dtype == np.float64 and data.shape[0] == 12 and 3000 <= data.shape[1] <= 30_000, f"{path.name}: data")


def cpsc2018_wfdb(root, table):
    wfdb_reads(root, [1000])


def chapman_wfdb(root, table):
    sums(root, [])
    records_lists(root)
    wfdb_reads(root, [1000])
    expect((root / "ConditionNames_SNOMED-CT.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "no byte order mark")
    frame = pd.read_csv(root / "ConditionNames_SNOMED-CT.csv", encoding="utf-8-sig")
    expect(list(frame.columns) == ["Acronym Name", "Full Name", "Snomed_CT"], "ConditionNames_SNOMED-CT.csv")


def challenge(root, table):
    sums(root, [path.parent for path in root.rglob("g1")])
    records_lists(root)
    wfdb_reads(root, [1000, 306])
    expect({path.parent.parent.name for path in root.rglob("JS0*.hea")} <= {"chapman_shaoxing"}, "JS0* lie elsewhere")


def chapman_tables(root, table):
    frame = pd.read_excel(root / "Diagnostics.xlsx", dtype={"PatientAge": str}).set_index("FileName")
    expect(frame.shape[1] == 15 and frame.index.tolist() == table.index.tolist(), "Diagnostics.xlsx")
    expect(all(pd.api.types.is_integer_dtype(frame[column]) for column in frame.columns[4:]), "numbers are no integers")
    for column, value in [("VentricularRate", table["heart_rate"]), ("QRSDuration", table["qrs"] * 1000),
                          ("QTInterval", table["qt"] * 1000), ("RAxis", table["axis"])]:
        expect((frame[column] - value).abs().max() <= 0.5 + 1e-6, f"{column} is not the heart's")
    expect(((frame["QOffset"] - frame["QOnset"]) * 2 - frame["QRSDuration"]).abs().max() <= 2, "QOnset and QOffset")
    flutter = table["rhythm"] == "AFLT"
    expect((frame.loc[flutter, "Rhythm"] == "AF").all() and not (frame.loc[~flutter, "Rhythm"] == "AF").any(),
           "AF is not flutter")
    for item, smooth in zip(chapman(root), chapman(root, "ECGDataDenoised")):
        raw, denoised = item["signal"](), smooth["signal"]()
        expect(np.abs(raw / 4.88 - np.round(raw / 4.88)).max() < 1e-6, f"{item['id']}: steps of another size")
        roughness = [np.abs(np.diff(x, 2, axis=0)).mean() for x in (raw, denoised)]
        expect(denoised.shape == raw.shape and roughness[1] < 0.9 * roughness[0], f"{item['id']}: not denoised")
        first = pd.read_csv(root / "ECGData" / f"{item['id']}.csv", nrows=1)
        expect(list(first.columns) == LEADS, f"{item['id']}: row of lead names")


def tracings(path, table):
    """Rows of a file: zeros at both ends, equally many up to one, and nothing else around the signal."""
    with h5py.File(path) as file:
        data = file["tracings"]
        expect(data.dtype == np.float32 and data.shape[1:] == (4096, 12) and data.chunks is None, f"{path.name}: form")
        for row in data:
            ends = np.flatnonzero((row != 0).any(axis=1))
            if len(ends):
                expect(0 <= 4095 - ends[-1] - ends[0] <= 1, f"{path.name}: padding of {ends[0]} and {4095 - ends[-1]}")


def code_15(root, table):
    frame = pd.read_csv(root / "exams.csv")
    expect(list(frame.columns[:4]) == ["exam_id", "age", "is_male", "nn_predicted_age"]
           and list(frame.columns[10:]) == ["patient_id", "death", "timey", "normal_ecg", "trace_file"], "exams.csv")
    expect(all(pd.api.types.is_bool_dtype(frame[name]) for name in CODE + ["is_male", "normal_ecg"]), "labels are no booleans")
    ids = []
    for part, name in enumerate(sorted(frame["trace_file"].unique(), key=lambda name: int(name[10:-5]))):
        with h5py.File(root / name) as file:
            exams = file["exam_id"][:]
            expect(exams[-1] == 0 and not file["tracings"][-1].any() and (exams[:-1] > 0).all(), f"{name}: last row")
            expect(set(exams[:-1]) == set(frame.loc[frame["trace_file"] == name, "exam_id"]), f"{name}: exams")
        ids += exams[:-1].tolist()
        tracings(root / name, table)
    expect(ids != frame["exam_id"].tolist() and sorted(ids) == sorted(frame["exam_id"]), "exams.csv has the parts' order")
    expect(frame["death"].notna().groupby(frame["patient_id"]).sum().eq(1).all(), "death is not told once a patient")


def code_test(root, table):
    tracings(root / "ecg_tracings.hdf5", table)
    gold = pd.read_csv(root / "annotations/gold_standard.csv")
    expect(list(gold.columns) == CODE and len(gold) == len(table), "gold_standard.csv")
    for path in (root / "annotations").glob("*.csv"):
        frame = pd.read_csv(path, index_col=0 if path.stem == "dnn" else None)
        expect(list(frame.columns) == CODE and len(frame) == len(gold), path.name)
        expect((frame.to_numpy() != gold.to_numpy()).mean() < 0.1, f"{path.name}: agrees too little")


def code(root, table):
    wfdb_reads(root, [1000])
    expect((root / "wfdb/RECORDS.txt").read_text().splitlines() == table.index.tolist(), "RECORDS.txt")
    frame = pd.read_csv(root / "annotations.csv")
    expect(list(frame.columns) == ["id_exam", "id_patient", "date_exam", "age", "sex", *CODE], "annotations.csv")
    pd.to_datetime(frame["date_exam"], format="%Y-%m-%d")


LAYOUTS = {"ptb-xl": ptb_xl, "cpsc2018": cpsc2018, "cpsc2018-wfdb": cpsc2018_wfdb, "chapman": chapman_tables,
           "chapman-wfdb": chapman_wfdb, "challenge": challenge, "code-test": code_test, "code-15": code_15, "code": code}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layouts", nargs="*", metavar="LAYOUT", help=", ".join(LAYOUTS))
    parser.add_argument("--tool", default=".build/release/einthoven")
    parser.add_argument("--records", type=int, default=60)
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    failed = False
    for layout in arguments.layouts or LAYOUTS:
        failures.clear()
        with tempfile.TemporaryDirectory() as work:
            root = Path(work) / "tree"
            subprocess.run([arguments.tool, "simulate", "--layout", layout, "--records", str(arguments.records),
                            "--seed", str(arguments.seed), "--quiet", root], check=True)
            table = truth(root)
            expect(len(table) == arguments.records, f"{len(table)} records, not {arguments.records}")
            compare(layout, root, table)
            LAYOUTS[layout](root, table)
            found, text = check_datasets.check(root, arguments.tool, work)
            failures.extend(found)
        for failure in failures[:20]:
            print(f"{layout}: {failure}")
        print(f"{text.removeprefix(f'{root}: ')}; {len(failures)} faults against what was simulated")
        failed = failed or bool(failures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
