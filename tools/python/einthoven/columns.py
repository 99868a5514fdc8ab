"""The columns of all shards as one table: row i is record i of the data set."""

from dataclasses import dataclass

import numpy as np

from .errors import ECGError
from .layout import FRAME


@dataclass(frozen=True)
class Columns:
    """NumPy arrays over all n records, read-only. m is the number of statements."""

    record_id: np.ndarray  # S64 [n], zero-padded UTF-8
    record_key: np.ndarray  # u64 [n]
    patient_key: np.ndarray  # u64 [n]; 0 = the source has no patients
    source: np.ndarray  # u16 [n], index into Dataset.sources
    frames: np.ndarray  # i64 [n], samples of each lead
    rate_hz: np.ndarray  # f32 [n]
    age_years: np.ndarray  # f32 [n]; NaN = unknown
    sex: np.ndarray  # u8 [n]; 0 unknown, 1 female, 2 male
    fold: np.ndarray  # u8 [n]; 0 = none
    scale_uv: np.ndarray  # f32 [n, 12], µV of a count
    lead_mask: np.ndarray  # u16 [n], bit k = lead k is present
    lead_flags: np.ndarray  # u16 [n, 12], bits named by Dataset.lead_flag_names
    record_flags: np.ndarray  # u16 [n], bits named by Dataset.record_flag_names
    signal_crc32: np.ndarray  # u32 [n]
    label_offset: np.ndarray  # i64 [n + 1], into the two below
    label_code: np.ndarray  # u32 [m], index into Dataset.codes
    label_value: np.ndarray  # f32 [m]
    shard: np.ndarray  # i64 [n], index into Dataset.files
    byte: np.ndarray  # i64 [n], where in that file the record's samples begin


def joined(shards):
    """(columns, sources, codes, lead flag names, record flag names) of shards in order."""
    sources, codes = {}, {}
    flags = [[], []]
    parts = {name: [] for name in Columns.__dataclass_fields__}
    labels = 0
    for index, shard in enumerate(shards):
        for known, found in zip(flags, (shard.lead_flag_names, shard.record_flag_names)):
            # Later conversions may know more bits, but none may mean something else.
            if known != found[: len(known)] and found != known[: len(found)]:
                raise ECGError(
                    "its flags have other names than those of the shards before", code="mismatch", file=shard.path
                )
            known += found[len(known) :]
        columns = dict(shard.columns)
        offset = columns.pop("record_offset").astype(np.int64)
        columns["frames"] = np.diff(offset)
        columns["byte"] = shard.signal_offset + offset[:-1] * FRAME
        columns["shard"] = np.full(len(offset) - 1, index)
        columns["source"] = _renumbered(columns["source"], shard.sources, sources, np.uint16)
        columns["label_code"] = _renumbered(columns["label_code"], shard.codes, codes, np.uint32)
        columns["label_offset"] = columns["label_offset"][:-1].astype(np.int64) + labels
        labels += len(columns["label_code"])
        columns["record_id"] = columns["record_id"].reshape(-1).view("S64")
        for name, part in parts.items():
            part.append(columns[name])
    if len(sources) > 1 << 16:
        raise ECGError("the shards name more than 65,536 sources", code="unsupported")
    parts["label_offset"].append(np.array([labels], np.int64))
    table = {name: np.concatenate(part) if part else _empty(name) for name, part in parts.items()}
    for array in table.values():
        array.setflags(write=False)
    return Columns(**table), list(sources), list(codes), *flags


def _empty(name):
    return np.zeros((0, 12) if name in ("scale_uv", "lead_flags") else 0, np.int64)


def _renumbered(indices, names, numbers, dtype):
    """Indices into a shard's own names as indices into those of all shards, to which new ones are added."""
    table = np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype)
    return table[indices] if len(names) else indices.astype(dtype)
