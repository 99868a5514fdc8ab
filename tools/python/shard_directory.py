"""Reads a directory of ECG shards with stock safetensors and NumPy; shared by the checks beside it.

Nothing here comes from Einthoven: that these few lines suffice is what the format promises to readers in Python.
"""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
from safetensors import safe_open

LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
MISSING = -32768

# Tensors in the order of their bytes: name, dtype, number of rows (S samples, n records, m labels), width.
TENSORS = [
    ("signal", "I16", "S", 12),
    ("record_offset", "U64", "n+1", 1),
    ("record_key", "U64", "n", 1),
    ("patient_key", "U64", "n", 1),
    ("label_offset", "U64", "n+1", 1),
    ("scale_uv", "F32", "n", 12),
    ("rate_hz", "F32", "n", 1),
    ("age_years", "F32", "n", 1),
    ("label_value", "F32", "m", 1),
    ("signal_crc32", "U32", "n", 1),
    ("source", "U16", "n", 1),
    ("lead_mask", "U16", "n", 1),
    ("lead_flags", "U16", "n", 12),
    ("record_flags", "U16", "n", 1),
    ("label_code", "U16", "m", 1),
    ("fold", "U8", "n", 1),
    ("sex", "U8", "n", 1),
    ("record_id", "U8", "n", 64),
]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def first_u64(data):
    """The first 8 bytes, little-endian, of a SHA-256."""
    return struct.unpack("<Q", hashlib.sha256(data).digest()[:8])[0]


def record_key(source, record):
    return first_u64(source.encode() + b"\0" + record.encode())


def read_manifest(directory):
    return json.loads((Path(directory) / "manifest.json").read_bytes())


def read_header(path):
    """(N, the JSON object with its keys in the file's order)."""
    with open(path, "rb") as file:
        length = struct.unpack("<Q", file.read(8))[0]
        return length, json.loads(file.read(length))


def read_shard(path):
    """(tensors by name, metadata), read by stock safetensors."""
    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def record_ids(tensors):
    return [raw.decode() for raw in tensors["record_id"].reshape(-1, 64).view("S64").ravel().tolist()]
