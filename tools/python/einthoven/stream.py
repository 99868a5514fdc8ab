"""The stream of batches of crops: the same for any number of ranks, and from wherever it is resumed."""

import hashlib
import math
import operator
from dataclasses import dataclass

import numpy as np

from .crops import CropReader
from .epoch import Order, Sampler, rounded, windows
from .errors import ECGError
from .splitmix import first_below

# More than any machine's batch, and more items than an epoch's order has memory for.
BYTE_LIMIT = 1 << 32
ITEM_LIMIT = 1 << 28


@dataclass(frozen=True, eq=False)
class Batch:
    """One step's crops of this rank; B rows, V views.

    values: float32 [B, 12, T], or as the stream's layout says; [V, B, ...] with several views. records: int64 [B],
    indices into the data set. starts: int64 [B], the frame of its record where each crop begins; [V, B] with several
    views. valid_frames: int64 [B], frames that are the record's; what follows is padding. epoch: from 0. mask: uint8 of
    the values' shape, 1 = a measured sample, if the stream has missing="masked", else None. A masked tail has fewer
    records than B; the other rows are 0.
    """

    values: np.ndarray
    records: np.ndarray
    starts: np.ndarray
    valid_frames: np.ndarray
    epoch: int
    mask: np.ndarray | None = None


