"""A shard directory, open for reading."""

import operator

import numpy as np

from . import tasks
from .columns import joined
from .errors import ECGError
from .layout import LEADS
from .manifest import read_manifest
from .record import record
from .shard import read_shard
from .signals import Signals
from .stream import Stream


def open_dataset(directory):
    """Opens a shard directory and checks all of it but the samples, which are checked as they are read.

    Raises `ECGError` naming the file that is gone, was changed or disagrees with the manifest.
    """
    return Dataset(directory)


class Dataset:
    """Records of a shard directory in stored order.

    `len(dataset)` and `dataset[i]` give records; `columns` has what is known of them as NumPy arrays, `sources`,
    `codes`, `lead_flag_names` and `record_flag_names` what its numbers mean, `mean` and `deviation` (float64 [12], mV)
    the leads' statistics over the training folds, `recipe` how the records were treated, `files` the paths of its
    shards and `fingerprint` its identity.
    """

    def __init__(self, directory):
        self.directory = str(directory)
        manifest = read_manifest(self.directory)
        shards = [read_shard(self.directory, entry) for entry in manifest.shards]
        table = joined(shards)
        self.columns, self.sources, self.codes, self.lead_flag_names, self.record_flag_names = table
        self.files = [shard.path for shard in shards]
        self.fingerprint = manifest.fingerprint
        self.mean, self.deviation, self.recipe = manifest.mean, manifest.deviation, manifest.recipe
        self.signals = Signals(self.files, [shard.stamp for shard in shards], self.columns)

    def __len__(self):
        return len(self.columns.frames)

    def __getitem__(self, index):
        """Record `index`, with its samples checked and mapped."""
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"record {index} of {len(self)}")
        return record(self, index % len(self))

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __reduce__(self):
        # Another process opens the directory itself: mappings cannot be sent, and columns need not be.
        return _reopened, (self.directory, self.fingerprint)

    def tasks(self):
        """Names of the tasks that may be asked of some record here."""
        return [name for name in tasks.table() if self.targets(name)[1].any()]

    def classes(self, task):
        """Names of a task's classes, in the order of the columns of its targets."""
        return [entry["name"] for entry in tasks.task(task)["classes"]]

    def targets(self, task):
        """(float32 [n, classes] of 0 and 1, bool [n]: whether the task may be asked of the record)."""
        return tasks.targets(tasks.task(task), self.columns, self.sources, self.codes)

    def select(self, *, sources=None, folds=None, task=None, without=(), minimum_duration=None, leads=()):
        """Indices of the records that pass all filters, in stored order, int64.

        sources: names of sources, one of which a record is of. folds: numbers, such as range(1, 9). task: one that may
        be asked of the record. without: names of flags that neither it nor a lead of it may have. minimum_duration: in seconds.
        leads: names of leads that must be present.
        """
        columns = self.columns
        kept = np.ones(len(self), bool)
        if sources is not None:
            kept &= np.isin(columns.source, _places(_names(sources), self.sources, "source"))
        if folds is not None:
            try:
                folds = [operator.index(fold) for fold in folds]
            except TypeError:
                raise ECGError(f"folds {folds!r} are no numbers", advice="folds are such as range(1, 9)") from None
            kept &= np.isin(columns.fold, folds)
        if task is not None:
            kept &= self.targets(task)[1]
        flags = [*self.record_flag_names, *self.lead_flag_names]
        for bit in _places(_names(without), flags, "flag of a record or a lead"):
            if bit < len(self.record_flag_names):
                kept &= columns.record_flags >> bit & 1 == 0
            else:
                kept &= (columns.lead_flags >> (bit - len(self.record_flag_names)) & 1 == 0).all(1)
        if minimum_duration is not None:
            if not minimum_duration >= 0:
                raise ECGError(f"a minimum duration of {minimum_duration} s")
            kept &= columns.frames / columns.rate_hz.astype(np.float64) >= minimum_duration
        for lead in _places(_names(leads), LEADS, "lead"):
            kept &= columns.lead_mask >> lead & 1 == 1
        return np.flatnonzero(kept)

    def stream(self, **options):
        """A `Stream` of batches of crops; its options are described there."""
        return Stream(self, **options)


def _reopened(directory, fingerprint):
    dataset = Dataset(directory)
    if dataset.fingerprint != fingerprint:
        raise ECGError("was converted anew since it was opened", code="mismatch", file=directory)
    return dataset


def _names(names):
    return [names] if isinstance(names, str) else list(names)


def _places(names, table, what):
    for name in names:
        if name not in table:
            raise ECGError(f'there is no {what} "{name}"', advice=f"there are {', '.join(table) or 'none'}")
    return [list(table).index(name) for name in names]
