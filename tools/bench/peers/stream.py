"""The peers of `bench stream`: each line of JSON on stdin is a round, answered by one on stdout.

    {"work": "memmap-loader", "folder": FOLDER, "seconds": 10}
    {"count": 127872, "seconds": 10.4, "checksum": 0}

    pip install numpy safetensors torch mosaicml-streaming

FOLDER/shards is a shard directory of records of one length. What a peer reads is made of it beside it, before the first
round. The works, each in batches of 64 crops of 2.5 s, Float32 [64, 12, T], in random order and normalised by lead:

memmap-loader    torch's DataLoader with two worker processes over a memory map of all records, Float32 [S, 12]: what
                 public code of ECG pretraining does.
mosaic           mosaicml-streaming's StreamingDataset, int16 [T, 12] in local MDS shards, under the same DataLoader.
python-loader    Einthoven's own loader in Python, in this process.
...-two-views    two crops of each record, each warped in time by a random resized crop and with a hole.

Both views count. Workers live through all rounds of a work. A round is whole passes, and a pass has every record so
often that it is EPOCH crops at least, about PTB-XL's epoch: a DataLoader begins and ends a pass with empty queues, which
would cost a small collection more. Contestants draw other crops, therefore the checksum is 0; shape, type, finiteness
and spread of the first pass's batches, and of each round's last, are asserted. "workers", "batch" and "epoch" in a line of
input change what is told here.
"""

import gc
import json
import os
import platform
import shutil
import sys
import time
from pathlib import Path

# What libraries print has no place among the answers.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(**values):
    print(json.dumps(values), file=ANSWERS, flush=True)


try:
    import numpy as np
    import torch
    from safetensors import safe_open
    from torch.utils.data import DataLoader, Dataset
except ModuleNotFoundError as error:
    say(missing=error.name)
    sys.exit(0)

try:
    import streaming
except ModuleNotFoundError:
    streaming = None

sys.path.append(str(Path(__file__).resolve().parents[2] / "python"))
try:
    import einthoven
except ModuleNotFoundError:
    einthoven = None

CROP = 2.5
MISSING = -32768
EPOCH = 20_000


