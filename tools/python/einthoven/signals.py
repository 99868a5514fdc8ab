"""The samples of shards, mapped into memory.

A mapping gives a crop in half the time of `os.pread` when the file is in the page cache, and is not slower when it is
not. Files of a finished conversion are never changed in place, so none shrinks beneath its mapping.
"""

import mmap
import os
import zlib
from collections import OrderedDict

import numpy as np

from .errors import ECGError
from .layout import FRAME


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

    def __init__(self, paths, columns):
        self.paths = paths
        self.columns = columns
        self.verified = np.zeros(len(columns.frames), bool)
        self._open = OrderedDict()
        self._limit = open_limit()
        self._end = np.zeros(len(paths), np.int64)
        np.maximum.at(self._end, columns.shard, columns.byte + columns.frames * FRAME)

    def file(self, shard):
        """The bytes of a shard file, a memoryview."""
        view = self._open.get(shard)
        if view is not None:
            self._open.move_to_end(shard)
            return view
        path = self.paths[shard]
        end = int(self._end[shard])
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
            try:
                size = os.fstat(descriptor).st_size
                if size < end:
                    raise ECGError(
                        f"ends before its records do, which need {end} bytes", code="mismatch", file=path, byte=size,
                        advice="restore the file, or convert again",
                    )  # fmt: skip
                view = memoryview(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ))
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