class Stream:
    """An iterator of batches, epoch after epoch.

    batch: the global batch size G, of which each rank gets its share. crop: seconds. seed: of order and crops. records:
    indices of the records to take, as `Dataset.select` gives them; all unless told. epochs: the stream ends after so
    many, counted from the first; None is without end. order: "shuffled", "stored", or "window:K": shards are shuffled,
    and within them K items at a time, which reads large collections nearly in order. stride: seconds; every record
    gives windows so far apart instead of one random crop. weights: how often a source's records come in an epoch, by
    its name, 1 unless told. tail: "dropped", or "masked": what fills no batch comes as a last one with fewer rows.
    views: crops of each record. layout: "lead-major" [B, 12, T], "time-major" [B, T, 12] or "blocked" [B, T, 16].
    normalization: "per-lead", "per-record", "robust" or "none". missing: missing samples are "zeroed", "masked" (zero,
    and a mask says where) or "interpolated". integrity: a record's CRC-32 is checked at its "first-touch", "always", or
    "off". rank, world: this process of so many. state: where to go on.

    `frames` is T, `rate_hz` the crops' rate, `items` the number of items of an epoch, `steps` that of its batches.
    """

    def __init__(
        self, dataset, *, batch, crop, seed=0, records=None, epochs=None, order="shuffled", stride=None, weights=None,
        tail="dropped", views=1, layout="lead-major", normalization="per-lead", missing="zeroed", integrity="first-touch",
        rank=0, world=1, state=None,
    ):  # fmt: skip
        # All the options as given, so that the stream can be made anew in another process.
        self._options = {name: value for name, value in locals().items() if name not in ("self", "dataset", "state")}
        self.dataset = dataset
        self.batch = _integer(batch, "batch", 1)
        self.seed = _integer(seed, "seed", 0, (1 << 64) - 1)
        self.views = _integer(views, "views", 1, 1 << 16)
        self.world = _integer(world, "world", 1)
        self.rank = _integer(rank, "rank", 0, self.world - 1)
        self.epochs = None if epochs is None else _integer(epochs, "epochs", 0)
        if self.batch % self.world:
            raise ECGError(f"{self.world} ranks do not divide a batch of {self.batch}")
        if tail not in ("dropped", "masked"):
            raise ECGError(f'there is no tail "{tail}"', advice="there are dropped and masked")
        self.tail = tail
        self.records = _chosen(records, len(dataset))
        self.rate_hz = _rate(dataset, self.records)
        self.frames = self._frames(crop, "crop")
        channels = 16 if layout == "blocked" else 12
        if self.frames * channels * 4 * self.batch * self.views > BYTE_LIMIT:
            raise ECGError(f"{self.batch} crops of {crop} s at {self.rate_hz} Hz", advice="a batch holds up to 4 GiB")
        self.order = Order.parse(order)
        weights = _weights(weights, dataset)
        self._fixed = None
        if stride is None:
            self._sampler = Sampler(dataset, self.records, weights, self.seed)
            self.items = len(self._sampler)
        elif weights:
            raise ECGError("windows and weights together", advice="windows are for evaluation: leave weights away")
        else:
            self.stride = self._frames(stride, "stride")
            self._fixed = windows(self.records, dataset.columns.frames, self.frames, self.stride)
            self.items = len(self._fixed)
        if self.items > ITEM_LIMIT:
            raise ECGError(f"{self.items} items an epoch", advice="choose smaller weights")
        self.steps = self.items // self.batch + (tail == "masked" and self.items % self.batch > 0)
        if not self.steps:
            raise ECGError(
                f"a batch of {batch} from {self.items} items", advice=f"choose a batch from 1 to {self.items}"
            )
        self.reader = CropReader(dataset, self.frames, normalization, missing, layout, integrity)
        self.missing = missing
        name = self.order.algorithm
        if weights:
            name += "/weights(" + ",".join(f"{key}={weights[key]!r}" for key in sorted(weights)) + ")"
        if stride is not None:
            name += f"/windows({self.frames},{self.stride})"
        if tail == "masked":
            name += "/masked"
        self._identity = {
            "fingerprint": dataset.fingerprint, "order": name, "seed": self.seed, "batch": self.batch,
            "filter": _digest(dataset, self.records),
        }  # fmt: skip
        self._epoch, self._step = 0, 0
        self._ordered = None
        if state is not None:
            self._epoch, self._step = self.position(state)

    @property
    def state(self):
        """Where the stream stands: enough to go on exactly, also with another number of ranks. A dict for JSON."""
        return self.state_at(self._epoch, self._step)

    def state_at(self, epoch, step):
        """The state before a step of an epoch."""
        return dict(sorted({**self._identity, "epoch": epoch, "next": step * self.batch}.items()))

    def position(self, state):
        """(epoch, step) of a state of this stream; a state of another is an `ECGError`."""

        def refuse(what):
            return ECGError(f"the saved state is of another stream: {what}", advice="use the stream's own options")

        if not isinstance(state, dict):
            raise refuse("it is no object")
        for key, value in self._identity.items():
            found = state.get(key)
            if type(found) is not type(value) or found != value:
                raise refuse(
                    "other shards" if key == "fingerprint" else f"{key} {str(found)[:100]!r} instead of {value!r}"
                )
        epoch, delivered = state.get("epoch"), state.get("next")
        if not all(type(value) is int for value in (epoch, delivered)) or not (
            0 <= epoch <= 1 << 30 and 0 <= delivered < self.steps * self.batch and delivered % self.batch == 0
        ):
            raise refuse("no valid position")
        return epoch, delivered // self.batch

    def __reduce__(self):
        # Another process makes the stream anew from the data set that it opens itself.
        return _restored, (self.dataset, self._options, self.state)

    def __iter__(self):
        return self

    def __next__(self):
        if self.epochs is not None and self._epoch >= self.epochs:
            raise StopIteration
        batch = self.at(self._epoch, self._step)
        self._epoch, self._step = self.after(self._epoch, self._step)
        return batch

    def after(self, epoch, step):
        """The place after a step."""
        return (epoch, step + 1) if step + 1 < self.steps else (epoch + 1, 0)

    def at(self, epoch, step):
        """The batch of a step of an epoch, wherever the stream stands."""
        items, order = self._order_of(epoch)
        share = self.batch // self.world
        end = min((step + 1) * self.batch, self.items)
        begin = min(step * self.batch + self.rank * share, end)
        rows = order[begin : min(begin + share, end)]
        records = items.records[rows]
        shape = self.reader.shape(share)
        full = len(rows) == share and shape[-1] != 16
        values = (np.empty if full else np.zeros)((self.views, *shape), np.float32)
        mask = np.zeros(values.shape, np.uint8) if self.missing == "masked" else None
        starts = np.empty((self.views, len(rows)), np.int64)
        valid = np.empty(0, np.int64)
        for view in range(self.views):
            starts[view] = self._starts(items, rows, records, epoch, view)
            valid = self.reader.read(records, starts[view], values[view], None if mask is None else mask[view])
        if self.views == 1:
            values, starts, mask = values[0], starts[0], None if mask is None else mask[0]
        return Batch(values, records, starts, valid, epoch, mask)

    def _order_of(self, epoch):
        if self._ordered is None or self._ordered[0] != epoch:
            items = self._sampler.items(epoch) if self._fixed is None else self._fixed
            shards = self.dataset.columns.shard[items.records]
            self._ordered = (epoch, items, self.order.permutation(shards, self.seed, epoch))
        return self._ordered[1:]

    def _starts(self, items, rows, records, epoch, view):
        """Where crops begin: where the windows are, or a uniform place at which the whole crop fits."""
        if items.starts is not None:
            return items.starts[rows]
        columns = self.dataset.columns
        room = np.maximum(columns.frames[records] - self.frames, 0)
        prefix = b"crop" + self.seed.to_bytes(8, "little") + epoch.to_bytes(8, "little")
        keys = np.empty((len(rows), 2), "<u8")
        keys[:, 0] = columns.record_key[records]
        keys[:, 1] = items.occurrences[rows] * self.views + view
        states = b"".join([hashlib.sha256(prefix + key).digest()[:8] for key in keys.view("V16").ravel().tolist()])
        bounds = (room + 1).astype(np.uint64)
        return first_below(np.frombuffer(states, "<u8").astype(np.uint64), bounds).astype(np.int64)

    def _frames(self, seconds, what):
        try:
            frames = seconds * self.rate_hz
        except TypeError:
            raise ECGError(f"a {what} of {seconds!r}", advice=f"a {what} is a number of seconds") from None
        if not (math.isfinite(frames) and 0.5 <= frames < 1 << 40):
            raise ECGError(f"a {what} of {seconds} s at {self.rate_hz} Hz", advice="it takes at least one sample")
        return rounded(frames)


