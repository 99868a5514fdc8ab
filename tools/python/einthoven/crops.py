"""Crops of records as float32."""

import numpy as np

from .errors import ECGError
from .layout import FRAME, MISSING
from .normalization import Normalization

LAYOUTS = ("lead-major", "time-major", "blocked")
MISSINGS = ("zeroed", "masked", "interpolated")
INTEGRITIES = ("off", "first-touch", "always")
# Rows that are worked on at once, and frames of them together: their counts and values stay in a core's cache.
BLOCK, BLOCK_FRAMES = 32, 1 << 15


class CropReader:
    """Reads `frames` samples of each of the twelve leads, normalised, with everything that is not measured zero."""

    def __init__(self, dataset, frames, normalization, missing, layout, integrity):
        for value, known, what in (
            (missing, MISSINGS, "treatment of missing samples"),
            (layout, LAYOUTS, "layout"),
            (integrity, INTEGRITIES, "integrity"),
        ):
            if value not in known:
                raise ECGError(f'there is no {what} "{value}"', advice=f"there are {', '.join(known)}")
        self.columns, self.signals = dataset.columns, dataset.signals
        self.frames, self.missing, self.layout, self.integrity = frames, missing, layout, integrity
        self.normalization = Normalization(normalization, dataset)
        self._rows = max(1, min(BLOCK, BLOCK_FRAMES // frames))
        self._counts = np.empty((self._rows, frames, 12), np.int16)
        self._bytes = memoryview(self._counts).cast("B")
        self._turned = np.empty((self._rows, 12, frames), np.int16)
        self._values = np.empty((self._rows, 12, frames), np.float32)

    def shape(self, rows):
        """The shape of a batch."""
        return {
            "lead-major": (rows, 12, self.frames), "time-major": (rows, self.frames, 12),
            "blocked": (rows, self.frames, 16),
        }[self.layout]  # fmt: skip

    def read(self, records, starts, values, mask):
        """Fills the first rows of `values`, and of `mask` unless it is None; returns the valid frames of each, int64.

        Both are of `shape`, and zero where that matters: beyond these rows, and in the channels that are no leads.
        """
        self.check(records)
        valid = np.minimum(self.frames, self.columns.frames[records] - starts)
        a, b = self.normalization.factors(records)
        for begin in range(0, len(records), self._rows):
            part = slice(begin, min(begin + self._rows, len(records)))
            self._gather(records[part], starts[part], valid[part])
            present = None if mask is None else mask[part]
            self._block(records[part], valid[part], a[part, :, None], b[part, :, None], values[part], present)
        return valid

    def check(self, records):
        """Compares records with their CRC-32, as often as `integrity` says."""
        if self.integrity == "off":
            return
        if self.integrity == "first-touch":
            records = records[~self.signals.verified[records]]
        for record in np.unique(records).tolist():
            self.signals.verify(record)

    def _block(self, records, valid, a, b, values, mask):
        rows = len(records)
        counts, turned = self._counts[:rows], self._turned[:rows]
        np.copyto(turned, counts.transpose(0, 2, 1))
        result = values if self.layout == "lead-major" else self._values[:rows]
        # Two roundings, as the format says: to float32 after the product and after the sum.
        np.copyto(result, turned)
        result *= a
        result += b
        short = np.flatnonzero(valid < self.frames).tolist()
        gaps = None
        if counts.min(initial=0) == MISSING:
            gaps = turned == MISSING
            result[gaps] = 0
        for row in short:
            result[row, :, valid[row] :] = 0
        if gaps is not None and self.missing == "interpolated":
            for row, lead in np.argwhere(gaps.any(axis=2) & (self._present(records) == 1)).tolist():
                interpolate(result[row, lead, : valid[row]], gaps[row, lead, : valid[row]])
        if mask is not None:
            measured = np.ones(turned.shape, np.uint8) if gaps is None else (~gaps).astype(np.uint8)
            measured *= self._present(records)[:, :, None]
            for row in short:
                measured[row, :, valid[row] :] = 0
            self._put(measured, mask)
        if self.layout != "lead-major":
            self._put(result, values)

    def _gather(self, records, starts, valid):
        """Copies the counts of crops into the scratch memory; zero beyond a record's end."""
        size = self.frames * FRAME
        shards = self.columns.shard[records].tolist()
        files = {shard: self.signals.file(shard) for shard in set(shards)}
        firsts = (self.columns.byte[records] + starts * FRAME).tolist()
        lengths = (valid * FRAME).tolist()
        target = self._bytes
        place = 0
        for shard, first, length in zip(shards, firsts, lengths):
            target[place : place + length] = files[shard][first : first + length]
            if length < size:
                target[place + length : place + size] = bytes(size - length)
            place += size

    def _present(self, records):
        return (self.columns.lead_mask[records, None] >> np.arange(12, dtype=np.uint16) & 1).astype(np.uint8)

    def _put(self, rows, target):
        """Writes [n, 12, T] in the layout."""
        if self.layout == "lead-major":
            target[...] = rows
        else:
            target[..., :12] = rows.transpose(0, 2, 1)


def interpolate(line, gaps):
    """Fills the gaps of a lead in place: a straight line between neighbours in float32, held at both ends."""
    known = np.flatnonzero(~gaps)
    if not len(known):
        return
    places = np.flatnonzero(gaps)
    after = np.searchsorted(known, places)
    left = known[np.maximum(after - 1, 0)]
    right = known[np.minimum(after, len(known) - 1)]
    # Before the first value and after the last both neighbours are the same one.
    share = (places - left).astype(np.float32) / np.maximum(right - left, 1).astype(np.float32)
    line[places] = np.where(left == right, line[left], line[left] + (line[right] - line[left]) * share)
