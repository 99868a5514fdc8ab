"""Writes Fixtures/golden/mat/version73.mat: the variables of level5.mat as MATLAB's `save -v7.3` lays them out, by h5py.

    python3 tools/golden/mat_hdf5.py        after mat.py; needs NumPy, SciPy and h5py (made with 3.16.0)

What SciPy reads of level5.mat is added to values.json under "version73", in order of name and without the values of what is
not read of version 7.3. Also broken73_*.mat, each with one thing that no writer makes, and plain73.mat, without attributes.
"""

import contextlib
import itertools
import json
import struct
from pathlib import Path

import h5py
import numpy as np
import scipy.io

import mat

ROOT = mat.ROOT
HEADER = b"MATLAB 7.3 MAT-file, made by tools/golden/mat_hdf5.py HDF5 schema 1.00 .".ljust(116) + bytes(8) + struct.pack("<H2s", 0x200, b"IM")
NUMBERS = itertools.count()
LETTERS = h5py.vlen_dtype(np.dtype("S1"))


def mark(item, kind, **others):
    item.attrs.create("MATLAB_class", np.bytes_(kind))
    for name, value in others.items():
        item.attrs.create(f"MATLAB_{name}", value)
    return item


def dataset(group, name, data, chunked=False):
    # MATLAB deflates what is of some size, in chunks, without shuffling.
    options = {"chunks": data.shape, "compression": "gzip", "compression_opts": 3} if chunked else {}
    return group.create_dataset(name, data=data, track_times=False, **options)


def references(group, name, value, refs):
    places = np.empty(value.shape[::-1], h5py.ref_dtype)
    for index in mat.fortran(value):
        places[index[::-1]] = write(refs, f"r{next(NUMBERS)}", value[index], refs).ref
    return dataset(group, name, places)


def fields(group, names):
    letters = np.empty(len(names), object)
    letters[:] = [np.array([c.encode() for c in name], "S1") for name in names]
    group.attrs.create("MATLAB_fields", letters, dtype=LETTERS)


def write(group, name, value, refs):
    """A value, as loadmat with mat_dtype gives it."""
    if value.dtype.names is not None:
        made = mark(group.create_group(name), "struct")
        fields(made, value.dtype.names)
        for field in value.dtype.names:
            if value.size == 1:
                write(made, field, value.ravel()[0][field], refs)
            else:
                references(made, field, value[field], refs)
        return made
    kind = {"O": "cell", "U": "char", "b": "logical"}.get(value.dtype.kind)
    kind = kind or {"f8": "double", "c16": "double", "f4": "single", "c8": "single"}.get(value.dtype.str[1:], value.dtype.name)
    decode = {"char": 2, "logical": 1}
    others = {"int_decode": np.int32(decode[kind])} if kind in decode else {}
    if kind == "char":
        # [rows] of text, and one unit of UTF-16 a character.
        rows = [np.frombuffer(row.encode("utf-16-le"), "<u2") for row in value.ravel().tolist()]
        value = np.array(rows) if rows else np.zeros((0, 0), "u2")
    if value.size == 0:
        return mark(dataset(group, name, np.array(value.shape, "u8")), kind, empty=np.uint8(1), **others)
    if kind == "cell":
        return mark(references(group, name, value, refs), kind)
    if value.dtype.kind == "c":
        part = value.real.dtype
        parts = np.empty(value.T.shape, [("real", part), ("imag", part)])
        parts["real"], parts["imag"] = value.T.real, value.T.imag
        value = parts.T
    value = value.astype("u1") if kind == "logical" else value
    return mark(dataset(group, name, value.T, chunked=value.size > 8), kind, **others)


def expected(value):
    """What is read: as of level 5, but by name, and without what is not read."""
    kind = value["class"]
    empty = 0 in value.get("dims", [])
    if "imaginary" in value:
        return {"name": value.get("name"), "class": f"complex {kind}"}
    if kind == "cell" and not empty:
        return {"name": value.get("name"), "class": kind}
    if kind == "struct":
        if list(value["dims"]) != [1, 1]:
            return {"name": value.get("name"), "class": "struct array"}
        pairs = sorted(zip(value["fields"], value["values"]))
        return {**value, "fields": [name for name, _ in pairs], "values": [expected(child) for _, child in pairs]}
    return value


@contextlib.contextmanager
def matlab(name, libver="earliest"):
    """A file as MATLAB makes it: its header before the HDF5."""
    path = ROOT / f"{name}.mat"
    with h5py.File(path, "w", userblock_size=512, libver=libver) as file:
        yield file
    path.write_bytes(HEADER + path.read_bytes()[128:])


