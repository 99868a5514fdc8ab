"""Writes the fuzzer's seed corpus into a folder: well-formed inputs of each kind that Entry.swift knows.

    python3 tools/fuzz/seeds.py FOLDER
"""

import io
import struct
import sys
import zipfile
import zlib
from pathlib import Path

HEADERS = {
    "ptb-xl": "rec 2 500 4\nrec.dat 16 1000.0(0)/mV 16 0 -119 1508 0 I\nrec.dat 16 1000.0(0)/mV 16 0 -55 723 0 II\n",
    "challenge": "A0001.mat 2 500 4 12-May-2020 12:33:59\nrec.mat 16+24 1000(5)/mV 16 0 28 -1716 0 I\n"
    "rec.mat 16x1+24 1000.0(0)/mv 16 0 -115 13047 0 II\n#Age: 74\n#Dx: 1,,2\n",
    "two-files": "rec 2 360/720(1.5) 4 1:2:3 1/2/2003\nrec.dat 16 200 11 1024 0 0 0 MLII\nrec.mat 16 200 11 1024\n",
    "multi-rate": "rec 2 250 4\nrec.dat 212x2:1+4 200(1024)/mV 12 1024 0 0 0 ECG\nrec.dat 212x1 100/mmHg 12 0 0 0 0 ABP\n",
    "segments": "rec/3 2 500 10\nseg1 4\n~ 2\nseg2 4\n\frec 2 500 4\nrec.dat 16 1000(0)/mV 16 0 0 0 0 I\n"
    "rec.dat 16 1000(0)/mV 16 0 0 0 0 II\n\frec 2 500 4\nrec.mat 16 1000(0)/mV 16\nrec.mat 16 1000(0)/mV 16\n",
    "layout": "rec/2 2 500 4\nseg1 0\nseg2 4\n\fseg1 2 500 0\n~ 0 1000(0)/mV 16 0 0 0 0 I\n~ 0 1000/mV 16 0 0 0 0 V1\n"
    "\fseg2 1 500 4\nrec.dat 16 1000(0)/mV 16 0 0 0 0 V1\n",
}
# Words of annot(5): code << 10 | interval, then the words that modify the annotation.
ANNOTATIONS = {
    "beats": [28 << 10 | 18, 63 << 10 | 3, 0x4E28, 0, 1 << 10 | 59, 5 << 10 | 293, 61 << 10 | 2, 0],
    "skip": [59 << 10, 1, 0x86A0, 1 << 10, 59 << 10, 0xFFFF, 0xFFFE, 5 << 10 | 7, 60 << 10 | 3, 62 << 10 | 1, 0],
    "resolution": [22 << 10, 63 << 10 | 24, *struct.unpack("<12H", b"## time resolution: 1000"), 1 << 10 | 9, 0],
}
CSV = {
    "header": b"\0a,b\r\n1,\"x,\"\"y\"\n\n2,\n", "matrix": b"\1" + b"-254,264.5,1e-3\n,NaN,+.5\r",
    "names": b"\2I;II\n1;\"2\"\n",
}
SHEET = (b'<w><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c t="inlineStr"><is><t>b</t></is></c></row><row r="7">'
         b'<c r="C7" s="0"><v>43891.5</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="str"><v>_x000D_</v></c></row>'
         b"</sheetData></w>")
STRINGS = b"<sst><si><r><t>a</t></r><rPh><t>c</t></rPh></si></sst>"
STYLES = b'<s><numFmts><numFmt numFmtId="170" formatCode="[h]:mm"/></numFmts><cellXfs><xf numFmtId="170"/></cellXfs></s>'
BOOK = b'<w xmlns:r="r"><workbookPr date1904="1"/><sheets><sheet name="a" r:id="s"/></sheets></w>'
FORMATS = 16  # of FormatHeader.swift, in its order
FLAC_FORMATS = {11: 8, 12: 16, 13: 24}


