"""Compares what SciPy reads of our MAT-files with what it reads of those that they were made from.

    EINTHOVEN_MAT_FOLDER=FOLDER swift test --filter MATWriterTests
    python tools/python/check_mat.py FOLDER

The test writes each file of Fixtures/golden/mat that it reads, NAME.mat, as NAME.VARIANT.mat: of level 4, or of level 5,
uncompressed or at a level of zlib. Classes, shapes and values are compared to the last bit. Exit code 1 if one differs.
"""

import argparse
import sys
import warnings
from pathlib import Path

import numpy as np
import scipy.io

GOLDEN = Path(__file__).resolve().parents[2] / "Fixtures" / "golden" / "mat"


def read(path, is_written):
    """The variables by name; of classes where SciPy keeps them, of complex arrays without."""
    is_big = "_big" in path.name and not is_written
    codec = {} if "level4" in path.name else {"uint16_codec": "utf_16_be" if is_big else "utf_16_le"}
    with warnings.catch_warnings(action="ignore"):
        found = scipy.io.loadmat(path, mat_dtype=True, **codec)
    plain = scipy.io.loadmat(path, **codec)
    found |= {name: value for name, value in plain.items() if np.iscomplexobj(value)}
    return {name: value for name, value in found.items() if not name.startswith("__")}


def same(mine, theirs):
    if isinstance(theirs, np.ndarray) and theirs.dtype.names or isinstance(theirs, np.void):
        return mine.shape == theirs.shape and mine.dtype.names == theirs.dtype.names and all(
            same(mine[index][field], theirs[index][field])
            for index in np.ndindex(theirs.shape) for field in theirs.dtype.names)
    if not isinstance(theirs, np.ndarray):
        return type(mine) is type(theirs) and mine == theirs
    if mine.shape != theirs.shape or mine.dtype.newbyteorder("=") != theirs.dtype.newbyteorder("="):
        return False
    if theirs.dtype == object:
        return all(same(mine[index], theirs[index]) for index in np.ndindex(theirs.shape))
    return np.array_equal(mine, theirs, equal_nan=theirs.dtype.kind in "fc")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    arguments = parser.parse_args()
    files = variables = differing = 0
    for path in sorted(Path(arguments.folder).glob("*.mat")):
        mine, theirs = read(path, True), read(GOLDEN / f"{path.name.split('.')[0]}.mat", False)
        files += 1
        if list(mine) != list(theirs):
            print(f"{path}: variables {list(mine)}, not {list(theirs)}")
            differing += 1
        for name in theirs.keys() & mine.keys():
            variables += 1
            if not same(mine[name], theirs[name]):
                print(f"{path}: {name} is {mine[name]!r}, not {theirs[name]!r}")
                differing += 1
    print(f"{files} files, {variables} variables, {differing} differ")
    return 1 if differing or not files else 0


if __name__ == "__main__":
    sys.exit(main())
