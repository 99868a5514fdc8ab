"""Measures crops a second of the Python package, and of a torch DataLoader over numpy.memmap beside it.

    python tools/python/loader_speed.py SHARDS [--workers 2]

All deliver batches of 64 normalised crops of 2.5 s, float32 [64, 12, T], from random places of all records in random
order; the best of several epochs is told, the first one left out. PyTorch is needed for the comparison alone.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from einthoven import open_dataset


def best(batches, count, epochs):
    """Crops a second of the fastest epoch but the first; `batches` gives an epoch's batches."""
    rates = []
    for _ in range(epochs):
        begin, crops = time.perf_counter(), 0
        for batch in batches():
            crops += count(batch)
        rates.append(crops / (time.perf_counter() - begin))
    return round(max(rates[1:]))


def memmap_dataset(dataset, path, frames):
    """A data set as it is usually written: one array in a file, a random crop of a record, normalised."""
    import torch

    offset = np.concatenate([[0], np.cumsum(dataset.columns.frames)])
    counts = np.memmap(path, np.int16, "w+", shape=(int(offset[-1]), 12))
    for index, record in enumerate(dataset):
        counts[offset[index] : offset[index + 1]] = record.counts
    counts.flush()

    class Crops(torch.utils.data.Dataset):
        def __init__(self):
            self.counts = np.memmap(path, np.int16, "r", shape=counts.shape)
            self.scale = dataset.columns.scale_uv[:, :, None] / 1000
            self.mean, self.deviation = (row[:, None].astype(np.float32) for row in (dataset.mean, dataset.deviation))

        def __len__(self):
            return len(self.scale)

        def __getitem__(self, index):
            first, end = int(offset[index]), int(offset[index + 1])
            first += int(torch.randint(0, max(1, end - first - frames + 1), ()))
            crop = self.counts[first : first + frames].T * self.scale[index]
            return torch.from_numpy((crop - self.mean) / self.deviation)

    return Crops()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", help="the shard directory; records of at least 2.5 s")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=6)
    arguments = parser.parse_args()
    dataset = open_dataset(arguments.shards)
    options = {"batch": 64, "crop": 2.5}
    stream = dataset.stream(**options)

    def epoch():
        return (next(stream) for _ in range(stream.steps))

    rate = best(epoch, lambda batch: len(batch.records), arguments.epochs)
    print(f"einthoven, one thread: {rate} crops/s")
    try:
        import torch
        from torch.utils.data import DataLoader

        from einthoven.torch import StreamDataset
    except ImportError:
        print("PyTorch is not installed: nothing to compare with")
        return
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        crops = memmap_dataset(dataset, Path(folder) / "counts", stream.frames)
        for workers in sorted({0, arguments.workers}):
            loader = DataLoader(crops, 64, True, num_workers=workers, persistent_workers=workers > 0, drop_last=True)
            found = best(lambda: loader, len, arguments.epochs)
            print(
                f"DataLoader over numpy.memmap, {workers} workers: {found} crops/s; einthoven: {rate / found:.1f} times"
            )
        for workers in sorted({0, arguments.workers}):
            ours = StreamDataset(dataset, **options)
            loader = DataLoader(ours, batch_size=None, num_workers=workers, persistent_workers=workers > 0)
            found = best(lambda: loader, lambda batch: len(batch.records), arguments.epochs)
            print(f"einthoven.torch, {workers} workers: {found} crops/s")


if __name__ == "__main__":
    main()
