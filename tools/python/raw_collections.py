"""Reads public ECG collections with stock readers only: wfdb, scipy.io, h5py, openpyxl, csv; shared by the checks beside it.

Nothing here comes from Einthoven. Each function yields a dict a record: id, patient, age (years or None), sex
(unknown, female, male), fold (the collection's own or 0), labels {code: value}, rate in Hz, and signal, a function that
returns (T, 12) in microvolt in the order I II III aVR aVL aVF V1 ... V6, NaN where missing.
"""

import ast
import csv
import math
import re
from pathlib import Path

import h5py
import numpy as np
import openpyxl
import scipy.io
import wfdb

from shard_directory import LEADS

CPSC = ["Normal", "AF", "I-AVB", "LBBB", "RBBB", "PAC", "PVC", "STD", "STE"]
CODE = ["1dAVb", "RBBB", "LBBB", "SB", "AF", "ST"]
# The gains of early releases of the challenges, by the first letters of a record's name; 1000 is right.
WRONG_GAINS = {("S", 2e6), ("HR", 200.0), ("E", 4880.0)}


def rows(path, encoding="utf-8-sig"):
    with open(path, encoding=encoding, errors="replace", newline="") as file:
        return list(csv.DictReader(file))


def age(text):
    try:
        years = float(text)
    except (TypeError, ValueError):
        return None
    return years if 0 <= years <= 120 else None


def sex(text):
    return {"m": "male", "f": "female"}.get(str(text).strip().lower()[:1], "unknown")


def in_order(signal, names):
    """Columns by name into canonical order; limb leads that are absent are derived from I and II."""
    upper = {name.upper().removeprefix("D") if name.upper() in ("DI", "DII", "DIII") else name.upper(): k
             for k, name in enumerate(names)}
    out = np.full((len(signal), 12), np.nan)
    for k, lead in enumerate(LEADS):
        if lead.upper() in upper:
            out[:, k] = signal[:, upper[lead.upper()]]
    laws = {2: (-1, 1), 3: (-0.5, -0.5), 4: (1, -0.5), 5: (-0.5, 1)}
    for k, (a, b) in laws.items():
        if LEADS[k].upper() not in upper and {"I", "II"} <= set(upper):
            out[:, k] = a * out[:, 0] + b * out[:, 1]
    return out


def record(id, signal, rate, patient=None, age=None, sex="unknown", fold=0, labels=None):
    return {"id": id, "patient": patient, "age": age, "sex": sex, "fold": fold, "labels": labels or {}, "rate": rate,
            "signal": signal}


def ptb_xl(root):
    for row in rows(Path(root) / "ptbxl_database.csv"):
        def signal(name=row["filename_hr"] or row["filename_lr"]):
            read = wfdb.rdrecord(str(Path(root) / name))
            return in_order(read.p_signal * 1000, read.sig_name)
        years = float(row["age"]) if row["age"] else None
        yield record(
            row["ecg_id"], signal, 500.0, patient=row["patient_id"].removesuffix(".0"),
            age=90.0 if years == 300 else years, sex={"0": "male", "1": "female"}[row["sex"]],
            fold=int(row["strat_fold"]),
            labels={f"scp:{k}": v / 100 for k, v in ast.literal_eval(row["scp_codes"]).items()})


def challenge(root):
    headers = sorted(Path(root).rglob("*.hea"))
    names = [path.stem for path in headers]
    for path in headers:
        id = path.stem if names.count(path.stem) == 1 else str(path.relative_to(root))[:-4]
        lines = path.read_text(errors="replace").splitlines()
        rate = float(lines[0].split()[2].split("/")[0])
        comments = dict((part.strip() for part in line.lstrip("# ").split(":", 1))
                        for line in lines if line.startswith("#") and ":" in line)
        codes = [code.strip() for code in comments.get("Dx", "").split(",")]
        labels = {("snomed:" if code.isdigit() else "cpsc:") + code: 1.0 for code in codes if code}

        def signal(path=path, lines=lines):
            fields = [line.split() for line in lines[1:] if line and not line.startswith("#")]
            mat = path.with_suffix(".mat")
            if mat.exists():
                counts = scipy.io.loadmat(mat)["val"].T.astype(float)
            else:
                counts = np.fromfile(path.with_suffix(".dat"), "<i2").reshape(-1, len(fields)).astype(float)
            counts[counts == -32768] = np.nan
            gains = np.array([float(re.match(r"[\d.eE+-]+", field[2]).group()) for field in fields])
            stated = [re.search(r"\((-?\d+)\)", field[2]) for field in fields]
            zeros = np.array([float(found.group(1) if found else field[4]) for found, field in zip(stated, fields)])
            prefix = re.match(r"[A-Za-z]*", path.stem).group()
            gains = np.array([1000.0 if (prefix, gain) in WRONG_GAINS else gain for gain in gains])
            return in_order((counts - zeros) / gains * 1000, [field[-1] for field in fields])
        yield record(id, signal, rate, patient=comments.get("Patient ID") or None, age=age(comments.get("Age")),
                     sex=sex(comments.get("Sex", "")), labels=labels)