class Collection:
    """A folder's records, and what peers read of them."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.manifest = json.loads((self.folder / "shards/manifest.json").read_bytes())
        self.mean = np.array(self.manifest["statistics"]["mean_mv"], np.float32)
        self.deviation = np.array(self.manifest["statistics"]["sd_mv"], np.float32)
        self.deviation[self.deviation == 0] = 1
        rates = set()
        for entry in self.manifest["shards"]:
            with safe_open(self.folder / "shards" / entry["file"], framework="numpy") as file:
                rates |= set(file.get_tensor("rate_hz").tolist())
        assert len(rates) == 1, f"records at {rates} Hz"
        self.frames = int(CROP * rates.pop() + 0.5)

    def records(self):
        """Each record's counts [T, 12] and mV per count; what is missing has the lead's mean."""
        for entry in self.manifest["shards"]:
            with safe_open(self.folder / "shards" / entry["file"], framework="numpy") as file:
                tensors = {name: file.get_tensor(name) for name in ("signal", "record_offset", "scale_uv", "lead_mask")}
            offsets = tensors["record_offset"].tolist()
            for row, (first, end) in enumerate(zip(offsets, offsets[1:])):
                counts, scale = tensors["signal"][first:end].copy(), tensors["scale_uv"][row] / np.float32(1000)
                assert len(counts) >= self.frames, "a record is shorter than the crop"
                mean = np.rint(self.mean / np.where(scale == 0, 1, scale)).astype(np.int16)
                is_absent = (int(tensors["lead_mask"][row]) >> np.arange(12)) & 1 == 0
                yield np.where((counts == MISSING) | is_absent, mean, counts), scale

    def made(self, name, make):
        """The folder `name` beside the shards, which `make` writes once."""
        path = self.folder / name
        if not path.exists():
            unfinished = self.folder / f".{name}"
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(path)
        return path

    def write_memmap(self, path):
        path.mkdir()
        lengths = np.array([len(counts) for counts, _ in self.records()])
        np.save(path / "lengths.npy", lengths)
        np.save(path / "starts.npy", np.cumsum(lengths) - lengths)
        signal = np.lib.format.open_memmap(path / "signal.npy", "w+", np.float32, (int(lengths.sum()), 12))
        first = 0
        for counts, scale in self.records():
            signal[first : first + len(counts)] = counts * scale
            first += len(counts)
        signal.flush()

    def write_mds(self, path):
        with streaming.MDSWriter(out=str(path), columns={"signal": "bytes", "scale": "bytes"}) as writer:
            for counts, scale in self.records():
                writer.write({"signal": counts.astype("<i2").tobytes(), "scale": scale.tobytes()})


# Each worker's own.
random = np.random.default_rng(0)


def seed_worker(_):
    global random
    random = np.random.default_rng(torch.initial_seed())


class Views:
    """Draws what a record contributes to a batch: tensors [12, T]."""

    def __init__(self, collection, count):
        self.frames, self.mean, self.deviation = collection.frames, collection.mean, collection.deviation
        self.count = count

    def __call__(self, read, length):
        """`read` gives the samples of a range as Float32 [T, 12] of its own."""
        if self.count == 1:
            return torch.from_numpy(self.crop(read, length).T)
        crops = [self.crop(read, length) for _ in range(self.count)]
        return tuple(torch.from_numpy(time_out(resized_crop(x)).T) for x in crops)

    def crop(self, read, length):
        start = random.integers(length - self.frames + 1)
        x = read(start, start + self.frames)
        x -= self.mean
        x /= self.deviation
        return x


def resized_crop(x):
    """A sub-window of U(0.5, 1) of `x`, spread over its length: at random places, lines between them."""
    length = len(x)
    size = max(2, round(random.uniform(0.5, 1) * length))
    start = random.integers(length - size + 1)
    inner = random.choice(length - 2, size - 2, replace=False, shuffle=False)
    inner.sort()
    places = np.concatenate(([0], inner + 1, [length - 1]))
    # All leads at once are faster than numpy.interp of each.
    where = np.interp(np.arange(length), places, np.arange(start, start + size))
    left = np.minimum(where.astype(np.int64), start + size - 2)
    weight = (where - left).astype(np.float32)
    before = x[left]
    return before + (x[left + 1] - before) * weight[:, None]


def time_out(x):
    """`x` with U(0.2, 0.4) of its length zeroed."""
    size = round(random.uniform(0.2, 0.4) * len(x))
    start = random.integers(len(x) - size + 1)
    x[start : start + size] = 0
    return x


class MemmapCrops(Dataset):
    def __init__(self, path, views, repeats):
        self.signal = np.load(path / "signal.npy", mmap_mode="r")
        self.starts = np.tile(np.load(path / "starts.npy"), repeats)
        self.lengths = np.tile(np.load(path / "lengths.npy"), repeats)
        self.views = views

    def __len__(self):
        return len(self.starts)

    def __getitem__(self, index):
        first = self.starts[index]
        return self.views(lambda start, end: np.array(self.signal[first + start : first + end]), self.lengths[index])


if streaming:

    class MosaicCrops(streaming.StreamingDataset):
        def __init__(self, path, views, repeats, batch):
            stream = streaming.Stream(local=str(path), repeat=repeats)
            super().__init__(streams=[stream], batch_size=batch, shuffle=True)
            self.views = views

        def __getitem__(self, index):
            sample = super().__getitem__(index)
            counts = np.frombuffer(sample["signal"], "<i2").reshape(-1, 12)
            scale = np.frombuffer(sample["scale"], np.float32)
            return self.views(lambda start, end: counts[start:end] * scale, len(counts))


class Contestant:
    """What iterates over one pass of a work after another."""

    def __init__(self, work, folder, workers, batch, epoch):
        collection = Collection(folder)
        count = collection.manifest["counts"]["stored"]
        self.shape = (batch, 12, collection.frames)
        name, views = work.removesuffix("-two-views"), Views(collection, 2 if work.endswith("-two-views") else 1)
        repeats = -(-epoch // (count * views.count))
        if name == "python-loader":
            assert views.count == 1, "the loader in Python has no augmentations"
            self.stream = einthoven.open_dataset(collection.folder / "shards").stream(
                batch=batch, crop=CROP, seed=0, epochs=None
            )
            self.batches = iter(self.stream)
            self.steps = repeats * (count // batch)
            return
        self.batches = None
        if name == "mosaic":
            path = collection.made("mds", collection.write_mds)
            dataset = MosaicCrops(path, views, repeats, batch)
        else:
            assert name == "memmap-loader", f"there is no work {work}"
            path = collection.made("memmap", collection.write_memmap)
            dataset = MemmapCrops(path, views, repeats)
        self.loader = DataLoader(
            dataset,
            batch_size=batch,
            shuffle=name != "mosaic",
            num_workers=workers,
            drop_last=True,
            persistent_workers=workers > 0,
            worker_init_fn=seed_worker,
        )

    def each(self):
        """One pass: of each batch the list of its views."""
        if self.batches:
            for _ in range(self.steps):
                yield [next(self.batches).values]
            return
        for batch in self.loader:
            yield batch if isinstance(batch, (list, tuple)) else [batch]

    def check(self, batch):
        for view in batch:
            view = np.asarray(view)
            assert view.shape == self.shape and view.dtype == np.float32, (view.shape, view.dtype)
            assert np.isfinite(view).all() and 0.2 < view.std() < 5, view.std()


def main():
    versions = f"torch {torch.__version__}, NumPy {np.__version__}, Python {platform.python_version()}"
    if streaming:
        versions += f", mosaicml-streaming {streaming.__version__}"
    lacking = [name for name, module in (("streaming", streaming), ("einthoven", einthoven)) if not module]
    say(versions=versions, lacking=lacking)
    torch.set_num_threads(1)
    current, contestant = None, None
    for line in sys.stdin:
        command = json.loads(line)
        wanted = (
            command["work"],
            command["folder"],
            command.get("workers", 2),
            command.get("batch", 64),
            command.get("epoch", EPOCH),
        )
        if wanted != current:
            # The workers of the one before have to be gone.
            contestant = None
            gc.collect()
            contestant = Contestant(*wanted)
            current = wanted
            # Starts the workers.
            for batch in contestant.each():
                contestant.check(batch)
        count, start = 0, time.perf_counter()
        while True:
            for batch in contestant.each():
                count += len(batch) * len(batch[0])
            seconds = time.perf_counter() - start
            if seconds >= command["seconds"]:
                break
        contestant.check(batch)
        say(count=count, seconds=seconds, checksum=0)


if __name__ == "__main__":
    main()
