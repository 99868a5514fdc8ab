"""Writes Fixtures/golden/epoch_order.json: orders of epochs, by the Python reading of SHARD-FORMAT in tools/python.

Run from the repository's root, with NumPy and safetensors installed:

    python tools/golden/epoch_order.py
"""

import hashlib
import json
import struct
import sys

sys.path.insert(0, "tools/python")
from check_stream import permutation  # noqa: E402

# (records, seed, epoch); long orders are kept as the SHA-256 of their u64 little-endian numbers.
CASES = [
    (0, 0, 0),
    (1, 0, 0),
    (2, 0, 0),
    (2, 0, 1),
    (3, 1, 0),
    (17, 0, 0),
    (17, 0, 1),
    (17, 1, 0),
    (17, 18446744073709551615, 4294967296),
    (100, 42, 7),
    (2664, 0, 0),
    (65537, 3, 2),
]


def main():
    cases = []
    for count, seed, epoch in CASES:
        order = permutation(count, seed, epoch)
        digest = hashlib.sha256(struct.pack(f"<{count}Q", *order)).hexdigest()
        case = {"count": count, "seed": str(seed), "epoch": epoch, "sha256": digest, "order": order[:100]}
        cases.append(case)
    with open("Fixtures/golden/epoch_order.json", "w", encoding="utf-8") as file:
        json.dump({"cases": cases}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
