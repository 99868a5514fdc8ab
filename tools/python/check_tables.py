"""Reads with csv, NumPy, pandas and openpyxl the tables that our writers wrote, and compares every field.

    EINTHOVEN_TABLES=FOLDER tools/test --filter TableWriting
    python tools/python/check_tables.py FOLDER

The tables are the thousand rows of TableWritingTests.swift: i, a text with comma, quote and line end, (i² - 500) / 7 and
whether i is a multiple of 3. Exit code 1 if a field differs.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    rows = [(i, f' {i},"{i % 7}"\n', (i * i - 500) / 7, i % 3 == 0) for i in range(1000)]
    names = ["id", "text, quoted", "value", "flag"]
    faults = []

    with open(folder / "table.csv", newline="", encoding="utf-8") as file:
        table = list(csv.reader(file))
    if table[0] != names or [(int(a), b, float(c), d == "TRUE") for a, b, c, d in table[1:]] != rows:
        faults.append("table.csv by csv")
    # As texts: by default pandas reads some numbers a unit in the last place off.
    frame = pd.read_csv(folder / "table.csv", converters={"value": float})
    if [tuple(row) for row in frame.itertuples(index=False)] != rows:
        faults.append("table.csv by pandas")

    matrix = np.loadtxt(folder / "matrix.csv", delimiter=",", skiprows=1, converters=lambda s: float(s or "nan"))
    wanted = np.array([[float(i), value] for i, _, value, _ in rows])
    wanted[::10, 1] = np.nan
    if not np.array_equal(matrix, wanted, equal_nan=True):
        faults.append("matrix.csv by NumPy")

    sheet = openpyxl.load_workbook(folder / "book.xlsx")["a & b"]
    if [list(row) for row in sheet.iter_rows(values_only=True)] != [names, *map(list, rows)]:
        faults.append("book.xlsx by openpyxl")
    frame = pd.read_excel(folder / "book.xlsx")
    if list(frame) != names or [tuple(row) for row in frame.itertuples(index=False)] != rows:
        faults.append("book.xlsx by pandas")
    for fault in faults:
        print(f"{fault}: differs")
    print(f"{len(rows)} rows in three files, {len(faults)} readings of five differ")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
