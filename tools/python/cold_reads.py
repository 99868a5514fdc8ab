"""How fast the disk gives a loader its crops when nothing of the shards is in memory.

    python tools/python/cold_reads.py SHARDS [--crop 2.5] [--threads 1 2 4 8] [--look-ahead 1 64 1024]

Drops the shards from the page cache, then reads crops as a loader does: the records in random order, each N of them (the
look-ahead) sorted by shard and offset, k threads taking one after the other, a `pread` a crop. This is the bound of what
`einthoven stream` can deliver cold; --drop only drops, so that the stream can be measured next. A loader that checks the
CRC-32 of what it reads for the first time reads whole records: --crop 10.

Behind a virtual disk is often a cache that is not ours to drop: what has been read once comes back much faster. Therefore
each row of N and k has a part of the epoch to itself, read twice: pass 1 is the disk, if neither the shards nor a copy of
them have been read or written lately, pass 2 that cache. For comparison, at the end: the shards from front to end, and the
last row's crops when they are in memory, where Python itself is the bound.

MB/s and crops/s are of crops. `disk` is what the disk delivered for each byte of crops: pages are read whole and the
kernel reads ahead; --no-readahead tells it not to. `kept` is the share of the shards that was in memory when the pass
began: over 0, the drop has failed and the row says nothing.

Linux only. Needs numpy and, for the module beside it, safetensors.
"""

import argparse
import ctypes
import itertools
import math
import mmap
import os
import platform
import sys
import threading
import time
from pathlib import Path

import numpy as np

from shard_directory import read_header, read_manifest

BLOCK = 8 << 20


