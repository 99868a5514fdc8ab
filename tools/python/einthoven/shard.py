"""One shard: its header and its columns, checked before anything is used. The samples stay in the file."""

import os
import zlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .errors import ECGError
from .jsontext import Fields, parse
from .layout import COLUMNS, DTYPES, LEADS
from .safetensors import read_exactly, read_table, tensor_places


@dataclass(frozen=True)
class Shard:
    """An open shard's columns by name, and where its signal begins in the file."""

    path: str
    stamp: "Stamp"
    signal_offset: int
    columns: dict
    sources: list
    codes: list
    lead_flag_names: list
    record_flag_names: list


class Stamp(NamedTuple):
    """By what it is known that a file is the one that was opened, and as it was."""

    device: int
    number: int
    size: int
    modified: int


def stamp_of(status):
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def read_shard(directory, entry):
    """Opens a shard and checks all of it but the samples against its manifest's entry."""
    path = os.path.join(directory, entry.file)

    def mismatch(message):
        return ECGError(message, code="mismatch", file=path, advice="restore the file, or convert again")

    try:
        with open(path, "rb", buffering=0) as file:
            stamp = stamp_of(os.fstat(file.fileno()))
            size = stamp.size
            if size != entry.bytes:
                raise mismatch(f"has {size} bytes, the manifest says {entry.bytes}")
            tensors, metadata, offset = _header(file, size, path)
            columns, crc32 = _columns(file, tensors, offset, path)
    except FileNotFoundError:
        raise mismatch("the manifest names this shard, but it does not exist") from None
    except OSError as error:
        raise ECGError(f"cannot be read: {error.strerror}", code="input-output", file=path) from None
    count, samples = len(columns["record_key"]), int(columns["record_offset"][-1])
    if (count, samples) != (entry.records, entry.samples):
        raise mismatch(
            f"holds {count} records of {samples} samples, the manifest says {entry.records} of {entry.samples}"
        )
    if metadata.text("plan_sha256") != entry.plan_sha256:
        raise mismatch("belongs to another conversion")
    lists = {key: _list(metadata, key) for key in ("leads", "sources", "codes")}
    if lists["leads"] != list(LEADS):
        raise ECGError("its leads are not the twelve in canonical order", code="unsupported", file=path)
    place = (metadata.text("shard_index"), metadata.text("shard_count"))
    if place != (str(entry.place), str(entry.count)) or lists["codes"] != list(entry.codes):
        raise mismatch("its place among the shards or its label codes are not the manifest's")
    stated = _object(metadata, "columns_crc32")
    for name, found in crc32.items():
        if stated.value.get(name) != found:
            raise mismatch(f"column {name} was changed after it was written: its CRC-32 does not agree")
    for name, table in (("source", "sources"), ("label_code", "codes")):
        if columns[name].size and columns[name].max() >= len(lists[table]):
            raise ECGError(f"its {name} has values beyond the table of {table}", code="malformed", file=path)
    names = _object(metadata, "flag_names")
    return Shard(
        path, stamp, offset + tensors["signal"][2], columns, lists["sources"], lists["codes"], names.texts("lead")[:16],
        names.texts("record")[:16],
    )  # fmt: skip


def _object(metadata, key):
    return Fields(parse(metadata.text(key).encode(), metadata.file), metadata.file, key)


def _list(metadata, key):
    text = metadata.text(key).encode()
    return Fields({key: parse(text, metadata.file)}, metadata.file).texts(key)


def _header(file, size, path):
    """(tensors: name → (type, shape, begin, end), metadata, where the first tensor begins)."""
    table, metadata, offset = read_table(file, size, path)
    version = metadata.value.get("format_version", "")
    if metadata.value.get("format") != "ecg-shard":
        raise ECGError("is no ECG shard: its metadata does not say ecg-shard", code="malformed", file=path)
    if version.split(".")[0] != "1":
        raise ECGError(f'is of format version "{version}"; versions 1.x are read', code="unsupported", file=path)
    return tensor_places(table, offset, size, path), metadata, offset


def _columns(file, tensors, offset, path):
    """The columns by name, and the CRC-32 of each."""

    def malformed(message):
        return ECGError(message, code="malformed", file=path)

    def shape(name):
        return tensors[name][1] if name in tensors else None

    signal, keys, labels = shape("signal"), shape("record_key"), shape("label_code")
    if signal is None or tensors["signal"][0] != "I16" or len(signal) != 2 or signal[1] != 12:
        raise malformed("its tensor signal is not I16 [S, 12]")
    if not keys or len(keys) != 1 or not labels or len(labels) != 1:
        raise malformed("its tensors record_key and label_code are not one-dimensional")
    rows = {"n": keys[0], "n+1": keys[0] + 1, "m": labels[0]}
    columns, crc32 = {}, {}
    for name, kind, count, width in COLUMNS:
        wanted = [rows[count]] if width == 1 else [rows[count], width]
        if name not in tensors or tensors[name][:2] != (kind, wanted):
            raise malformed(f"its tensor {name} is absent or has another type or shape")
        _, _, begin, end = tensors[name]
        file.seek(offset + begin)
        data = read_exactly(file, end - begin, path)
        crc32[name] = zlib.crc32(data)
        columns[name] = np.frombuffer(data, DTYPES[kind]).reshape(wanted)
    for name, end in (("record_offset", signal[0]), ("label_offset", labels[0])):
        offsets = columns[name]
        if offsets[0] != 0 or offsets[-1] != end or (offsets[:-1] > offsets[1:]).any():
            raise malformed(f"its {name} is not monotonic up to the end")
    rate, scale = columns["rate_hz"], np.abs(columns["scale_uv"])
    if not (np.isfinite(rate) & (rate > 0)).all():
        raise malformed("its rate_hz has values that are no rate")
    if not (np.isfinite(scale) & (scale >= np.finfo(np.float32).tiny)).all():
        raise malformed("its scale_uv has values that are no scale")
    return columns, crc32