class Bits:
    """Bits in FLAC's order, the highest first."""

    def __init__(self):
        self.value, self.count = 0, 0

    def add(self, value, count):
        self.value = self.value << count | value & (1 << count) - 1
        self.count += count
        return self

    def bytes(self):
        self.add(0, -self.count % 8)
        return self.value.to_bytes(self.count // 8, "big")


def crc(data, polynomial, width):
    register = 0
    for byte in data:
        register ^= byte << width - 8
        for _ in range(8):
            register <<= 1
            if register >> width:
                register ^= 1 << width | polynomial
    return register


def flac(channels, width, frames=16):
    """A stream of one frame, its samples verbatim."""
    info = Bits().add(frames, 16).add(frames, 16).add(0, 48).add(500, 20).add(channels - 1, 3).add(width - 1, 5)
    info.add(frames, 36).add(0, 128)
    sizes = {8: 1, 16: 4, 24: 6}
    head = Bits().add(0x3FFE, 14).add(0, 2).add(6, 4).add(0, 4).add(channels - 1, 4).add(sizes[width], 3).add(0, 1)
    head = head.add(0, 8).add(frames - 1, 8).bytes()
    frame = Bits()
    for byte in head + bytes([crc(head, 0x07, 8)]):
        frame.add(byte, 8)
    for channel in range(channels):
        frame.add(0b00000010, 8)
        for index in range(frames):
            frame.add(7 * index - 3 * channel, width)
    frame = frame.bytes()
    return b"fLaC\x80" + struct.pack(">I", 34)[1:] + info.bytes() + frame + struct.pack(">H", crc(frame, 0x8005, 16))


def matlab(rows, columns):
    """A MATLAB v4 file of int16, as the challenges' records are."""
    samples = [(37 * i) % 251 - 125 for i in range(rows * columns)]
    return struct.pack("<5i", 30, rows, columns, 0, 4) + b"val\0" + struct.pack(f"<{len(samples)}h", *samples)


def elements(data):
    """The data elements of a little-endian MAT-file of level 5."""
    position = 128
    while position < len(data):
        end = position + 8 + struct.unpack_from("<I", data, position + 4)[0]
        yield data[position:end]
        position = end


def workbook(method):
    """A workbook of the parts above."""
    kinds = {"s": "worksheet", "t": "sharedStrings", "y": "styles"}
    relation = '<Relationship Id="{0}" Type="/{1}" Target="{0}.xml"/>'
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as archive:
        for name, data in {
            "_rels/.rels": f"<R>{relation.format('w', 'officeDocument')}</R>",
            "_rels/w.xml.rels": f"<R>{''.join(relation.format(*kind) for kind in kinds.items())}</R>",
            "w.xml": BOOK, "s.xml": SHEET, "t.xml": STRINGS, "y.xml": STYLES,
        }.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return output.getvalue()


def chunks():
    """Chunks of 64 bytes of HDF5 by their filters: 1 deflate, 2 shuffle, 3 checksum, two bits each; 128 asks for a checksum."""
    data = bytes(range(64))
    planes = bytes(data[i] for byte in range(4) for i in range(byte, 64, 4))
    for filters, stored in {
        1: zlib.compress(data), 2: planes, 2 | 1 << 2: zlib.compress(planes), 128 | 3: data,
        128 | 2 | 1 << 2 | 3 << 4: zlib.compress(planes), 0: data,
    }.items():
        yield bytes([filters, 0, 4, 4]) + stored


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    payload = bytes((29 * i + i // 7) & 255 for i in range(96))
    for name, text in HEADERS.items():
        header = text.encode()
        data = matlab(2, 4) if name == "challenge" else payload
        (folder / f"header-{name}").write_bytes(b"h" + header)
        (folder / f"record-{name}").write_bytes(b"r" + header + b"\0" + data)
    (folder / "matrix").write_bytes(b"m" + matlab(2, 4)[:24])
    for path in sorted((Path(__file__).resolve().parents[2] / "Fixtures/golden/mat").glob("*.mat")):
        if "73" in path.stem:  # HDF5, which is read from a file
            continue
        matrix_file = path.read_bytes()
        (folder / f"matrix-file-{path.stem}").write_bytes(b"M" + matrix_file)
        for index, element in enumerate(elements(matrix_file) if path.stem in ("level5", "smaller", "unread") else []):
            (folder / f"matrix-element-{path.stem}-{index}").write_bytes(b"E" + element)
            (folder / f"matrix-file-{path.stem}-{index}").write_bytes(b"M" + matrix_file[:128] + element)
    for name, words in ANNOTATIONS.items():
        (folder / f"annotations-{name}").write_bytes(b"a" + b"".join(struct.pack("<H", word) for word in words))
    row = struct.pack("<BcIHbb6s", 0, b"N", 1000, 1, 0, 1, b"aux")
    (folder / "annotations-aha").write_bytes(b"a" + row + row[:6] + b"\2" + row[7:])
    for name, data in CSV.items():
        (folder / f"csv-{name}").write_bytes(b"c" + data)
    (folder / "parts").write_bytes(b"x" + b"\f".join([SHEET, STRINGS, STYLES, BOOK]))
    (folder / "parts-sheet").write_bytes(b"x" + SHEET)
    for index, method in enumerate((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)):
        (folder / f"workbook-{index}").write_bytes(b"z" + workbook(method))
    for index, chunk in enumerate(chunks()):
        (folder / f"hdf5-chunk-{index}").write_bytes(b"H" + chunk)
    signature = b"\x89HDF\r\n\x1a\n"
    addresses = struct.pack("<4Q", 0, 2**64 - 1, 96, 96)
    (folder / "hdf5-start-0").write_bytes(b"S" + signature + struct.pack("<8B2HI", 0, 0, 0, 0, 0, 8, 8, 0, 4, 16, 0) + addresses + bytes(40))
    (folder / "hdf5-start-2").write_bytes(b"S" + bytes(512) + signature + bytes([2, 8, 8, 0]) + struct.pack("<4Q", 512, 2**64 - 1, 1024, 48) + bytes(500))
    for index in range(FORMATS):
        for signals in (1, 2, 4):
            for frames in (0, 4):
                data = matlab(signals, 8) if index == 15 else payload
                if index in FLAC_FORMATS:
                    data = flac(signals, FLAC_FORMATS[index])
                shape = frames << 2 | signals - 1
                (folder / f"format-{index}-{signals}-{frames}").write_bytes(b"f" + bytes([index, shape]) + data)


if __name__ == "__main__":
    main()
