import hashlib
import json
import os
import random
import struct
import unittest

import numpy as np
import shards
from einthoven import ECGError, open_dataset


def restamp(path, change=None):
    """Changes a manifest and gives it a fitting SHA-256 of itself, as someone who means harm would."""
    file = path / "manifest.json"
    manifest = json.loads(file.read_text())
    if change:
        change(manifest)
    manifest["fingerprint"] = hashlib.sha256(
        "".join(shard["sha256"] for shard in manifest["shards"]).encode()
    ).hexdigest()
    manifest["sha256"] = "0" * 64
    manifest["sha256"] = hashlib.sha256(json.dumps(manifest).encode()).hexdigest()
    file.write_text(json.dumps(manifest))


def header(file):
    data = file.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8 : 8 + length]), data[8 + length :]


@shards.needs_tool
class DamageTests(unittest.TestCase):
    def setUp(self):
        self.path = shards.copy("damaged")
        self.shard = self.path / "shards/s-00002-of-00019.safetensors"
        if not self.shard.exists():
            self.shard = sorted((self.path / "shards").iterdir())[2]

    def refused(self, pattern, code=None, path=None):
        with self.assertRaisesRegex(ECGError, pattern) as caught:
            open_dataset(path or self.path)
        self.assertNotIn("\n", str(caught.exception))
        if code:
            self.assertEqual(caught.exception.code, code)
        return caught.exception

    def test_intact(self):
        self.assertEqual(len(open_dataset(self.path)), len(shards.dataset()))

    def test_no_directory(self):
        self.refused("is no directory", "not-found", self.path / "nothing")
        (self.path / "manifest.json").unlink()
        self.refused("has no manifest.json; .*rebuild", "not-found")

    def test_truncated_shard(self):
        os.truncate(self.shard, self.shard.stat().st_size - 1)
        error = self.refused(r"has \d+ bytes, the manifest says \d+; restore", "mismatch")
        self.assertEqual(error.file, str(self.shard))

    def test_shard_that_is_gone(self):
        self.shard.unlink()
        self.refused("names this shard, but it does not exist", "mismatch")

    def test_shard_that_shrinks_after_opening(self):
        dataset = open_dataset(self.path)
        os.truncate(self.shard, 20_000)
        with self.assertRaisesRegex(ECGError, "was changed or replaced since the data set was opened") as caught:
            for _ in dataset.stream(batch=8, crop=1, epochs=1):
                pass
        self.assertEqual(caught.exception.file, str(self.shard))

    def flip(self, position):
        with open(self.shard, "r+b") as file:
            file.seek(position)
            byte = file.read(1)[0]
            file.seek(position)
            file.write(bytes([byte ^ 16]))

    def test_flipped_byte_of_the_signal(self):
        dataset = open_dataset(self.path)
        record = int(np.flatnonzero(dataset.columns.shard == dataset.files.index(str(self.shard)))[1])
        place = int(dataset.columns.byte[record])
        self.flip(place + 100)
        dataset = open_dataset(self.path)
        for deliver in (
            lambda data: data[record],
            lambda data: list(data.stream(batch=8, crop=1, epochs=1)),
            lambda data: list(data.stream(batch=8, crop=1, epochs=1, integrity="always")),
            lambda data: list(data.stream(batch=8, crop=1, epochs=1, normalization="robust")),
        ):
            with self.assertRaisesRegex(ECGError, "its CRC-32 does not agree; restore") as caught:
                deliver(open_dataset(self.path))
            error = caught.exception
            self.assertEqual((error.file, error.byte), (str(self.shard), place))
            self.assertEqual(error.record, dataset.columns.record_id[record].decode())
        self.assertTrue(list(open_dataset(self.path).stream(batch=8, crop=1, epochs=1, integrity="off")))

    def test_integrity(self):
        dataset = open_dataset(self.path)
        streams = {
            name: dataset.stream(batch=8, crop=1, integrity=name, order="stored") for name in ("first-touch", "always")
        }
        for stream in streams.values():
            for _ in range(stream.steps):
                next(stream)
        first = dataset[int(np.flatnonzero(dataset.columns.shard == dataset.files.index(str(self.shard)))[0])]
        # As a disk does it, of which the file's times know nothing.
        status = self.shard.stat()
        self.flip(int(dataset.columns.byte[dataset.columns.record_key == first.key][0]))
        os.utime(self.shard, ns=(status.st_atime_ns, status.st_mtime_ns))
        for _ in range(streams["first-touch"].steps):
            next(streams["first-touch"])
        with self.assertRaises(ECGError):
            for _ in range(streams["always"].steps):
                next(streams["always"])

    def test_flipped_byte_of_a_column(self):
        tensors, payload = header(self.shard)
        offset = self.shard.stat().st_size - len(payload)
        for name in ("scale_uv", "fold", "record_key", "label_code", "record_id"):
            begin = tensors[name]["data_offsets"][0]
            self.flip(offset + begin)
            self.refused(f"{name}", "mismatch")
            self.flip(offset + begin)
        open_dataset(self.path)

    def test_other_manifest(self):
        other = shards.folder() / "other"
        if not other.exists():
            shards.run(
                "convert", shards.collections()[0], "--rate", 100, "--output", other, "--shard-size", 300_000, "--quiet"
            )
        (self.path / "manifest.json").write_bytes((other / "manifest.json").read_bytes())
        self.refused("the manifest", "mismatch")

    def test_swapped_shards(self):
        files = sorted((self.path / "shards").iterdir())

        def swap(manifest):
            for key in ("bytes", "records", "samples", "sha256"):
                a, b = manifest["shards"][0], manifest["shards"][1]
                a[key], b[key] = b[key], a[key]

        data = [file.read_bytes() for file in files[:2]]
        files[0].write_bytes(data[1])
        files[1].write_bytes(data[0])
        restamp(self.path, swap)
        self.refused("its place among the shards", "mismatch")

    def test_changed_manifest(self):
        file = self.path / "manifest.json"
        text = file.read_text()
        file.write_text(text.replace('"mean_mv"', '"mean_mw"', 1))
        self.refused("its own SHA-256 does not agree; restore it", "mismatch")
        file.write_text("{" + text)
        self.refused("is no JSON", "malformed")
        file.write_text("[" * 200_000)
        self.refused("is no JSON", "malformed")
        file.write_bytes(b'{"format": "\xff"}')
        self.refused("is no UTF-8", "malformed")
        file.write_text(text.replace('"format" :', '"format" : "x", "format" :', 1))
        self.refused("a key stands twice", "malformed")

    def test_hostile_manifests(self):
        original = (self.path / "manifest.json").read_bytes()

        def entry(**changes):
            return lambda manifest: manifest["shards"][1].update(changes)

        for change in (
            entry(file="../s"), entry(file="/etc/passwd"), entry(file=""), entry(file="a\0b"), entry(file=7), entry(bytes=-1),
            entry(bytes=1e9), entry(bytes=True), entry(records=10**30), entry(samples=None),
            lambda m: m["shards"][1].update(file=m["shards"][0]["file"]),
            lambda m: m["shards"].pop(),
            lambda m: m["shards"][1].update(file="\ud800"),
            lambda m: m.update(format_version="1.\udfff"),
            lambda m: m["generations"][0].update(shards=1 << 50),
            lambda m: m["generations"].clear(),
            lambda m: m["counts"].update(stored=1),
            lambda m: m["statistics"].update(mean_mv=[0.0] * 11),
            lambda m: m["statistics"].update(mean_mv=["0"] * 12),
            lambda m: m["statistics"].update(sd_mv=[-1.0] * 12),
            lambda m: m["statistics"].update(sd_mv=[10**400] * 12),
            lambda m: m.update(leads=m["leads"][::-1]),
            lambda m: m.update(format_version="2.0"),
            lambda m: m.update(statistics=[]),
            lambda m: m.update(recipe=[]),
        ):  # fmt: skip
            (self.path / "manifest.json").write_bytes(original)
            restamp(self.path, change)
            with self.subTest(change), self.assertRaises(ECGError):
                open_dataset(self.path)

    def rewrite(self, change):
        """Rewrites the shard's header and lets the manifest agree with its size."""
        table, payload = header(self.shard)
        change(table)
        text = json.dumps(table).encode()
        text += b" " * (-(8 + len(text)) % 16384)
        self.shard.write_bytes(struct.pack("<Q", len(text)) + text + payload)
        name = str(self.shard.relative_to(self.path))

        def agree(manifest):
            next(shard for shard in manifest["shards"] if shard["file"] == name)["bytes"] = self.shard.stat().st_size

        restamp(self.path, agree)

    def test_hostile_headers(self):
        original, manifest = self.shard.read_bytes(), (self.path / "manifest.json").read_bytes()

        def tensor(name, **changes):
            return lambda table: table[name].update(changes)

        def metadata(**changes):
            return lambda table: table["__metadata__"].update(changes)

        for change in (
            tensor("signal", shape=[1 << 61, 12]), tensor("signal", shape=[-1, 12]), tensor("signal", dtype="F16"),
            tensor("signal", dtype="X9"), tensor("signal", data_offsets=[0, 1 << 60]), tensor("signal", data_offsets=[8, 2]),
            tensor("fold", data_offsets=[0, 8]), tensor("fold", shape=[1] * 20), tensor("fold", shape="x"),
            tensor("fold", shape=[10**4000]), lambda t: t.pop("fold"), lambda t: t.update(fold=[1]),
            lambda t: t.update(hole={"dtype": "U8", "shape": [0], "data_offsets": [3, 3]}),
            lambda t: t.pop("__metadata__"), metadata(format="other"), metadata(format_version="2.1"), metadata(leads="[]"),
            metadata(sources="{"), metadata(sources="[" * 100_000), metadata(codes="[1]"), metadata(columns_crc32="[]"),
            metadata(columns_crc32="{}"), metadata(plan_sha256="x"), metadata(shard_index="7000"), metadata(flag_names="{}"),
            metadata(unit=3), metadata(sources="[]"), metadata(leads="\ud800"), metadata(codes='["\\ud800"]'), metadata(codes="[]"),
            metadata(flag_names='{"lead": ["other"], "record": []}'),
        ):  # fmt: skip
            self.shard.write_bytes(original)
            (self.path / "manifest.json").write_bytes(manifest)
            self.rewrite(change)
            with self.subTest(change), self.assertRaises(ECGError) as caught:
                open_dataset(self.path)
            self.assertNotIn("\n", str(caught.exception))
            self.assertLess(len(str(caught.exception)), 2100)

    def test_unknown_tensors_and_keys_are_ignored(self):
        def add(table):
            end = max(entry["data_offsets"][1] for name, entry in table.items() if name != "__metadata__")
            table["more"] = {"dtype": "F64", "shape": [0, 3], "data_offsets": [end, end]}
            table["__metadata__"]["more"] = "text"

        self.rewrite(add)
        self.assertEqual(len(open_dataset(self.path)), len(shards.dataset()))

    def test_headers_that_claim_too_much(self):
        original = self.shard.read_bytes()
        for length in (1 << 63, 100_000_001, len(original), 0, 3):
            self.shard.write_bytes(struct.pack("<Q", length) + original[8:])
            with self.subTest(length), self.assertRaises(ECGError):
                open_dataset(self.path)

    def test_random_damage_is_an_error_or_nothing(self):
        """Whatever byte is wrong: one of our errors, or data that are read as before."""
        source = random.Random(7)
        manifest = self.path / "manifest.json"
        for file in (self.shard, manifest):
            original = file.read_bytes()
            span = len(original) if file == manifest else 8 + struct.unpack("<Q", original[:8])[0]
            text_end = len(original[:span].rstrip())
            for _ in range(150):
                data = bytearray(original)
                for _ in range(source.choice([1, 1, 3])):
                    data[source.randrange(text_end)] = source.randrange(256)
                file.write_bytes(data)
                try:
                    dataset = open_dataset(self.path)
                    next(dataset.stream(batch=4, crop=1))
                except ECGError as error:
                    self.assertNotIn("\n", str(error))
            file.write_bytes(original)

    def test_a_shard_that_is_changed_while_it_is_streamed(self):
        def cut(path):
            os.truncate(path, 20000)

        def replace(path):
            copy = path.with_suffix(".copy")
            copy.write_bytes(path.read_bytes())
            os.replace(copy, path)

        def touch(path):
            data = bytearray(path.read_bytes())
            data[-1] ^= 1
            path.write_bytes(data)

        for damage in (cut, replace, touch):
            with self.subTest(damage.__name__):
                self.setUp()
                stream = open_dataset(self.path).stream(batch=32, crop=1, epochs=1000)
                for _ in range(40):
                    next(stream)
                damage(self.shard)
                with self.assertRaises(ECGError) as caught:
                    for _ in range(1000):
                        next(stream)
                self.assertIn(self.shard.name, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
