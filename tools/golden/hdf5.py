"""Writes Fixtures/golden/hdf5: small files by h5py, and what it reads of them and of SPH's recordings.

    python3 tools/golden/hdf5.py [SPH]        needs h5py (made with 3.16.0, libhdf5 2.0.0)

Without the folder SPH (../shared/data/sph by default) the figures of its recordings are left out. All values are
made here by whole-number arithmetic, none is a recording's.
"""

import json
import sys
from pathlib import Path

import h5py
import numpy as np

root = Path(__file__).resolve().parents[2]
goal = root / "Fixtures" / "golden" / "hdf5"
goal.mkdir(parents=True, exist_ok=True)
expected = {"h5py": h5py.version.version, "libhdf5": h5py.version.hdf5_version, "files": {}}
no_times = {"track_times": False}


def numbers(count, modulus=251):
    return (np.arange(count, dtype=np.int64) * 7919) % modulus


def note(name, file, datasets):
    """The values as read back by h5py, flattened."""
    entries = {}
    for dataset in datasets:
        values = file[dataset][()]
        array = np.asarray(values)
        if array.dtype.kind in "OS":
            flat = [v.decode() if isinstance(v, bytes) else v for v in array.ravel().tolist()]
            entries[dataset] = {"shape": list(array.shape), "texts": flat}
        else:
            whole = array.dtype.kind in "iub"
            flat = [int(v) if whole else float(v) for v in array.ravel()]
            entry = {"shape": list(array.shape), "integers" if whole else "reals": flat}
            like = next((other for other, known in entries.items() if known == entry and len(flat) > 100), None)
            entries[dataset] = {"like": like} if like else entry
    expected["files"][name] = entries


def names(file):
    found = []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return found


with h5py.File(goal / "types.h5", "w") as file:
    for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
        for order in "<>":
            kind = np.dtype(order + code)
            if kind.kind == "f":
                limits = np.finfo(kind)
                values = [0, -0.0, 1.5, -2.25, 1 / 3, limits.max, limits.min, limits.tiny, limits.smallest_subnormal]
            else:
                limits = np.iinfo(kind)
                values = [0, 1, 100, limits.min, limits.max]
                if code == "u8":
                    values[-1] = 2**63 - 1
            group = "little" if order == "<" else "big"
            file.create_dataset(f"{group}/{code}", data=np.array(values).astype(kind), **no_times)
    file.create_dataset("bool", data=np.array([True, False, True]), **no_times)
    file.create_dataset("scalar", data=np.float32(2.5), **no_times)
    file.create_dataset("empty", shape=(0, 12), dtype="<f4", **no_times)
    file.create_dataset("fixed", data=np.array([b"JS00001", b"JS2", b""]), **no_times)
    file.create_dataset("variable", data=["A0001", "", "häufig"], dtype=h5py.string_dtype(), **no_times)
    file.create_dataset("variable_gzip", data=[f"A{i:04d}" * (i % 4) for i in range(50)], dtype=h5py.string_dtype(),
                        chunks=(8,), compression="gzip", **no_times)
    file.create_dataset("variable_plain", data=[f"B{i}" for i in range(20)], dtype=h5py.string_dtype(), chunks=(8,), **no_times)
    file.create_dataset("fixed_gzip", data=np.array([b"S%05d" % i for i in range(50)]), chunks=(9,), compression="gzip",
                        shuffle=True, **no_times)
    file.create_dataset("too_large", data=np.array([2**64 - 1], dtype="<u8"), **no_times)
    compound = np.zeros(2, dtype=[("a", "<i4"), ("b", "<f8")])
    file.create_dataset("compound", data=compound, **no_times)
    note("types.h5", file, [n for n in names(file) if n not in ("empty", "too_large", "compound")])


