"""The commit of a shard directory, `manifest.json`."""

import hashlib
import os
import re
from dataclasses import dataclass

import numpy as np

from .errors import ECGError
from .jsontext import Fields, parse
from .layout import LEADS

NAME = "manifest.json"
# A million shards' entries are some 300 MB.
LIMIT = 1 << 30


@dataclass(frozen=True)
class ShardEntry:
    """What the manifest says of a shard."""

    file: str
    bytes: int
    records: int
    samples: int
    plan_sha256: str
    place: int
    count: int
    codes: tuple


@dataclass(frozen=True)
class Manifest:
    """The manifest, checked: `mean` and `deviation` are float64 [12] in mV, of the training folds."""

    path: str
    fingerprint: str
    shards: tuple
    mean: np.ndarray
    deviation: np.ndarray
    recipe: dict


def read_manifest(directory):
    """Reads and checks the manifest of a directory: its own SHA-256, its fingerprint, its sums."""
    path = os.path.join(directory, NAME)
    if not os.path.isdir(directory):
        raise ECGError("is no directory", code="not-found", file=directory)
    try:
        with open(path, "rb") as file:
            data = file.read(LIMIT + 1)
    except FileNotFoundError:
        raise ECGError(
            f"is no shard directory: it has no {NAME}", code="not-found", file=directory,
            advice="an unfinished conversion goes on if it is run again; einthoven rebuild makes a lost manifest anew",
        ) from None  # fmt: skip
    except OSError as error:
        raise ECGError(f"cannot be read: {error.strerror}", code="input-output", file=path) from None
    if len(data) > LIMIT:
        raise ECGError(f"has more than {LIMIT} bytes", code="unsupported", file=path)
    fields = Fields(parse(data, path), path)
    version = fields.text("format_version")
    if fields.text("format") != "ecg-shard" or version.split(".")[0] != "1":
        raise ECGError(
            f"is of format {fields.text('format')} {version}; ecg-shard 1.x is read", code="unsupported", file=path
        )
    own = fields.text("sha256")
    if (
        not re.fullmatch("[0-9a-f]{64}", own)
        or hashlib.sha256(data.replace(own.encode(), b"0" * 64)).hexdigest() != own
    ):
        raise ECGError(
            "was changed after it was written: its own SHA-256 does not agree", code="mismatch", file=path,
            advice="restore it, or convert again",
        )  # fmt: skip
    shards, digests = _shards(fields)
    fingerprint = fields.text("fingerprint")
    if hashlib.sha256("".join(digests).encode()).hexdigest() != fingerprint:
        raise ECGError("its fingerprint does not agree with its shards' SHA-256s", code="mismatch", file=path)
    if fields.texts("leads") != list(LEADS):
        raise ECGError("its leads are not the twelve in canonical order", code="unsupported", file=path)
    if sum(shard.records for shard in shards) != fields.object("counts").integer("stored"):
        raise ECGError("its counts do not add up to its shards' records", code="malformed", file=path)
    statistics = fields.object("statistics")
    mean, deviation = (np.array(statistics.numbers(key)) for key in ("mean_mv", "sd_mv"))
    tiny = np.finfo(np.float64).tiny
    if (
        mean.shape != (12,) or deviation.shape != (12,) or not np.isfinite(mean).all()
        or not (np.isfinite(deviation) & ((deviation == 0) | (deviation >= tiny))).all()
    ):  # fmt: skip
        raise ECGError(
            "its statistics are no means and standard deviations of twelve leads", code="malformed", file=path
        )
    return Manifest(path, fingerprint, shards, mean, deviation, fields.object("recipe").value)


def _shards(fields):
    """The entries in order, each with its place in its generation, and their SHA-256s."""
    places = []
    for generation in fields.objects("generations"):
        count = generation.integer("shards", high=1_000_000)
        if len(places) + count > 1_000_000:
            raise fields.error("has more than a million shards")
        plan, codes = generation.text("plan_sha256"), tuple(generation.texts("codes"))
        places += [(plan, place, count, codes) for place in range(count)]
    entries = fields.objects("shards")
    if len(entries) != len(places):
        raise fields.error("are not those of its generations", "shards")
    shards, digests, names = [], [], set()
    for entry, place in zip(entries, places):
        name = entry.text("file")
        if not name or name.startswith("/") or "\0" in name or "\\" in name or ".." in name.split("/"):
            raise entry.error("is a file outside its directory", "file")
        if name in names:
            raise entry.error("is named twice", "file")
        names.add(name)
        digests.append(entry.text("sha256"))
        shards.append(ShardEntry(name, *(entry.integer(key) for key in ("bytes", "records", "samples")), *place))
    return tuple(shards), digests
