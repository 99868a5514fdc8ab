"""The samples of shards, mapped into memory.

A mapping gives a crop in half the time of `os.pread` when the file is in the page cache, and is not slower when it is
not. A file that shrinks in the moment between its check and its reading ends the process (SIGBUS): shards are not to be
changed in place while they are read.
"""

import mmap
import os
import zlib
from collections import OrderedDict

import numpy as np

from .errors import ECGError
from .layout import FRAME
from .shard import stamp_of


def open_limit():
    """How many shards stay mapped: a mapping keeps its file open, and the system limits open files."""
    try:
        import resource
    except ImportError:  # Windows has no such limit.
        return 512
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 1 << 16 if soft == resource.RLIM_INFINITY else max(16, soft // 2)


class Signals:
    """Reads records' bytes; from one thread at a time."""

    def __init__(self, paths, stamps, columns):
        self.paths = paths
        self.stamps = stamps
        self.columns = columns
        self.verified = np.zeros(len(columns.frames), bool)
        self._open = OrderedDict()
        self._limit = open_limit()

    def file(self, shard):
        """The bytes of a shard file, a memoryview; the file is the one that was opened first, and unchanged."""
        path = self.paths[shard]
        try:
            if stamp_of(os.stat(path)) != self.stamps[shard]:
                raise ECGError(
                    "was changed or replaced since the data set was opened", code="mismatch", file=path,
                    advice="restore the file, or open the data set again",
                )  # fmt: skip
            view = self._open.get(shard)
            if view is not None:
                self._open.move_to_end(shard)
                return view
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
            try:
                view = memoryview(mmap.mmap(descriptor, self.stamps[shard].size, access=mmap.ACCESS_READ))
            finally:
                os.close(descriptor)
        except OSError as error:
            raise ECGError(f"cannot be read: {error.strerror}", code="input-output", file=path) from None
        self._open[shard] = view
        if len(self._open) > self._limit:
            # Unmapped once no crop or record of it is in use.
            self._open.popitem(last=False)
        return view

    def record(self, record):
        """All bytes of a record, a memoryview, unchecked."""
        begin = int(self.columns.byte[record])
        return self.file(int(self.columns.shard[record]))[begin : begin + int(self.columns.frames[record]) * FRAME]

    def verify(self, record):
        """Compares a record with its CRC-32."""
        if self.columns.frames[record] and zlib.crc32(self.record(record)) != self.columns.signal_crc32[record]:
            raise ECGError(
                "the signal was changed after it was written: its CRC-32 does not agree", code="mismatch",
                file=self.paths[self.columns.shard[record]], record=self.columns.record_id[record].decode(errors="replace"),
                byte=int(self.columns.byte[record]), advice="restore the shard, or convert again",
            )  # fmt: skip
        self.verified[record] = True

    def counts(self, record):
        """int16 [frames, 12] of a record, read-only; the first reading checks its CRC-32."""
        if not self.verified[record]:
            self.verify(record)
        return np.frombuffer(self.record(record), "<i2").reshape(-1, 12)
