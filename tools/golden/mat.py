"""Writes Fixtures/golden/mat: small MAT-files, and what SciPy reads of them and of the real ones beside the repository.

    python3 tools/golden/mat.py [../shared/data]        needs NumPy and SciPy (made with 1.17.1)

SciPy writes little-endian files; the big-endian ones are the same with every number's bytes reversed here. What SciPy
cannot write (numbers stored in a smaller type than their class, classes that are not read) is packed by hand and read by
SciPy where it can. With the folder of real data, `real.json` is written too: each array's shape, first and last value, sum in
order and the exclusive or of its bits.
"""

import json
import struct
import sys
import tarfile
import tempfile
import warnings
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import scipy
import scipy.io
import scipy.sparse

ROOT = Path(__file__).resolve().parents[2] / "Fixtures" / "golden" / "mat"
CLASSES = ["double", "single", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]
SIZES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}
HEADER = b"MATLAB 5.0 MAT-file, made by tools/golden/mat.py".ljust(116) + bytes(8) + struct.pack("<H2s", 0x100, b"IM")


def reversed_numbers(data, size):
    return b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))


def swap5(data, inflated=False):
    """The elements of a little-endian level 5 file in big-endian order."""
    out, position = b"", 0
    while position < len(data):
        kind, count = struct.unpack_from("<II", data, position)
        if kind >> 16:
            kind, count = kind & 0xFFFF, kind >> 16
            body = reversed_numbers(data[position + 4:position + 4 + count], SIZES[kind])
            out += struct.pack(">I", count << 16 | kind) + body + data[position + 4 + count:position + 8]
            position += 8
            continue
        body = data[position + 8:position + 8 + count]
        pad = -count % 8 if kind != 14 else 0
        body = swap5(body) if kind == 14 else reversed_numbers(body, SIZES[kind])
        out += struct.pack(">II", kind, count) + body + bytes(pad)
        position += 8 + count + pad
    return out