def cpsc2018(root):
    paths = {path.stem: path for path in sorted(Path(root).rglob("A*.mat"))}
    for row in rows(next(Path(root).rglob("REFERENCE.csv"))):
        path = paths.get(row["Recording"])
        numbers = [row[f"{name}_label"] for name in ("First", "Second", "Third")]
        # Eighteen lines have a label 10, which no table explains: it is kept as stated.
        labels = {f"cpsc:{CPSC[int(number) - 1] if int(number) <= 9 else number}": 1.0 for number in numbers if number}
        if path is None:
            yield record(row["Recording"], None, 500.0, labels=labels)
            continue
        ecg = scipy.io.loadmat(path)["ECG"][0, 0]
        yield record(row["Recording"], lambda ecg=ecg: ecg["data"].T * 1000, 500.0, age=age(ecg["age"].squeeze()),
                     sex=sex(ecg["sex"].squeeze()), labels=labels)


def chapman(root, folder="ECGData"):
    sheet = openpyxl.load_workbook(Path(root) / "Diagnostics.xlsx", read_only=True).active
    lines = list(sheet.iter_rows(values_only=True))
    for row in (dict(zip(lines[0], line)) for line in lines[1:]):
        name = row["FileName"]
        path = Path(root) / folder / f"{name}.csv"
        labels = [str(row["Rhythm"]).strip()] + str(row["Beat"]).split()

        def signal(path=path):
            header = 0 if folder == "ECGDataDenoised" else 1
            return np.genfromtxt(path, delimiter=",", skip_header=header)
        yield record(name, signal if path.exists() else None, 500.0, age=age(row["PatientAge"]), sex=sex(row["Gender"]),
                     labels={f"chapman:{label}": 1.0 for label in labels if label and label != "NONE"})


def padded(x, unit):
    """Zeros at both ends off, all leads together; None if nothing is left."""
    ends = np.flatnonzero((x != 0).any(axis=1))
    return x[ends[0]:ends[-1] + 1].astype(float) * unit if len(ends) else None


def code_labels(row):
    values = {"true": 1.0, "1": 1.0, "1.0": 1.0, "false": 0.0, "0": 0.0, "0.0": 0.0}
    return {f"code:{name}": values[row[name].strip().lower()] for name in CODE if row[name].strip().lower() in values}


def code_15(root, unit=500.0):
    table = {row["exam_id"]: row for row in rows(Path(root) / "exams.csv")}
    for part in sorted(Path(root).glob("exams_part*.hdf5")):
        file = h5py.File(part)
        for k, exam in enumerate(file["exam_id"][:]):
            if exam == 0:
                continue
            row = table.get(str(exam))
            signal = lambda file=file, k=k: padded(file["tracings"][k], unit)
            if row is None:
                yield record(str(exam), signal, 400.0)
                continue
            yield record(
                str(exam), signal, 400.0, patient=row["patient_id"].removesuffix(".0") or None, age=age(row["age"]),
                sex={"true": "male", "false": "female"}.get(row["is_male"].lower(), "unknown"), labels=code_labels(row))


def code_test(root, unit=500.0):
    file = h5py.File(Path(root) / "ecg_tracings.hdf5")
    people = rows(Path(root) / "attributes.csv")
    gold = rows(Path(root) / "annotations/gold_standard.csv")
    for k in range(len(file["tracings"])):
        yield record(str(k + 1), lambda k=k: padded(file["tracings"][k], unit), 400.0, age=age(people[k]["age"]),
                     sex=sex(people[k]["sex"]), labels=code_labels(gold[k]))


def code(root):
    table = {row["id_exam"]: row for row in rows(Path(root) / "annotations.csv")}
    for path in sorted(Path(root).rglob("*.hea")):
        row = table[re.match(r"TNMG(\d+)", path.stem).group(1)]

        def signal(path=path):
            read = wfdb.rdrecord(str(path)[:-4])
            return in_order(read.p_signal * 1000, read.sig_name)
        yield record(path.stem, signal, float(wfdb.rdheader(str(path)[:-4]).fs), patient=row["id_patient"],
                     age=age(row["age"]), sex=sex(row["sex"]), labels=code_labels(row))


def sph(root):
    folder = Path(root) / "records" if (Path(root) / "records").is_dir() else Path(root)
    table = {row["ECG_ID"].removesuffix(".h5"): row for row in rows(Path(root) / "metadata.csv")}
    for name in list(table) + sorted(p.stem for p in folder.glob("*.h5") if p.stem not in table):
        row = table.get(name, {"AHA_Code": "", "Patient_ID": "", "Age": "", "Sex": ""})
        path = folder / f"{name}.h5"
        yield record(name, lambda path=path: h5py.File(path)["ecg"][:].T.astype(float) * 1000, 500.0,
                     patient=row["Patient_ID"] or None, age=age(row["Age"]), sex=sex(row["Sex"]),
                     labels={f"aha:{code.strip()}": 1.0 for code in row["AHA_Code"].split(";") if code.strip()})


READERS = {"ptb-xl": ptb_xl, "challenge": challenge, "cpsc2018-wfdb": challenge, "chapman-wfdb": challenge,
           "wfdb": challenge, "cpsc2018": cpsc2018, "chapman": chapman, "code-15": code_15, "code-test": code_test,
           "code": code, "sph": sph}