def layouts(name, libver):
    with h5py.File(goal / name, "w", libver=libver) as file:
        cube = numbers(5 * 13 * 3).reshape(5, 13, 3).astype("<f4") / 8
        options = {"data": cube, **no_times}
        file.create_dataset("contiguous", **options)
        file.create_dataset("plain", chunks=(2, 5, 3), **options)
        file.create_dataset("rows_gzip", chunks=(1, 13, 3), compression="gzip", **options)
        file.create_dataset("across", chunks=(3, 5, 1), compression="gzip", shuffle=True, **options)
        file.create_dataset("whole", chunks=(5, 13, 3), compression="gzip", shuffle=True, **options)
        file.create_dataset("checked", chunks=(4, 7, 2), compression="gzip", shuffle=True, fletcher32=True, **options)
        file.create_dataset("auto", compression="gzip", **options)
        file.create_dataset("growing", chunks=(2, 8, 2), maxshape=(None, 13, 3), compression="gzip", **options)
        file.create_dataset("growing_twice", chunks=(2, 8, 2), maxshape=(None, None, 3), **options)
        file.create_dataset("lzf", chunks=(4, 13, 3), compression="lzf", **options)
        file.create_dataset("half", data=cube.astype("<f2"), chunks=(3, 5, 3), compression="gzip", shuffle=True, **no_times)
        file.create_dataset("big_endian", data=cube.astype(">f8"), chunks=(3, 5, 3), compression="gzip", shuffle=True, **no_times)
        file.create_dataset("scaleoffset", data=numbers(90).astype("<i4").reshape(9, 10), chunks=(4, 10), scaleoffset=0, **no_times)
        holes = file.create_dataset(
            "holes", shape=(9, 10), dtype="<i2", chunks=(2, 4), fillvalue=-7, compression="gzip", **no_times)
        holes[3:5, 3:6] = 11
        file.create_dataset("never", shape=(3, 4), dtype="<f4", fillvalue=1.5, **no_times)
        # A chunk that skipped the deflating of its dataset: filter 1 of shuffle, deflate.
        masked = file.create_dataset(
            "masked", shape=(4, 6), dtype="<i2", chunks=(2, 6), compression="gzip", shuffle=True, **no_times)
        masked[:2] = numbers(12).reshape(2, 6)
        shuffled = np.arange(12, dtype="<i2").view(np.uint8).reshape(12, 2).T.tobytes()
        masked.id.write_direct_chunk((2, 0), shuffled, filter_mask=2)
        # In its header.
        space = h5py.h5s.create_simple((3, 4))
        create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        create.set_layout(h5py.h5d.COMPACT)
        create.set_obj_track_times(False)
        compact = h5py.h5d.create(file.id, b"compact", h5py.h5t.STD_I32BE, space, create)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(12, dtype=">i4"))
    with h5py.File(goal / name) as file:
        note(name, file, names(file))


layouts("layouts.h5", "earliest")
layouts("layouts_110.h5", ("v110", "v110"))

with h5py.File(goal / "links.h5", "w", userblock_size=512) as file:
    file.create_dataset("z", data=np.arange(3, dtype="<i4"), **no_times)
    file.create_dataset("text", data=["A", "B"], dtype=h5py.string_dtype(), chunks=(1,), **no_times)
    group = file.create_group("a/b")
    group.create_dataset("x", data=np.arange(4, dtype="<i4"), **no_times)
    group["again"] = file["z"]
    group["up"] = file
    file["soft"] = h5py.SoftLink("/a/b/x")
    file["circle"] = h5py.SoftLink("/circle2")
    file["circle2"] = h5py.SoftLink("/circle")
    file["dangling"] = h5py.SoftLink("/nothing")
    file["elsewhere"] = h5py.ExternalLink("types.h5", "/bool")
    file["through"] = h5py.SoftLink("/elsewhere")
    file.create_dataset("outside", shape=(4,), dtype="u1", external=[("types.h5", 0, 4)], **no_times)
    layout = h5py.VirtualLayout(shape=(3,), dtype="|i1")
    layout[...] = h5py.VirtualSource("types.h5", "bool", shape=(3,))
    file.create_virtual_dataset("virtual", layout)

sph = Path(sys.argv[1]) if len(sys.argv) > 1 else root.parent / "shared" / "data" / "sph"
expected["sph"] = {}
for path in sorted(sph.glob("*.h5")):
    with h5py.File(path) as file:
        ecg = file["ecg"][()]
    flat = ecg.ravel().astype(float)
    # Halves are whole multiples of 2^-24, so these sums are exact in any order.
    expected["sph"][path.name] = {
        "shape": list(ecg.shape),
        "first": flat[:5].tolist(),
        "last": flat[-5:].tolist(),
        "sum": float(flat.sum()),
        "weighted": float((flat * (np.arange(flat.size) % 101)).sum()),
    }

text = json.dumps(expected, separators=(",", ":"), ensure_ascii=False)
(goal / "expected.json").write_text(text.replace("},", "},\n") + "\n")