class Shard:
    def __init__(self, path):
        length, header = read_header(path)
        self.descriptor = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self.descriptor).st_size

        def column(name, kind):
            """Reads no byte beside it, as a memory map would."""
            first, end = header[name]["data_offsets"]
            return np.frombuffer(os.pread(self.descriptor, end - first, 8 + length + first), kind).tolist()

        self.signal = 8 + length + header["signal"]["data_offsets"][0]
        self.offsets = column("record_offset", "<u8")
        self.rates = column("rate_hz", "<f4")

    def drop(self):
        # Only clean pages can be dropped.
        os.fsync(self.descriptor)
        os.posix_fadvise(self.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def pages_in_memory(self):
        with mmap.mmap(self.descriptor, 0, prot=mmap.PROT_READ) as view:
            content = np.frombuffer(view, np.uint8)
            pages = np.zeros(-(-self.size // mmap.PAGESIZE), np.uint8)
            address, size = ctypes.c_void_p(content.ctypes.data), ctypes.c_size_t(self.size)
            if ctypes.CDLL(None, use_errno=True).mincore(address, size, ctypes.c_void_p(pages.ctypes.data)) != 0:
                raise OSError(ctypes.get_errno(), "mincore")
            del content
        return int((pages & 1).sum()), len(pages)


def drop(shards, is_whole_cache):
    """Drops the shards; the share that is there nevertheless."""
    for shard in shards:
        shard.drop()
    if is_whole_cache:
        try:
            Path("/proc/sys/vm/drop_caches").write_text("1\n")
        except OSError as error:
            sys.exit(f"--drop-caches: {error}")
    found = [shard.pages_in_memory() for shard in shards]
    return sum(there for there, _ in found) / sum(pages for _, pages in found)


def crops_of(shards, seconds, random):
    """(shard, first byte, bytes) of one crop of each record, in stored order."""
    crops = []
    for number, shard in enumerate(shards):
        for rate, first, end in zip(shard.rates, shard.offsets, shard.offsets[1:]):
            frames = min(math.floor(seconds * rate + 0.5), end - first)
            start = first + int(random.integers(end - first - frames + 1))
            crops.append((number, shard.signal + start * 24, frames * 24))
    return crops


def in_loader_order(crops, look_ahead):
    groups = (sorted(crops[start : start + look_ahead]) for start in range(0, len(crops), look_ahead))
    return list(itertools.chain.from_iterable(groups))


def read_all(shards, reads, threads):
    """Reads all, in order of start; the seconds it takes."""
    descriptors = [shard.descriptor for shard in shards]
    largest = max(size for _, _, size in reads)
    # Under the interpreter's lock a step of it is whole: each read is taken once.
    todo, failures = iter(reads), []

    def work():
        buffer = memoryview(bytearray(largest))
        for shard, first, size in todo:
            if os.preadv(descriptors[shard], [buffer[:size]], first) != size:
                failures.append((shard, first))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - start
    if failures:
        sys.exit(f"{len(failures)} reads came back short, the first in shard {failures[0][0]} at byte {failures[0][1]}")
    return seconds


def bytes_from_disk():
    lines = Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["read_bytes"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shards", help="the shard directory")
    parser.add_argument("--crop", type=float, default=2.5, help="seconds")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--look-ahead", type=int, nargs="+", default=[1, 64, 1024])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--drop", action="store_true", help="drop the shards and end")
    parser.add_argument("--no-readahead", action="store_true", help="POSIX_FADV_RANDOM")
    parser.add_argument("--drop-caches", action="store_true", help="drop the whole page cache too; as root")
    arguments = parser.parse_args()
    if platform.system() != "Linux":
        sys.exit("cold_reads.py needs Linux")
    random = np.random.default_rng(arguments.seed)
    entries = read_manifest(arguments.shards)["shards"]
    shards = [Shard(Path(arguments.shards) / entry["file"]) for entry in entries]
    if arguments.drop:
        print(f"{drop(shards, arguments.drop_caches):.2f} of the shards is still in memory")
        return
    if arguments.no_readahead:
        for shard in shards:
            os.posix_fadvise(shard.descriptor, 0, 0, os.POSIX_FADV_RANDOM)
    crops = crops_of(shards, arguments.crop, random)
    order = random.permutation(len(crops)).tolist()
    rows = [(look_ahead, threads) for look_ahead in arguments.look_ahead for threads in arguments.threads]
    asked, size = sum(size for _, _, size in crops), sum(shard.size for shard in shards)
    print(f"{len(crops)} crops, {asked / 1e6:.1f} of {size / 1e6:.1f} MB; {len(crops) // len(rows)} crops a row")
    print(f"{'order':>16} {'threads':>7} {'pass':>4} {'seconds':>8} {'MB/s':>8} {'crops/s':>8} {'disk':>5} {'kept':>5}")

    def row(name, reads, threads, time_of, is_cold=True, is_crops=True):
        kept = drop(shards, arguments.drop_caches) if is_cold else 1
        before = bytes_from_disk()
        seconds = read_all(shards, reads, threads)
        size = sum(size for _, _, size in reads)
        rate = f"{len(reads) / seconds:8.0f}" if is_crops else " " * 8
        print(
            f"{name:>16} {threads:7} {time_of:4} {seconds:8.3f} {size / seconds / 1e6:8.1f} {rate} "
            f"{(bytes_from_disk() - before) / size:5.2f} {kept:5.2f}",
            flush=True,
        )

    for number, (look_ahead, threads) in enumerate(rows):
        part = order[number * len(order) // len(rows) : (number + 1) * len(order) // len(rows)]
        reads = in_loader_order([crops[record] for record in part], look_ahead)
        for time_of in (1, 2):
            row(f"look-ahead {look_ahead}", reads, threads, time_of)
    read_all(shards, reads, 1)
    row("in memory", reads, 1, 1, is_cold=False)
    for shard in shards:
        os.posix_fadvise(shard.descriptor, 0, 0, os.POSIX_FADV_NORMAL)
    blocks = [
        (number, first, min(BLOCK, shard.size - first))
        for number, shard in enumerate(shards)
        for first in range(0, shard.size, BLOCK)
    ]
    for time_of in (1, 2):
        row("front to end", blocks, 1, time_of, is_crops=False)


if __name__ == "__main__":
    main()