def swap4(data):
    """A little-endian level 4 file in big-endian order."""
    out, position = b"", 0
    while position < len(data):
        mopt, rows, columns, imaginary, length = struct.unpack_from("<5i", data, position)
        size = [8, 4, 4, 2, 2, 1][mopt // 10 % 10]
        start = position + 20 + length
        end = start + rows * columns * size * (1 + imaginary)
        out += struct.pack(">5i", mopt + 1000, rows, columns, imaginary, length) + data[position + 20:start]
        out += reversed_numbers(data[start:end], size)
        position = end
    return out


def element(kind, body):
    return struct.pack("<II", kind, len(body)) + body + bytes(-len(body) % 8)


def matrix(kind, name, *parts, dimensions=(1, 1), flags=0):
    body = element(6, struct.pack("<II", kind | flags << 8, 0))
    if dimensions:
        body += element(5, struct.pack(f"<{len(dimensions)}i", *dimensions))
    return element(14, body + element(1, name.encode()) + b"".join(parts))


def number_text(value):
    return repr(value.item())


def tree(value):
    """A value as the tests expect it: class, dimensions, and its numbers, rows, or values."""
    if isinstance(value, np.ndarray) and value.dtype.names is not None or isinstance(value, np.void):
        values = [tree(value[index][field]) for index in fortran(value) for field in value.dtype.names]
        return {"class": "struct", "dims": value.shape, "fields": value.dtype.names, "values": values}
    if value.dtype == object:
        if value.size and value.ravel()[0] is None:
            return {"class": "struct", "dims": value.shape, "fields": [], "values": []}
        return {"class": "cell", "dims": value.shape, "values": [tree(value[index]) for index in fortran(value)]}
    if value.dtype.kind == "U":
        return {"class": "char", "rows": value.tolist()}
    flat = value.ravel(order="F")
    if value.dtype.kind == "b":
        return {"class": "logical", "dims": value.shape, "numbers": [str(int(x)) for x in flat]}
    result = {"class": {"f8": "double", "f4": "single", "c16": "double", "c8": "single"}.get(value.dtype.str[1:], value.dtype.name),
              "dims": value.shape, "numbers": [number_text(x) for x in flat.real]}
    if value.dtype.kind == "c":
        result["imaginary"] = [number_text(x) for x in flat.imag]
    return result


def fortran(value):
    return [index[::-1] for index in np.ndindex(value.shape[::-1])]


def variables(path):
    with warnings.catch_warnings(action="ignore"):
        # Its default for characters stored as uint16 is no Unicode.
        codec = {} if "level4" in path.name else {"uint16_codec": "utf_16_be" if "big" in path.name else "utf_16_le"}
        found = scipy.io.loadmat(path, mat_dtype=True, **codec)
    # With mat_dtype SciPy drops imaginary parts; without it classes.
    plain = scipy.io.loadmat(path)
    found |= {name: value for name, value in plain.items() if np.iscomplexobj(value)}
    names = [name for name, _, _ in scipy.io.whosmat(path)]
    return [{"name": name, **({"class": "sparse"} if scipy.sparse.issparse(found[name]) else tree(found[name]))} for name in names]


def extremes(kind):
    kind = np.dtype({"double": "f8", "single": "f4"}.get(kind, kind))
    if kind.kind == "f":
        info = np.finfo(kind)
        return np.array([[info.max, info.min, info.tiny], [np.nan, np.inf, -0.1]], kind)
    info = np.iinfo(kind)
    return np.array([[info.min, info.max, 1], [0, 100, 7]], kind)


def level5():
    contents = {kind: extremes(kind) for kind in CLASSES}
    contents["volume"] = np.arange(24, dtype="i2").reshape(2, 3, 4)
    contents["complex"] = np.array([[1 + 2j, -3.5j], [0.25, 1e300 - 1e-300j]])
    contents["complexSingle"] = np.array([[1 + 2j, -3.5j, 0.25]], "c8")
    contents["truth"] = np.array([[True, False, True], [False, False, True]])
    contents["empty"] = np.zeros((0, 0))
    contents["noRows"] = np.zeros((0, 3), "f4")
    contents["scalar"] = 4096.5
    contents["text"] = "Male"
    contents["rows"] = np.array(["first", "2nd  ", "third"])
    contents["unicode"] = "Größe µV, 心電図"
    contents["noText"] = ""
    inner = {"sex": "Female", "age": 62, "data": np.arange(12.0).reshape(3, 4) / 8, "more": {"depth": {"last": np.int8(-1)}}}
    contents["ECG"] = inner
    contents["records"] = np.array([[("a", 1.5), ("b", -2.0)]], dtype=[("id", "O"), ("value", "O")])
    cells = np.empty((2, 2), object)
    cells[0, 0], cells[1, 0], cells[0, 1] = np.arange(3.0), "cell", np.zeros((0, 0))
    cells[1, 1] = np.empty((1, 2), object)
    cells[1, 1][0, 0], cells[1, 1][0, 1] = np.uint8(5), {"x": 1.0}
    contents["cells"] = cells
    contents["noCells"] = np.empty((0, 0), object)
    scipy.io.savemat(ROOT / "level5.mat", contents, long_field_names=True)
    scipy.io.savemat(ROOT / "level5_compressed.mat", contents, do_compression=True)
    data = (ROOT / "level5.mat").read_bytes()
    # The date in the header would make each run's files differ.
    data = HEADER + data[128:]
    (ROOT / "level5.mat").write_bytes(data)
    (ROOT / "level5_big.mat").write_bytes(HEADER[:124] + b"\1\0MI" + swap5(data[128:]))
    packed = (ROOT / "level5_compressed.mat").read_bytes()
    (ROOT / "level5_compressed.mat").write_bytes(HEADER + packed[128:])


def smaller():
    """Numbers stored in another type than their class, characters in every type."""
    body = b""
    for kind, code in {1: "b", 2: "B", 3: "h", 4: "H", 5: "i", 6: "I", 7: "f", 12: "q", 13: "Q"}.items():
        stored = element(kind, struct.pack(f"<3{code}", 1, 100, 0 if code.isupper() else -7))
        body += matrix(6, f"double{kind}", stored, dimensions=(1, 3))
        if kind != 7:
            body += matrix(12, f"int32_{kind}", stored, dimensions=(3, 1))
    body += matrix(6, "complex", element(2, b"\1\2\3"), element(3, struct.pack("<3h", -1, -2, -3)), dimensions=(1, 3), flags=8)
    body += matrix(6, "truth", element(2, b"\1\0\5"), dimensions=(1, 3), flags=2)
    text = "AB\u00e9D"
    body += matrix(4, "char16", element(17, text.encode("utf-16-le")), dimensions=(2, 2))
    body += matrix(4, "charUInt16", element(4, text.encode("utf-16-le")), dimensions=(2, 2))
    body += matrix(4, "char8", element(16, text.encode()), dimensions=(1, 4))
    body += matrix(4, "char32", element(18, text.encode("utf-32-le")), dimensions=(1, 4))
    (ROOT / "smaller.mat").write_bytes(HEADER + body)
    (ROOT / "smaller_big.mat").write_bytes(HEADER[:124] + b"\1\0MI" + swap5(body))


def unread():
    """Classes that are not read, around variables that are."""
    body = matrix(6, "before", element(9, struct.pack("<d", 1.5)))
    body += matrix(5, "sparse", element(5, struct.pack("<i", 0)), element(5, struct.pack("<2i", 0, 1)), element(9, struct.pack("<d", 2)))
    body += matrix(16, "handle", matrix(6, "", element(9, struct.pack("<d", 1))))
    body += matrix(3, "object", element(1, b"timeseries"), element(5, struct.pack("<i", 8)), element(1, b""))
    body += matrix(17, "string", element(1, b"MCOS"), element(1, b"string"), matrix(13, "", element(6, bytes(4))), dimensions=None)
    # MATLAB writes [] in a cell as a tag alone, of which SciPy makes 1 x 0.
    body += matrix(1, "cells", struct.pack("<II", 14, 0), matrix(6, "", element(2, b"\7")), dimensions=(1, 2))
    body += matrix(6, "after", element(2, b"\3"))
    (ROOT / "unread.mat").write_bytes(HEADER + body)


def level4():
    contents = {kind: extremes(kind) for kind in ["double", "single", "int16", "uint16", "int32", "uint8"]}
    contents["complex"] = np.array([[1 + 2j, -3.5j], [0.25, 1e300 - 1e-300j]])
    contents["text"] = "Male"
    contents["rows"] = np.array(["first", "2nd  ", "third"])
    contents["empty"] = np.zeros((0, 0))
    scipy.io.savemat(ROOT / "level4.mat", contents, format="4")
    data = (ROOT / "level4.mat").read_bytes()
    (ROOT / "level4_big.mat").write_bytes(swap4(data))
    scipy.io.savemat(ROOT / "level4_sparse.mat", {"a": 1.0, "s": scipy.sparse.csc_array(np.eye(3)), "b": 2.0}, format="4")


def figures(array):
    flat = array.ravel(order="F")
    bits = flat.view(f"u{flat.itemsize}")
    values = flat.astype(float).tolist()
    return {"class": {"float64": "double", "float32": "single"}.get(array.dtype.name, array.dtype.name), "dims": array.shape,
            "first": values[0], "last": values[-1], "sum": reduce(add, values), "bits": str(np.bitwise_xor.reduce(bits))}


def real(folder):
    cpsc = {}
    for path in sorted((folder / "cpsc2018_original").glob("*.mat")):
        ecg = scipy.io.loadmat(path, mat_dtype=True)["ECG"][0, 0]
        cpsc[path.name] = {"sex": ecg["sex"].item(), "age": ecg["age"].item(), "data": figures(ecg["data"])}
    code15 = {}
    with tempfile.TemporaryDirectory() as temporary, tarfile.open(folder / "code15" / "ecgfm.tar.xz") as archive:
        archive.extractall(temporary, filter="data")
        for path in sorted(Path(temporary).rglob("*.mat")):
            found = scipy.io.loadmat(path, mat_dtype=True)
            code15[str(path.relative_to(temporary))] = {name: figures(value) for name, value in found.items() if name[0] != "_"}
    write("real.json", {"cpsc2018_original": cpsc, "code15": code15})


def write(name, content):
    text = json.dumps({"scipy": scipy.__version__, **content}, separators=(",", ":"), ensure_ascii=True)
    (ROOT / name).write_text(text.replace('},"', '},\n"').replace('},{', '},\n{') + "\n")


def main():
    ROOT.mkdir(exist_ok=True)
    level5()
    smaller()
    unread()
    level4()
    names = ["level5", "level5_compressed", "level5_big", "smaller", "smaller_big", "level4", "level4_big", "level4_sparse"]
    write("values.json", {"files": {name: variables(ROOT / f"{name}.mat") for name in names}})
    if len(sys.argv) > 1:
        real(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
