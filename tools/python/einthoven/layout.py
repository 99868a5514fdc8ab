"""What SHARD-FORMAT.md fixes: the leads, the tensors of a shard, and how keys are made."""

import hashlib

import numpy as np

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
# The count that says that a sample is missing.
MISSING = -32768
# Bytes of a frame: twelve counts of int16.
FRAME = 24

# The tensors beside `signal`: name, type, rows (n records, m labels), elements of a row.
COLUMNS = (
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
)

DTYPES = {
    "U64": np.dtype("<u8"), "F32": np.dtype("<f4"), "U32": np.dtype("<u4"), "U16": np.dtype("<u2"),
    "U8": np.dtype("u1"),
}  # fmt: skip


def first_u64(data):
    """The first 8 bytes, little-endian, of the SHA-256 of bytes."""
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "little")


def record_key(source, record):
    """The key of a record, or of a patient, of a source."""
    return first_u64(source.encode() + b"\0" + record.encode())
