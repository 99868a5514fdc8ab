"""Classification tasks: classes in a fixed order, the codes that count towards each, and whom they may be asked of.

The table is the one that the Swift library is built with, as `tools/python/write_tasks.py` writes it to `tasks.json`.
"""

import json
from functools import cache
from importlib import resources

import numpy as np

from .errors import ECGError


@cache
def table():
    """Tasks by name, in the table's order: sources, records ("class", "statement" or "every-class") and classes."""
    text = resources.files(__package__).joinpath("tasks.json").read_text("utf-8")
    return {entry["name"]: entry for entry in json.loads(text)}


def task(name):
    """The table's entry of a task."""
    if name not in table():
        raise ECGError(f'there is no task "{name}"', advice=f"tasks are {', '.join(table())}")
    return table()[name]


def targets(entry, columns, sources, codes):
    """(float32 [n, classes] of 0 and 1, bool [n] whether the task may be asked of a record).

    What is said of no class is not always absent: a record of which a task may not be asked is masked, not negative,
    and its row is 0 throughout.
    """
    count = len(columns.frames)
    record = np.repeat(np.arange(count), np.diff(columns.label_offset))
    rows = np.zeros((count, len(entry["classes"])), np.float32)
    stated = np.zeros(rows.shape, bool)
    every = entry["records"] == "every-class"
    number = {code: index for index, code in enumerate(codes)}
    by_code = np.argsort(columns.label_code, kind="stable")
    bounds = np.searchsorted(columns.label_code[by_code], np.arange(len(codes) + 1))
    for column, entry_class in enumerate(entry["classes"]):
        for code in entry_class["codes"]:
            if code in number:
                places = by_code[bounds[number[code]] : bounds[number[code] + 1]]
                stated[record[places], column] = True
                # A code that is present counts whatever its value: PTB-XL's likelihood 0 means "unknown".
                rows[record[places[columns.label_value[places] > 0] if every else places], column] = 1
    if every:
        asked = stated.all(axis=1)
    elif entry["records"] == "class":
        asked = stated.any(axis=1)
    else:
        vocabularies = {code.split(":")[0] for c in entry["classes"] for code in c["codes"]}
        known = np.array([code.split(":")[0] in vocabularies for code in codes], bool)
        asked = np.zeros(count, bool)
        if len(codes):
            asked[record[known[columns.label_code]]] = True
    asked &= np.isin(columns.source, [index for index, name in enumerate(sources) if name in entry["sources"]])
    rows[~asked] = 0
    return rows, asked
