"""What an epoch consists of, and in what order: the same for any number of ranks, threads or batches."""

import math
from dataclasses import dataclass

import numpy as np

from .errors import ECGError
from .layout import record_key
from .splitmix import SplitMix64, seeded

ALGORITHM = "fisher-yates/lemire/splitmix64/sha256"


@dataclass(frozen=True)
class Items:
    """The N items of an epoch in stored order, int64 [N] each; `starts` is None where crops are drawn."""

    records: np.ndarray
    occurrences: np.ndarray
    starts: np.ndarray | None = None

    def __len__(self):
        return len(self.records)


def rounded(value):
    """The nearest integer, halves away from zero, of a number that is not negative."""
    whole = math.floor(value)
    return whole + (value - whole >= 0.5)


def windows(records, lengths, frames, stride):
    """Every record's windows: at 0, stride, 2 stride, ... and a last one at its end."""
    room = np.maximum(lengths[records] - frames, 0)
    counts = 1 + room // stride + (room % stride > 0)
    if counts.sum() > 1 << 31:
        raise ECGError(f"{counts.sum()} windows an epoch", advice="choose a longer stride")
    repeated = np.repeat(records, counts)
    place = np.arange(len(repeated)) - np.repeat(np.cumsum(counts) - counts, counts)
    return Items(repeated, np.zeros(len(repeated), np.int64), np.minimum(place * stride, np.repeat(room, counts)))


@dataclass(frozen=True)
class Weighted:
    """A source of another weight than 1: the endless sequence of passes over its records, `quota` items an epoch."""

    records: np.ndarray
    quota: int
    key: int

    def items(self, seed, epoch):
        """(records, occurrences) of an epoch: its places of the sequence."""
        size = len(self.records)
        begin, end = epoch * self.quota, (epoch + 1) * self.quota
        first = begin // size
        records, occurrences = [], []
        for number in range(first, (end - 1) // size + 1):
            order = SplitMix64(seeded("weight", seed, number, self.key)).permuted(range(size))
            part = order[max(0, begin - number * size) : end - number * size]
            records.append(self.records[part])
            occurrences.append(np.full(len(part), number - first))
        return np.concatenate(records), np.concatenate(occurrences)


class Sampler:
    """Says which items an epoch has; made once for a stream."""

    def __init__(self, dataset, records, weights, seed):
        self.seed = seed
        self.weighted = []
        source = dataset.columns.source[records]
        plain = np.ones(len(records), bool)
        for name, weight in sorted(weights.items()):
            number = dataset.sources.index(name)
            chosen = records[source == number]
            if len(chosen):
                plain &= source != number
                quota = max(1, rounded(weight * len(chosen)))
                self.weighted.append(Weighted(chosen, quota, record_key(name, "")))
        self.plain = records[plain]

    def __len__(self):
        return len(self.plain) + sum(source.quota for source in self.weighted)

    def items(self, epoch):
        parts = [(self.plain, np.zeros(len(self.plain), np.int64))]
        parts += [source.items(self.seed, epoch) for source in self.weighted]
        records, occurrences = (np.concatenate(column) for column in zip(*parts))
        if not self.weighted:
            return Items(records, occurrences)
        stored = np.lexsort((occurrences, records))
        return Items(records[stored], occurrences[stored])


@dataclass(frozen=True)
class Order:
    """How the items of an epoch are ordered: "shuffled", "stored" or "window:K"."""

    name: str
    window: int = 0

    @classmethod
    def parse(cls, text):
        if text in ("shuffled", "stored"):
            return cls(text)
        kind, _, size = str(text).partition(":")
        if kind != "window" or not (size.isascii() and size.isdigit() and len(size) < 10 and int(size) > 0):
            raise ECGError(f'an order "{text}"', advice="orders are shuffled, stored and window:K, K items being mixed")
        return cls("window", int(size))

    @property
    def algorithm(self):
        if self.name == "stored":
            return "stored"
        return f"window({self.window})/{ALGORITHM}" if self.name == "window" else ALGORITHM

    def permutation(self, shards, seed, epoch):
        """Indices of the items in the order of an epoch, int64; `shards` has the shard of each item, ascending."""
        count = len(shards)
        if self.name == "stored":
            return np.arange(count)
        generator = SplitMix64(seeded("epoch", seed, epoch))
        if self.name == "shuffled":
            return np.array(generator.permuted(range(count)), np.int64)
        numbers, first = np.unique(shards, return_index=True)
        end = np.append(first[1:], count)
        mixed = [np.arange(first[k], end[k]) for k in generator.permuted(range(len(numbers)))]
        row = np.concatenate(mixed).tolist()
        for begin in range(0, count, self.window):
            row[begin : begin + self.window] = generator.permuted(row[begin : begin + self.window])
        return np.array(row, np.int64)