def broken():
    with matlab("broken73_cycle") as file:
        inner = mark(mark(file.create_group("a"), "struct").create_group("b"), "struct")
        inner["back"] = file["a"]
    with matlab("broken73_root") as file:
        mark(file.create_group("a"), "struct")["root"] = file["/"]
    with matlab("broken73_deep", "latest") as file:
        group = file
        for _ in range(70):
            group = mark(group.create_group("s"), "struct")
    for name, shape in {"wide": (2**30, 2**20), "long": (2**32,)}.items():
        # Nothing is written of them: all are fill values.
        options = {"chunks": (64,) * len(shape), "compression": "gzip", "track_times": False}
        with matlab(f"broken73_{name}") as file:
            mark(file.create_dataset("x", shape, "f8", **options), "double")
    with matlab("broken73_chunk") as file:
        # A chunk of 512 MB for one number.
        options = {"chunks": (2**26,), "maxshape": (None,), "compression": "gzip", "track_times": False}
        mark(file.create_dataset("x", (1,), "f8", **options), "double")
    with matlab("broken73_letters") as file:
        file.create_dataset("x", data=[1.0], track_times=False).attrs.create("MATLAB_class", np.bytes_(b"d" * 300))
    with matlab("broken73_gibibyte") as file:
        mark(dataset(file, "x", np.array([1.0])), "double")
    # The attribute's type: text, 6 bytes.
    path = ROOT / "broken73_gibibyte.mat"
    path.write_bytes(path.read_bytes().replace(b"\x13\1\0\0\6\0\0\0", b"\x13\1\0\0" + struct.pack("<I", 2**30)))
    with matlab("broken73_list") as file:
        file.create_dataset("x", data=[1.0], track_times=False).attrs.create("MATLAB_class", np.array([b"double", b"single"]))
    with matlab("broken73_variable") as file:
        file.create_dataset("x", data=[1.0], track_times=False).attrs["MATLAB_class"] = "double"
    for name, values in {"none": [3, 4], "scalar": [0], "negative": [0, 2**64 - 1]}.items():
        with matlab(f"broken73_empty_{name}") as file:
            mark(dataset(file, "x", np.array(values, "u8")), "double", empty=np.uint8(1))
    with matlab("broken73_text") as file:
        mark(dataset(file, "x", np.array([[65.5]])), "char")
    with matlab("broken73_elsewhere") as file:
        file.create_group("a")["x"] = h5py.ExternalLink("version73.mat", "/scalar")
        file["y"] = h5py.SoftLink("/a")
        outside = file.create_dataset("z", shape=(4,), dtype="u1", external=[("version73.mat", 0, 4)], track_times=False)
        mark(outside, "uint8")


def unmarked():
    """As others write it, without MATLAB's attributes."""
    with h5py.File(ROOT / "plain73.mat", "w") as file:
        for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f8", ">i2"]:
            dataset(file, kind.replace(">", "b"), np.arange(1, 7).reshape(2, 3).astype(kind))
        dataset(file, "scalar", np.array(2.5))
        dataset(file, "column", np.array([1, 2, 3], "i4"))
        dataset(file, "text", np.array([b"A", b"B"]))
        dataset(file.create_group("group"), "x", np.array([[7.0]]))


def main():
    contents = scipy.io.loadmat(ROOT / "level5.mat", mat_dtype=True, uint16_codec="utf_16_le")
    plain = scipy.io.loadmat(ROOT / "level5.mat")
    contents |= {name: value for name, value in plain.items() if np.iscomplexobj(value)}
    with matlab("version73") as file:
        refs = file.create_group("#refs#")
        for name in [name for name in contents if name[0] != "_"]:
            write(file, name, contents[name], refs)
        # What level 5 has in unread.mat.
        sparse = mark(file.create_group("sparse"), "double", sparse=np.uint64(1))
        dataset(sparse, "data", np.array([2.0]))
        mark(file.create_group("handle"), "function_handle")
        mark(dataset(file, "string", np.arange(6, dtype="u4").reshape(6, 1)), "string", object_decode=np.int32(3))
    broken()
    unmarked()
    known = json.loads((ROOT / "values.json").read_text())
    more = [{"name": name, "class": kind} for name, kind in {"sparse": "sparse", "handle": "function_handle", "string": "string"}.items()]
    known["files"]["version73"] = sorted([expected(value) for value in known["files"]["level5"]] + more, key=lambda value: value["name"])
    scipy_version = known.pop("scipy")
    assert scipy_version == mat.scipy.__version__
    mat.write("values.json", known)


if __name__ == "__main__":
    main()