def _restored(dataset, options, state):
    return Stream(dataset, state=state, **options)


def _integer(value, what, low, high=1 << 40):
    try:
        value = operator.index(value)
    except TypeError:
        raise ECGError(f"{what} {value!r} is no integer") from None
    if not low <= value <= high:
        raise ECGError(f"{what} {value}", advice=f"it is from {low} to {high}")
    return value


def _chosen(records, count):
    """Records as a sorted int64 array."""
    if records is None:
        return np.arange(count)
    array = np.asarray(records)
    if array.ndim != 1 or array.size and array.dtype.kind not in "iu":
        raise ECGError("records are no list of indices", advice="take what Dataset.select gives")
    chosen = np.unique(array.astype(np.int64))
    if len(chosen) != len(array):
        raise ECGError("records name one twice", advice="weights make records come more often")
    if len(chosen) and not 0 <= chosen[0] <= chosen[-1] < count:
        raise ECGError(f"records from {chosen[0]} to {chosen[-1]}", advice=f"they are from 0 to {count - 1}")
    return chosen


def _rate(dataset, records):
    """The one sampling rate of records."""
    rates = np.unique(dataset.columns.rate_hz[records])
    if len(rates) == 1:
        return float(rates[0])
    if not len(rates):
        raise ECGError("no records are left", file=dataset.directory, advice="choose by other filters")
    shown = ", ".join(f"{rate} Hz" for rate in rates[:10])
    raise ECGError(
        f"holds records at {shown}", code="unsupported", file=dataset.directory, advice="convert with one --rate"
    )


def _weights(weights, dataset):
    """Weights other than 1, as floats by name."""
    found = {}
    if not isinstance(weights, (dict, type(None))):
        raise ECGError(f"weights {weights!r}", advice="weights are a dict of numbers by source")
    for name, weight in (weights or {}).items():
        if name not in dataset.sources:
            raise ECGError(f'there is no source "{name}"', advice=f"there are {', '.join(dataset.sources)}")
        try:
            found[name] = float(weight)
        except (TypeError, ValueError):
            raise ECGError(f"a weight of {weight!r}", advice="weights are numbers above 0") from None
        if not 0 < found[name] <= 1e6:
            raise ECGError(f"a weight of {weight} for {name}", advice="weights are above 0, and a million at most")
    return {name: weight for name, weight in found.items() if weight != 1}


def _digest(dataset, records):
    """Which records a stream takes: empty for all of the directory."""
    if len(records) == len(dataset):
        return ""
    keys = dataset.columns.record_key[records].astype("<u8").tobytes()
    return "sha256:" + hashlib.sha256(keys).hexdigest()[:16]
