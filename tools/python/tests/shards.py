"""Shards to test with, made once by the built `einthoven` that the environment variable EINTHOVEN names."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from functools import cache
from pathlib import Path

try:
    import einthoven
except ImportError:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    import einthoven

TOOL = os.environ.get("EINTHOVEN")
needs_tool = unittest.skipUnless(TOOL, "EINTHOVEN does not name the built tool")


@cache
def folder():
    path = tempfile.mkdtemp(prefix="einthoven-tests-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)


def run(*arguments):
    done = subprocess.run([TOOL, *map(str, arguments)], capture_output=True, text=True)
    # A conversion that leaves records out exits with 1.
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: {done.stderr}")


@cache
def collections():
    """Three collections: records with missing samples, of many lengths, and at two rates."""
    defects = {"ptb-xl": "missing-samples=0.2,flat-lead=0.1,short-record=0.1", "cpsc2018-wfdb": "missing-samples=0.3"}
    paths = []
    for seed, (layout, count) in enumerate((("ptb-xl", 80), ("cpsc2018-wfdb", 40), ("code-15", 30))):
        path = folder() / layout
        planted = ["--defects", defects[layout]] if layout in defects else []
        run("simulate", path, "--layout", layout, "--records", count, "--seed", seed + 3, "--quiet", *planted)
        paths.append(path)
    return paths


@cache
def mixed():
    """Some 150 records of three sources at 100 Hz in many small shards."""
    path = folder() / "mixed"
    run("convert", *collections(), "--rate", 100, "--output", path, "--shard-size", 300_000, "--quiet")
    return path


@cache
def native():
    """Records at 500 and at 400 Hz."""
    path = folder() / "native"
    run("convert", collections()[0], collections()[2], "--output", path, "--quiet")
    return path


@cache
def dataset():
    return einthoven.open_dataset(mixed())


def copy(name):
    """A copy of the mixed shards that a test may damage."""
    path = folder() / name
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(mixed(), path)
    return path
