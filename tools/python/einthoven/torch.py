"""Streams as tensors for PyTorch's DataLoader, in the order of the stream for any number of workers.

    from torch.utils.data import DataLoader
    from einthoven.torch import StreamDataset

    crops = StreamDataset(dataset, batch=64, crop=2.5, seed=0, records=dataset.select(folds=range(1, 9)))
    loader = DataLoader(crops, batch_size=None, num_workers=2, persistent_workers=True)
    for epoch in range(10):
        for batch in loader:
            loss = step(batch.values.cuda(non_blocking=True))
            state = batch.state  # what to save: all up to this batch was delivered

One iteration over the loader is one epoch; the next goes on with the next epoch. Worker w of k makes the steps w, w +
k, ... of an epoch, and DataLoader takes turns among its workers, so batches come in the order of the stream.
"""

from dataclasses import dataclass, replace

import torch
from torch.utils.data import IterableDataset, get_worker_info

from .errors import ECGError
from .stream import Stream

# Counters of iterations, a worker each; the process itself is worker 0 where there are none.
WORKERS = 1024


@dataclass(frozen=True, eq=False)
class TensorBatch:
    """A `Batch` of tensors, and `state`: the state of the stream once this batch was delivered."""

    values: torch.Tensor
    records: torch.Tensor
    starts: torch.Tensor
    valid_frames: torch.Tensor
    epoch: int
    mask: torch.Tensor | None
    state: dict

    def pin_memory(self, device=None):
        """The batch in page-locked memory, as DataLoader's pin_memory asks for it."""
        pinned = {name: value.pin_memory() for name, value in vars(self).items() if torch.is_tensor(value)}
        return replace(self, **pinned)

    def __reduce__(self):
        # Each tensor that a worker sends costs most of a millisecond of its own: small ones go by value.
        small = tuple(tensor.numpy() for tensor in (self.records, self.starts, self.valid_frames))
        return _received, (self.values, *small, self.epoch, self.mask, self.state)


def _received(values, records, starts, valid_frames, epoch, mask, state):
    small = (torch.from_numpy(array) for array in (records, starts, valid_frames))
    return TensorBatch(values, *small, epoch, mask, state)


class StreamDataset(IterableDataset):
    """The epochs of a stream as an iterable of `TensorBatch`; for DataLoader with batch_size=None.

    Takes the options of `Stream`. `state` is where the first iteration begins: a saved state to go on with, and it may
    be set again, between iterations. Batches that workers made ahead but did not deliver are in no batch's state.
    """

    def __init__(self, dataset, **options):
        super().__init__()
        self.stream = Stream(dataset, **options)
        # Shared with the workers, whose copies of all else end with them unless they persist. A worker writes its own
        # counter only, so that how far ahead another one is does not matter.
        self._start = torch.tensor(self.stream.position(self.stream.state)).share_memory_()
        self._iterations = torch.zeros(WORKERS, dtype=torch.int64).share_memory_()

    @property
    def state(self):
        """Where the first iteration begins."""
        return self.stream.state_at(*self._start.tolist())

    @state.setter
    def state(self, state):
        self._start.copy_(torch.tensor(self.stream.position(state)))
        self._iterations.zero_()

    def __len__(self):
        """Batches of an epoch."""
        return self.stream.steps

    def __iter__(self):
        # Not itself a generator: an iteration is counted when it begins, not when its first batch is asked for.
        info = get_worker_info()
        worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
        if workers > WORKERS:
            raise ECGError(f"{workers} workers", advice=f"{WORKERS} at most")
        epoch, step = self._start.tolist()
        iteration = int(self._iterations[worker])
        self._iterations[worker] += 1
        return self._batches(epoch + iteration, step if iteration == 0 else 0, worker, workers)

    def _batches(self, epoch, first, worker, workers):
        stream = self.stream
        if stream.epochs is not None and epoch >= stream.epochs:
            return
        for step in range(first + worker, stream.steps, workers):
            batch = stream.at(epoch, step)
            yield TensorBatch(
                *(torch.from_numpy(array) for array in (batch.values, batch.records, batch.starts, batch.valid_frames)),
                epoch,
                None if batch.mask is None else torch.from_numpy(batch.mask),
                stream.state_at(*stream.after(epoch, step)),
            )
