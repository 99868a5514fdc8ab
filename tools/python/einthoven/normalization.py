"""How counts become the numbers that a model sees: x = float32(count) · a + b."""

import math

import numpy as np

from .errors import ECGError
from .layout import MISSING

NAMES = ("per-lead", "per-record", "robust", "none")
# Records whose spreads are kept; memory does not grow with the collection.
KEPT = 1 << 16


class Normalization:
    """The factors of records by lead.

    per-lead: millivolt less the lead's mean, by its standard deviation, both over the training folds, from the
    manifest. per-record: the same with mean and standard deviation of the lead in the whole record. robust: less the
    median, by 1/1.349 of the interquartile range, both of the whole record. none: millivolt.
    """

    def __init__(self, name, dataset):
        if name not in NAMES:
            raise ECGError(f'there is no normalization "{name}"', advice=f"there are {', '.join(NAMES)}")
        self.name = name
        self.columns, self.signals = dataset.columns, dataset.signals
        self.known = {}
        if name == "per-lead":
            # A lead that no training record has stays in millivolt.
            self.deviation = np.where(dataset.deviation > 0, dataset.deviation, 1.0)
            self.offset = (-dataset.mean / self.deviation).astype(np.float32)
        else:
            self.deviation, self.offset = np.ones(12), np.zeros(12, np.float32)

    def factors(self, records):
        """(a, b), float32 [n, 12] each; both are 0 for a lead that is absent."""
        present = self.columns.lead_mask[records, None] >> np.arange(12, dtype=np.uint16) & 1 == 1
        if self.name in ("per-lead", "none"):
            a = (self.columns.scale_uv[records].astype(np.float64) / 1000 / self.deviation).astype(np.float32)
            b = self.offset
        else:
            a, b = np.stack([self._own(record) for record in records.tolist()], axis=1)
        zero = np.float32(0)
        return np.where(present, a, zero), np.where(present, b, zero)

    def _own(self, record):
        """float32 [2, 12]: a and b of a record by its own samples."""
        found = self.known.get(record)
        if found is None:
            counts = np.frombuffer(self.signals.record(record), "<i2").reshape(-1, 12)
            spread = robust if self.name == "robust" else moments
            found = np.zeros((2, 12), np.float32)
            for lead in range(12):
                line = counts[:, lead]
                centre, width = spread(line[line != MISSING])
                if width > 0:
                    factor = (-1.0 if self.columns.scale_uv[record, lead] < 0 else 1.0) / width
                    found[:, lead] = factor, -centre * factor
            if len(self.known) < KEPT:
                self.known[record] = found
        return found


def moments(line):
    """Mean and standard deviation (n, not n - 1) of counts, from exact sums."""
    wide = line.astype(np.int64)
    count, first, second = len(wide), int(wide.sum()), int((wide * wide).sum())
    size = float(max(1, count))
    return first / size, math.sqrt(float(count * second - first * first)) / size


def robust(line):
    """Median, and interquartile range by 1.349; the standard deviation where half of the counts are equal."""
    ordered = np.sort(line)

    def quantile(share):
        if not len(ordered):
            return 0.0
        place = share * (len(ordered) - 1)
        below = int(place)
        lower, upper = (float(ordered[min(k, len(ordered) - 1)]) for k in (below, below + 1))
        return lower + (place - below) * (upper - lower)

    width = quantile(0.75) - quantile(0.25)
    return quantile(0.5), width / 1.349 if width > 0 else moments(line)[1]
