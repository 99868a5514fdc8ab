"""The stream by the letter of the format, one number after another; nothing here is the package's."""

import hashlib
import math
import struct
from functools import cache

import numpy as np

MASK = (1 << 64) - 1


class Generator:
    """SplitMix64 with Lemire's bounded draws."""

    def __init__(self, purpose, *keys):
        data = purpose.encode() + b"".join(struct.pack("<Q", key) for key in keys)
        self.state = struct.unpack("<Q", hashlib.sha256(data).digest()[:8])[0]

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        while True:
            wide = self.next() * bound
            if wide & MASK >= (1 << 64) % bound:
                return wide >> 64

    def shuffle(self, values):
        for last in range(len(values) - 1, 0, -1):
            other = self.below(last + 1)
            values[last], values[other] = values[other], values[last]
        return values


def items(dataset, chosen, frames, epoch, seed, stride=None, weights=None):
    """[(record, occurrence, start or None)] of an epoch in stored order."""
    columns = dataset.columns
    result = []
    if stride is not None:
        for record in chosen:
            end = int(columns.frames[record]) - frames
            starts = list(range(0, end + 1, stride)) or [0]
            if starts[-1] < end:
                starts.append(end)
            result += [(record, 0, start) for start in starts]
        return result
    for number, name in enumerate(dataset.sources):
        own = [record for record in chosen if columns.source[record] == number]
        weight = (weights or {}).get(name, 1)
        if weight == 1:
            result += [(record, 0, None) for record in own]
        elif own:
            quota = max(1, math.floor(weight * len(own) + 0.5))
            key = struct.unpack("<Q", hashlib.sha256(name.encode() + b"\0").digest()[:8])[0]
            passes = {}
            for place in range(epoch * quota, (epoch + 1) * quota):
                number_of_pass = place // len(own)
                if number_of_pass not in passes:
                    passes[number_of_pass] = Generator("weight", seed, number_of_pass, key).shuffle(list(own))
                first = epoch * quota // len(own)
                result.append((passes[number_of_pass][place % len(own)], number_of_pass - first, None))
    return sorted(result, key=lambda item: item[:2])


def ordered(dataset, row, order, seed, epoch):
    """The items in the order of an epoch."""
    if order == "stored":
        return list(row)
    generator = Generator("epoch", seed, epoch)
    if order == "shuffled":
        return generator.shuffle(list(row))
    size = int(order.split(":")[1])
    by_shard = {}
    for item in row:
        by_shard.setdefault(int(dataset.columns.shard[item[0]]), []).append(item)
    shards = generator.shuffle(sorted(by_shard))
    line = [item for shard in shards for item in by_shard[shard]]
    result = []
    for begin in range(0, len(line), size):
        result += generator.shuffle(line[begin : begin + size])
    return result


def start(dataset, item, frames, seed, epoch, views, view):
    record, occurrence, window = item
    if window is not None:
        return window
    room = int(dataset.columns.frames[record]) - frames
    if room <= 0:
        return 0
    key = int(dataset.columns.record_key[record])
    return Generator("crop", seed, epoch, key, occurrence * views + view).below(room + 1)


@cache
def factors(dataset, record, lead, normalization):
    """(a, b) as float32."""
    scale = float(dataset.columns.scale_uv[record, lead])
    if normalization in ("per-lead", "none"):
        mean, deviation = 0.0, 1.0
        if normalization == "per-lead":
            mean, deviation = float(dataset.mean[lead]), float(dataset.deviation[lead]) or 1.0
        # In millivolt nothing is added, not even -0.
        b = np.float32(-mean / deviation if normalization == "per-lead" else 0)
        return np.float32(scale / 1000 / deviation), b
    line = [int(count) for count in dataset[record].counts[:, lead] if count != -32768]
    if not line:
        return np.float32(0), np.float32(0)
    squares = len(line) * sum(count * count for count in line) - sum(line) ** 2
    centre, spread = sum(line) / len(line), math.sqrt(squares) / len(line)
    if normalization == "robust":
        low, centre, high = (float(value) for value in np.percentile(line, [25, 50, 75]))
        spread = (high - low) / 1.349 if high > low else spread
    if spread == 0:
        return np.float32(0), np.float32(0)
    factor = (-1 if scale < 0 else 1) / spread
    return np.float32(factor), np.float32(-centre * factor)


def crop(dataset, record, first, frames, normalization="per-lead", missing="zeroed"):
    """(values, mask): float32 and uint8 [12, frames]."""
    values, mask = np.zeros((12, frames), np.float32), np.zeros((12, frames), np.uint8)
    counts = dataset[record].counts[first : first + frames]
    for lead in range(12):
        if not int(dataset.columns.lead_mask[record]) >> lead & 1:
            continue
        a, b = factors(dataset, record, lead, normalization)
        known = np.flatnonzero(counts[:, lead] != -32768).tolist()
        values[lead, known] = counts[known, lead].astype(np.float32) * a + b
        mask[lead, known] = 1
        if missing != "interpolated" or not known:
            continue
        values[lead, : known[0]] = values[lead, known[0]]
        values[lead, known[-1] : len(counts)] = values[lead, known[-1]]
        for left, right in zip(known, known[1:]):
            gap = right - left
            for k in range(1, gap):
                share = np.float32(k) / np.float32(gap)
                values[lead, left + k] = values[lead, left] + (values[lead, right] - values[lead, left]) * share
    return values, mask
