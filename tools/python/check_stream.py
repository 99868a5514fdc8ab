"""Proves that `einthoven stream` delivers what SHARD-FORMAT's "Order and resumption" and "Float value" say.

    python tools/python/check_stream.py SHARDS --batch 64 --crop 2.5 --epochs 2 --tool .build/release/einthoven

The order of each epoch, the place of each crop and the Float32 values are computed here anew with NumPy, from the text
of the format alone: SplitMix64 started at SHA-256(purpose, keys), Lemire's bounded draws, Fisher-Yates; the tail that
fills no batch is dropped. Prints order_hash and content_hash; with --tool both must be the tool's.

Exit code 1 if they differ. Needs numpy and safetensors.
"""

import argparse
import hashlib
import json
import math
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np

from shard_directory import MISSING, first_u64, read_manifest, read_shard

MASK = (1 << 64) - 1


class SplitMix64:
    """Steele, Lea and Flood 2014."""

    def __init__(self, purpose, *keys):
        self.state = first_u64(purpose.encode() + b"".join(struct.pack("<Q", key) for key in keys))

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        """Lemire 2019: the high half of a product, rejecting low halves under 2^64 mod bound."""
        threshold = (1 << 64) % bound
        while True:
            product = self.next() * bound
            if product & MASK >= threshold:
                return product >> 64


def permutation(count, seed, epoch):
    order = list(range(count))
    generator = SplitMix64("epoch", seed, epoch)
    for last in range(count - 1, 0, -1):
        other = generator.below(last + 1)
        order[last], order[other] = order[other], order[last]
    return order


class Records:
    """All records of a directory in stored order."""

    def __init__(self, directory, folds):
        manifest = read_manifest(directory)
        deviation = np.array(manifest["statistics"]["sd_mv"])
        self.deviation = np.where(deviation > 0, deviation, 1.0)
        self.offset = (-np.array(manifest["statistics"]["mean_mv"]) / self.deviation).astype(np.float32)
        self.shards = [read_shard(Path(directory) / entry["file"])[0] for entry in manifest["shards"]]
        self.places = [
            (shard, row)
            for shard, tensors in enumerate(self.shards)
            for row in range(len(tensors["record_key"]))
            if folds is None or int(tensors["fold"][row]) in folds
        ]
        rates = {float(self.shards[shard]["rate_hz"][row]) for shard, row in self.places}
        if len(rates) != 1:
            raise SystemExit(f"the records are at {sorted(rates)} Hz")
        self.rate = rates.pop()

    def key(self, record):
        shard, row = self.places[record]
        return int(self.shards[shard]["record_key"][row])

    def crop(self, record, frames, seed, epoch):
        """Float32 [12, frames]."""
        shard, row = self.places[record]
        tensors = self.shards[shard]
        first, end = (int(tensors["record_offset"][row + k]) for k in range(2))
        room = end - first - frames
        start = SplitMix64("crop", seed, epoch, self.key(record), 0).below(room + 1) if room > 0 else 0
        counts = tensors["signal"][first + start : min(first + start + frames, end)].T
        a = (tensors["scale_uv"][row].astype(np.float64) / 1000 / self.deviation).astype(np.float32)
        values = counts.astype(np.float32) * a[:, None] + self.offset[:, None]
        values[counts == MISSING] = 0
        present = [lead for lead in range(12) if tensors["lead_mask"][row] >> lead & 1]
        result = np.zeros((12, frames), np.float32)
        result[present, : counts.shape[1]] = values[present]
        return result


def parse_folds(text):
    folds = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        folds |= set(range(int(low), int(high or low) + 1))
    return folds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", help="the shard directory")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--crop", type=float, default=2.5, help="seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--folds", help="such as 1-8")
    parser.add_argument("--tool", help="the built einthoven, to compare with")
    arguments = parser.parse_args()
    records = Records(arguments.shards, arguments.folds and parse_folds(arguments.folds))
    frames = math.floor(arguments.crop * records.rate + 0.5)
    order_hash, content_hash = hashlib.sha256(), hashlib.sha256()
    crops = 0
    count = len(records.places)
    for epoch in range(arguments.epochs):
        order = permutation(count, arguments.seed, epoch)
        for record in order[: count - count % arguments.batch]:
            order_hash.update(struct.pack("<Q", records.key(record)))
            content_hash.update(records.crop(record, frames, arguments.seed, epoch).tobytes())
            crops += 1
    found = {"crops": crops, "order_hash": order_hash.hexdigest(), "content_hash": content_hash.hexdigest()}
    if not arguments.tool:
        print(json.dumps(found))
        return 0
    command = [arguments.tool, "stream", arguments.shards, "--json", "--quiet"]
    for option in ("batch", "crop", "seed", "epochs", "folds"):
        value = getattr(arguments, option)
        if value is not None:
            command += [f"--{option}", str(value)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    different = [key for key, value in found.items() if told[key] != value]
    for key in different:
        print(f"{key}: here {found[key]}, the tool says {told[key]}", file=sys.stderr)
    print(
        f"{'FAILED: ' + ', '.join(different) if different else 'ok'}: {crops} crops of 12 x {frames}, "
        f"order_hash {found['order_hash'][:16]}, content_hash {found['content_hash'][:16]}; "
        f"the tool made {told['crops_per_second']:.0f} crops/s"
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
